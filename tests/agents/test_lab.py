"""Labs: money, hours, models and prices, rule by rule and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.compute_poor_lab import ComputePoorLab
from agents.frontier_lab import FrontierLab
from agents.lab import REFERENCE_FLOP
from sim.registry import load_registry

BOTH = pytest.mark.parametrize("kind", [FrontierLab, ComputePoorLab])
DEFAULTS = {name: entry.value for name, entry in load_registry().columns("labs").items()}

# ---- money and plans -----------------------------------------------------------------------------

PLAN = {
    "sales_cost": 6.0,
    "administration_cost": 3.0,
    "partner_share": 1.0,
    "gross_profit_smoothed": 30.0,
    "cash": 360.0,
    "pledged": 120.0,
    "runway_months": 6.0,
    "rnd_compute_share": 0.7,
    "rnd_staff_share": 0.2,
    "hour_price": 2.0,
    "cost_per_head": 24.0,
    "research_wanted": 35.0,
    "staff": 10.0,
    "research_cut_max": 0.1,
    "compute_growth_max": 0.13,
    "staff_growth_max": 0.07,
    "distress": 0.0,
}


def test_research_is_what_money_allows(agent_of):
    # 30 gross profit - 10 selling, and cash and pledges of 480 over six months: 100.
    plan = agent_of(FrontierLab, **PLAN).plan_research()
    assert plan.hours == pytest.approx(35.0)  # 70 at 2 an hour
    assert plan.staff == pytest.approx(10.0)  # 20 at 2 a month


@pytest.mark.parametrize(
    ("change", "hours", "staff"),
    [
        # Thirty more in cash, or promised, add 5 a month: 105.
        ({"cash": 390.0}, 36.75, 10.5),
        ({"pledged": 150.0}, 36.75, 10.5),
        ({"partner_share": 11.0}, 31.5, 9.0),  # what partners take is not there for research
        # More money than can be used: 13 % more hours and 7 % more people at most.
        ({"cash": 6e6}, 35.0 * 1.13, 10.7),
        # No money: a tenth less at most.
        ({"cash": 0.0, "pledged": 0.0}, 31.5, 9.0),
        ({"gross_profit_smoothed": -1e6}, 31.5, 9.0),
        ({"cash": -1e6}, 31.5, 9.0),
        # In distress it cuts at once: 20 a month are left.
        ({"cash": 0.0, "pledged": 0.0, "distress": 1.0}, 7.0, 2.0),
        ({"gross_profit_smoothed": -1e6, "distress": 1.0}, 0.0, 0.0),
        # Dearer hours, dearer people.
        ({"hour_price": 2.1}, 70.0 / 2.1, 10.0),
        ({"cost_per_head": 25.0}, 35.0, 9.6),
        # Nothing to grow from stays nothing.
        ({"research_wanted": 0.0, "staff": 0.0}, 0.35, 0.1),  # a hundredth to begin with
        # Without a price of hours nothing can be bought; research shrinks no faster than it may.
        ({"hour_price": 0.0}, 31.5, 10.0),
    ],
)
def test_research_moves_with_money_within_its_limits(agent_of, change, hours, staff):
    plan = agent_of(FrontierLab, **{**PLAN, **change}).plan_research()
    assert plan.hours == pytest.approx(hours)
    assert plan.staff == pytest.approx(staff)


@given(
    cash=st.floats(-1e12, 1e12),
    profit=st.floats(-1e12, 1e12),
    pledged=st.floats(0.0, 1e12),
    more=st.floats(0.0, 1e12),
)
def test_more_money_never_means_less_research(agent_of, cash, profit, pledged, more):
    change = {**PLAN, "cash": cash, "gross_profit_smoothed": profit, "pledged": pledged}
    poor = agent_of(FrontierLab, **change).plan_research()
    rich = agent_of(FrontierLab, **{**change, "pledged": pledged + more}).plan_research()
    assert 31.5 <= poor.hours <= rich.hours <= 35.0 * 1.13 + 1e-9
    assert 9.0 <= poor.staff <= rich.staff <= 10.7 + 1e-9


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
        FrontierLab,
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
    lab = agent_of(FrontierLab, **HOURS, research_wanted=research)
    assert lab.want_compute() == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("received", "kept"),
    [(1000.0, 120.0 * math.exp(0.1)), (100.0, 60.0), (0.0, 0.0)],
)
def test_hours_kept_for_serving_stop_at_their_share(agent_of, received, kept):
    lab = agent_of(FrontierLab, **HOURS, compute_used=received)
    assert lab.keep_for_serving() == pytest.approx(kept)


@pytest.mark.parametrize(
    ("leased", "asked"), [(0.0, 900.0), (700.0, 200.0), (900.0, 0.0), (2000.0, 0.0)]
)
def test_leases_fill_the_gap_to_the_share_held_on_lease(agent_of, leased, asked):
    lab = agent_of(FrontierLab, compute_wanted=1000.0, lease_share=0.9, leased_hours=leased)
    assert lab.want_leases() == asked


# ---- runs and models -----------------------------------------------------------------------------

RUN = {
    "scale_elasticity": 1.4,
    "post_training_elasticity": 0.3,
    "run_flop": REFERENCE_FLOP,
    "run_post_flop": 0.1 * REFERENCE_FLOP,
    "flagship_flop": REFERENCE_FLOP,
    "initial_post_training": 0.1,
    "software": 1.0,
    "distillation_gain": 1.0,
    "teacher_margin": 0.1,
    "best_rival": -99.0,
}


@pytest.mark.parametrize(
    ("change", "capability"),
    [
        ({}, 0.0),  # the reference counts as zero
        ({"run_flop": 10 * REFERENCE_FLOP, "run_post_flop": REFERENCE_FLOP}, 1.4),
        ({"run_post_flop": REFERENCE_FLOP}, 0.3),
        ({"software": 100.0}, 2.0),
        ({"run_post_flop": 0.0}, -0.9),  # a thousandth at least
    ],
)
def test_capability_counts_orders_of_magnitude(agent_of, change, capability):
    lab = agent_of(FrontierLab, **{**RUN, **change})
    assert lab.own_capability() == pytest.approx(capability)
    assert lab.capability_of_run() == pytest.approx(capability)


def test_a_run_that_has_not_begun_is_no_model(agent_of):
    assert agent_of(FrontierLab, **{**RUN, "run_flop": 0.0}).own_capability() < -10.0


@pytest.mark.parametrize(
    ("teacher", "capability"),
    [
        (2.0, math.log10(4.0)),  # the gain of 4 binds: 0.602
        (0.5, 0.4),  # the margin below the teacher binds
        (0.1, 0.0),
        (-1.0, 0.0),  # who is ahead learns nothing and loses nothing
    ],
)
def test_distillation_gives_at_most_its_gain_and_stays_below_the_teacher(
    agent_of, teacher, capability
):
    lab = agent_of(ComputePoorLab, **{**RUN, "distillation_gain": 4.0, "best_rival": teacher})
    assert lab.capability_of_run() == pytest.approx(capability)


@given(
    software=st.floats(0.01, 100.0),
    teacher=st.floats(-3.0, 6.0),
    gain=st.floats(1.0, 1000.0),
    margin=st.floats(0.0, 2.0),
)
def test_only_own_work_passes_the_teacher(agent_of, software, teacher, gain, margin):
    change = {
        "software": software,
        "best_rival": teacher,
        "distillation_gain": gain,
        "teacher_margin": margin,
    }
    lab = agent_of(ComputePoorLab, **{**RUN, **change})
    own, reached = lab.own_capability(), lab.capability_of_run()
    assert own <= reached <= own + math.log10(gain) + 1e-9
    assert reached <= max(own, teacher - margin) + 1e-9


RELEASE = {
    **RUN,
    "run_flop": 2.0 * REFERENCE_FLOP,
    "run_post_flop": 0.2 * REFERENCE_FLOP,
    "offer_capability": 0.0,
    "run_target_growth": 1.5,
    "run_min_months": 3.0,
    "run_max_months": 6.0,
    "run_age": 4.0,
}


@BOTH
@pytest.mark.parametrize(
    ("change", "released"),
    [
        ({}, 1.0),
        ({"run_age": 3.0}, 1.0),
        ({"run_age": 2.0}, 0.0),  # too short
        ({"run_target_growth": 3.0}, 0.0),  # not yet grown
        ({"run_target_growth": 3.0, "run_age": 6.0}, 1.0),  # but late
        ({"offer_capability": 1.0}, 0.0),  # no better than what is on sale
        ({"offer_capability": 1.0, "run_age": 60.0}, 0.0),
    ],
)
def test_a_run_is_released_when_better_and_grown_or_late(agent_of, kind, change, released):
    assert agent_of(kind, **{**RELEASE, **change}).release() == released


@pytest.mark.parametrize(
    ("flop", "size"),
    [(REFERENCE_FLOP, 3e11), (100 * REFERENCE_FLOP, 3e12), (REFERENCE_FLOP / 4, 1.5e11)],
)
def test_a_larger_run_makes_a_larger_model(agent_of, flop, size):
    lab = agent_of(FrontierLab, run_flop=flop, reference_flop_per_token=3e11, size_elasticity=0.5)
    assert lab.size_of_run() == pytest.approx(size)


LESS = {
    "offer_capability": 2.0,
    "offer_price": 10.0,
    "scale_elasticity": 1.0,
    "small_teaching": 4.0,
    "size_elasticity": 0.5,
}


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        (2.0, 0.5),  # a quarter of the training, for what the flagship teaches
        (1.0, 0.5 / math.sqrt(10.0)),
        (0.0, 0.05),
        (-2.0, 0.005),  # no floor: what it would cost, if ever so little were enough
        (3.0, 0.5),
    ],
)
def test_a_model_that_knows_less_is_smaller(agent_of, asked, size):
    assert agent_of(FrontierLab, **LESS, asked_capability=asked).size_for_less() == pytest.approx(
        size
    )


@given(asked=st.floats(-5.0, 2.0), less=st.floats(0.0, 5.0))
def test_less_capability_is_never_dearer(agent_of, asked, less):
    more, little = (
        agent_of(FrontierLab, **LESS, asked_capability=a).price_for_less()
        for a in (asked, asked - less)
    )
    assert 0.0 < little <= more <= 10.0


# ---- prices --------------------------------------------------------------------------------------

PRICE = {
    "peak_flop": 1e15,
    "serving_utilization": 0.1,
    "serving_efficiency": 2.0,
    "token_flop": 7.2e11,
    "hour_price": 2.5,
    "compute_used": 1000.0,
    "inference_share_max": 0.6,
    "serving_need": 500.0,
    "margin_target": 0.5,
    "scarcity_markup": 1.0,
    "offer_price": 1.0,
    "price_adjust": 0.25,
}


def test_cost_of_a_million_tokens_by_hand(agent_of):
    # An hour serves 3,600 x 1e15 x 0.1 x 2 = 7.2e17 FLOP, a million tokens: 2.50 USD.
    lab = agent_of(FrontierLab, **PRICE)
    assert lab.flop_per_hour() == pytest.approx(7.2e17)
    assert lab.serving_cost_per_mtok() == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({}, 5.0),
        ({"margin_target": 0.0}, 2.5),
        ({"serving_need": 900.0}, 5.0 * math.exp(0.5)),  # half again as much as can be served
        ({"serving_need": 9e9}, 5.0 * math.e),  # a markup has an end
        ({"serving_need": 600.0}, 5.0),
        ({"scarcity_markup": 0.0, "serving_need": 9e9}, 5.0),
        ({"serving_efficiency": 4.0}, 2.5),
    ],
)
def test_the_target_price_is_cost_over_one_less_margin_and_scarcity(agent_of, change, target):
    lab = agent_of(FrontierLab, **{**PRICE, **change})
    assert lab.target_price() == pytest.approx(target)
    assert lab.set_price() == pytest.approx(1.0 + 0.25 * (target - 1.0))


@given(price=st.floats(0.0, 1e4), adjust=st.floats(0.0, 1.0), need=st.floats(0.0, 1e6))
def test_a_price_moves_toward_its_target_and_not_beyond(agent_of, price, adjust, need):
    change = {"offer_price": price, "price_adjust": adjust, "serving_need": need}
    lab = agent_of(FrontierLab, **{**PRICE, **change})
    target, moved = lab.target_price(), lab.set_price()
    assert min(price, target) - 1e-9 <= moved <= max(price, target) + 1e-9


def test_a_small_model_is_sold_at_the_same_margin(agent_of):
    """Its list price is the flagship's times its size, as its cost is."""
    labs = agent_of(FrontierLab, **LESS, asked_capability=np.array([2.0, 1.0, 0.0]))
    np.testing.assert_allclose(labs.price_for_less(), 10.0 * labs.size_for_less())


def test_defaults_are_those_that_rules_were_designed_for():
    """Serving takes no more hours than the share at which research stops; R&D shares leave data."""
    assert DEFAULTS["rnd_compute_share"] + DEFAULTS["rnd_staff_share"] <= 1.0
    assert DEFAULTS["run_min_months"] <= DEFAULTS["run_max_months"]
