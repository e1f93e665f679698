"""The runs behind a tornado and the sample: what differs between them, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.drivers.sample import evenly, moving, outcome, reference_of, sample_plan
from experiments.drivers.tornado import bars, tornado_plan
from experiments.runs.block import run_part
from experiments.runs.distributions import registry_laws, with_exceptions
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_ensemble
from sim.results.files.parts import values_of

MONTHS = 3
SCENARIO = with_exceptions(load_scenario("baseline", months=MONTHS))
LAWS = registry_laws(SCENARIO)
RENT = "rental_price_usd_per_h100e_hour"


def test_all_parameters_at_their_reference_are_the_scenario_bit_for_bit() -> None:
    plan = tornado_plan(SCENARIO, LAWS, ["elsewhere.growth_start"], replications=2, seed=4)
    files = run_part(plan.job(), plan.task(0)).files
    (content,) = files.values()
    values, keys = values_of(content, RENT, MONTHS)
    assert keys == [(row, number) for row in range(3) for number in range(2)]
    usual = run_ensemble(SCENARIO, 2, seed=4).array(RENT)
    np.testing.assert_array_equal(values[:2], usual)
    assert np.all(values[2:, -1] != np.tile(usual, (2, 1))[:, -1])


def test_a_row_of_a_tornado_has_one_parameter_at_an_end() -> None:
    path = "labs.replication_lag"
    plan = tornado_plan(SCENARIO, LAWS, [path], replications=1, seed=1)
    place = plan.paths.index(path)
    reference, low, high = plan.values
    assert reference.tolist() == [reference_of(SCENARIO, name) for name in LAWS]
    assert (low[place], high[place]) == (LAWS[path].low, LAWS[path].high)
    others = np.arange(len(plan.paths)) != place
    np.testing.assert_array_equal(np.vstack([low, high])[:, others], plan.values[[0, 0]][:, others])


def test_bars_are_differences_of_pairs() -> None:
    """Reference 1, 5, 3; the low end takes 1, 2 and 3 off, the high end adds 10, 0 and 20."""
    values = np.array([[1.0, 5.0, 3.0], [0.0, 3.0, 0.0], [11.0, 5.0, 23.0]])
    path = "labs.replication_lag"
    bar = bars(LAWS, [path], values)[path]
    assert (bar.at_low.median, bar.at_high.median) == (-2.0, 10.0)
    assert (bar.low, bar.high) == (LAWS[path].low, LAWS[path].high)


def test_a_sample_repeats_its_first_points_with_other_draws() -> None:
    plan = sample_plan(SCENARIO, LAWS, points=120, seed=1)
    assert plan.values.shape == (220, len(LAWS))
    np.testing.assert_array_equal(plan.values[:100], plan.values[120:])
    tasks = [plan.task(block) for block in range(plan.blocks)]
    draws = [number for task in tasks for number in task.draws]
    assert draws == list(range(220))
    places = [plan.paths.index(path) for path in moving(LAWS)]
    ranks = evenly(plan.values[:120, places])
    assert np.sort(ranks, axis=0) == pytest.approx(
        np.tile((np.arange(120.0) + 0.5)[:, None] / 120.0, (1, len(places)))
    )


def test_runs_of_a_sweep_share_their_draws_unless_each_has_its_own() -> None:
    shared = tornado_plan(SCENARIO, LAWS, ["labs.replication_lag"], replications=2, seed=1)
    assert shared.task(0).draws == (0, 1, 0, 1, 0, 1)
    own = sample_plan(SCENARIO, LAWS, points=100, seed=1)
    assert "draws" not in shared.identity["sweep"]
    assert own.identity["sweep"]["draws"] == "own"


def test_a_metric_is_the_mean_of_the_last_year() -> None:
    assert str(outcome(RENT, load_scenario("baseline"))) == f"mean({RENT}, 2030-01/2030-12)"
    assert outcome(RENT, SCENARIO).window == "2025-01/2025-03"
