"""Sparse polynomial chaos: known indices among three hundred inputs that do nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agents.framework.columns import Floats
from experiments.runs.designs import latin_hypercube
from experiments.statistics.polynomial_chaos import column, expand, fit, legendre
from tests.experiments.batches import (
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    ishigami,
    sobol_g,
    sobol_g_indices,
)

INPUTS = 305


def cube(points: int, seed: int = 1, inputs: int = INPUTS) -> Floats:
    return latin_hypercube(points, [f"labs.path_{n}" for n in range(inputs)], seed)


def noise(points: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(points)


def test_polynomials_are_orthonormal() -> None:
    roots, weights = np.polynomial.legendre.leggauss(12)
    made = legendre((roots + 1.0) / 2.0, 8)
    assert (made * weights / 2.0) @ made.T == pytest.approx(np.eye(8), abs=1e-12)
    assert made @ weights == pytest.approx(0.0, abs=1e-12)


def test_a_term_is_the_product_of_its_inputs() -> None:
    points = np.array([[0.0, 0.5, 1.0], [1.0, 0.25, 0.75]])
    line = np.sqrt(3.0) * (2.0 * points - 1.0)
    curve = np.sqrt(5.0) * (1.5 * (2.0 * points - 1.0) ** 2 - 0.5)
    assert column(points, ((0, 1), (2, 2))) == pytest.approx(line[:, 0] * curve[:, 2])


def test_ishigami_among_dead_inputs_though_one_matters_in_a_pair_only() -> None:
    points = cube(1000)
    found = expand(points, ishigami(points))
    assert found.first[:3] / found.variance == pytest.approx(ISHIGAMI_FIRST, abs=0.01)
    assert found.total[:3] / found.variance == pytest.approx(ISHIGAMI_TOTAL, abs=0.01)
    assert not found.total[3:].any()
    assert found.pairs / found.variance == pytest.approx(0.2437, abs=0.01)


def test_sobol_g_among_dead_inputs() -> None:
    points = cube(1000)
    found = expand(points, sobol_g(points[:, :5]))
    first, total = sobol_g_indices()
    assert found.first[:5] / found.variance == pytest.approx(first, abs=0.02)
    assert found.total[:5] / found.variance == pytest.approx(total, abs=0.02)
    assert not found.total[5:].any()


def test_lines_with_noise_have_the_shares_of_their_squares() -> None:
    points, weights = cube(3000), np.array([4.0, 2.0, 1.0])
    found = expand(points, points[:, :3] @ weights + noise(3000, 1))
    whole = np.sum(weights**2) / 12.0 + 1.0
    assert found.variance == pytest.approx(whole, rel=0.05)
    assert found.first[:3] / whole == pytest.approx(weights**2 / 12.0 / whole, abs=0.02)
    assert found.total == pytest.approx(found.first)
    new = cube(500, seed=2)
    assert found.at(new) == pytest.approx(new[:, :3] @ weights, abs=0.3)


@pytest.mark.parametrize(
    "live",
    [
        lambda points: np.zeros(len(points)),
        lambda points: 4.0 * points[:, 0] + 2.0 * points[:, 1] * points[:, 2],
        lambda points: 3.0 * np.sin(6.0 * points[:, 0]) * points[:, 1],
    ],
    ids=["nothing", "a product", "a wave"],
)
def test_dead_inputs_are_found_as_rarely_as_is_said(live: Callable[[Floats], Floats]) -> None:
    """Of 30 samples at 5 % one or two are expected; five or more come by luck once in 64 times."""
    wrong = 0
    for seed in range(30):
        points = cube(300, seed)
        found = expand(points, live(points) + noise(300, seed))
        wrong += bool(found.total[3:].any())
    assert wrong <= 4


def test_squares_are_freed_of_what_errors_add() -> None:
    """A term that does nothing has a square of 0 on average, though its coefficient never is 0."""
    term = (((0, 1),),)
    squares = [fit(cube(100, seed, 1), noise(100, seed), term).squares[0] for seed in range(200)]
    assert np.mean(squares) == pytest.approx(0.0, abs=0.003)
