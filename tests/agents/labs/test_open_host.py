"""Open-weight hosts: they serve what others publish, by hand."""

import math

import pytest

from agents.labs.open_host import OpenHost

HOST = {
    "open_capability": 1.0,
    "open_size": 3e11,
    "open_flop": 4e25,
    "open_focus": 0.6,
    "open_taught": 0.3,
    "open_inflation": 0.1,
    "hosting_loss": 0.05,
    "offer_capability": 0.9,
}


def test_a_host_serves_the_best_open_model_less_what_is_lost(agent_of):
    host = agent_of(OpenHost, **HOST)
    assert host.capability_of_run() == host.own_capability() == 0.95
    assert (host.size_of_run(), host.flop_of_run()) == (3e11, 4e25)


def test_a_host_has_its_makers_skills_and_nothing_of_its_own_to_open(agent_of):
    host = agent_of(OpenHost, **HOST)
    assert (host.taught_in_run(), host.inflation_of_run(), host.choose_focus()) == (0.3, 0.1, 0.6)
    assert host.open_flagship() == host.open_small() == 0.0


@pytest.mark.parametrize(("best", "takes"), [(1.0, 1.0), (0.95, 0.0), (0.5, 0.0), (-99.0, 0.0)])
def test_a_host_takes_up_what_is_better_than_what_it_serves(agent_of, best, takes):
    assert agent_of(OpenHost, **{**HOST, "open_capability": best}).release() == takes


def test_all_hours_serve_and_as_many_are_wanted_as_demand_takes(agent_of):
    host = agent_of(
        OpenHost, compute_used=70.0, serving_need=100.0, serving_growth=0.1, serving_reserve=0.2
    )
    assert host.keep_for_serving() == 70.0
    assert host.want_compute() == pytest.approx(120.0 * math.exp(0.1))


def test_a_host_does_no_research(agent_of):
    """30 profit less 10 selling a month and 480 over six: 100, a fifth for people at 2 a month."""
    host = agent_of(
        OpenHost,
        sales_cost=6.0,
        administration_cost=3.0,
        partner_share=1.0,
        gross_profit_smoothed=30.0,
        cash=360.0,
        pledged=120.0,
        runway_months=6.0,
        rnd_compute_share=0.7,
        rnd_staff_share=0.2,
        hour_price=2.0,
        cost_per_head=24.0,
        research_wanted=35.0,
        staff=10.0,
        research_cut_max=0.1,
        compute_growth_max=0.13,
        staff_growth_max=0.07,
        distress=0.0,
    )
    plan = host.plan_research()
    assert (plan.hours, plan.staff, plan.payable) == (0.0, pytest.approx(10.0), pytest.approx(10.0))
