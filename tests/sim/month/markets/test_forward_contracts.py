"""Hours contracted ahead: signed, delivered, called off, cleared in failure, bound by controls."""

import copy

import numpy as np
import pytest

from sim import engine
from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block
from sim.month.markets import compute, forward_contracts
from sim.opening.opening import open_economy
from sim.results.record import Record
from tests.failures import resolved

_OPENED = open_economy(load_scenario("baseline"), 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month, with nothing signed ahead."""
    made = copy.deepcopy(_OPENED)
    forward_contracts.begin(made)
    return made


def edge(economy, fleet, lab):
    lease = economy.lease
    here = lease.source == economy.fleets.index[fleet]
    return int(np.flatnonzero(here & (lease.target == economy.labs.index[lab]))[0])


# ---- signing and delivery ------------------------------------------------------------------------


def test_due_hours_become_leases_at_the_price_they_were_signed_at(economy):
    lease, place = economy.lease, edge(economy, "microsoft_us", "openai")
    lease.hours[:, place], lease.price[:, place] = 300.0, 1.0
    lease.forward[:, place, 0], lease.forward[:, place, 1] = 100.0, 50.0
    lease.forward_price[:, place] = 2.0
    forward_contracts.take_up(economy)
    assert lease.hours[:, place].tolist() == [400.0, 400.0]
    assert lease.price[:, place].tolist() == [1.25, 1.25]  # (300 x 1 + 100 x 2) / 400
    assert lease.forward[:, place, :2].tolist() == [[50.0, 0.0]] * 2  # a month nearer
    forward_contracts.take_up(economy)
    assert lease.hours[:, place].tolist() == [450.0, 450.0]


def test_what_a_fleet_has_no_hours_for_waits(economy):
    lease, place = economy.lease, edge(economy, "oracle_us", "xai")
    row = economy.fleets.index["oracle_us"]
    economy.fleets.offered[:, row] = lease.to_source(lease.hours)[:, row] + 40.0
    before = lease.hours[:, place].copy()
    lease.forward[:, place, 0] = 100.0
    forward_contracts.take_up(economy)
    assert (lease.hours[:, place] - before).tolist() == [40.0, 40.0]
    assert lease.forward[:, place, 0].tolist() == [60.0, 60.0]
    economy.fleets.offered[:, row] += 1000.0
    forward_contracts.take_up(economy)
    assert (lease.hours[:, place] - before).tolist() == [100.0, 100.0]
    assert not lease.forward.any()


def test_labs_sign_with_those_they_know_as_far_as_these_may_sign(economy):
    """Of 15,000,000 hours asked by one lab, a fifteenth a month; no fleet beyond its limit."""
    labs, lease = economy.labs, economy.lease
    labs.compute_wanted = 0.0
    row = labs.index["anthropic"]
    labs.compute_wanted[:, row], lease.hours[:] = 15e6, 0.0
    labs.plan_growth, labs.forward_share, labs.forward_months = 0.0, 1.0, 15.0
    forward_contracts.sign(economy)
    assert lease.to_target(lease.signed)[:, row] == pytest.approx(1e6, abs=len(lease))
    assert total(lease.signed) == pytest.approx(lease.to_target(lease.signed)[:, row])
    assert lease.forward[:, :, 14].tolist() == lease.signed.tolist()
    known = lease.signed[0, edge(economy, "amazon_us", "anthropic")]
    assert known > lease.signed[0, edge(economy, "coreweave_us", "anthropic")] > 0.0
    posted = lease.from_source(economy.fleets.lease_discount * economy.fleets.expected_rent)
    signed = lease.signed > 0.0
    np.testing.assert_allclose(lease.forward_price[signed], posted[signed])

    economy.fleets.forward_limit = 0.0
    forward_contracts.sign(economy)
    assert not lease.signed.any()


def test_calling_off_spares_what_is_firm(economy):
    lease, labs = economy.lease, economy.labs
    place, other = (edge(economy, "microsoft_us", lab) for lab in ("openai", "anthropic"))
    row = labs.index["openai"]
    labs.revenue_plan[:, row], labs.revenue_smoothed[:, row] = 100.0, 50.0
    labs.revenue[:, row] = 50.0
    labs.miss_tolerance, labs.call_off_rate, labs.firm_months = 0.2, 1.0, 6.0
    labs.plan_growth[:, row] = 0.0
    lease.forward[:, [place, other], 5], lease.forward[:, [place, other], 6] = 1000.0, 1000.0
    forward_contracts.revise(economy)
    # Half the plan is missed, 0.3 beyond the tolerance: 300 of the 1,000 not firm.
    assert lease.forward[:, place, 5:7].tolist() == [[1000.0, 700.0]] * 2
    assert lease.called_off[:, place].tolist() == [300.0, 300.0]
    assert lease.forward[:, other, 5:7].tolist() == [[1000.0, 1000.0]] * 2
    fleet = economy.fleets.index["microsoft_us"]
    assert economy.fleets.called_off[:, fleet].tolist() == [300.0, 300.0]
    assert not lease.signed[:, place].any()


@pytest.mark.parametrize("name", ["baseline", "revenue_miss", "ai_winter"])
def test_all_that_is_signed_is_taken_up_called_off_or_waits(name):
    economy = open_economy(load_scenario(name), 1, [0, 1])
    record, lease = Record(economy), economy.lease
    signed, taken, gone = (np.zeros_like(lease.hours) for _ in range(3))
    while economy.month < economy.calendar.months:
        engine.month(economy, record)
        signed += lease.signed
        taken += lease.taken_up
        gone += lease.called_off
        assert lease.forward.min() >= 0.0
    np.testing.assert_array_equal(signed, taken + gone + total(lease.forward))
    assert (total(taken) > 0.0).all() and (total(gone) > 0.0).all()


# ---- failure -------------------------------------------------------------------------------------


@pytest.mark.parametrize("victim", ["labs.openai", "fleets.coreweave", "fleets.microsoft"])
def test_contracts_end_with_either_side(victim):
    before, after, gone = resolved(victim)
    lease = after.lease
    left = lease.from_target(gone["labs"]) | lease.from_source(gone["fleets"])
    assert total(before.lease.forward)[left].any()
    assert not lease.forward[left].any()
    ended = lease.called_off - before.lease.called_off
    np.testing.assert_array_equal(ended[left], total(before.lease.forward)[left])
    np.testing.assert_array_equal(lease.forward[~left], before.lease.forward[~left])


# ---- renting abroad ------------------------------------------------------------------------------


def rented_abroad(economy, hours):
    places, lease = economy.places, economy.lease
    walled = np.take(economy.regions.export_controlled, places.region_of_tenant, axis=1)
    bound = walled * places.leases_abroad
    assert bound.any() and lease.goal is economy.labs
    return total(hours * bound)


def test_labs_behind_export_control_rent_abroad_up_to_a_share_of_foreign_hours(economy):
    """Whatever they ask, and all others what they ask."""
    lease, fleets = economy.lease, economy.fleets
    asked = np.full_like(lease.hours, 1e9)
    row = fleets.index["china_hyperscalers_china"]
    abroad = total(fleets.offered) - fleets.offered[:, row]
    granted = forward_contracts.rentable(economy, asked, np.zeros_like(asked))
    assert rented_abroad(economy, granted) == pytest.approx(0.015 * abroad, abs=len(lease))
    free = granted == 1e9
    assert rented_abroad(economy, free) == pytest.approx(0.0)
    assert free.sum() == 2 * (len(lease) - 6)  # three labs at two fleets

    held = np.where(free, 0.0, granted)
    more = forward_contracts.rentable(economy, asked, held)
    assert (rented_abroad(economy, more) <= len(lease)).all()
    economy.regions.export_controlled = 0.0
    assert (forward_contracts.rentable(economy, asked, held) == asked).all()


def test_a_month_keeps_to_the_limit_on_leases_and_spot_together(economy):
    economy.regions.foreign_rental_share = 1e-5
    economy.labs.compute_wanted = economy.labs.compute_wanted * 10.0
    compute.trade(economy)
    fleets = economy.fleets
    row = fleets.index["china_hyperscalers_china"]
    abroad = total(fleets.offered) - fleets.offered[:, row]
    used = rented_abroad(economy, economy.lease.units)
    assert (used > 0.0).all() and (used <= 1e-5 * abroad).all()


# ---- a missed plan travels -----------------------------------------------------------------------

MISS = slice(24, 36)
"""2027, the year of the miss."""


@pytest.fixture(scope="module")
def pair():
    """Baseline and a miss of OpenAI's plan, on the same draws."""
    records = [
        run_block(load_scenario(name), 1, range(4), tables=("metrics", "agents")).record
        for name in ("baseline", "revenue_miss")
    ]
    rows = open_economy(load_scenario("baseline"), 1, [0])
    return (*records, rows)


def change(pair, kind, column, months, row=None):
    """Missed over calm, less one, of sums over months, by run."""
    sums = []
    for record in pair[:2]:
        values = record.agents[kind, column][:, months]
        sums.append(values.sum(axis=(1, 2)) if row is None else values[:, :, row].sum(axis=1))
    return sums[1] / sums[0] - 1.0


def test_a_missed_plan_cuts_spending_then_orders_then_lines(pair):
    """Each later than the one before: plans and orders within the year, lines two years on."""
    year_on, two_on = slice(30, 42), slice(48, 60)
    assert (change(pair, "fleets", "capex_plan", MISS) < -0.005).all()
    assert (change(pair, "fleets", "ordered", year_on) < -0.01).all()
    assert np.abs(change(pair, "fabs", "capacity", MISS)).max() == 0.0
    assert (change(pair, "fabs", "capacity", two_on) < -0.01).all()


def test_it_hits_the_landlords_of_the_lab_most(pair):
    index = pair[2].fleets.index
    landlord, other = (
        change(pair, "fleets", "capex_plan", slice(30, 42), index[name])
        for name in ("microsoft_us", "meta_us")
    )
    assert (landlord < 3.0 * other).all() and (other < 0.0).all()


def test_other_tenants_of_its_landlords_get_what_it_leaves_at_first(pair):
    index = pair[2].labs.index
    assert (change(pair, "labs", "compute_used", MISS, index["openai"]) < -0.1).all()
    assert (change(pair, "labs", "compute_used", MISS, index["anthropic"]) > 0.0).all()


def test_contracts_make_the_fall_deeper(pair):
    """Without contracts ahead the same miss moves plans by less."""
    alone = [
        run_block(
            load_scenario(name, set={"labs.forward_share": 0.0}), 1, range(4), tables=("agents",)
        ).record
        for name in ("baseline", "revenue_miss")
    ]
    without = change((*alone, None), "fleets", "capex_plan", MISS)
    assert (change(pair, "fleets", "capex_plan", MISS) < 1.3 * without).all()
