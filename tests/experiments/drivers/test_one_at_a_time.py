"""Where an answer turns over: found between values, on either side, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from agents.framework.columns import Floats
from experiments.drivers.one_at_a_time import Alone, Asked, steps, turns
from experiments.studies.study import ExpectedRange
from tests.experiments.drivers.studies import PATH, short_study

POSITIVE = ExpectedRange("more", low=0.0)


def test_steps_go_by_the_registered_range_to_all_that_is_allowed() -> None:
    assert steps(4.0, 2.0, 6.0, 0.5, 9.0) == [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]


def test_steps_over_orders_of_magnitude_are_even_in_the_logarithm() -> None:
    made = steps(1.0, 1.0, 1.0, 0.001, 1000.0)
    assert made == pytest.approx([0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0])


def test_steps_end_where_the_range_ends() -> None:
    assert steps(0.5, 0.0, 1.0, 0.0, 1.0) == [0.0, 0.25, 0.5, 0.75, 1.0]


def walk_of(statistic: dict[str, object], told: list[int] | None = None) -> object:
    def walk(asked: Asked) -> Floats:
        if told is not None:
            told.append(len(asked))
        return np.array([statistic[path](value) for path, value in asked])  # type: ignore[operator]

    return walk


def found(function: object, grid: list[float], reference: float) -> tuple[float | None, ...]:
    walk = walk_of({"a": function})
    usual = function(reference)  # type: ignore[operator]
    return turns({"a": grid}, {"a": reference}, usual, POSITIVE, walk)["a"]  # type: ignore[arg-type]


def test_an_answer_turns_over_at_the_root_of_its_statistic() -> None:
    below, above = found(lambda x: 3.3 - x, [0.0, 1.0, 2.0, 4.0, 8.0], 1.0)
    assert below is None
    assert above == pytest.approx(3.3, abs=2.0 / 4**2 / 2.0)


def test_the_nearest_turn_counts_on_either_side() -> None:
    below, above = found(lambda x: float(np.cos(np.pi * x)), [-4.0, -1.0, 0.0, 1.0, 4.0], 0.0)
    assert below == pytest.approx(-0.5, abs=0.04)
    assert above == pytest.approx(0.5, abs=0.04)


def test_where_the_sources_are_contradicted_it_turns_over_to_agree() -> None:
    assert found(lambda x: x - 1.0, [-2.0, 0.0, 2.0], 0.0) == (None, pytest.approx(1.0, abs=0.07))


def test_no_turn_is_seen_beyond_a_value_without_a_number() -> None:
    assert found(lambda x: np.nan if x == 2.0 else 1.5 - x, [0.0, 1.0, 2.0, 3.0], 0.0) == (
        None,
        None,
    )


def test_all_parameters_are_asked_together() -> None:
    told: list[int] = []
    walk = walk_of({"a": lambda x: 1.5 - x, "b": lambda x: x + 9.0}, told)
    grids = {"a": [0.0, 1.0, 2.0], "b": [0.0, 1.0]}
    made = turns(grids, {"a": 0.0, "b": 0.0}, 1.5, POSITIVE, walk)  # type: ignore[arg-type]
    assert made["b"] == (None, None)
    assert told == [3, 3, 3]


# ---- runs ----------------------------------------------------------------------------------------


def test_a_parameter_at_its_reference_moves_nothing_and_pairs_share_draws() -> None:
    alone = Alone(short_study(), [PATH, "regions.new_power_growth"], seed=1)
    values = alone.at([("", 0.0), (PATH, alone.reference[PATH])], 2)
    np.testing.assert_array_equal(values[0], values[1])


def test_nothing_is_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Alone(short_study(), [PATH], seed=1)
    ran: list[int] = []

    def run(asked: Asked, pairs: int) -> Floats:
        ran.append(len(asked))
        return np.zeros((len(asked), pairs))

    monkeypatch.setattr(alone, "_run", run)
    alone.at([(PATH, 3.0), (PATH, 4.0), (PATH, 3.0)], 2)
    alone.at([(PATH, 4.0), (PATH, 5.0)], 2)
    assert alone.at([(PATH, 3.0)], 2).shape == (1, 2)
    assert ran == [2, 1]
