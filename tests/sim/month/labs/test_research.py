"""Research of the month: tasks, what trains, and jumps that others replicate after their lag."""

import math

import numpy as np
import pytest

from agents.labs.lab import Lab
from agents.labs.lab_ideas import HISTORY
from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.month.labs import research
from sim.opening.opening import open_economy

BASELINE = load_scenario("baseline", months=12)
GAIN = math.log(3.0)


@pytest.fixture
def economy():
    return open_economy(BASELINE, 1, [0, 1])


# ---- hours ---------------------------------------------------------------------------------------


def test_uses_of_hours_add_up_to_what_was_bought(economy):
    labs = economy.labs
    labs.compute_used = np.floor(labs.compute_used) + 7.0
    research.split_hours(economy)
    purposes = ("experiment", "synthetic", "pre_training", "post_training", "agent")
    uses = ("inference", "evaluating", *purposes)
    hours = [labs.columns[f"{use}_hours"] for use in uses]
    assert (sum(hours) == labs.compute_used).all()
    assert min(used.min() for used in hours) >= 0.0
    assert all((used == np.floor(used)).all() for used in hours)


# ---- tasks ---------------------------------------------------------------------------------------


@pytest.fixture
def stocked(economy):
    """OpenAI alone trains on tasks: 600 hours a month at 20 a task, 40 in stock of quality 0.8, and
    wants what lasts three months. Good ones can be made 5 a month, and get half as good if four
    times as many are made; each is made for one."""
    labs, outside = economy.labs, economy.outside
    row = labs.index["openai"]
    labs.post_training_hours = labs.pre_training_hours = labs.tasks = labs.task_quality = 0.0
    labs.post_training_hours[:, row], labs.tasks[:, row] = 600.0, 40.0
    labs.task_quality[:, row] = 0.8
    labs.task_compute, labs.task_cover_months = 20.0, 3.0
    labs.exclusive_share, labs.exclusivity_price = 1.0, 5.0
    outside.task_output, outside.task_output_growth = 12.5, 1.2
    outside.task_quality_start, outside.task_quality_fall = 0.8, 0.5
    return economy


def of_openai(economy, column):
    return economy.labs.columns[column][:, economy.labs.index["openai"]]


def test_the_stock_of_tasks_is_what_was_there_and_bought_less_what_is_used(stocked):
    """50 are bought, four times what can be made well: quality 0.4; then 30 are used."""
    research.buy_tasks(stocked)
    assert of_openai(stocked, "tasks_bought").tolist() == [50.0, 50.0]
    assert of_openai(stocked, "tasks").tolist() == [90.0, 90.0]
    quality = (40.0 * 0.8 + 50.0 * 0.4) / 90.0
    np.testing.assert_allclose(of_openai(stocked, "task_quality"), quality)
    np.testing.assert_allclose(stocked.outside.tasks_made[:, 0], 50.0)
    np.testing.assert_allclose(stocked.outside.task_output[:, 0], 12.5 * math.exp(0.1))
    research.train(stocked)
    assert of_openai(stocked, "tasks").tolist() == [60.0, 60.0]
    assert stocked.labs.tasks.min() >= 0.0


def test_what_others_buy_as_well_is_made_once_for_them(stocked):
    stocked.labs.exclusive_share = 0.0
    research.buy_tasks(stocked)
    np.testing.assert_allclose(stocked.outside.tasks_made[:, 0], 10.0)  # sold five times
    quality = (40.0 * 0.8 + 50.0 * 0.8) / 90.0
    np.testing.assert_allclose(of_openai(stocked, "task_quality"), quality)


def test_an_empty_stock_keeps_the_quality_that_it_had(stocked):
    stocked.labs.tasks = stocked.labs.post_training_hours = 0.0
    research.buy_tasks(stocked)
    np.testing.assert_array_equal(of_openai(stocked, "task_quality"), 0.8)


@pytest.mark.parametrize(("tasks", "useful"), [(40.0, 480.0), (15.0, 240.0), (0.0, 0.0)])
def test_only_hours_that_teach_train_the_model(stocked, tasks, useful):
    """FLOP = useful hours x 3,600 s x peak x utilization; the others are wasted."""
    labs = stocked.labs
    labs.tasks[:, labs.index["openai"]] = tasks
    post, run = (
        stocked.of_slot(column, "training").copy()
        for column in ("post_training_flop", "training_flop")
    )
    research.train(stocked)
    added = stocked.of_slot("post_training_flop", "training") - post
    per_hour = 3600.0 * labs.peak_flop * labs.post_training_utilization
    np.testing.assert_allclose(added[:, labs.index["openai"]], useful * per_hour[:, 0])
    np.testing.assert_allclose(of_openai(stocked, "wasted_hours"), 600.0 - useful)
    np.testing.assert_array_equal(stocked.of_slot("training_flop", "training"), run)


# ---- jumps ---------------------------------------------------------------------------------------


@pytest.fixture
def lucky(economy):
    """Nobody has found anything yet, and nobody finds anything unless a test says so."""
    labs = economy.labs
    labs.paradigm = 0.0
    labs.innovations[:] = 0.0
    labs.jump_rate, labs.jump_gain, labs.breakthrough = 0.5, 3.0, 1.0
    labs.jump_lag_min, labs.jump_lag_max = 1.0, 11.0
    labs.luck_gain = math.exp(-1.0)
    return economy


def months_of(economy, finds, months):
    """Paradigms of labs at work after each month, (months, labs), in the first run; those that wait
    stand last but for hosts. finds: month -> labs with the lags of what they find."""
    labs = economy.labs
    seen = []
    for month in range(months):
        labs.luck_jump, labs.luck_lag = 1.0, 0.5
        for name, lag in finds.get(month, ()):
            row = labs.index[name]
            labs.luck_jump[:, row], labs.luck_lag[:, row] = 0.0, (lag - 1.0) / 10.0
        research.jump(economy)
        seen.append(labs.paradigm[0, labs.alive[0]])
    return np.array(seen)


@pytest.mark.parametrize("lag", [1, 2, 3, 8, 11])
def test_a_jump_is_replicated_by_all_exactly_after_its_lag(lucky, lag):
    paradigm = months_of(lucky, {2: [("openai", lag)]}, 16)
    row = lucky.labs.index["openai"]
    assert not paradigm[:2].any()
    np.testing.assert_allclose(paradigm[2:, row], GAIN)
    others = np.delete(paradigm, row, axis=1)
    assert not others[: 2 + lag].any()
    np.testing.assert_allclose(others[2 + lag :], GAIN)


def test_two_who_find_the_same_apart_have_found_one_thing(lucky):
    """In one month or in two: all others have it once, after the shorter lag, and nobody twice."""
    for second in (0, 1):
        lucky.labs.paradigm = 0.0
        lucky.labs.innovations[:] = 0.0
        finds = {0: [("openai", 4)]}
        finds[second] = [*finds.get(second, []), ("anthropic", 6)]
        paradigm = months_of(lucky, finds, 12)
        np.testing.assert_allclose(paradigm[-1], GAIN)
        np.testing.assert_allclose(paradigm[4], GAIN)
        assert paradigm.max() == pytest.approx(GAIN)


def test_one_who_finds_on_top_of_a_jump_is_followed_to_that_level(lucky):
    paradigm = months_of(lucky, {0: [("openai", 2)], 3: [("mistral", 4)]}, 9)
    row = lucky.labs.index["mistral"]
    np.testing.assert_allclose(paradigm[3, row], 2.0 * GAIN)  # it has replicated the first
    np.testing.assert_allclose(np.delete(paradigm, row, axis=1)[2:7], GAIN)
    np.testing.assert_allclose(paradigm[7:], 2.0 * GAIN)


def test_who_does_no_research_finds_nothing(lucky):
    labs = lucky.labs
    labs.experiment_hours[:, labs.index["openai"]] = 0.0
    assert not months_of(lucky, {0: [("openai", 2)]}, 3).any()


def test_labs_share_the_chance_of_a_jump_by_their_research(lucky):
    labs = lucky.labs
    research.jump(lucky)
    made = labs.decide(Lab.own_research_input)
    np.testing.assert_allclose(total(labs.research_share), 1.0)
    np.testing.assert_allclose(
        labs.research_share[:, 1] * made[:, 0], labs.research_share[:, 0] * made[:, 1]
    )
    assert not labs.research_share[made == 0.0].any() and (made == 0.0).any()


def test_a_lag_beyond_memory_is_as_long_as_memory(lucky):
    lucky.labs.jump_lag_max = 1e6
    paradigm = months_of(lucky, {0: [("openai", 11)]}, HISTORY + 1)
    assert not np.delete(paradigm, lucky.labs.index["openai"], axis=1)[:-1].any()
    np.testing.assert_allclose(paradigm[-1], GAIN)


def test_a_decreed_breakthrough_is_one_labs_and_then_everybodys(lucky):
    labs = lucky.labs
    row = labs.index["xai"]
    labs.breakthrough[:, row] = 9.0
    first = months_of(lucky, {}, 1)[0]
    labs.breakthrough = 1.0
    later = months_of(lucky, {}, 6)
    assert first[row] == pytest.approx(2.0 * GAIN) and not np.delete(first, row).any()
    np.testing.assert_allclose(later[5], 2.0 * GAIN)  # half of the longest lag: 6 months
    assert not np.delete(later[4], row).any()
