"""The emulator against functions that it has to find again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from experiments.statistics.emulator import Emulator


def cube(points: int, columns: int, seed: int) -> np.ndarray:
    return qmc.LatinHypercube(columns, rng=seed).random(points)


def hills(points: np.ndarray) -> np.ndarray:
    return 40.0 + 5.0 * points[:, 0] + 3.0 * np.sin(4.0 * points[:, 1])


def test_it_passes_through_what_was_run() -> None:
    points = cube(40, 3, 1)
    mean, deviation = Emulator(points, hills(points)).at(points)
    assert mean == pytest.approx(hills(points), abs=0.01)
    assert np.all(deviation < 0.05)


def test_it_predicts_what_was_not_run_and_knows_how_well() -> None:
    points, fresh = cube(60, 3, 1), cube(500, 3, 2)
    emulator = Emulator(points, hills(points))
    mean, deviation = emulator.at(fresh)
    errors = mean - hills(fresh)
    assert 1.0 - np.var(errors) / np.var(hills(fresh)) > 0.99
    assert np.mean(np.abs(errors) <= 3.0 * deviation) > 0.9
    assert emulator.skill().explained > 0.98


def test_scatter_is_told_from_the_surface() -> None:
    points = cube(120, 2, 1)
    noise = np.random.default_rng(1).normal(0.0, 0.5, 120)
    emulator = Emulator(points, hills(points) + noise)
    mean, deviation = emulator.at(cube(300, 2, 2))
    assert mean == pytest.approx(hills(cube(300, 2, 2)), abs=0.6)
    assert np.median(deviation) == pytest.approx(0.5, rel=0.25)
    skill = emulator.skill()
    assert skill.error == pytest.approx(0.5, rel=0.25)
    assert skill.within == pytest.approx(0.95, abs=0.05)


def test_leaving_out_is_what_it_says() -> None:
    """The closed form of the error at a point is that of an emulator with the same covariance and
    without the point."""
    points = cube(25, 2, 3)
    emulator = Emulator(points, hills(points))
    process = emulator._process
    covariance = process.kernel_(points - 0.5)
    values = (hills(points) - np.mean(hills(points))) / np.std(hills(points))
    errors = []
    for left in range(25):
        kept = np.arange(25) != left
        weights = np.linalg.solve(covariance[np.ix_(kept, kept)], values[kept])
        errors.append(values[left] - covariance[left, kept] @ weights)
    error = np.std(hills(points)) * np.sqrt(np.mean(np.square(errors)))
    assert emulator.skill().error == pytest.approx(error, rel=1e-3)


def test_a_constant_is_predicted_as_such() -> None:
    points = cube(20, 2, 1)
    mean, _ = Emulator(points, np.full(20, 7.0)).at(cube(10, 2, 2))
    assert mean == pytest.approx(np.full(10, 7.0))
