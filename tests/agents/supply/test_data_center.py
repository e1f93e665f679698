"""Data centers: sites, chip orders, cancellations, running and hours of a fleet."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.supply.data_center import MONTHS_AHEAD, SITE_MONTHS, VINTAGES, DataCenter

COSTS = {
    "chip_price": 25_000.0,
    "server_network_multiple": 1.2,
    "new_chip_power": 1.3,
    "site_cost": 13e9,
    "new_site_cost": 13e9,
    "power_price": 0.08,
    "power_multiple": 1.0,
    "wacc": 0.1,
    "economic_life_months": 60.0,
}
"""A calm month: chips and servers 30,000 USD, 1.3 kW of site 16,900 USD, in all 46,900 USD."""


# ---- sites ---------------------------------------------------------------------------------------

SITING = COSTS | {
    "capex_plan": 1e9,
    "power_lead": 14.0,
    "site_cover_months": 4.0,
    "site_adjust_months": 3.0,
    "site_rush": 2.0,
    "sites_due": 0.4,
    "connected_gw": 2.0,
    "installed_gw": 1.9,
    "on_order_gw": 0.05,
}
"""0.36034 of 1e9 USD buys 0.027719 GW a month; 18 months of it are 0.49893 GW."""


@pytest.mark.parametrize(
    ("change", "begun"),
    [
        ({}, 0.01631),  # (0.49893 - 0.4 in the pipeline - 0.05 unused) / 3
        ({"sites_due": 0.46}, 0.0),
        ({"installed_gw": 1.95, "on_order_gw": 0.2}, 0.03298),  # nothing unused
        ({"sites_due": 0.0, "connected_gw": 1.9}, 0.05544),  # 0.16631, at most twice 0.027719
        ({"power_lead": 26.0}, 0.05544),  # 12 months more: (0.33263 + 0.04893) / 3 = 0.127
    ],
)
def test_sites_begun_count_pipeline_and_unused_power(agent_of, change, begun):
    fleet = agent_of(DataCenter, **{**SITING, **change})
    assert fleet.start_sites() == pytest.approx(begun, abs=1e-5)


def test_plans_move_to_where_power_comes_sooner(population_of):
    # A year sooner moves 5 % of the plan, half a year 2.5 %, and later nothing.
    fleets = population_of(DataCenter, power_lead=[26.0, 14.0, 20.0, 60.0], siting_mobility=0.05)
    here = [DataCenter.over(fleets, row, 0) for row in range(4)]
    assert here[0].wish_to_move(here[1]) == pytest.approx(0.05)
    assert here[0].wish_to_move(here[2]) == pytest.approx(0.025)
    assert here[1].wish_to_move(here[0]) == 0.0
    assert here[3].wish_to_move(here[1]) == pytest.approx(0.05)  # three years count as one


# ---- chip orders ---------------------------------------------------------------------------------

ORDERING = COSTS | {
    "capex_plan": 1e9,
    "connected_gw": 2.0,
    "power_due": 0.5,
    "installed_gw": 2.3,
    "on_order_gw": 0.1,
    "order_adjust_months": 1.0,
}
"""1e9 x (1 - 0.36034) / 30,000 = 21,322 chips; 0.1 GW / 1.3 kW is room for 76,923."""
AFFORDABLE = 1e9 * (30_000.0 / 46_900.0) / 30_000.0


def room(fleet):
    free = fleet.connected_gw + fleet.power_due - fleet.installed_gw - fleet.on_order_gw
    return max(free, 0.0) * 1e6 / 1.3 / fleet.order_adjust_months


@pytest.mark.parametrize(
    ("change", "ordered"),
    [
        ({"power_due": 50.0}, 21_321.96),  # power to spare: what money buys
        ({}, 21_290.6),  # 21,322 (1 + (21,322 / 76,923)^4)^(-1/4)
        ({"on_order_gw": 0.17}, 18_594.8),  # 0.03 GW: room for 23,077, (1 + 0.92396^4)^(-1/4)
        ({"on_order_gw": 0.199}, 769.2),  # 0.001 GW: room for 769, filled
        ({"on_order_gw": 0.25}, 0.0),
        ({"installed_gw": 5.0}, 0.0),
        ({"capex_plan": 0.0}, 0.0),
    ],
)
def test_orders_are_what_money_buys_as_far_as_power_reaches(agent_of, change, ordered):
    fleet = agent_of(DataCenter, **{**ORDERING, **change})
    assert fleet.order_chips() == pytest.approx(ordered, rel=1e-4)


@given(power_due=st.floats(0.0, 2.0), months=st.floats(0.25, 6.0), step=st.floats(1e-6, 1e-3))
def test_power_limits_orders_smoothly(agent_of, power_due, months, step):
    def fleet(due):
        return agent_of(DataCenter, **{**ORDERING, "power_due": due, "order_adjust_months": months})

    less, more = fleet(power_due), fleet(power_due + step)
    # Below a millionth of what money buys, the rule stops counting.
    assert 0.0 <= less.order_chips() <= min(AFFORDABLE, room(less)) + 1e-6 * AFFORDABLE
    # A little more power never brings more orders than it can feed, so orders do not chatter.
    gained = more.order_chips() - less.order_chips()
    assert -1e-6 <= gained <= room(more) - room(less) + 1e-6 * AFFORDABLE


@given(capex_plan=st.floats(1e6, 1e11), more=st.floats(1.0, 2.0))
def test_more_money_never_buys_fewer_chips(agent_of, capex_plan, more):
    low = agent_of(DataCenter, **{**ORDERING, "capex_plan": capex_plan}).order_chips()
    high = agent_of(DataCenter, **{**ORDERING, "capex_plan": capex_plan * more}).order_chips()
    assert high >= low * (1 - 1e-12)


# ---- cost index and cancellation -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "index"),
    [
        ({}, 1.0),
        # Energy at its present value: 1.3 kW x 8,760 h x 0.08 x (1 - 1.1^-5) / 0.1 = 3,453.6 USD,
        # a tenth of chips plus power [power-cost-share]; 50,353.6 in all.
        ({"power_price": 0.16, "power_multiple": 2.0}, 53_807.2 / 50_353.6),
        ({"new_site_cost": 13e9 * 1.15}, 52_888.6 / 50_353.6),  # fast power: 2,535 more
        # Chips cost today's price in both.
        ({"chip_price": 50_000.0, "power_price": 0.16, "power_multiple": 2.0}, 83_807.2 / 80_353.6),
    ],
)
def test_cost_index_compares_with_a_calm_month(agent_of, change, index):
    fleet = agent_of(DataCenter, **{**COSTS, **change})
    assert fleet.cost_index() == pytest.approx(index, rel=1e-5)


PROJECTS = COSTS | {
    "cancel_threshold": 0.15,
    "cancel_slope": 0.03,
    "cancel_hazard": 0.0,
    "committed_months": 0.0,
    "distress": 0.0,
    "site_luck": (np.arange(SITE_MONTHS) + 0.5) / SITE_MONTHS,
}
"""One project a month whose standings fill (0, 1) evenly; the cost index is now 1."""


def dropped(agent_of, rise, **change):
    start = {"site_cost_at_start": 1.0 / (1.0 + rise)}
    return agent_of(DataCenter, **{**PROJECTS, **start, **change}).drop_projects()


@pytest.mark.parametrize(
    ("rise", "share"),
    [
        # logistic((rise - 0.15) / 0.03) less its value at no rise, logistic(-5) = 0.0067.
        (0.0, 0.0),
        (-0.2, 0.0),
        (0.10, 0.1522),
        (0.15, 0.4933),
        (0.20, 0.8344),
        (0.60, 0.9933),
    ],
)
def test_a_cost_rise_drops_the_projects_that_stand_below_it(agent_of, rise, share):
    gone = dropped(agent_of, rise)
    assert gone.tolist() == (PROJECTS["site_luck"] < share).astype(float).tolist()
    assert gone.mean() == pytest.approx(share, abs=0.5 / SITE_MONTHS)


def test_no_project_is_dropped_once_committed(agent_of):
    gone = dropped(agent_of, 5.0, committed_months=10.0, site_luck=0.0, cancel_hazard=0.1)
    assert gone.tolist() == [0.0] * 10 + [1.0] * (SITE_MONTHS - 10)


def test_distress_drops_every_project_that_is_not_committed(agent_of):
    gone = dropped(agent_of, 0.0, committed_months=10.0, distress=1.0)
    assert gone.tolist() == [0.0] * 10 + [1.0] * (SITE_MONTHS - 10)


def test_attrition_takes_its_share_of_what_no_shock_drops(agent_of):
    assert dropped(agent_of, 0.0, cancel_hazard=0.004).tolist() == [0.004] * SITE_MONTHS
    gone = dropped(agent_of, 0.15, cancel_hazard=0.004)
    assert set(gone.tolist()) == {1.0, 0.004}


def test_thin_margins_drop_more(agent_of):
    # Neoclouds stand a rise of 10 % at most [dc-neocloud-fragility].
    rises = (0.05, 0.10, 0.15)
    for rise in rises:
        thin = dropped(agent_of, rise, cancel_threshold=0.10)
        assert thin.sum() > dropped(agent_of, rise).sum()


@given(rise=st.floats(-0.5, 2.0), more=st.floats(0.0, 0.5))
def test_a_larger_rise_spares_no_project_that_a_smaller_one_drops(agent_of, rise, more):
    assert (dropped(agent_of, rise + more) >= dropped(agent_of, rise)).all()


def test_the_rise_is_counted_from_when_a_project_began(agent_of):
    # Power at 2.75 times its price adds 1.75 x 3,453.6 USD to 50,353.6: a rise of 12 %, whose
    # logistic(-1) = 0.269 exceeds a standing of 0.1, for what began before the shock.
    shocked = {"power_price": 0.22, "power_multiple": 2.75, "site_luck": 0.1}
    start = np.where(MONTHS_AHEAD > 30, 1.12, 1.0)
    gone = agent_of(DataCenter, **{**PROJECTS, **shocked, "site_cost_at_start": start})
    assert gone.drop_projects().tolist() == [1.0] * 30 + [0.0] * (SITE_MONTHS - 30)


# ---- running and retiring chips ------------------------------------------------------------------


def test_built_sites_run_while_rent_pays_their_energy(agent_of):
    # 1 kW at 0.114 USD/kWh: about 1,000 USD a year [h100-energy-cost, dc-sunk-cost-rule].
    power = np.where(np.arange(VINTAGES) < 50, 1.0, 3.0)
    fleet = agent_of(DataCenter, chip_power=power, power_price=0.114, rent=0.2)
    assert fleet.keep_running().tolist() == [1.0] * 50 + [0.0] * (VINTAGES - 50)
    assert (
        agent_of(DataCenter, chip_power=1.0, power_price=0.114, rent=0.114).keep_running()[0] == 0
    )


def test_chips_leave_at_the_end_of_their_life_and_some_before(agent_of):
    age = np.arange(VINTAGES)
    fleet = agent_of(DataCenter, chip_age=age, economic_life_months=60.0, failure_rate=0.06)
    assert fleet.retire_chips().tolist() == [0.005] * 60 + [1.0] * (VINTAGES - 60)


# ---- hours, leases and own workloads -------------------------------------------------------------


def test_own_workloads_leases_and_offers(agent_of):
    fleet = agent_of(
        DataCenter,
        own_demand=1000.0,
        workload_response=0.5,
        workload_growth=0.6,
        uncommitted=400.0,
        lease_offer_share=0.2,
        lease_discount=0.68,
        expected_rent=2.0,
    )
    assert fleet.want_own_hours() == 500.0
    assert fleet.grow_own_demand() == pytest.approx(1000.0 * math.exp(0.05))
    assert fleet.offer_lease_hours() == pytest.approx(80.0)
    assert fleet.set_lease_price() == pytest.approx(1.36)


def test_workloads_that_outgrow_the_fleet_move_a_share_a_month(agent_of):
    outgrown = {"own_wanted": 500.0, "own_used": 300.0, "own_demand": 1000.0}
    outgrown |= {"workload_response": 0.5, "workload_mobility": 0.1}
    # 200 hours unserved are 400 at the starting rent; a tenth of them moves.
    assert agent_of(DataCenter, **outgrown).move_workloads() == pytest.approx(40.0)
    assert agent_of(DataCenter, **{**outgrown, "own_used": 500.0}).move_workloads() == 0.0
    assert agent_of(DataCenter, **{**outgrown, "own_demand": 30.0}).move_workloads() == 30.0
