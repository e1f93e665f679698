"""Turning points of a verdict: the order in which parameters are looked at and kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agents.framework.columns import Floats
from experiments.drivers import turning_points
from experiments.drivers.conclusions import values_there
from experiments.drivers.one_at_a_time import REFERENCE, Alone, Asked
from experiments.drivers.turning_points import heaviest, ranked, weights
from experiments.runs.designs import latin_hypercube
from experiments.studies import load_study
from experiments.studies.measuring import study_laws
from sim.results.files.manifest import provenance
from tests.experiments.drivers.studies import short_study

ENDS = {path: (0.0, 2.0) for path in "abc"}


class Told(Alone):
    """Whose statistic is known: 3 times a, at the high end only; b by luck; c nothing."""

    def __init__(self) -> None:
        self._known = {}

    def _run(self, asked: Asked, pairs: int) -> Floats:
        luck = np.arange(pairs) % 2 - 0.5
        heights = {"a": lambda x: 3.0 * (x > 1.0), "b": lambda x: 0.0, "c": lambda x: 0.0}
        spreads = {"a": lambda x: float(x > 1.0), "b": lambda x: 10.0 * x, "c": lambda x: 0.0}
        rows = [
            heights[path](value) + spreads[path](value) * luck if path else 0.0 * luck
            for path, value in asked
        ]
        return np.array(rows)


def test_a_weight_is_a_mean_change_less_its_error() -> None:
    """a: 3 at the high end, where pairs differ from the reference by luck of -0.5 and 0.5; b: 20
    times that luck, which has no mean; the standard error of four is half the deviation."""
    alone = Told()
    assert alone.at([REFERENCE], 4).tolist() == [[0.0] * 4]
    deviation = np.std([-0.5, 0.5, -0.5, 0.5], ddof=1)
    made = weights(alone, ["a", "b", "c"], ENDS, 4)
    assert made == pytest.approx([3.0 - deviation / 2.0, 0.0, 0.0], abs=1e-12)
    assert weights(alone, ["a"], ENDS, 4, 2.0) == pytest.approx([3.0 - deviation])
    assert heaviest(alone, ["c", "b", "a"], ENDS, 4)[0] == "a"


def test_parameters_are_ranked_by_their_part_in_the_draws() -> None:
    points = latin_hypercube(300, [f"labs.path_{n}" for n in range(100)], 1)
    design = {str(n): points[:, n] for n in range(100)}
    values = 3.0 * design["7"] + design["3"] + np.random.default_rng(1).normal(0.0, 0.5, 300)
    assert ranked(design, values)[:2] == ["7", "3"]
    values[::10] = np.nan
    assert ranked(design, values)[:2] == ["7", "3"]
    assert ranked(design, np.full(300, np.nan)) == list(design)


def test_a_verdict_turns_on_three_parameters_that_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turning_points, "LOOKED_AT", 4)
    asked = short_study()
    drawn = np.linspace(-1.0, 3.0, 40)
    found = turning_points.turning_points_of(
        "power", asked, turning_points.TurningPointsSize(40, 2), 1, drawn
    )
    assert json.loads(json.dumps(found.facts())) == found.facts() | {
        "hinges": [dict(vars(point)) for point in found.points]
    }
    assert (found.number, found.draws, found.numberless, found.pairs) == (99, 40, 0, 2)
    assert found.held == pytest.approx(0.75)
    paths = {point.path for point in found.points}
    assert len(paths) == 3
    assert paths <= set(study_laws(asked))
    for point in found.points:
        assert point.least <= point.low <= point.value <= point.high <= point.most


# ---- verdicts that are there ---------------------------------------------------------------------


def verdict(folder: Path, **other: object) -> None:
    study = load_study("gulf_stop")
    told = {
        "seed": 1,
        "statistic": study.parts[0].statistic,
        "cases": {name: {"digest": s.digest} for name, s in study.scenarios.items()},
        "package": provenance()["package"],
    }
    (folder / "verdict.json").write_text(json.dumps(told | other))
    lines = ["luck,0,capex,9.0", "registry,0,capex,0.5", "registry,0,labs_more,7.0"]
    lines += ["registry,1,capex,nan"]
    (folder / "values.csv").write_text("\n".join(["of,run,part,value", *lines]))


def test_draws_of_a_verdict_are_not_run_again(tmp_path: Path) -> None:
    verdict(tmp_path)
    values = values_there(tmp_path, load_study("gulf_stop"), 2, 1)
    assert values is not None
    np.testing.assert_array_equal(values, [0.5, np.nan])


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"statistic": "another"},
        {"cases": {"no stop": {"digest": "0"}}},
        {"package": {"name": "drawbridge-sim", "version": "0", "commit": None}},
    ],
)
def test_a_verdict_of_something_else_is_not_taken(tmp_path: Path, other: dict[str, object]) -> None:
    verdict(tmp_path, **other)
    assert values_there(tmp_path, load_study("gulf_stop"), 2, 1) is None


def test_too_few_draws_or_none_are_not_taken(tmp_path: Path) -> None:
    assert values_there(tmp_path, load_study("gulf_stop"), 2, 1) is None
    verdict(tmp_path)
    assert values_there(tmp_path, load_study("gulf_stop"), 3, 1) is None
