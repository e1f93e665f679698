"""Shares of variance from one sample: of inputs, of many small ones together, and of the draws."""

from __future__ import annotations

import numpy as np
import pytest

from agents.framework.columns import Floats
from experiments.runs.designs import latin_hypercube
from experiments.statistics.dependence import Dependence, dependence

POINTS, REPEATS, INPUTS = 1500, 300, 300


def sample(weights: Floats, luck: float, seed: int = 1) -> Dependence:
    """Of a sum of lines with draws of this variance on top."""
    paths = [f"labs.path_{n}" for n in range(INPUTS)]
    points = latin_hypercube(POINTS, paths, seed)
    twice = np.concatenate([points, points[:REPEATS]])
    draws = np.random.default_rng(seed).standard_normal(len(twice))
    values = twice[:, : len(weights)] @ weights + np.sqrt(luck) * draws
    return dependence(points, values, resamples=50)


def test_inputs_and_draws_share_the_variance() -> None:
    """Lines of 6 and 3 have variances of 3 and 0.75; the draws have 1."""
    found = sample(np.array([6.0, 3.0]), luck=1.0)
    assert found.found == [0, 1]
    assert found.first.value[:2] == pytest.approx([3.0 / 4.75, 0.75 / 4.75], abs=0.03)
    assert found.luck.value == pytest.approx(1.0 / 4.75, abs=0.03)
    assert found.luck.low < 1.0 / 4.75 < found.luck.high
    assert found.predicted == pytest.approx(3.75 / 4.75, abs=0.03)
    assert found.rest == pytest.approx(0.0, abs=0.06)
    assert (found.points, found.repeats) == (POINTS, REPEATS)
    assert found.first.low is not None
    assert found.first.high is not None
    assert found.first.low[0] < 3.0 / 4.75 < found.first.high[0]


def test_many_inputs_too_small_to_tell_apart_are_counted_together() -> None:
    """Each of 200 lines has a share of 1/400 of the variance, below what can be found."""
    found = sample(np.full(200, 1.0), luck=200.0 / 12.0)
    assert found.alone < 0.1
    assert found.least > 1.0 / 400.0
    assert found.small.low < 0.5 - found.alone < found.small.high
    assert found.small.high - found.small.low < 0.3


def test_inputs_that_are_not_found_are_ordered_too() -> None:
    found = sample(np.array([6.0, 0.0, 0.9]), luck=3.0)
    assert found.order[:2] == [0, 2]
    assert sorted(found.order) == list(range(INPUTS))


def test_a_share_is_found_in_half_of_the_samples_if_it_is_the_least() -> None:
    least = sample(np.array([0.0]), luck=1.0).least
    share = np.sqrt(12.0 * least / (1.0 - least))
    hits = sum(0 in sample(np.array([share]), 1.0, seed).found for seed in range(8))
    assert 1 <= hits <= 7
