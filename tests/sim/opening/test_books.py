"""The books on the eve: what the world says is in them, claims are debts, pledges are under way."""

import numpy as np
import pytest

from agents.finance.gulf_investor import GulfInvestor
from agents.supply.data_center import VINTAGES
from sim import engine
from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.economy.accounts.ledger import CLAIMS
from sim.opening.opening import open_economy
from sim.results.record import Record

BASELINE = load_scenario("baseline", months=6)
WORLD = BASELINE.world


@pytest.fixture(scope="module")
def economy():
    return open_economy(BASELINE, 1, [0, 1])


def of_world(population, key):
    """The sum of what the world gives the agents of a population that are there from the start."""
    return sum(
        entry.initial[key].single
        for entry in WORLD.of(population)
        if key in entry.initial and not entry.dormant
    )


# ---- magnitudes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "key", "account"),
    [
        ("labs", "cash", "cash"),
        ("fleets", "cash", "cash"),
        ("fleets", "debt", "debt"),
        ("fabs", "cash", "cash"),
        ("gulf", "assets", "portfolio"),
        ("gulf", "hydrocarbon_income", "hydrocarbon_income"),
        ("gulf", "ai_flow", "ai_flow"),
        ("parents", "cash_flow", "cash_flow"),
    ],
)
def test_accounts_open_with_what_the_world_says(economy, population, key, account):
    found = total(economy.populations[population].columns[account])
    assert found == pytest.approx(of_world(population, key), abs=30.0)
    assert (found > 0.0).all()


def test_labs_and_makers_begin_without_debt(economy):
    assert not economy.labs.debt.any() and not economy.fabs.debt.any()


def test_who_is_dormant_has_nothing(economy):
    labs = economy.labs
    for column in labs.declared.values():
        if column.side is not None:
            assert not labs.columns[column.name][~labs.alive].any(), column.name
    for relation in economy.relations.values():
        closed = relation.open_edges() == 0.0
        for column in ("hours", "share", "cost", "owed", "pledged"):
            if column in relation.declared:
                assert not relation.columns[column][closed].any(), (relation.name, column)


# ---- balance -------------------------------------------------------------------------------------


def test_every_opening_balance_sheet_balances(economy):
    for population in economy.ledger.populations:
        assert not economy.ledger.imbalance(population).any(), population.name


def test_no_account_opens_below_zero(economy):
    for population in economy.ledger.populations:
        for column in population.declared.values():
            if column.side in ("asset", "liability"):
                assert population.columns[column.name].min(initial=0.0) >= 0.0, column.name


@pytest.mark.parametrize(("claim", "debt"), CLAIMS)
def test_claims_are_debts_and_there_are_some(economy, claim, debt):
    held, owed = (
        sum(total(p.columns[name]) for p in economy.ledger.populations if name in p.declared)
        for name in (claim, debt)
    )
    np.testing.assert_array_equal(held, owed)
    assert (held > 1e8).all()


def test_all_loans_are_of_the_market(economy):
    assert (economy.capital.loans[:, 0] == total(economy.fleets.debt)).all()


# ---- assets --------------------------------------------------------------------------------------


def test_chips_stand_in_the_books_at_todays_price_less_their_age(economy):
    """A month of age wears a share 1 / economic life; what is on its way is new."""
    fleets = economy.fleets
    row = fleets.index["microsoft_us"]
    full = fleets.chip_price[0, row] * fleets.server_network_multiple[0, row]
    life = fleets.economic_life_months[0, row]
    worth = fleets.transit[0, row].sum() * full
    for vintage in range(VINTAGES):
        age = (-vintage) % VINTAGES
        worth += fleets.chips[0, row, vintage] * full * max(1.0 - age / life, 0.0)
    assert fleets.chips_book[0, row] == pytest.approx(worth)
    assert worth < (fleets.installed + total(fleets.transit))[0, row] * full


def test_sites_stand_at_cost_as_far_as_they_are_built(economy):
    """One that comes due next month is built, one begun now is not, and all between in part."""
    fleets = economy.fleets
    lead = fleets.build_lead_months[0]
    built = fleets.connected_gw[0].copy()
    for ahead in range(1, fleets.sites.shape[2] + 1):
        built += fleets.sites[0, :, ahead - 1] * np.clip(1.0 - (ahead - 1) / lead, 0.0, 1.0)
    np.testing.assert_allclose(fleets.sites_book[0], built * fleets.site_cost[0])


def test_lines_stand_at_the_cost_of_new_ones(economy):
    fabs = economy.fabs
    np.testing.assert_allclose(fabs.plant_book, fabs.capacity * fabs.expansion_cost, rtol=1e-9)


# ---- trade credit --------------------------------------------------------------------------------


def test_trade_credit_of_the_edges_is_that_of_the_books(economy):
    chips, tokens, fabs, fleets = economy.chips, economy.tokens, economy.fabs, economy.fleets
    np.testing.assert_array_equal(chips.to_source(chips.deposit), fabs.advances)
    np.testing.assert_array_equal(chips.to_target(chips.deposit), fleets.prepayments)
    np.testing.assert_array_equal(chips.to_source(chips.owed), fabs.receivables)
    np.testing.assert_array_equal(chips.to_target(chips.owed), fleets.payables)
    np.testing.assert_array_equal(tokens.to_source(tokens.owed), economy.labs.receivables)
    np.testing.assert_array_equal(tokens.to_target(tokens.owed), economy.customers.payables)


def test_deposits_are_their_share_of_the_price_of_what_is_on_order(economy):
    chips, fabs = economy.chips, economy.fabs
    due = chips.on_order * chips.from_source(fabs.price * fabs.deposit_share)
    np.testing.assert_allclose(chips.deposit, due, atol=0.5)


def test_invoices_are_months_of_sales(economy):
    """What a month sells, for as many months as customers take to pay."""
    fabs = economy.fabs
    sold = fabs.revenue_smoothed * fabs.payment_months
    np.testing.assert_allclose(fabs.receivables, sold, rtol=1e-6)
    customers = economy.customers
    bought = customers.budget * customers.payment_months
    np.testing.assert_allclose(customers.payables, bought, rtol=1e-3, atol=20.0)


# ---- investors -----------------------------------------------------------------------------------


def test_shares_stand_at_the_own_funds_of_the_firms(economy):
    for name in ("labs", "fleets", "fabs"):
        firms = economy.populations[name]
        held = np.zeros_like(firms.cash)
        for relation in economy.relations.values():
            if "cost" in relation.declared and relation.goal is firms:
                held += relation.to_target(relation.cost)
        np.testing.assert_allclose(held, np.maximum(firms.equity, 0.0), atol=3.0)


def test_shares_of_investors_are_those_of_their_edges(economy):
    for investor in (economy.capital, economy.parents, economy.gulf):
        held = np.zeros_like(investor.cash)
        for relation in economy.relations.values():
            if "cost" in relation.declared and relation.origin is investor:
                held += relation.to_source(relation.cost)
        np.testing.assert_array_equal(held, investor.shares)
    assert not economy.gulf.shares.any()


def test_parents_own_what_the_world_says_and_the_market_the_rest(economy):
    ownership, market, labs = economy.ownership, economy.lab_funding, economy.labs
    np.testing.assert_array_equal(ownership.stake, ownership.weight)
    owned = ownership.to_target(ownership.stake)
    rest = market.to_target(market.stake)
    np.testing.assert_allclose((owned + rest)[labs.alive], 1.0)
    assert (owned[:, labs.index["meta"]] == 1.0).all()
    assert owned[0, labs.index["openai"]] == pytest.approx(0.28)


def test_funds_open_at_peace_with_the_cash_that_they_want(economy):
    gulf = economy.gulf
    assert (gulf.income_index == 1.0).all()
    np.testing.assert_array_equal(gulf.risk, gulf.risk_peace)
    np.testing.assert_allclose(gulf.budget, gulf.hydrocarbon_income * gulf.budget_share)
    months = gulf.cash_months * (gulf.budget + gulf.ai_flow) / 12.0
    np.testing.assert_allclose(gulf.cash, months, rtol=1e-9)


# ---- pledges -------------------------------------------------------------------------------------


def test_funds_have_pledged_for_as_long_as_a_pledge_takes_to_be_paid(economy):
    """A month's flow c months ahead in p parts: c + (p - 1) / 2 months of it are outstanding."""
    gulf = economy.gulf
    months = gulf.closing_months + (gulf.tranche_months - 1.0) / 2.0
    flow = gulf.decide(GulfInvestor.calm_flow)
    for edges, share in (
        (economy.gulf_labs, gulf.share_to_labs),
        (economy.gulf_sites, 1.0 - gulf.share_to_labs),
    ):
        outstanding = edges.to_source(total(edges.pledged))
        np.testing.assert_allclose(outstanding, flow * share * months, rtol=1e-9)
        # What comes due first is a whole month's flow, then ever less.
        np.testing.assert_allclose(edges.to_source(edges.pledged[:, :, 0]), flow * share)
        assert (np.diff(edges.pledged, axis=2) <= 1e-6).all()
    promised = economy.gulf_labs.to_target(total(economy.gulf_labs.pledged))
    np.testing.assert_allclose(economy.labs.pledged, promised)


def test_nobody_else_has_pledged_anything(economy):
    for name in ("ownership", "lab_funding", "fleet_funding"):
        assert not economy.relations[name].pledged.any()


def test_the_first_months_go_on_as_if_there_had_been_months_before():
    """No account of trade jumps: invoices and deposits stay within a third of where they opened."""
    made = open_economy(BASELINE, 1, [0, 1])
    record = Record(made, ("metrics",))
    before = {
        (p.name, c): total(p.columns[c])
        for p in (made.fabs, made.labs)
        for c in ("receivables", "advances")
        if c in p.declared
    }
    for _ in range(2):
        engine.month(made, record)
    for (name, column), was in before.items():
        now = total(made.populations[name].columns[column])
        np.testing.assert_allclose(now, was, rtol=1.0 / 3.0, err_msg=f"{name} {column}")
