"""Allocation of research: hours over their uses, effort and test-time compute, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.lab import FrontierLab

# ---- the split of research -----------------------------------------------------------------------

SPLIT = {
    "size_elasticity": 0.5,
    "cost_share": 0.4,
    "value_per_oom": math.log(10.0),
    "scale_elasticity": 1.4,
    "post_training_elasticity": 0.3,
    "software": 1.0,
    "ideas_get_harder": 0.5,
    "software_growth": 1.2,
    "software_growth_max": 9.0,
    "research_returns": 0.5,
    "idea_life": 50.0,
    "compute_in_research": 0.6,
    "synthetic_in_research": 0.1,
    "synthetic_share": 0.1,
    "experiment_hours": 90.0,
    "synthetic_hours": 10.0,
    "staff": 7.0,
    "reference_hours": 100.0,
    "reference_staff": 7.0,
    "compute_used": 150.0,
    "inference_hours": 50.0,
    "task_burden": 0.0,
    "agent_hours": 0.0,
    "worker_hours": 6.0,
    "offer_capability": 0.0,
    "automation_max": 0.0,
    "automation_start": 0.5,
    "automation_slope": 1.0,
}
AGENTS = {"automation_max": 0.5}
"""Models can do a quarter of the work: 7 people employ 7/3 digital ones, of 6 hours a month."""


def test_an_hour_returns_as_much_in_every_use(agent_of):
    """By hand: input 1, so ideas grow by 0.1 a month, worth 0.1 x 50 x 0.5 x 0.6 = 1.5; runs 1.4
    less 0.5 x 0.4 x ln 10 / ln 10 = 1.2; post-training 0.3. Shares are these over their sum, 3."""
    split = agent_of(FrontierLab, **SPLIT).split_research()
    assert split.experiments == pytest.approx(1.5 * 0.9 / 3.0)
    assert split.synthetic_data == pytest.approx(1.5 * 0.1 / 3.0)
    assert split.pre_training == pytest.approx(1.2 / 3.0)
    assert split.post_training == pytest.approx(0.3 / 3.0)
    assert split.agents == 0.0


def test_tasks_that_cost_as_much_as_twice_their_hours_leave_a_third_of_post_training(agent_of):
    split = agent_of(FrontierLab, **{**SPLIT, "task_burden": 2.0}).split_research()
    assert split.post_training == pytest.approx(0.1 / 2.8)
    assert split.pre_training == pytest.approx(1.2 / 2.8)


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({}, 0.14),  # 14 hours of 100 are all that people can employ
        ({"worker_hours": 60.0}, 0.25),  # labour's part of ideas, 0.1 x 50 x 0.5 x 0.4 = 1, of 4
        ({"staff": 0.0}, 0.0),
        ({"automation_max": 0.0}, 0.0),
        ({"offer_capability": -500.0}, 0.0),  # models that can do nothing
    ],
)
def test_digital_researchers_get_labours_part_as_far_as_people_can_employ_them(
    agent_of, change, share
):
    """The other uses share what is left as they would without."""
    columns = {**SPLIT, **AGENTS, **change}
    split = agent_of(FrontierLab, **columns).split_research()
    assert split.agents == pytest.approx(share)
    alone = agent_of(FrontierLab, **{**columns, "automation_max": 0.0}).split_research()
    np.testing.assert_allclose(split[:4], (1.0 - share) * np.array(alone[:4]))


@pytest.mark.parametrize(
    ("column", "more", "use", "rises"),
    [
        ("idea_life", 80.0, "experiments", True),  # ideas that last are worth more experiments
        ("software", 4.0, "experiments", False),  # ideas get harder
        ("cost_share", 0.9, "pre_training", False),  # a large model costs more to serve
        ("scale_elasticity", 1.6, "pre_training", True),
        ("value_per_oom", 5.0, "pre_training", True),
        ("post_training_elasticity", 0.5, "post_training", True),
        ("synthetic_share", 0.2, "synthetic_data", True),
    ],
)
def test_hours_move_to_what_pays_more(agent_of, column, more, use, rises):
    before = getattr(agent_of(FrontierLab, **SPLIT).split_research(), use)
    after = getattr(agent_of(FrontierLab, **{**SPLIT, column: more}).split_research(), use)
    assert (after > before) if rises else (after < before)


@given(
    cost=st.floats(0.0, 2.0),
    software=st.floats(0.01, 1e6),
    hours=st.floats(0.0, 1e10),
    life=st.floats(1.0, 600.0),
    post=st.floats(0.0, 2.0),
    models=st.floats(0.0, 0.99),
)
def test_shares_add_up_to_one_and_none_is_imposed(
    agent_of, cost, software, hours, life, post, models
):
    """The share of final runs goes anywhere between nothing and nearly all."""
    change = {
        "cost_share": cost,
        "software": software,
        "experiment_hours": hours,
        "idea_life": life,
        "post_training_elasticity": post,
        "automation_max": models,
    }
    split = agent_of(FrontierLab, **{**SPLIT, **change}).split_research()
    total = sum(split)
    assert min(split) >= 0.0
    assert total == pytest.approx(1.0) or total == 0.0
    assert total > 0.0 or post == 0.0


def test_the_share_of_final_runs_follows_from_returns_alone(agent_of):
    def runs(**change):
        split = agent_of(FrontierLab, **{**SPLIT, **change}).split_research()
        return split.pre_training + split.post_training

    assert runs(idea_life=1.0) > 0.95
    assert runs(software_growth=10.0, idea_life=600.0) < 0.05


def test_a_lab_without_experiments_weighs_what_its_first_would_bring(agent_of):
    """One per cent of 100 research hours: 0.01^(0.6 x 0.5) of the growth that all 100 bring."""
    idle = {"experiment_hours": 0.0, "synthetic_hours": 0.0}
    split = agent_of(FrontierLab, **{**SPLIT, **idle}).split_research()
    ideas = 1.5 * 0.01 ** (0.6 * 0.5)
    assert split.experiments == pytest.approx(0.9 * ideas / (1.5 + ideas))
    assert agent_of(FrontierLab, **{**SPLIT, **idle}).idea_growth() == 0.0


def test_where_nothing_pays_nothing_is_split(agent_of):
    useless = {"scale_elasticity": 0.1, "post_training_elasticity": 0.0, "software_growth": 0.0}
    split = agent_of(FrontierLab, **{**SPLIT, **useless}).split_research()
    assert tuple(split) == (0.0, 0.0, 0.0, 0.0, 0.0)


# ---- test-time compute ---------------------------------------------------------------------------

THINKING = {
    "value_per_oom": math.log(10.0),
    "thinking_elasticity": 0.3,
    "cost_share": 0.4,
    "thinking_share": 0.1,
    "thinking_max": 100.0,
}


@pytest.mark.parametrize(
    ("change", "best"),
    [
        ({}, 27.0),  # 0.3 / 0.4 = 0.75 of serving cost: 0.1 t / (0.9 + 0.1 t) = 0.75
        ({"thinking_max": 8.0}, 8.0),
        ({"cost_share": 0.6}, 9.0),  # half
        ({"cost_share": 2.0}, 0.15 * 0.9 / (0.85 * 0.1)),
        ({"thinking_elasticity": 0.01}, 1.0),  # no less than none
        ({"cost_share": 0.3}, 100.0),  # worth more than all that serving costs
        ({"thinking_share": 0.5}, 3.0),
    ],
)
def test_test_time_compute_by_hand(agent_of, change, best):
    assert agent_of(FrontierLab, **{**THINKING, **change}).choose_thinking() == pytest.approx(best)


@given(
    elasticity=st.floats(0.01, 0.5),
    cost=st.floats(0.1, 2.0),
    hard=st.floats(0.02, 0.9),
    value=st.floats(0.5, 3.0),
)
def test_one_more_unit_of_thinking_returns_what_it_costs(agent_of, elasticity, cost, hard, value):
    """Around the choice t*, revenue goes with t^a and serving cost with 1 + h (t - 1): profit, in
    revenue at the choice, does not move with a small change of t."""
    change = {"thinking_elasticity": elasticity, "cost_share": cost, "thinking_share": hard}
    columns = {**THINKING, **change, "value_per_oom": value, "thinking_max": 1e12}
    best = float(agent_of(FrontierLab, **columns).choose_thinking())
    gain = value * elasticity / math.log(10.0)

    def profit(times):
        burden = (1.0 + hard * (times * best - 1.0)) / (1.0 + hard * (best - 1.0))
        return times**gain - cost * burden

    slope = (profit(1.0 + 1e-5) - profit(1.0 - 1e-5)) / 2e-5
    assert slope == pytest.approx(0.0, abs=1e-6) or (best == 1.0 and slope < 0.0) or gain >= cost


# ---- serving and effort --------------------------------------------------------------------------

SERVING = {
    "serving_efficiency": 1.0,
    "best_serving": 1.0,
    "serving_spillover_rate": 0.05,
    "cost_effort": 0.3,
    "reference_effort": 0.3,
    "serving_gets_harder": 0.5,
    "serving_returns": 0.5,
    "serving_progress": 1.2,
}


@pytest.mark.parametrize(
    ("change", "growth"),
    [
        ({}, 0.1),
        ({"serving_efficiency": 4.0}, 0.05),
        ({"cost_effort": 0.6}, 0.1 * math.sqrt(2.0)),
        ({"cost_effort": 0.0}, 0.0),
        ({"best_serving": math.e}, 0.1 + 0.05),
        ({"best_serving": 0.1}, 0.1),
    ],
)
def test_serving_improves_with_effort_and_gets_harder(agent_of, change, growth):
    columns = {**SERVING, **change}
    after = agent_of(FrontierLab, **columns).improve_serving()
    assert after == pytest.approx(columns["serving_efficiency"] * math.exp(growth))


EFFORT = {
    **SPLIT,
    "serving_progress": 1.2,
    "serving_returns": 0.5,
    "serving_spillover_rate": 0.05,
    "spillover_rate": 0.2,
    "idea_life": 20.0,
}


def kept(exposure):
    return (1.0 - math.exp(-exposure)) / exposure


def test_effort_equals_returns_on_cost_and_on_value(agent_of):
    """By hand: a unit on cost saves 0.4 x 0.1 x 0.5 = 0.02, kept as far as efficiency is not copied
    in 20 months (20 x 0.05 = 1); one on value raises 0.1 x 0.5 x 0.6 = 0.03, kept over 20 x 0.2."""
    saving, raising = 0.02 * kept(1.0), 0.03 * kept(4.0)
    effort = agent_of(FrontierLab, **EFFORT).choose_effort()
    assert effort == pytest.approx(saving / (saving + raising))


@pytest.mark.parametrize(
    ("column", "more", "rises"),
    [
        ("cost_share", 0.8, True),  # the larger the bill, the more is saved on it
        ("spillover_rate", 0.3, True),  # ideas leak: the drawbridge falls, the fence stands
        ("spillover_rate", 0.02, False),  # ideas are copied slower
        ("serving_spillover_rate", 0.3, False),
        ("serving_progress", 2.0, True),
        ("value_per_oom", 5.0, False),
        ("software_growth", 3.0, False),
    ],
)
def test_effort_moves_to_what_pays_longer(agent_of, column, more, rises):
    before = agent_of(FrontierLab, **EFFORT).choose_effort()
    after = agent_of(FrontierLab, **{**EFFORT, column: more}).choose_effort()
    assert (after > before) if rises else (after < before)


@given(cost=st.floats(0.0, 2.0), copied=st.floats(0.0, 1.0), progress=st.floats(0.0, 5.0))
def test_some_effort_stays_on_either(agent_of, cost, copied, progress):
    change = {"cost_share": cost, "spillover_rate": copied, "serving_progress": progress}
    assert 0.05 <= agent_of(FrontierLab, **{**EFFORT, **change}).choose_effort() <= 0.95
