"""History matching of a model that is cheap and known: the truth stays, nearly all else goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.statistics.history_matching import Match, Target, match, spaced
from sim.base.errors import RequestError

MEASUREMENT = np.array([0.2, 0.2, 0.1])


def outcomes(points: np.ndarray) -> np.ndarray:
    a, b, c, d = points.T[:4]
    return np.column_stack(
        (10.0 + 4.0 * a + 2.0 * b**2, 4.0 + b * c, 3.0 * np.sin(3.0 * c) + a * d)
    )


def run(seed: int, replications: int = 3):
    """The model with draws of its own; of five parameters the last does nothing."""
    rng = np.random.default_rng(seed)

    def ran(number: int, points: np.ndarray) -> np.ndarray:
        noise = rng.normal(0.0, 0.05, (len(points), replications, 3))
        return outcomes(points)[:, None, :] + noise

    return ran


def observed(truth: np.ndarray, seed: int) -> tuple[Target, ...]:
    """What a measurement with its error made of the truth."""
    values = outcomes(truth)[0] + np.random.default_rng(seed).normal(0.0, MEASUREMENT)
    return tuple(
        Target(name, float(value), float(error), 0.0)
        for name, value, error in zip("abc", values, MEASUREMENT, strict=True)
    )


def matched(targets: tuple[Target, ...], seed: int, **other: int) -> Match:
    asked = {"samples": 40, "waves": 2, "keep": 300} | other
    return match(run(seed), 5, targets, threshold=3.0, seed=seed, **asked)


def test_the_truth_is_kept_and_the_space_shrinks_tenfold_in_nine_of_ten_seeds() -> None:
    kept, shrunk = 0, 0
    for seed in range(10):
        truth = np.random.default_rng(100 + seed).uniform(0.1, 0.9, (1, 5))
        found = matched(observed(truth, seed), seed)
        kept += bool(found.not_ruled_out(truth)[0])
        shrunk += found.volume <= 0.1
    assert (kept >= 9, shrunk >= 9) == (True, True), (kept, shrunk)


@pytest.fixture(scope="module")
def one() -> tuple[np.ndarray, tuple[Target, ...], Match]:
    truth = np.full((1, 5), 0.5)
    targets = observed(truth, 3)
    return truth, targets, matched(targets, 3)


def test_what_is_left_is_as_large_as_it_should_be(one) -> None:
    """Against the model itself at 200,000 points, without emulators."""
    _, targets, found = one
    points = np.random.default_rng(1).random((200_000, 5))
    values = np.array([target.value for target in targets])
    distance = np.abs(outcomes(points) - values) / np.hypot(MEASUREMENT, 0.05)
    assert found.volume == pytest.approx(np.mean(distance.max(axis=1) <= 3.0), rel=0.25)


def test_the_points_left_fit_and_fill_the_cube_where_nothing_is_known(one) -> None:
    _, targets, found = one
    assert found.kept.shape == (300, 5)
    assert np.all(found.not_ruled_out(found.kept))
    values = np.array([target.value for target in targets])
    distance = np.abs(outcomes(found.kept) - values) / np.hypot(MEASUREMENT, 0.05)
    assert np.mean(distance.max(axis=1) <= 3.5) > 0.95
    assert np.std(found.kept[:, 4]) == pytest.approx(1.0 / np.sqrt(12.0), rel=0.1)


def test_more_uncertainty_rules_out_less(one) -> None:
    _, targets, found = one
    doubtful = tuple(replace(target, discrepancy=0.5) for target in targets)
    assert matched(doubtful, 3).volume > 2.0 * found.volume


def test_the_same_seed_gives_the_same_space(one) -> None:
    _, targets, found = one
    assert np.array_equal(matched(targets, 3).kept, found.kept)


def test_an_observation_out_of_reach_leaves_nothing() -> None:
    far = (Target("a", 30.0, 0.2, 0.0), *observed(np.full((1, 5), 0.5), 3)[1:])
    found = matched(far, 3)
    assert (found.volume, len(found.kept), len(found.waves)) == (0.0, 0, 1)
    assert found.waves[0].closest[0] > 3.0


def test_logarithms_compare_shares() -> None:
    """Measured in logarithms an outcome of e is as far from 1 as 1 is from 1 / e."""

    def exponential(number: int, points: np.ndarray) -> np.ndarray:
        return np.exp(4.0 * points[:, :1, None] - 2.0)

    target = Target("x", 1.0, 0.1, 0.0, log=True)
    found = match(exponential, 1, (target,), samples=20, waves=1, threshold=3.0, keep=300, seed=1)
    assert found.kept.min() == pytest.approx(0.5 - 0.3 / 4.0, abs=0.01)
    assert found.kept.max() == pytest.approx(0.5 + 0.3 / 4.0, abs=0.01)
    with pytest.raises(RequestError, match="has no logarithm"):
        match(
            lambda number, points: -exponential(number, points),
            *(1, (target,)),
            **{"samples": 20, "waves": 1, "threshold": 3.0, "keep": 300, "seed": 1},
        )


def test_points_of_a_wave_keep_their_distance() -> None:
    candidates = np.array([[0.0], [0.1], [0.5], [0.6], [1.0]])
    chosen = spaced(candidates, 3, np.array([[0.05]]))
    assert chosen.ravel().tolist() == [1.0, 0.5, 0.6]
