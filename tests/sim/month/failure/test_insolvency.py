"""Failure in the course of a run: when agents leave, what is tried before, and that the run goes on
with all identities whoever leaves; their liquidation is in test_liquidation."""

import numpy as np
import pytest

from sim import engine
from sim.base.numerics.kernels import total, total_by
from sim.month.failure import insolvency
from sim.results.record import Record
from tests.failures import BASELINE, DEBTORS, VICTIMS, aged, fail, resolved

AFTER = 8
"""Months that a run goes on after a failure."""
KEPT = ("left", "closed", "shipped_cumulative", "scrapped", "site_luck", "chip_age")
"""What a row that has left may still say: its end, what it had shipped, draws and dates."""


@pytest.mark.parametrize("victims", VICTIMS, ids=" and ".join)
def test_the_run_goes_on_whoever_leaves(victims):
    """Nothing negative that may not be, nothing that is no number, and the dead stay dead. Months
    check themselves that no money, chips, hours or tokens are lost."""
    economy = aged()
    record = Record(economy, ("metrics", "agents", "flows"))
    gone = fail(economy, *victims)
    for _ in range(AFTER):
        engine.month(economy, record)
        for name in DEBTORS:
            population = economy.populations[name]
            left = gone[name]
            assert not population.alive[left].any() and (population.closed[left] == 1.0).all()
            for column in population.declared.values():
                values = population.columns[column.name]
                assert np.isfinite(values).all(), (name, column.name)
                if column.side in ("asset", "liability"):
                    assert values.min() >= 0.0, (name, column.name)
        check_customers(economy)
        check_claims(economy)
    check_the_dead(economy, gone)
    months = slice(economy.month - AFTER, economy.month)
    for values in record.metrics.values():
        assert np.isfinite(values[:, months]).all()
    for tables in (record.agents, record.flows):
        for key, values in tables.items():
            assert np.isfinite(values[:, months]).all(), key


def check_customers(economy):
    """Shares of each cohort add up to 1 over the living suppliers that have something to sell."""
    tokens = economy.tokens
    sells = (tokens.open_edges() > 0.0) & (tokens.weight > 0.0)
    sells &= tokens.from_source(economy.of_slot("on_sale", "flagship")) > 0.0
    assert not tokens.share[~sells].any()
    served = tokens.to_target(sells * 1.0) > 0.0
    np.testing.assert_allclose(tokens.to_target(tokens.share), served * 1.0, rtol=1e-12)


def check_claims(economy):
    debts = total(economy.labs.debt) + total(economy.fleets.debt) + total(economy.fabs.debt)
    assert economy.capital.loans[:, 0].tolist() == debts.tolist()


def check_the_dead(economy, gone):
    """Months later rows that have left are as empty as on the first day, statements included."""
    for name, left in gone.items():
        population = economy.populations[name]
        for column in population.declared.values():
            if column.role in ("state", "pipeline") and column.name not in KEPT:
                assert not population.columns[column.name][left].any(), (name, column.name)
    for relation in economy.relations.values():
        closed = relation.open_edges() == 0.0
        for column in set(relation.declared) - {"weight", "price", "log_odds", "appeal"}:
            values = relation.columns[column][closed]
            assert not values.any(), (relation.name, column)


# ---- when somebody leaves ------------------------------------------------------------------------


def stand_open(economy, name, row, amount):
    """Leave bills of one debtor open at the end of the month that has passed."""
    population = economy.populations[name]
    population.arrears[:, population.index[row]] = amount


@pytest.mark.parametrize(
    ("name", "row"), [("labs", "mistral"), ("fabs", "amd"), ("fleets", "xai_us"), ("gulf", "qatar")]
)
def test_it_leaves_after_its_months_in_distress_and_not_before(name, row):
    economy = aged()
    record = Record(economy, ("metrics",))
    population = economy.populations[name]
    place = population.index[row]
    months = int(population.months_to_exit[0, place])
    assert months >= 2
    for so_far in range(1, months + 1):
        assert population.alive[:, place].all()
        stand_open(economy, name, row, 1e15)
        engine.month(economy, record)
        if so_far < months:
            assert (population.distress[:, place] == so_far).all()
    assert not population.alive[:, place].any() and population.left[:, place].all()
    engine.month(economy, record)
    assert not population.left[:, place].any() and population.closed[:, place].all()
    assert record.metrics["insolvencies"][:, economy.month - 2].tolist() == [1.0, 1.0]


def test_an_operators_fleets_fail_together():
    economy = aged()
    stand_open(economy, "fleets", "microsoft_us", 1e15)
    insolvency.join_groups(economy)
    fleets = economy.fleets
    mine = np.array([name.startswith("microsoft") for name in fleets.names])
    assert (fleets.arrears[:, mine] == 1e15).all()
    assert not fleets.arrears[:, ~mine].any()


def test_bills_that_the_group_has_cash_for_do_not_count():
    economy = aged()
    fleets, places = economy.fleets, economy.places
    fleets.arrears = 0.0
    of_group = total_by(fleets.cash, places.operator_of_fleet, places.operators)
    most = np.take(of_group, places.operator_of_fleet, axis=1)[:, fleets.index["microsoft_us"]]
    for factor, counts in ((0.99, False), (1.01, True)):
        fleets.arrears = 0.0
        fleets.arrears[:, fleets.index["microsoft_us"]] = factor * most
        insolvency.join_groups(economy)
        assert bool(fleets.arrears.any()) is counts


# ---- what is tried before ------------------------------------------------------------------------


def test_a_lab_gives_up_leases_in_its_first_month_of_distress_only():
    economy = aged()
    labs, lease = economy.labs, economy.lease
    labs.lease_shed_share = 0.4
    economy.labs.entry_hazard = 0.0
    row = labs.index["anthropic"]
    mine = lease.target == row
    hours = lease.hours.copy()
    labs.arrears[:, row] = 1e9
    economy.ledger.begin_month("test")
    insolvency.resolve(economy)
    assert (labs.distress[:, row] == 1.0).all()
    np.testing.assert_allclose(lease.hours[:, mine], 0.6 * hours[:, mine], atol=1.0)
    assert (lease.hours[:, mine] == np.floor(lease.hours[:, mine])).all()
    np.testing.assert_array_equal(lease.hours[:, ~mine], hours[:, ~mine])

    hours = lease.hours.copy()
    insolvency.resolve(economy)  # bills still stand open
    assert (labs.distress[:, row] == 2.0).all()
    np.testing.assert_array_equal(lease.hours, hours)


def test_hours_given_up_are_offered_anew():
    """What a lab in distress gives up is uncommitted at once, and others may lease it."""
    calm, shed = aged(), aged()
    shed.labs.lease_shed_share = 1.0
    shed.labs.arrears[:, shed.labs.index["openai"]] = 1e9
    for economy in (calm, shed):
        engine.month(economy, Record(economy, ("metrics",)))
    mine = calm.lease.target == calm.labs.index["openai"]
    held = [total(np.where(mine, e.lease.hours, 0.0)) for e in (calm, shed)]
    assert (held[1] < 0.7 * held[0]).all()
    used = [total(e.fleets.offered - e.fleets.idle) for e in (calm, shed)]
    np.testing.assert_allclose(used[1], used[0], rtol=0.01)  # they do not lie idle for it


# ---- who gets what -------------------------------------------------------------------------------


def test_lenders_and_vendors_recover_the_same_part():
    """The only fleet of its region: nobody buys its chips, its cash goes to both in proportion."""
    before, after, gone = indebted_fleet()
    row = gone["fleets"].nonzero()[1][0]
    owed = before.chips.to_target(before.chips.owed)[:, row]
    debt = before.fleets.debt[:, row]
    part = before.fleets.cash[:, row] / (debt + owed)
    assert (part < 0.5).all() and (owed > 1e6).all()
    _, repaid = after.ledger.flows["repayments", "fleets", "capital"]
    _, paid = after.ledger.flows["invoices", "fleets", "fabs"]
    np.testing.assert_allclose(repaid, part * debt, rtol=1e-6)
    np.testing.assert_allclose(paid, part * owed, rtol=1e-6)
    assert not after.ledger.check().any()


def indebted_fleet():
    """A fleet that has borrowed ten times its cash and passed it on to its owners."""

    def borrow(economy):
        fleets, edges = economy.fleets, economy.fleet_funding
        alone = np.zeros_like(fleets.cash)
        alone[:, fleets.index["gulf_state_gulf"]] = 10.0
        amount = np.floor(fleets.cash * alone)
        economy.ledger.pay(
            *("loans", amount, economy.capital, fleets), along=edges, for_="loans", by="debt"
        )
        economy.ledger.pay(
            *("payouts", amount, fleets, economy.capital), along=edges, for_="paid_out"
        )

    return resolved("fleets.gulf", prepare=borrow)


def test_a_lab_with_more_than_it_owes_pays_all_and_its_owners_get_the_rest():
    before, after, gone = resolved("labs.anthropic")
    lab = gone["labs"]
    assert (before.labs.cash[lab] > before.labs.debt[lab]).all()
    assert not after.labs.gains[lab].any()
    left = before.labs.cash + before.labs.receivables - before.labs.debt
    assert after.labs.paid_out[lab].tolist() == left[lab].tolist()


def test_customers_pay_the_invoices_of_a_lab_that_leaves():
    before, after, gone = resolved("labs.openai")
    tokens = before.tokens
    owed = tokens.to_target(tokens.owed * tokens.from_source(gone["labs"] * 1.0))
    assert (total(owed) > 0.0).all()
    paid = before.customers.payables - after.customers.payables
    assert paid.tolist() == owed.tolist()
    # Out of incomes: they neither gain nor lose cash by it.
    assert after.customers.cash.tolist() == before.customers.cash.tolist()


def test_the_market_takes_over_a_funds_shares_at_cost_and_its_state_the_rest():
    before, after, gone = resolved("gulf.abu_dhabi")
    fund = gone["gulf"]
    assert (before.gulf.shares[fund] > 0.0).all()
    taken = after.capital.shares - before.capital.shares
    assert taken[:, 0].tolist() == before.gulf.shares[fund].tolist()
    assert not after.capital.losses.any() and not after.gulf.losses.any()
    for market, edges in (("lab_funding", "gulf_labs"), ("fleet_funding", "gulf_sites")):
        now, was = after.relations[market], before.relations[market]
        sold = before.relations[edges]
        moved = sold.to_target(sold.cost * sold.from_source(fund * 1.0))
        np.testing.assert_array_equal(now.to_target(now.cost - was.cost), moved)
    given = total(after.outside.cash - before.outside.cash)
    market = total(after.capital.cash - before.capital.cash)
    # The state receives cash and what other assets fetch, and pays for these; the market pays.
    assert given.tolist() == (before.gulf.cash + before.gulf.shares)[fund].tolist()
    assert market.tolist() == (-before.gulf.shares[fund]).tolist()


def test_a_fleet_that_leaves_with_orders_loses_its_deposits_to_the_vendors():
    before, after, gone = resolved("fleets.coreweave")
    chips = before.chips
    kept = chips.to_source(chips.deposit * chips.from_target(gone["fleets"] * 1.0))
    assert (total(kept) > 0.0).all()
    assert after.fabs.gains.tolist() == kept.tolist()
    assert not after.fleets.outlays.any()  # for the fleet they are assets lost


def test_scrap_is_told_in_its_month_only():
    economy = aged()
    record = Record(economy, ("metrics",))
    fail(economy, "fleets.gulf")
    scrapped = []
    for _ in range(3):
        engine.month(economy, record)
        scrapped.append(total(economy.fleets.scrapped).min())
    assert scrapped[0] > 1e4 and scrapped[1:] == [0.0, 0.0]


def test_buyers_pay_what_is_left_of_a_fire_sale_to_the_estate():
    """Whoever takes over chips and sites books what it paid, the creditors of the failed fleet get
    it."""
    before, after, gone = resolved("fleets.coreweave")
    fleets, left = after.fleets, gone["fleets"]
    paid, _ = after.ledger.flows["asset sales", "fleets", "capital"]
    _, received = after.ledger.flows["asset sales", "capital", "fleets"]
    book = total(np.where(left, before.fleets.chips_book + before.fleets.sites_book, 0.0))
    discount = before.fleets.fire_sale_discount[0, 0]
    assert (received <= paid).all()
    np.testing.assert_allclose(received, paid, rtol=1e-6)
    np.testing.assert_allclose(paid, (1.0 - discount) * book, rtol=0.02)
    bought = np.where(left, 0.0, fleets.chips_book - before.fleets.chips_book)
    bought += np.where(left, 0.0, fleets.sites_book - before.fleets.sites_book)
    np.testing.assert_allclose(total(bought), paid)


def test_nobody_fails_in_a_calm_baseline():
    economy = aged()
    record = Record(economy, ("metrics",))
    while economy.month < BASELINE.months:
        engine.month(economy, record)
    assert not record.metrics["insolvencies"][:, economy.month - 6 :].any()
