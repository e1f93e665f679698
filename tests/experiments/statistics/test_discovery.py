"""PRIM and the tree against boxes that were planted."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.statistics import prim
from experiments.statistics.discovery import discover, grow
from experiments.statistics.outcomes import Condition
from experiments.statistics.prim import Box, fit
from sim.base.errors import RequestError
from tests.experiments.batches import FakeSweep, fake

WHERE = Condition.read("capability_lag_months > 12")


def planted(columns: int, limits: dict[int, tuple[float, float]]) -> Box:
    box = Box.open(columns)
    for column, (low, high) in limits.items():
        box = box.moved(column, "low", low).moved(column, "high", high)
    return box


def sweep(points: np.ndarray, cases: np.ndarray) -> FakeSweep:
    """The lag is 13 months in cases, else 11."""
    return fake(points, np.where(cases, 13.0, 11.0), "lhs")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("columns", [2, 30])
def test_a_planted_box_is_found(seed: int, columns: int) -> None:
    """On the points it was found with, and on fresh ones."""
    rng = np.random.default_rng(seed)
    points, fresh = rng.random((2_000, columns)), rng.random((10_000, columns))
    low = rng.uniform(0.1, 0.5, 2)
    box = planted(columns, {0: (low[0], low[0] + 0.35), columns - 1: (low[1], low[1] + 0.35)})
    found = discover(sweep(points, box.inside(points)), WHERE)
    assert [limit.path for limit in found.boxes[0].limits] == [
        "labs.path_0",
        f"labs.path_{columns - 1}",
    ]
    assert len(found.boxes) == 1
    assert min(found.together.coverage, found.together.density) >= 0.95
    again = Box.open(columns)
    for column, limit in zip((0, columns - 1), found.boxes[0].limits, strict=True):
        assert limit.low is not None
        assert limit.high is not None
        again = again.moved(column, "low", limit.low).moved(column, "high", limit.high)
    held = fit(again.inside(fresh), box.inside(fresh).astype(float))
    assert min(held.coverage, held.density) >= 0.95


# In some of these the peels pass by column 0, of which cases lie at both ends.
@pytest.mark.parametrize("seed", [0, 11, 20, 28])
def test_two_planted_boxes_are_found(seed: int) -> None:
    points = np.random.default_rng(seed).random((3_000, 8))
    one = planted(8, {0: (-np.inf, 0.35), 1: (-np.inf, 0.35)})
    two = planted(8, {0: (0.7, np.inf), 2: (0.6, np.inf)})
    found = discover(sweep(points, one.inside(points) | two.inside(points)), WHERE)
    assert len(found.boxes) == 2
    assert min(found.together.coverage, found.together.density) >= 0.95
    assert {frozenset(limit.path[-1] for limit in box.limits) for box in found.boxes} == {
        frozenset("01"),
        frozenset("02"),
    }


def test_a_box_that_only_raises_the_odds_is_found_with_its_limits() -> None:
    """0.8 inside, 0.1 outside, seen through five draws a point."""
    rng = np.random.default_rng(4)
    points = rng.random((1_000, 6))
    inside = (points[:, 0] < 0.4) & (points[:, 1] > 0.5)
    cases = rng.random((1_000, 5)) < np.where(inside, 0.8, 0.1)[:, None]
    found = discover(fake(points, np.where(cases, 13.0, 11.0), "lhs"), WHERE)
    first, second = found.boxes[0].limits
    assert (first.low, second.high) == (None, None)
    assert first.high == pytest.approx(0.4, abs=0.03)
    assert second.low == pytest.approx(0.5, abs=0.03)
    assert found.boxes[0].fit.density == pytest.approx(0.8, abs=0.05)
    assert first.quasi_p is not None
    assert first.quasi_p < 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.random((1_000, 8))
    found = discover(sweep(points, rng.random(1_000) < 0.2), WHERE)
    assert all(box.fit.density < 0.4 for box in found.boxes)


def test_a_grid_has_its_limits_between_the_values() -> None:
    points = np.array([[float(a), float(b)] for a in range(6) for b in range(6)])
    found = discover(sweep(points, points[:, 0] >= 4.0), WHERE)
    (limit,) = found.boxes[0].limits
    assert (limit.path, limit.low, limit.high) == ("labs.path_0", 3.5, None)
    assert limit.reach == (0.0, 5.0)


def test_more_density_costs_coverage() -> None:
    """Cases thin out from left to right: dense boxes are narrow."""
    rng = np.random.default_rng(1)
    points = rng.random((2_000, 3))
    batch = sweep(points, rng.random(2_000) < 1.0 - points[:, 0])
    loose, dense = (discover(batch, WHERE, 1, least_density=d).boxes[0] for d in (0.6, 0.85))
    assert dense.fit.density >= 0.85 > loose.fit.density >= 0.6
    assert dense.fit.coverage < loose.fit.coverage
    peels = discover(batch, WHERE).peels
    assert peels[0][0].coverage == 1.0
    assert peels[-1][0].density > peels[0][0].density


def test_the_first_peel_takes_the_side_that_gains_most() -> None:
    """Of 20 points a peel takes one; the only one of the first column that is no case is its
    largest."""
    points = np.column_stack((np.arange(20.0), np.tile((0.0, 1.0), 10)))
    whole, first, *_ = prim.peel(points, np.where(points[:, 0] == 19.0, 0.0, 1.0))
    assert whole.limited == []
    assert (first.high[0], first.low[0], first.limited) == (18.5, -np.inf, [0])


def test_quasi_p_is_the_binomial_tail() -> None:
    """All 4 inside are cases, of 8 points around them half: 0.5 to the fourth power."""
    points = np.arange(8.0)[:, None]
    cases = (points[:, 0] < 4.0).astype(float)
    box = planted(1, {0: (-np.inf, 3.5)})
    assert prim.quasi_p(box, 0, points, cases) == pytest.approx(0.5**4)


def test_the_tree_cuts_where_the_cases_end() -> None:
    points = np.random.default_rng(2).random((1_000, 4))
    leaves = grow(points, (points[:, 2] > 0.7).astype(float))
    assert len(leaves) == 2
    assert sorted(leaf.limited for leaf in leaves) == [[2], [2]]
    assert leaves[0].high[2] == pytest.approx(0.7, abs=0.01)
    assert np.all(np.sum([leaf.inside(points) for leaf in leaves], axis=0) == 1)


def test_conditions_that_tell_nothing_apart_are_refused() -> None:
    points = np.random.default_rng(2).random((50, 2))
    for cases, message in ((np.ones(50), "in every run"), (np.zeros(50), "in no run")):
        with pytest.raises(RequestError, match=message):
            discover(sweep(points, cases), WHERE)


def test_a_run_without_a_number_is_named_and_refused() -> None:
    batch = sweep(np.random.default_rng(2).random((50, 2)), np.arange(50) < 10)
    batch.values[33, 0] = np.nan
    with pytest.raises(RequestError, match="scenario_id 33, replication_id 0"):
        discover(batch, WHERE)


def test_the_text_says_what_the_facts_say() -> None:
    points = np.random.default_rng(3).random((500, 3))
    found = discover(sweep(points, points[:, 1] > 0.6), WHERE)
    text = found.text()
    assert "500 points x 1 replications" not in text
    assert "500 points x 1 replication" in text
    assert f"labs.path_1 above {found.boxes[0].limits[0].low:.3f}" in text
    assert found.facts()["boxes"][0]["limits"][0]["path"] == "labs.path_1"
