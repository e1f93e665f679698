"""The capital market: cash never below zero, loans within limits, groups, funds and savers."""

import copy

import numpy as np
import pytest

from agents.finance.firm import Financing
from agents.finance.gulf_investor import GulfInvestor
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from sim import engine
from sim.base.numerics.kernels import total, total_by
from sim.config.scenario.changes import with_event
from sim.config.scenario.loader import load_scenario
from sim.month.markets import funding
from sim.month.perceive import supply as perceive_supply
from sim.opening.opening import open_economy
from sim.results.record import Record

MONTHS = 36
FIRMS = {
    "labs": ("lab_funding", Lab),
    "fleets": ("fleet_funding", DataCenter),
    "fabs": ("fab_funding", ChipFab),
}
SHOCKS = {
    "baseline": {},
    "no sales": {"customers.inertia": 0.0, "elsewhere.demand_loss": 1.0},
    "no investors": {"capital.lab_pool": 0.0, "gulf.oil_volume_left": 0.0},
    "dear chips": {"fabs.gross_margin": 0.1, "fabs.overhead_share": 0.5},
    "no buyers": {"fleets.capex_share": 0.0, "fleets.debt_limit_ebitda": 0.0},
}
"""Months of trouble, from the sixth on."""


def limit(economy, name):
    """Debt that lenders allow, (runs, firms), before anything is borrowed this month."""
    firms = economy.populations[name]
    if name == "labs":
        return 12.0 * firms.credit_limit_revenue * firms.revenue
    return firms.debt_limit_ebitda * firms.decide(FIRMS[name][1].cash_flow)


@pytest.fixture(scope="module", params=SHOCKS)
def months(request):
    """Month by month: cash, debts with what lenders allowed of them, arrears, and the ends."""
    scenario = load_scenario("baseline", months=MONTHS)
    if SHOCKS[request.param]:
        event = {"name": "shock", "start": "2025-06", "months": 24, "set": SHOCKS[request.param]}
        scenario = with_event(scenario, event)
    economy = open_economy(scenario, 1, [0, 1])
    record = Record(economy, ("metrics",))
    seen, settled = [], []
    patch = pytest.MonkeyPatch()

    def settle(economy, firms, edges, money, original=funding.settle):
        before = {"debt": firms.debt.copy(), "limit": limit(economy, firms.name)}
        original(economy, firms, edges, money)
        settled.append(before | {"after": firms.debt.copy(), "borrowed": money.borrowed})

    patch.setattr(funding, "settle", settle)
    for _ in range(MONTHS):
        engine.month(economy, record)
        cash = {name: p.cash.copy() for name, p in economy.populations.items()}
        claims = economy.capital.loans[:, 0].copy()
        debts = sum(total(economy.populations[name].debt) for name in FIRMS)
        arrears = {n: economy.populations[n].arrears.copy() for n in (*FIRMS, "gulf")}
        seen.append({"cash": cash, "loans": claims, "debts": debts, "arrears": arrears})
    patch.undo()
    return seen, settled


def test_nobodys_cash_is_below_zero_at_the_end_of_a_month(months):
    """Only the rest of the economy may issue money."""
    for month in months[0]:
        for name, cash in month["cash"].items():
            assert name == "outside" or cash.min() >= 0.0, name


def test_nothing_stays_with_the_market_nor_with_who_spends_incomes(months):
    for month in months[0]:
        for name in ("capital", "regions", "customers", "elsewhere", "inputs"):
            assert not month["cash"][name].any(), name


def test_all_debts_are_loans_of_the_market(months):
    for month in months[0]:
        assert month["loans"].tolist() == month["debts"].tolist()


def test_lenders_never_lend_beyond_their_limit(months):
    """Debt after a month's loans is within the limit, or has not risen."""
    lent = 0
    for one in months[1]:
        new = one["borrowed"] > 1.0
        lent += new.sum()
        most = np.maximum(one["limit"], one["debt"])
        assert (one["after"] <= most + 2.0).all()
        assert (one["after"][new] <= one["limit"][new] + 2.0).all()
    assert lent > 0


def test_only_arrears_lift_debt_beyond_what_was_lent(months):
    """What could not be paid is added to debt, in the same month, and counted as arrears."""
    seen, settled = months
    per_month = len(FIRMS)
    for index, month in enumerate(seen):
        of_month = settled[index * per_month : (index + 1) * per_month]
        after = sum(total(one["after"]) for one in of_month)
        open_bills = sum(total(month["arrears"][name]) for name in FIRMS)
        np.testing.assert_array_equal(month["debts"], after + open_bills)


# ---- groups --------------------------------------------------------------------------------------

_OPENED = open_economy(load_scenario("baseline"), 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month."""
    made = copy.deepcopy(_OPENED)
    perceive_supply.groups(made)
    return made


def with_cash(economy, **cash):
    """Give fleets so much cash, and all others none."""
    fleets = economy.fleets
    wanted = np.zeros_like(fleets.cash)
    for name, amount in cash.items():
        wanted[:, fleets.index[name]] = amount
    economy.ledger.open(fleets, "cash", wanted - fleets.cash)
    economy.ledger.begin_month("test")
    funding.begin(economy)


def shared(economy, least):
    """Cash by fleet of Microsoft after its group has shared it, in the first run."""
    funding.share_group_cash(economy, np.full_like(economy.fleets.cash, least))
    assert not economy.ledger.check().any()
    fleets = economy.fleets
    mine = [name for name in fleets.names if name.startswith("microsoft")]
    cash = fleets.cash[0, [fleets.index[name] for name in mine]].tolist()
    return {name.removeprefix("microsoft_"): c for name, c in zip(mine, cash, strict=True)}


def test_fleets_of_an_operator_cover_each_other(economy):
    with_cash(economy, microsoft_us=1000.0, microsoft_europe=-300.0, microsoft_east_asia=40.0)
    # 900 to spare; 400, 60 and 100 are missing.
    assert shared(economy, 100.0) == {
        **dict.fromkeys(("europe", "east_asia", "rest_of_world"), 100.0),
        "us": 1000.0 - 400.0 - 60.0 - 100.0,
    }


def test_what_the_group_has_is_shared_by_what_is_missing(economy):
    with_cash(economy, microsoft_us=300.0, microsoft_europe=-300.0, microsoft_east_asia=0.0)
    # 200 to spare; 400, 100 and 100 are missing: a third of each.
    found = shared(economy, 100.0)
    assert found["us"] == pytest.approx(100.0, abs=3.0)
    assert found["europe"] == pytest.approx(-300.0 + 133.0)
    assert found["east_asia"] == found["rest_of_world"] == pytest.approx(33.0)


def test_nothing_is_created_and_no_other_operator_pays(economy):
    rng = np.random.default_rng(3)
    fleets, places = economy.fleets, economy.places
    cash = rng.integers(-(10**9), 2 * 10**9, len(fleets)).astype(float)
    with_cash(economy, **dict(zip(fleets.names, cash, strict=True)))
    before = fleets.cash.copy()
    least = np.zeros_like(before)
    funding.share_group_cash(economy, least)
    operator = places.operator_of_fleet
    groups = [total_by(values, operator, places.operators) for values in (before, fleets.cash)]
    np.testing.assert_array_equal(groups[0], groups[1])
    # Nobody with money to spare ends below what it keeps, nobody short ends above it.
    assert (fleets.cash[before >= 0.0] >= 0.0).all()
    assert (fleets.cash[before < 0.0] <= 0.0).all()
    assert (fleets.cash[before < 0.0] >= before[before < 0.0]).all()
    # Either nobody in a group is short, or nobody has anything left but what rounding leaves.
    short = total_by(np.maximum(-fleets.cash, 0.0), operator, places.operators)
    spare = total_by(np.maximum(fleets.cash, 0.0), operator, places.operators)
    assert (np.minimum(short, spare) <= len(fleets)).all()
    assert not economy.ledger.check().any()


def test_who_has_left_neither_gives_nor_receives(economy):
    fleets = economy.fleets
    with_cash(economy, microsoft_us=1000.0, microsoft_europe=500.0)
    fleets.alive[:, fleets.index["microsoft_us"]] = False
    # Europe alone brings the two others to what they keep, as if the dead one had nothing.
    assert shared(economy, 100.0) == {
        **dict.fromkeys(("east_asia", "rest_of_world"), 100.0),
        **{"us": 1000.0, "europe": 300.0},
    }


def test_money_within_a_group_is_its_owners(economy):
    """It changes no profit: it is paid out here and paid in there."""
    with_cash(economy, microsoft_us=1000.0, microsoft_europe=-300.0)
    funding.share_group_cash(economy, np.zeros_like(economy.fleets.cash))
    fleets = economy.fleets
    us, europe = fleets.index["microsoft_us"], fleets.index["microsoft_europe"]
    assert (fleets.paid_out[0, us], fleets.paid_in[0, europe]) == (300.0, 300.0)
    assert not fleets.revenue.any() and not fleets.outlays.any()


# ---- firms and the market ------------------------------------------------------------------------


def test_loans_repayments_shares_and_payouts_reach_both_sides(economy):
    fleets, edges, market = economy.fleets, economy.fleet_funding, economy.capital
    with_cash(economy)
    before = copy.deepcopy(economy)
    row = fleets.index["oracle_us"]
    one = np.zeros_like(fleets.cash)
    one[:, row] = 1.0
    fleets.equity_raised = 0.0
    debt = fleets.debt[:, row].copy()
    money = Financing(one * 700.0, one * (fleets.debt + 900.0), one * 50.0, one * 8.0)
    funding.settle(economy, fleets, edges, money)
    # All debt is repaid and no more, the 700 just lent included: 900 would be too much by 200.
    repaid = debt + 700.0
    assert not fleets.debt[:, row].any()
    # There is no cash left for the payout.
    np.testing.assert_array_equal(fleets.cash[:, row], 700.0 - repaid + 50.0)
    assert (fleets.equity_raised[:, row] == 50.0).all()
    assert (edges.cost - before.fleet_funding.cost)[:, edges.target == row].tolist() == [[50.0]] * 2
    assert (market.shares - before.capital.shares)[:, 0].tolist() == [50.0, 50.0]
    np.testing.assert_array_equal((market.loans - before.capital.loans)[:, 0], -debt)
    assert not market.income.any() and not economy.gulf.income.any()
    assert (edges.usd[:, edges.target == row] == 750.0).all()
    assert not economy.ledger.check().any()


# ---- bills that stand open -----------------------------------------------------------------------


def test_bills_that_nobody_can_pay_are_financed_by_creditors_as_arrears(economy):
    with_cash(economy, xai_us=-700.0)
    fleets, edges = economy.fleets, economy.fleet_funding
    debt = fleets.debt.copy()
    funding.put_off(economy, fleets, edges)
    row = fleets.index["xai_us"]
    assert (fleets.arrears[:, row] == 700.0).all() and not fleets.cash[:, row].any()
    np.testing.assert_array_equal(fleets.debt - debt, fleets.arrears)
    assert not np.delete(fleets.arrears, row, axis=1).any()
    assert not economy.ledger.check().any()


# ---- funds ---------------------------------------------------------------------------------------


def test_a_funds_balance_moves_by_income_returns_and_its_states_budget():
    """Over a month: cash, other assets and shares at cost; nothing is pledged for nothing."""
    economy = copy.deepcopy(_OPENED)
    record = Record(economy, ("metrics",))
    for _ in range(24):
        gulf = economy.gulf
        worth = gulf.cash + gulf.portfolio + gulf.shares
        income = gulf.hydrocarbon_income * gulf.decide(GulfInvestor.earn) / 12.0
        returns = gulf.portfolio * gulf.asset_return / 12.0
        budget = gulf.budget / 12.0
        assert worth.tolist() == gulf.equity.tolist()
        engine.month(economy, record)
        now = gulf.cash + gulf.portfolio + gulf.shares
        np.testing.assert_allclose(now - worth, gulf.income - budget, atol=3.0)
        dividends = economy.ledger.flows["payouts", "fleets", "gulf"][1]
        earned = total(income + returns) + dividends
        np.testing.assert_allclose(total(gulf.income), earned, atol=10.0)
        assert not gulf.arrears.any()
        # It keeps what it wants in cash and no more, before budget and money for AI grow.
        wanted = gulf.cash_months * (budget * 12.0 + gulf.ai_flow / growth(gulf)) / 12.0
        assert (gulf.cash <= (wanted + gulf.pledges_due) * (1 + 1e-9)).all()
    assert (gulf.shares > 1e8).all()


def growth(gulf):
    return np.power(1.0 + gulf.flow_growth, 1.0 / 12.0)


def test_a_fund_without_income_sells_assets_to_pay_budget_and_pledges():
    scenario = with_event(
        load_scenario("baseline", months=24),
        {"name": "stop", "start": "2025-03", "months": 20, "set": {"gulf.oil_volume_left": 0.0}},
    )
    economy = open_economy(scenario, 1, [0, 1])
    record = Record(economy, ("metrics",))
    sold = []
    for _ in range(12):
        engine.month(economy, record)
        sold.append(economy.gulf.sold.copy())
    assert not sold[0].any() and (sold[-1][:, 1:] > 0.0).all()  # Abu Dhabi lives on returns
    assert not economy.gulf.arrears.any() and economy.gulf.alive.all()
    assert (economy.outside.portfolios[:, 0] == total(economy.gulf.portfolio)).all()


def test_a_fund_pays_its_states_budget_as_far_as_its_cash_goes(economy):
    """What is missing stands open, nothing is left for pledges, cash does not end below zero."""
    gulf = economy.gulf
    economy.ledger.open(gulf, "cash", -gulf.cash)
    gulf.assets_frozen, gulf.asset_return, gulf.income_index = 1.0, 0.0, 0.25
    income = gulf.hydrocarbon_income / 48.0
    budget = gulf.budget / 12.0
    assert (budget > 2.0 * income).all()
    economy.ledger.begin_month("test")
    funding.begin(economy)
    funding.pay_pledges(economy)
    assert not gulf.cash.any() and not economy.gulf_labs.usd.any()
    np.testing.assert_allclose(gulf.arrears, budget - income + gulf.pledges_due, atol=2.0)
    assert not economy.ledger.check().any()


def test_frozen_assets_are_not_sold():
    frozen = {"gulf.oil_volume_left": 0.0, "gulf.assets_frozen": 1.0}
    scenario = with_event(
        load_scenario("baseline", months=6),
        {"name": "stop", "start": "2025-03", "months": 4, "set": frozen},
    )
    economy = open_economy(scenario, 1, [0, 1])
    record = Record(economy, ("metrics",))
    for _ in range(2):
        engine.month(economy, record)
    before = economy.gulf.portfolio.copy()
    for _ in range(3):
        engine.month(economy, record)
        assert not economy.gulf.sold.any()
        assert (economy.gulf.portfolio >= before).all()


# ---- savers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cash", "instrument"), [(-500.0, "savings"), (500.0, "incomes")])
def test_savers_close_the_market_either_way(economy, cash, instrument):
    economy.ledger.open(economy.capital, "cash", cash)
    economy.ledger.begin_month("test")
    funding.begin(economy)
    funding.close(economy)
    assert not economy.capital.cash.any()
    moved = {i for (i, *_), (paid, _) in economy.ledger.flows.items() if paid.any()}
    assert moved == {instrument}
    assert not economy.ledger.check().any()
