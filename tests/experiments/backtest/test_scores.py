"""Scores, against closed forms and numbers by hand."""

import math

import numpy as np
import pytest

from experiments.backtest.scores import PointScore, covers, crps, overlaps, point_score, pooled


def test_of_one_run_the_crps_is_the_absolute_error():
    assert crps(np.array([2.0]), 5.0) == 3.0


def test_the_crps_of_three_runs_by_hand():
    """x = 0, 1, 3 and y = 1: mean |x - y| = 1; pairs 0 1 3 1 0 2 3 2 0 add up to 12, / 9 / 2."""
    assert crps(np.array([3.0, 0.0, 1.0]), 1.0) == pytest.approx(1.0 - 12.0 / 18.0)


def test_the_crps_is_the_integral_of_the_squared_distance_of_distributions():
    rng = np.random.default_rng(1)
    x, y = np.sort(rng.normal(0.3, 0.7, 40)), 0.1
    ends = np.sort(np.append(x, y))
    mids = (ends[1:] + ends[:-1]) / 2.0
    below = np.searchsorted(x, mids) / len(x)
    integral = np.sum(np.diff(ends) * np.square(below - (mids >= y)))
    assert crps(x, y) == pytest.approx(integral, rel=1e-12)


@pytest.mark.parametrize("y", [-1.0, 0.0, 2.5])
def test_the_crps_of_many_normal_quantiles_nears_the_closed_form(y):
    """Of N(0, 1): y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi)."""
    from scipy.stats import norm

    x = norm.ppf((np.arange(4000) + 0.5) / 4000)
    exact = y * (2.0 * norm.cdf(y) - 1.0) + 2.0 * norm.pdf(y) - 1.0 / math.sqrt(math.pi)
    assert crps(x, y) == pytest.approx(exact, abs=1e-3)


def test_a_sharper_ensemble_around_the_truth_scores_better():
    x = np.linspace(-1.0, 1.0, 101)
    assert crps(0.5 * x, 0.0) < crps(x, 0.0) < crps(x + 1.0, 0.0)


def test_bands_by_hand():
    """Of 0 to 100 the central half is 25 to 75, nine tenths 5 to 95."""
    runs = np.arange(101.0)
    assert covers(runs, 25.0, 0.5)
    assert not covers(runs, 24.9, 0.5)
    assert covers(runs, 95.0, 0.9)
    assert not covers(runs, 95.1, 0.9)
    assert overlaps(runs, 95.0, 200.0, 0.9)
    assert not overlaps(runs, 95.1, 200.0, 0.9)
    assert overlaps(runs, 10.0, 20.0, 0.5) is False


def test_a_point_is_scored_in_logarithms():
    found = point_score(np.array([2.0, 4.0, 8.0]), 8.0, 7.0, 9.0)
    assert found.error == pytest.approx(-math.log(2.0))
    assert found.crps == pytest.approx(math.log(2.0) * (1.0 - 8.0 / 18.0))
    assert found.inside == (False, False)
    assert found.meets


def test_without_a_range_the_value_itself_has_to_be_met():
    assert not point_score(np.array([2.0, 4.0, 8.0]), 9.0, None, None).meets


def test_units_do_not_count():
    runs = np.array([1.0, 3.0, 4.0])
    one, other = point_score(runs, 2.0, 1.0, 3.0), point_score(runs * 1e9, 2e9, 1e9, 3e9)
    assert one.crps == pytest.approx(other.crps)
    assert (one.inside, one.meets) == (other.inside, other.meets)


def test_pooling_by_hand():
    score = pooled(
        [PointScore(0.3, 0.2, (True, True), True), PointScore(-0.1, 0.4, (False, True), False)]
    )
    assert score.points == 2
    assert score.bias == pytest.approx(0.1)
    assert score.rmse == pytest.approx(math.sqrt(0.05))
    assert score.crps == pytest.approx(0.3)
    assert score.coverage == (0.5, 1.0)
    assert score.meets == 0.5
    with pytest.raises(ValueError, match="no points"):
        pooled([])


def test_an_ensemble_from_the_law_of_the_truth_is_covered_as_its_bands_say():
    rng = np.random.default_rng(2)
    marks = [
        point_score(np.exp(rng.normal(size=99)), float(np.exp(rng.normal())), None, None)
        for _ in range(400)
    ]
    score = pooled(marks)
    assert score.coverage == pytest.approx((0.5, 0.9), abs=0.06)
    assert abs(score.bias) < 0.15
