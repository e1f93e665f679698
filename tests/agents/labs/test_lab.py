"""Labs: budget, releases, licences and prices, rule by rule and by hand."""

import inspect
import math
from types import FunctionType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.framework.columns import Column, columns_of
from agents.framework.shared_rules import answer_alike
from agents.labs.lab import ComputePoorLab, FrontierLab, Lab
from agents.labs.lab_training import REFERENCE_FLOP
from sim.config.registry import load_registry

DEFAULTS = {name: entry.value for name, entry in load_registry().columns("labs").items()}

# ---- topics --------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", Lab.__bases__, ids=lambda topic: topic.__name__)
def test_a_topic_names_the_columns_that_it_reads_of_others(topic):
    named = set(inspect.get_annotations(topic))
    rules = [item for item in vars(topic).values() if inspect.isfunction(item)]
    read = {name for rule in rules for name in rule.__code__.co_names}
    assert named <= read & (columns_of(Lab).keys() - columns_of(topic).keys())


def test_no_rule_or_column_of_a_lab_stands_in_two_topics():
    own = [
        name
        for topic in (Lab, *Lab.__bases__)
        for name, held in vars(topic).items()
        if isinstance(held, Column | FunctionType) and not name.startswith("__")
    ]
    assert {"set_price", "margin_target", "own_capability"} <= set(own)
    assert len(own) == len(set(own))


def test_an_overridden_rule_of_a_topic_counts_in_all_topics():
    class Keen(FrontierLab):
        def efficiency(self):
            return 2.0 * super().efficiency()

    assert not answer_alike("own_capability", FrontierLab, Keen)
    assert answer_alike("set_price", FrontierLab, Keen)


# ---- budget --------------------------------------------------------------------------------------

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
    "public_compute": 0.0,
    "frontier_research": 500.0,
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


@pytest.mark.parametrize("change", [{}, {"cash": 6e6}, {"cash": -1e6}, {"distress": 1.0}])
def test_a_lab_with_granted_hours_plans_for_these_whatever_it_has(agent_of, change):
    granted = {**PLAN, "public_compute": 0.1, **change}
    assert agent_of(FrontierLab, **granted).plan_research().hours == pytest.approx(50.0)


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


# ---- releases ------------------------------------------------------------------------------------

RELEASE = {
    "run_flop": 2.0 * REFERENCE_FLOP,
    "flagship_flop": REFERENCE_FLOP,
    "candidate_capability": 0.3,
    "offer_capability": 0.0,
    "run_target_growth": 1.5,
    "run_min_months": 3.0,
    "run_max_months": 6.0,
    "run_age": 4.0,
    "evaluation_budget": 100.0,
    "evaluated_hours": 100.0,
}


@pytest.mark.parametrize("kind", [FrontierLab, ComputePoorLab])
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
        ({"evaluated_hours": 99.0}, 0.0),  # ready, and not yet evaluated
        ({"evaluation_budget": 0.0, "evaluated_hours": 0.0}, 1.0),
    ],
)
def test_a_run_is_released_when_better_evaluated_and_grown_or_late(
    agent_of, kind, change, released
):
    assert agent_of(kind, **{**RELEASE, **change}).release() == released


# ---- licences -----------------------------------------------------------------------------------

LICENCE = {
    "candidate_capability": 1.0,
    "best_on_sale": 1.0,
    "openness": math.log(1.0 / 3.0),
    "openness_behind": math.log(3.0),
    "openness_rivals": 2.0 * math.log(3.0),
    "openness_small": math.log(9.0),
    "rivals_open": 0.0,
}


@pytest.mark.parametrize(
    ("change", "flagship", "small"),
    [
        ({}, 0.25, 0.75),  # 1 to 3, and 3 to 1
        ({"candidate_capability": 2.0}, 0.25, 0.75),  # ahead is as good as level
        ({"candidate_capability": 0.0}, 0.5, 0.9),  # an OOM behind
        ({"candidate_capability": -5.0}, 27.0 / 28.0, 243.0 / 244.0),  # so far behind says no more
        ({"candidate_capability": -500.0}, 27.0 / 28.0, 243.0 / 244.0),
        ({"rivals_open": 0.5}, 0.5, 0.9),
        ({"openness": -1e9}, 0.0, 0.0),
        ({"openness": 1e9}, 1.0, 1.0),
    ],
)
def test_weights_are_open_with_the_chance_of_their_odds(agent_of, change, flagship, small):
    luck = ((np.arange(2_000) + 0.5) / 2_000).tolist()
    labs = agent_of(FrontierLab, **{**LICENCE, **change}, luck_open=luck)
    assert labs.open_flagship().mean() == pytest.approx(flagship, abs=1e-3)
    assert labs.open_small().mean() == pytest.approx(small, abs=1e-3)


@given(odds=st.floats(-9.0, 9.0), more=st.floats(0.0, 9.0), luck=st.floats(0.0, 1.0))
def test_who_opens_the_flagship_opens_the_small_model(agent_of, odds, more, luck):
    change = {"openness": odds, "openness_small": more, "luck_open": luck}
    lab = agent_of(FrontierLab, **{**LICENCE, **change})
    assert lab.open_flagship() <= lab.open_small()


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
    "trade_rivalry": 1.0,
    "rivalry": 1.0,
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
        ({"rivalry": 2.0}, 3.75),
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


TEACHER = {
    "offer_price": 10.0,
    "offer_small_price": 2.0,
    "offer_capability": 1.0,
    "offer_small_capability": 0.4,
    "flagship_access": 0.25,
    "teaching_markup": 1.5,
}


@pytest.mark.parametrize(
    ("change", "price", "capability"),
    [
        ({}, 6.0, 0.55),
        ({"flagship_access": 1.0}, 15.0, 1.0),
        ({"flagship_access": 0.0}, 3.0, 0.4),
        ({"teaching_markup": 1.0}, 4.0, 0.55),
    ],
)
def test_rivals_pay_for_what_they_may_use(agent_of, change, price, capability):
    lab = agent_of(FrontierLab, **{**TEACHER, **change})
    assert lab.lesson_offer() == pytest.approx(price)
    assert lab.lesson_capability() == pytest.approx(capability)


@pytest.mark.parametrize(
    ("target", "rivalry", "margin"),
    [
        (0.5, 1.0, 0.5),  # customers like everybody's
        (0.5, 2.0, 1.0 / 3.0),  # who look at prices
        (0.5, 0.25, 0.8),
        (0.5, 0.0, 0.9),  # no margin beyond that
        (0.0, 2.0, 0.0),
        (-0.2, 0.0, -0.4),
    ],
)
def test_margins_suit_customers_and_the_mean_of_labs(agent_of, target, rivalry, margin):
    lab = agent_of(FrontierLab, margin_target=target, trade_rivalry=1.0, rivalry=rivalry)
    assert lab.margin() == pytest.approx(margin)


def test_defaults_are_those_that_rules_were_designed_for():
    """Serving takes no more hours than the share at which research stops; R&D shares leave data."""
    assert DEFAULTS["rnd_compute_share"] + DEFAULTS["rnd_staff_share"] <= 1.0
    assert DEFAULTS["run_min_months"] <= DEFAULTS["run_max_months"]
