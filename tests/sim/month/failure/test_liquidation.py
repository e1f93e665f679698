"""What becomes of those who fail: alone, two at once and all of a kind, everything they held, owed
and were owed is accounted for, and nothing of it stays with them."""

import numpy as np
import pytest

from agents.labs.ai_model import SLOTS
from sim.base.numerics.kernels import total, total_by
from tests.failures import DEBTORS, VICTIMS, resolved

FIRMS = {"labs": "lab_funding", "fleets": "fleet_funding", "fabs": "fab_funding"}
SHARES = ("ownership", "gulf_labs", "gulf_sites", *FIRMS.values())
"""Relations on which investors hold shares."""
STAKES = ("ownership", "gulf_labs", "lab_funding")
"""Those of labs, of which they own parts."""
HELD = (
    "hours",
    "forward",
    "on_order",
    "deposit",
    "owed",
    "share",
    "stake",
    "cost",
    "pledged",
    "stock",
)
"""What an edge may hold: contracts, credit, customers, shares and stocks."""


@pytest.fixture(scope="module", params=VICTIMS, ids=" and ".join)
def failure(request):
    """Before, after, and who left, (runs, rows) by population."""
    return resolved(*request.param)


@pytest.fixture
def before(failure):
    return failure[0]


@pytest.fixture
def after(failure):
    return failure[1]


@pytest.fixture
def gone(failure):
    return failure[2]


def edges_of(relation, gone):
    """Edges with an end that left, (runs, edges)."""
    touched = np.zeros((relation.origin.runs, len(relation)), dtype=bool)
    for population, gather in (
        (relation.origin, relation.from_source),
        (relation.goal, relation.from_target),
    ):
        if population.name in gone:
            touched |= gather(gone[population.name])
    return touched


def test_those_leave_who_cannot_pay_and_nobody_else(before, after, gone):
    for name in DEBTORS:
        was, now = before.populations[name], after.populations[name]
        assert ((now.left > 0.0) == gone[name]).all()
        assert (now.alive == (was.alive & ~gone[name])).all()
        assert ((now.closed > 0.0) == gone[name]).all()


def test_the_books_balance_and_nothing_is_unposted(after):
    assert not after.ledger.check().any()


def test_the_dead_hold_nothing_and_owe_nothing(after, gone):
    for name, left in gone.items():
        population = after.populations[name]
        for column in population.declared.values():
            if column.side is not None:
                assert not population.columns[column.name][left].any(), (name, column.name)
    for relation in after.relations.values():
        touched = edges_of(relation, gone)
        for column in set(HELD) & set(relation.declared):
            assert not relation.columns[column][touched].any(), (relation.name, column)


def test_no_stock_or_plan_stays_with_the_dead(after, gone):
    """What is left is the record of what it shipped, and of its end."""
    kept = ("left", "closed", "shipped_cumulative", "scrapped")
    for name, left in gone.items():
        population = after.populations[name]
        for column in population.declared.values():
            stock = column.role in ("state", "pipeline") and not column.posted
            if stock and column.name not in kept:
                assert not population.columns[column.name][left].any(), (name, column.name)
    models = np.tile(gone["labs"], len(SLOTS))
    models[:, after.slots["published"]] = False  # weights that are public stay
    assert not after.models.alive[models].any()
    for column in after.models.declared.values():
        held = column.role == "state" and after.models.columns[column.name][models].any()
        assert not held, column.name


def test_who_stays_holds_nothing_negative(after):
    for population in after.populations.values():
        for column in population.declared.values():
            if column.side in ("asset", "liability") and column.name != "cash":
                assert population.columns[column.name].min() >= 0.0, (population.name, column.name)


# ---- claims --------------------------------------------------------------------------------------


def test_all_debts_are_loans_of_the_market(after):
    debts = total(after.labs.debt) + total(after.fleets.debt) + total(after.fabs.debt)
    assert after.capital.loans[:, 0].tolist() == debts.tolist()


def test_trade_credit_of_the_edges_is_that_of_the_books(after):
    chips, tokens = after.chips, after.tokens
    for edge_values, at_origin, at_goal in (
        (chips.owed, "receivables", "payables"),
        (chips.deposit, "advances", "prepayments"),
    ):
        np.testing.assert_array_equal(chips.to_source(edge_values), after.fabs.columns[at_origin])
        np.testing.assert_array_equal(chips.to_target(edge_values), after.fleets.columns[at_goal])
    np.testing.assert_array_equal(tokens.to_source(tokens.owed), after.labs.receivables)
    np.testing.assert_array_equal(tokens.to_target(tokens.owed), after.customers.payables)


def test_lenders_lose_what_is_not_recovered_and_owners_what_they_paid(before, after, gone):
    """The market: debts less repayments, and the cost of its shares; others, that of theirs."""
    lost = np.zeros(before.runs)
    for name, market in FIRMS.items():
        firms, edges = before.populations[name], before.relations[market]
        debts = total(firms.debt * gone[name])
        _, repaid = after.ledger.flows.get(("repayments", name, "capital"), (0.0, 0.0))
        lost += debts - repaid + total(edges.cost * edges.from_target(gone[name]))
    assert after.capital.losses[:, 0].tolist() == lost.tolist()
    gulf_labs, gulf_sites, ownership = before.gulf_labs, before.gulf_sites, before.ownership
    of_funds = gulf_labs.to_source(gulf_labs.cost * gulf_labs.from_target(gone["labs"]))
    of_funds += gulf_sites.to_source(gulf_sites.cost * gulf_sites.from_target(gone["fleets"]))
    assert after.gulf.losses.tolist() == of_funds.tolist()
    of_parents = ownership.to_source(ownership.cost * ownership.from_target(gone["labs"]))
    assert after.parents.losses.tolist() == of_parents.tolist()


def test_owners_get_nothing_while_creditors_lose(before, after, gone):
    """But for what whole dollars leave over, at most one for each creditor. A vendor gains, before
    it fails itself, the deposits of fleets that fail."""
    chips = before.chips
    kept = chips.to_source(chips.deposit * chips.from_target(gone["fleets"]))
    for name in FIRMS:
        firms = after.populations[name]
        forgiven = firms.gains - kept if name == "fabs" else firms.gains
        most = 1.0 + len(before.fleets) + len(before.fabs)
        assert (firms.paid_out[gone[name] & (forgiven > most)] <= most).all()


def test_shares_at_cost_on_the_edges_are_those_of_the_books(after):
    for name in ("capital", "gulf", "parents"):
        population = after.populations[name]
        held = np.zeros_like(population.cash)
        for relation in map(after.relations.__getitem__, SHARES):
            if relation.origin.name == name:
                held += relation.to_source(relation.cost)
        np.testing.assert_array_equal(held, population.shares)


def test_stakes_in_the_living_stay_whole(before, after):
    """A fund's stakes go to the market, nobody else's change; of the dead nobody owns anything."""
    was, now = (
        sum(e.relations[name].to_target(e.relations[name].stake) for name in STAKES)
        for e in (before, after)
    )
    np.testing.assert_allclose(now[after.labs.alive], was[after.labs.alive], rtol=1e-12)
    assert now.max() <= 1.0 + 1e-9
    assert not now[after.labs.closed > 0.0].any()


# ---- chips, sites and workloads ------------------------------------------------------------------


def by_region(economy, values):
    power = economy.fleet_power
    return power.to_source(values)


def test_chips_go_to_fleets_of_the_region_or_are_scrapped(before, after, gone):
    """Every chip, running or on its way, is somewhere in its region or counted as scrap."""
    was, now = (total(e.fleets.chips) + total(e.fleets.transit) for e in (before, after))
    scrapped = by_region(after, after.fleets.scrapped)
    difference = by_region(before, was) - by_region(after, now)
    np.testing.assert_allclose(total(difference), total(scrapped), rtol=1e-12, atol=1e-6)
    stays = by_region(after, after.fleets.alive * 1.0) > 0.0
    # Where somebody stays, only what is not a whole quantum is lost; else everything is.
    quantum = 2.0**-10 * after.fleets.chips.shape[2] * len(after.fleets)
    assert (difference[stays] <= quantum).all() and (difference >= -1e-6).all()
    assert np.allclose(by_region(after, now)[~stays], 0.0)
    assert not after.fleets.scrapped[~gone["fleets"]].any()


def test_chips_keep_their_age_and_their_power(before, after):
    """Vintage by vintage, in each region where somebody stays."""
    stays = by_region(after, after.fleets.alive * 1.0) > 0.0
    for age in range(0, before.fleets.chips.shape[2], 7):
        was, now = (
            by_region(e, e.fleets.chips[:, :, age] * e.fleets.chip_power[:, :, age])
            for e in (before, after)
        )
        np.testing.assert_allclose(now[stays], was[stays], rtol=1e-6, atol=1.0)


def test_books_of_chips_are_what_their_vintages_cost_less_wear(after):
    """Whoever takes chips over carries them at what it paid, and wears that off over their life."""
    fleets = after.fleets
    worn = (fleets.chip_age + 1.0) / fleets.economic_life_months[:, :, None]
    left = total(fleets.chip_cost * np.maximum(1.0 - worn, 0.0)) + total(fleets.transit_cost)
    np.testing.assert_allclose(fleets.chips_book, left, rtol=1e-6, atol=100.0)


def test_power_and_sites_stay_in_their_region(before, after):
    stays = by_region(after, after.fleets.alive * 1.0) > 0.0
    for column in ("connected_gw", "sites"):
        was, now = (
            by_region(e, total(v) if (v := e.fleets.columns[column]).ndim == 3 else v)
            for e in (before, after)
        )
        np.testing.assert_allclose(now[stays], was[stays], rtol=1e-9)
        assert not now[~stays].any()


def test_own_workloads_move_into_the_cloud_of_their_market(before, after, gone):
    places = before.places
    moved = total_by(before.fleets.own_demand * gone["fleets"], places.zone_of_fleet, places.zones)
    was, now = (
        total_by(e.elsewhere.base_demand, places.zone_of_elsewhere, places.zones)
        for e in (before, after)
    )
    np.testing.assert_allclose(now - was, moved, rtol=1e-9, atol=1.0)


# ---- lines and inputs ----------------------------------------------------------------------------


def test_lines_goods_and_inputs_go_to_the_makers_that_are_left(before, after):
    stays = after.fabs.alive.any(axis=1)
    for column in ("capacity", "expansion", "inventory"):
        was, now = (e.fabs.columns[column].reshape(e.runs, -1).sum(axis=1) for e in (before, after))
        np.testing.assert_allclose(now[stays], was[stays], rtol=1e-9, atol=0.1)
        assert not now[~stays].any()
    was, now = (e.supplies.to_source(e.supplies.stock) for e in (before, after))
    np.testing.assert_allclose(now[stays], was[stays], rtol=1e-9)


def test_contracts_of_the_living_stand(before, after, gone):
    """Leases, orders and shares of customers between two that stay are as they were."""
    for name, column in (("lease", "hours"), ("chips", "on_order"), ("tokens", "share")):
        relation = before.relations[name]
        stands = ~edges_of(relation, gone)
        was, now = (e.relations[name].columns[column] for e in (before, after))
        np.testing.assert_array_equal(was[stands], now[stands])
