"""Compute of a lab: hours wanted now, revenue plans, and hours contracted ahead."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.lab import Lab
from agents.labs.lab_compute import FORWARD_MONTHS

# ---- now -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("need", "before", "expected"),
    [
        (110.0, 100.0, 0.05 + 0.2 * (math.log(1.1) - 0.05)),
        (100.0, 100.0, 0.04),
        (1000.0, 100.0, 0.05 + 0.2 * 0.45),  # news count for half a unit of ln at most
        (1.0, 100.0, 0.05 - 0.2 * 0.55),
        (0.0, 100.0, 0.05 - 0.2 * 0.55),
        (100.0, 0.0, 0.04),  # a first demand is no growth
    ],
)
def test_expected_growth_of_serving_learns_by_its_weight(agent_of, need, before, expected):
    lab = agent_of(
        Lab,
        serving_need=need,
        serving_need_before=before,
        serving_growth=0.05,
        serving_forecast_weight=0.2,
    )
    assert lab.expect_serving() == pytest.approx(expected)


HOURS = {
    "serving_need": 100.0,
    "serving_growth": 0.1,
    "serving_reserve": 0.2,
    "inference_share_max": 0.6,
}


@pytest.mark.parametrize(
    ("research", "wanted"),
    [
        (1000.0, 1000.0 + 120.0 * math.exp(0.1)),
        (50.0, 125.0),  # serving takes 0.6 of 125 at most
        (0.0, 0.0),
    ],
)
def test_hours_wanted_are_research_and_serving_up_to_its_share(agent_of, research, wanted):
    lab = agent_of(Lab, **HOURS, research_wanted=research)
    assert lab.want_compute() == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("received", "kept"),
    [(1000.0, 120.0 * math.exp(0.1)), (100.0, 60.0), (0.0, 0.0)],
)
def test_hours_kept_for_serving_stop_at_their_share(agent_of, received, kept):
    lab = agent_of(Lab, **HOURS, compute_used=received)
    assert lab.keep_for_serving() == pytest.approx(kept)


@pytest.mark.parametrize(
    ("leased", "asked"), [(0.0, 900.0), (700.0, 200.0), (900.0, 0.0), (2000.0, 0.0)]
)
def test_leases_fill_the_gap_to_the_share_held_on_lease(agent_of, leased, asked):
    lab = agent_of(Lab, compute_wanted=1000.0, lease_share=0.9, leased_hours=leased)
    assert lab.want_leases() == asked


# ---- revenue plans -------------------------------------------------------------------------------

PLAN = {
    "revenue_plan": 120.0,
    "revenue_smoothed": 120.0,
    "plan_growth": 0.6,
    "growth_expected": 0.6,
    "plan_growth_max": 1.0,
    "plan_memory_months": 12.0,
    "plan_fade": 0.0,
    "income_memory_months": 1.0,
}


@pytest.mark.parametrize(
    ("change", "revenue", "growth"),
    [
        ({}, 120.0 * math.exp(0.05), 0.6),
        # growth fades to 0.55, then moves a twelfth back toward 0.6
        ({"plan_fade": 12.0 * math.log(0.6 / 0.55)}, 120.0 * math.exp(0.05), 0.55 + 0.05 / 12.0),
        ({"revenue_smoothed": 96.0}, 120.0 * math.exp(0.05) - 2.0, 0.6),  # a twelfth of 24 less
        ({"growth_expected": 0.0}, 120.0 * math.exp(0.05), 0.55),  # still grows as it was made
        ({"growth_expected": -3.0}, 120.0 * math.exp(0.05), 0.55),  # nobody plans to shrink
        ({"growth_expected": 9.0}, 120.0 * math.exp(0.05), 0.6 + 0.4 / 12.0),
        ({"revenue_plan": 0.0, "revenue_smoothed": 12.0}, 1.0, 0.6),  # a first plan
    ],
)
def test_a_plan_grows_as_it_was_made_and_is_remade_slowly(agent_of, change, revenue, growth):
    plan = agent_of(Lab, **{**PLAN, **change}).plan_revenue()
    assert plan.revenue == pytest.approx(revenue)
    assert plan.growth == pytest.approx(growth)


@pytest.mark.parametrize(
    ("revenue", "plan", "missed"),
    [(100.0, 100.0, 0.0), (60.0, 100.0, 0.4), (140.0, 100.0, 0.0), (0.0, 50.0, 1.0), (5.0, 0, 0.0)],
)
def test_a_miss_is_the_part_of_the_plan_that_did_not_come(agent_of, revenue, plan, missed):
    now = {"plan_growth": 0.6, "income_memory_months": 1.0}
    lab = agent_of(Lab, revenue_smoothed=revenue, revenue_plan=plan, **now)
    assert lab.miss_plan() == pytest.approx(missed)


def test_revenue_over_a_quarter_is_held_against_the_plan_of_that_time(agent_of):
    """Revenue over three months is two months old in the mean: the plan of then is e^-0.1 less."""
    of_then = 100.0 * math.exp(-0.1)
    late = {"revenue_plan": 100.0, "plan_growth": 0.6, "income_memory_months": 3.0}
    assert agent_of(Lab, revenue_smoothed=of_then, **late).miss_plan() == pytest.approx(0.0)
    half = agent_of(Lab, revenue_smoothed=of_then / 2.0, **late).miss_plan()
    assert half == pytest.approx(0.5)


def test_revenue_as_planned_is_never_a_miss(agent_of):
    """Five years of steady growth: the plan stays with it."""
    revenue, plan = 100.0, 100.0
    for _ in range(60):
        lab = agent_of(Lab, **{**PLAN, "revenue_plan": plan, "revenue_smoothed": revenue})
        assert lab.miss_plan() == pytest.approx(0.0, abs=1e-12)
        plan, revenue = float(lab.plan_revenue().revenue), revenue * math.exp(0.05)


# ---- contracts ahead -----------------------------------------------------------------------------

AHEAD = {
    "compute_wanted": 1000.0,
    "plan_growth": 0.8,
    "plan_growth_max": 1.0,
    "forward_months": 15.0,
    "forward_share": 0.6,
    "running_hours": 400.0,
    "forward_hours": 500.0,
    "missed_plan": 0.0,
    "miss_tolerance": 0.2,
    "distress": 0.0,
}
"""In 15 months 1,000 e = 2,718.28 are wanted, 1,630.97 of them under contract: 730.97 are missing,
48.731 a month."""


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, 48.7313),
        ({"missed_plan": 0.2}, 48.7313),
        ({"missed_plan": 0.21}, 0.0),  # beyond the tolerance nothing new
        ({"distress": 1.0}, 0.0),
        ({"forward_hours": 1300.0}, 0.0),  # more than enough is contracted
        ({"plan_growth": 5.0}, (600.0 * math.exp(1.25) - 900.0) / 15.0),  # bounded
        ({"forward_share": 0.0}, 0.0),
        ({"compute_wanted": 0.0}, 0.0),
    ],
)
def test_hours_contracted_ahead_close_the_gap_to_plans(agent_of, change, wanted):
    assert agent_of(Lab, **{**AHEAD, **change}).want_forward() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("missed", "rate", "share"),
    [(0.1, 1.0, 0.0), (0.2, 1.0, 0.0), (0.5, 1.0, 0.3), (0.5, 0.5, 0.15), (1.0, 2.0, 1.0)],
)
def test_what_a_missed_plan_does_not_bear_is_called_off(agent_of, missed, rate, share):
    lab = agent_of(Lab, missed_plan=missed, miss_tolerance=0.2, call_off_rate=rate, firm_months=6.0)
    expected = np.where(np.arange(1, FORWARD_MONTHS + 1) > 6, share, 0.0)  # half a year is firm
    np.testing.assert_allclose(lab.call_off(), expected, atol=1e-12)


@given(missed=st.floats(0.0, 1.0), worse=st.floats(0.0, 1.0), rate=st.floats(0.0, 12.0))
def test_a_worse_miss_never_keeps_more(agent_of, missed, worse, rate):
    def kept(part):
        lab = agent_of(
            Lab, missed_plan=part, miss_tolerance=0.2, call_off_rate=rate, firm_months=3.0
        )
        return 1.0 - lab.call_off()

    bad, worst = kept(missed), kept(max(missed, worse))
    assert (worst <= bad).all() and (worst >= 0.0).all()
