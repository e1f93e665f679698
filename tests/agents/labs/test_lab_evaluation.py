"""Evaluations before release: how far they reach, what they take, and when they are done."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.lab import FrontierLab, Lab
from agents.labs.open_host import OpenHost

COST = {
    "task_horizon_start": 0.5,
    "horizon_doublings": 1.5,
    "candidate_capability": 0.0,
    "candidate_size": 1.0,
    "serving_efficiency": 1.0,
    "evaluation_hours": 8.0,
    "evaluation_depth": 100.0,
    "evaluation_spread_near": 0.3,
    "evaluation_spread_far": 0.05,
    "evaluation_error": 0.02,
}


@pytest.mark.parametrize(("capability", "hours"), [(0.0, 0.5), (2.0, 4.0), (-2.0, 0.0625)])
def test_the_task_horizon_doubles_with_capability(agent_of, capability, hours):
    lab = agent_of(Lab, **{**COST, "candidate_capability": capability})
    assert lab.task_horizon() == pytest.approx(hours)


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        ({}, 6400.0),  # 4 hours a run, (0.3 + 0.05 x 10)^2 / 0.02^2 = 1,600 such runs
        ({"evaluation_error": 0.04}, 1600.0),
        ({"evaluation_spread_far": 0.0}, 900.0),  # nothing to see far out
        ({"evaluation_depth": 1.0, "evaluation_spread_far": 0.1}, 1600.0),
        ({"candidate_capability": 2.0}, 51_200.0),  # three doublings
        ({"candidate_size": 3.0, "serving_efficiency": 6.0}, 3200.0),
        ({"evaluation_hours": 0.0}, 0.0),
    ],
)
def test_hours_of_the_cheapest_mix_for_a_precision(agent_of, change, hours):
    assert agent_of(Lab, **{**COST, **change}).plan_evaluation() == pytest.approx(hours)


def test_no_other_mix_of_runs_is_as_precise_for_less(agent_of):
    lab = agent_of(Lab, **COST)
    budget, far = lab.plan_evaluation(), lab.share_far_out()
    assert far == pytest.approx(0.5 / 0.8)

    def error(share):
        """Near runs cost 4 hours, far ones 400; variances of the two parts add up."""
        near_runs, far_runs = budget * (1.0 - share) / 4.0, budget * share / 400.0
        return math.sqrt(0.3**2 / near_runs + 0.05**2 / far_runs)

    assert error(far) == pytest.approx(0.02)
    assert all(error(share) > error(far) for share in (0.1, 0.5, 0.6, 0.65, 0.7, 0.9))


@given(capability=st.floats(-50.0, 50.0), more=st.floats(0.0, 5.0))
def test_better_models_never_take_less(agent_of, capability, more):
    now, later = (
        agent_of(Lab, **{**COST, "candidate_capability": c}).plan_evaluation()
        for c in (capability, capability + more)
    )
    assert now <= later


@pytest.mark.parametrize(
    ("done", "hours"),
    [(0.0, 8.0), (95.0, 5.0), (100.0, 0.0), (120.0, 0.0)],  # a tenth of 80 research hours
)
def test_evaluations_take_what_is_left_to_do_and_at_most_a_share(agent_of, done, hours):
    lab = agent_of(
        Lab,
        evaluation_budget=100.0,
        evaluated_hours=done,
        compute_used=120.0,
        inference_hours=40.0,
        evaluation_share_max=0.1,
    )
    assert lab.evaluate() == pytest.approx(hours)


RUN = {
    "run_flop": 4e25,
    "flagship_flop": 1e25,
    "run_target_growth": 2.0,
    "run_age": 5.0,
    "run_min_months": 4.0,
    "run_max_months": 12.0,
    "candidate_capability": 0.0,
    "offer_capability": -1.0,
    "released": 0.0,
    "evaluation_budget": 100.0,
    "evaluated_hours": 100.0,
}


@pytest.mark.parametrize(
    ("change", "released"),
    [
        ({}, 1.0),
        ({"evaluated_hours": 99.0}, 0.0),  # ready, but not evaluated
        ({"evaluated_hours": 0.0, "evaluation_budget": 0.0}, 1.0),
        ({"run_age": 3.0}, 0.0),  # evaluated, but not ready
    ],
)
def test_a_release_waits_for_its_evaluations(agent_of, change, released):
    assert agent_of(FrontierLab, **{**RUN, **change}).release() == released


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        ({"run_age": 3.0}, 6400.0),  # under way: what it takes as it is now
        ({}, 100.0),  # ready: what it took the month before
        ({"released": 1.0}, 0.0),  # the next run has just begun
        ({"run_age": 3.0, "released": 1.0}, 0.0),
    ],
)
def test_what_is_asked_of_a_run_stands_still_once_it_is_ready(agent_of, change, hours):
    assert agent_of(FrontierLab, **{**RUN, **COST, **change}).want_evaluation() == hours


def test_a_host_evaluates_nothing(agent_of):
    assert agent_of(OpenHost, open_capability=1.0).want_evaluation() == 0.0
