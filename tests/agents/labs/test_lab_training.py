"""Training in a lab: tasks, lessons, runs and sizes, rule by rule and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.lab import ComputePoorLab, FrontierLab
from agents.labs.lab_training import REFERENCE_FLOP

# ---- tasks for reinforcement learning ------------------------------------------------------------

TASKS = {
    "task_price": 100.0,
    "exclusive_share": 0.25,
    "exclusivity_price": 5.0,
    "post_training_hours": 600.0,
    "task_compute": 20.0,
    "task_cover_months": 3.0,
    "tasks": 40.0,
    "task_quality": 0.8,
}


@pytest.mark.parametrize(
    ("change", "cost", "made"),
    [
        ({}, 200.0, 0.4),  # a quarter at 500; the others are sold to five
        ({"exclusive_share": 0.0}, 100.0, 0.2),
        ({"exclusive_share": 1.0}, 500.0, 1.0),
        ({"exclusivity_price": 1.0}, 100.0, 1.0),
    ],
)
def test_a_task_for_oneself_costs_more_and_is_made_for_one(agent_of, change, cost, made):
    lab = agent_of(FrontierLab, **{**TASKS, **change})
    assert lab.task_cost() == pytest.approx(cost)
    assert lab.task_produce() == pytest.approx(made)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, 50.0),  # 30 a month for three months, less 40
        ({"tasks": 0.0}, 90.0),
        ({"tasks": 99.0}, 0.0),
        ({"post_training_hours": 0.0}, 0.0),
        ({"task_compute": 10.0}, 140.0),
    ],
)
def test_the_stock_of_tasks_is_filled_up_to_its_cover(agent_of, change, wanted):
    assert agent_of(FrontierLab, **{**TASKS, **change}).want_tasks() == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("change", "useful"),
    [
        ({}, 0.8),  # tasks for 800 hours of 600
        ({"tasks": 15.0}, 0.4),  # for half of them
        ({"tasks": 0.0}, 0.0),
        ({"task_quality": 0.0}, 0.0),
        ({"post_training_hours": 0.0}, 0.0),
    ],
)
def test_hours_teach_as_far_as_there_are_good_tasks(agent_of, change, useful):
    assert agent_of(FrontierLab, **{**TASKS, **change}).useful_share() == pytest.approx(useful)


PASSING = {"pass_rate_min": 0.1, "pass_rate_max": 0.9, "pass_rate_slope": 1.0}


@pytest.mark.parametrize(
    ("progress", "change", "outgrown"),
    [
        (0.0, {}, 0.0),
        (math.log(9.0), {}, 0.5),  # the window is 2 ln 9 wide
        (9.0, {}, 1.0),
        (math.log(9.0) / 2.0, {"pass_rate_slope": 2.0}, 0.5),
        (math.log(2.0), {"pass_rate_min": 1.0 / 3.0, "pass_rate_max": 2.0 / 3.0}, 0.5),
    ],
)
def test_better_models_outgrow_tasks(agent_of, progress, change, outgrown):
    lab = agent_of(FrontierLab, **{**PASSING, **change}, progress=progress)
    assert lab.outgrow_tasks() == pytest.approx(outgrown)


# ---- runs ----------------------------------------------------------------------------------------

RUN = {
    "scale_elasticity": 1.4,
    "post_training_elasticity": 0.3,
    "thinking_elasticity": 0.5,
    "size_elasticity": 0.5,
    "run_flop": REFERENCE_FLOP,
    "run_post_flop": 0.1 * REFERENCE_FLOP,
    "initial_post_training": 0.1,
    "thinking": 4.0,
    "initial_thinking": 4.0,
    "thinking_share": 0.1,
    "software": 1.0,
    "paradigm": 0.0,
    "reference_flop_per_token": 3e11,
    "distillation_gain": 4.0,
    "distillation_gain_narrow": 100.0,
    "distillation_size_limit": 0.1,
    "lesson_tokens": 1e9,
    "teacher_margin": 0.1,
    "benchmark_narrowness": 0.3,
    "lessons": 0.0,
    "taught_by": 0.0,
    "taught_size": 0.0,
}


@pytest.mark.parametrize(
    ("change", "capability"),
    [
        ({}, 0.0),  # the reference counts as zero
        ({"run_flop": 10 * REFERENCE_FLOP, "run_post_flop": REFERENCE_FLOP}, 1.4),
        ({"run_post_flop": REFERENCE_FLOP}, 0.3),
        ({"software": 100.0}, 2.0),
        ({"paradigm": math.log(10.0)}, 1.0),
        ({"thinking": 40.0}, 0.5),
        ({"thinking": 1.0}, 0.5 * math.log10(0.25)),
        ({"run_post_flop": 0.0}, -0.9),  # a thousandth at least
    ],
)
def test_capability_counts_orders_of_magnitude(agent_of, change, capability):
    lab = agent_of(FrontierLab, **{**RUN, **change})
    assert lab.own_capability() == pytest.approx(capability)
    assert lab.capability_of_run() == pytest.approx(capability)
    assert lab.taught_in_run() == lab.inflation_of_run() == 0.0


def test_a_run_that_has_not_begun_is_no_model(agent_of):
    assert agent_of(FrontierLab, **{**RUN, "run_flop": 0.0}).own_capability() < -10.0


@pytest.mark.parametrize(
    ("thinking", "burden"),
    [(4.0, 1.0), (1.0, 1.0 / 1.3), (27.0, 3.6 / 1.3)],
)
def test_longer_thinking_on_a_tenth_of_tokens_costs_more_to_serve(agent_of, thinking, burden):
    lab = agent_of(FrontierLab, **{**RUN, "thinking": thinking})
    assert lab.thinking_burden() == pytest.approx(burden)
    assert lab.size_of_run() == pytest.approx(3e11 * burden)


@pytest.mark.parametrize(
    ("flop", "size"),
    [(REFERENCE_FLOP, 3e11), (100 * REFERENCE_FLOP, 3e12), (REFERENCE_FLOP / 4, 1.5e11)],
)
def test_a_larger_run_makes_a_larger_model(agent_of, flop, size):
    lab = agent_of(FrontierLab, **{**RUN, "run_flop": flop})
    assert lab.size_of_run() == pytest.approx(size)
    assert lab.flop_of_run() == flop


@pytest.mark.parametrize(("coding", "focus"), [(0.3, 0.3), (0.0, 0.05), (1.0, 0.95)])
def test_training_follows_the_tasks_that_pay(agent_of, coding, focus):
    assert agent_of(FrontierLab, coding_revenue=coding).choose_focus() == focus


# ---- lessons -------------------------------------------------------------------------------------

TAUGHT = {**RUN, "lessons": 1e9, "taught_by": 2.0, "taught_size": 3e11}
"""A full lesson of teachers two OOM ahead, of models of the run's own size."""


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({}, 1.0),
        ({"lessons": 5e8}, 0.5),
        ({"lessons": 9e9}, 1.0),
        ({"lessons": 0.0, "taught_size": 0.0}, 0.0),
        ({"taught_size": 3e12}, 1.0),  # a tenth of the teacher's size is enough
        ({"taught_size": 6e12}, 0.5),  # a twentieth holds half
        ({"taught_size": 6e12, "lessons": 5e8}, 0.25),
    ],
)
def test_lessons_count_by_their_tokens_and_by_what_the_model_holds(agent_of, change, share):
    assert agent_of(ComputePoorLab, **{**TAUGHT, **change}).lesson_share() == pytest.approx(share)


GAIN, NARROW = math.log10(4.0), 2.0


@pytest.mark.parametrize(
    ("change", "taught", "inflation"),
    [
        ({}, GAIN, 0.3 * (NARROW - GAIN)),
        ({"lessons": 5e8}, GAIN / 2.0, 0.3 * (1.0 - GAIN / 2.0)),
        ({"taught_by": 0.5}, 0.4, 0.3 * 0.1),  # the margin binds; benchmarks see the teacher's
        ({"taught_by": 0.05}, 0.0, 0.3 * 0.05),
        ({"taught_by": -1.0}, 0.0, 0.0),  # who is ahead learns nothing and loses nothing
        ({"distillation_gain": 1.0}, 0.0, 0.0),
        ({"benchmark_narrowness": 0.0}, GAIN, 0.0),
        ({"distillation_gain_narrow": 4.0}, GAIN, 0.0),
        ({"distillation_gain_narrow": 1.0}, GAIN, 0.0),
    ],
)
def test_lessons_raise_capability_below_the_teachers_and_benchmarks_more(
    agent_of, change, taught, inflation
):
    lab = agent_of(ComputePoorLab, **{**TAUGHT, **change})
    assert lab.own_capability() == pytest.approx(0.0)
    assert lab.capability_of_run() == pytest.approx(taught)
    assert lab.taught_in_run() == pytest.approx(taught)
    assert lab.inflation_of_run() == pytest.approx(inflation)


@given(
    software=st.floats(0.01, 100.0),
    teacher=st.floats(-3.0, 6.0),
    gain=st.floats(1.0, 1000.0),
    margin=st.floats(0.0, 2.0),
    lessons=st.floats(0.0, 1e10),
    size=st.floats(1e9, 1e14),
)
def test_only_own_work_passes_the_teacher(agent_of, software, teacher, gain, margin, lessons, size):
    change = {
        "software": software,
        "taught_by": teacher,
        "distillation_gain": gain,
        "teacher_margin": margin,
        "lessons": lessons,
        "taught_size": size,
    }
    lab = agent_of(ComputePoorLab, **{**TAUGHT, **change})
    own, reached = lab.own_capability(), lab.capability_of_run()
    assert own <= reached <= own + math.log10(gain) + 1e-9
    assert reached <= max(own, teacher - margin) + 1e-9
    assert 0.0 <= lab.inflation_of_run() <= 0.3 * max(teacher - reached, 0.0) + 1e-9


STUDENT = {
    **RUN,
    "run_min_months": 4.0,
    "pre_training_hours": 1000.0,
    "hour_price": 2.0,
    "lesson_price": 8.0,
    "teacher_capability": 0.5,
    "open_capability": -1.0,
}


@pytest.mark.parametrize(
    ("change", "tokens"),
    [
        ({}, 2.5e8),  # 8,000 USD save 3 x 8,000 of training
        ({"lesson_price": 24.0}, 2.5e8),
        ({"lesson_price": 48.0}, 1.25e8),  # half of it is worth the money
        ({"lesson_price": 0.0, "teacher_capability": -99.0}, 0.0),  # nobody sells
        ({"lesson_price": 0.0}, 2.5e8),  # for nothing
        ({"pre_training_hours": 0.0}, 0.0),
        ({"distillation_gain": 1.0}, 0.0),
        ({"lessons": 9e8}, 1e8),  # what is missing for a full lesson
        ({"lessons": 2e9}, 0.0),
        ({"teacher_capability": 0.1}, 0.0),  # not ahead by the margin
        ({"teacher_capability": -99.0}, 0.0),
        ({"open_capability": 0.45}, 0.0),  # as good for nothing
        ({"software": 10.0}, 0.0),  # better by own work
    ],
)
def test_lessons_are_bought_where_they_are_ahead_and_worth_their_price(agent_of, change, tokens):
    lab = agent_of(ComputePoorLab, **{**STUDENT, **change})
    assert lab.want_lessons() == pytest.approx(tokens)


@pytest.mark.parametrize(
    ("change", "tokens"),
    [
        ({"open_capability": 0.5}, 2.5e8),
        ({"open_capability": 0.1}, 0.0),
        ({"open_capability": 0.5, "lessons": 9e8}, 1e8),
        ({"open_capability": 0.5, "distillation_gain": 1.0}, 0.0),
        ({"open_capability": -99.0}, 0.0),
        ({"open_capability": 0.5, "run_flop": 0.0}, 0.0),  # nothing to teach yet
    ],
)
def test_open_models_that_are_ahead_are_studied(agent_of, change, tokens):
    lab = agent_of(ComputePoorLab, **{**STUDENT, **change})
    assert lab.study_open_models() == pytest.approx(tokens)


# ---- sizes ---------------------------------------------------------------------------------------

LESS = {
    "offer_capability": 2.0,
    "offer_price": 10.0,
    "scale_elasticity": 1.0,
    "small_teaching": 4.0,
    "size_elasticity": 0.5,
    "distillation_size_limit": 0.02,
}


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        (2.0, 0.5),  # a quarter of the training, for what the flagship teaches
        (1.0, 0.5 / math.sqrt(10.0)),
        (0.0, 0.05),
        (-2.0, 0.02),  # no smaller than what it is taught
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


def test_a_small_model_is_sold_at_the_same_margin(agent_of):
    """Its list price is the flagship's times its size, as its cost is."""
    labs = agent_of(FrontierLab, **LESS, asked_capability=np.array([2.0, 1.0, 0.0]))
    np.testing.assert_allclose(labs.price_for_less(), 10.0 * labs.size_for_less())
