from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from experiments.runs.designs import SAMPLERS, STEP, rows_of, sample
from experiments.runs.distributions import Law
from sim.results.files.parts import design_hash

PATHS = ("a.x", "b.y", "c.z")
EVEN = {path: Law("uniform", 0.0, 1.0) for path in PATHS}


# ---- laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "units", "values"),
    [
        (Law("uniform", 2.0, 4.0), [0.0, 0.25, 1.0], [2.0, 2.5, 4.0]),
        (Law("loguniform", 1.0, 100.0), [0.0, 0.5, 1.0], [1.0, 10.0, 100.0]),
        # Rising half: 4 sqrt(0.25 x 0.25) = 1 of a width of 4; falling: 4 - 4 sqrt(0.25 x 0.75).
        (Law("triangular", 0.0, 4.0, 1.0), [0.0, 0.25, 1.0], [0.0, 1.0, 4.0]),
        (Law("triangular", 0.0, 4.0, 1.0), [0.75], [4.0 - 4.0 * math.sqrt(0.1875)]),
        (Law("triangular", 1.0, 3.0, 1.0), [0.0, 0.75], [1.0, 2.0]),
        (Law("triangular", 1.0, 3.0, 3.0), [0.25, 1.0], [2.0, 3.0]),
        (Law("whole", 3.0, 6.0), [0.0, 0.2499, 0.25, 0.999, 1.0], [3.0, 3.0, 4.0, 6.0, 6.0]),
    ],
)
def test_quantiles(law: Law, units: list[float], values: list[float]) -> None:
    assert law.at(np.array(units)) == pytest.approx(values, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", ["uniform", "loguniform", "triangular", "whole"])
def test_laws_stay_in_their_range_and_rise(kind: Any) -> None:
    law = Law(kind, 1.0, 7.0, 2.5)
    values = law.at(np.linspace(0.0, 1.0, 1001))
    assert values[[0, -1]] == pytest.approx([1.0, 7.0])
    assert values.min() >= 1.0
    assert values.max() <= 7.0
    assert (np.diff(values) >= 0.0).all()


# ---- designs -------------------------------------------------------------------------------------


def test_a_grid_is_every_combination_the_last_path_fastest() -> None:
    laws = {
        "a.x": Law("values", 0, 2, values=(2.0, 0.0)),
        "b.y": Law("values", 1, 3, values=(1, 3)),
    }
    assert sample("grid", 0, laws, 1).tolist() == [[2, 1], [2, 3], [0, 1], [0, 3]]


def test_latin_hypercube_has_one_point_in_every_slice() -> None:
    design = sample("lhs", 50, EVEN, 1)
    for column in design.T:
        assert sorted(np.floor(column * 50).astype(int)) == list(range(50))


def test_monte_carlo_is_spread_evenly() -> None:
    design = sample("monte_carlo", 4000, EVEN, 1)
    assert design.mean(axis=0) == pytest.approx(0.5, abs=0.02)
    assert np.abs(np.corrcoef(design.T) - np.eye(3)).max() < 0.05


def test_a_sobol_design_has_the_layout_of_saltelli() -> None:
    design = sample("sobol", 64, EVEN, 1).reshape(64, 5, 3)
    a, b = design[:, 0], design[:, -1]
    for j in range(3):
        mixed = a.copy()
        mixed[:, j] = b[:, j]
        assert np.array_equal(design[:, 1 + j], mixed)
    for column in np.hstack([a, b]).T:  # each slice of a power of two holds as many points
        assert np.bincount(np.floor(column * 64).astype(int)).tolist() == [1] * 64


def test_sobol_points_are_more_even_than_random_ones() -> None:
    """Mean of a product of all six coordinates, 1/64 each, over 256 points."""

    def gap(points: np.ndarray) -> float:
        return abs(float(points.prod(axis=1).mean()) - 1.0 / 64.0)

    halves = [SAMPLERS["sobol"](256, PATHS, s).reshape(256, 5, 3) for s in range(20)]
    quasi = [gap(np.hstack([d[:, 0], d[:, -1]])) for d in halves]
    names = tuple("abcdef")
    random = [gap(SAMPLERS["monte_carlo"](256, names, s)) for s in range(20)]
    assert np.mean(quasi) < 0.4 * np.mean(random)


def test_morris_trajectories_move_one_path_at_a_time() -> None:
    design = sample("morris", 200, EVEN, 1).reshape(200, 4, 3)
    steps = np.diff(design, axis=1)
    assert ((np.abs(steps) > 1e-9).sum(axis=2) == 1).all()
    assert ((np.abs(steps) > 1e-9).sum(axis=1) == 1).all()
    assert np.abs(steps).max(axis=2) == pytest.approx(STEP)
    assert 0.4 < (steps.sum(axis=(1, 2)) > 0).mean() < 0.6
    assert np.allclose(design * 3.0, np.round(design * 3.0))
    assert design.min() >= 0.0
    assert design.max() <= 1.0


@pytest.mark.parametrize("design", list(SAMPLERS))
def test_designs_have_the_rows_they_announce_and_depend_on_the_seed(design: str) -> None:
    first, again, other = (sample(design, 16, EVEN, seed) for seed in (1, 1, 2))
    assert first.shape == (rows_of(design, 16, 3), 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first >= 0.0).all()
    assert (first <= 1.0).all()


@pytest.mark.parametrize("design", ["lhs", "monte_carlo"])
def test_another_path_changes_no_column(design: str) -> None:
    fewer = {path: EVEN[path] for path in PATHS[1:]}
    assert np.array_equal(sample(design, 16, EVEN, 1)[:, 1:], sample(design, 16, fewer, 1))


def test_the_hash_knows_paths_and_every_bit() -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    nudged = values.copy()
    nudged[1, 1] = np.nextafter(4.0, 5.0)
    marks = {
        design_hash(["a", "b"], values),
        design_hash(["b", "a"], values),
        design_hash(["a", "b"], nudged),
        design_hash(["a", "b"], values.T),
    }
    assert len(marks) == 4
    assert design_hash(["a", "b"], values.T) == design_hash(["a", "b"], values.T.copy())
