"""Scores of forecasts of positive quantities: pure functions of natural logarithms.

A point is one measured value. Its forecast is an ensemble, (runs,), or a single number. Errors are
those of logarithms, so that 0.1 is about a tenth too high whatever the unit, and a quantity that
grows a hundredfold weighs no more than one that stands still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.framework.columns import Floats

BANDS = (0.5, 0.9)
"""Central bands whose coverage is counted."""


def crps(ensemble: Floats, observed: float) -> float:
    """Continuous ranked probability score of an ensemble, (runs,), against one value, both in ln.

    mean |x - y| - mean |x - x'| / 2 over all pairs of runs, a run with itself included: the score
    of the ensemble's empirical distribution, integral of (F - 1{x >= y})^2. It is not corrected for
    the number of runs, so that it holds for one run too, where it is the absolute error.
    """
    ordered = np.sort(ensemble)
    runs = len(ordered)
    # The mean of |x - x'| over all pairs from the order: each run is above so many others.
    rank = 2.0 * np.arange(1, runs + 1) - runs - 1.0
    spread = float(np.sum(rank * ordered)) / runs**2
    return float(np.mean(np.abs(ordered - observed))) - spread


def covers(ensemble: Floats, observed: float, band: float) -> bool:
    """Whether a value lies in the central band of an ensemble, (runs,), ends included."""
    tail = 50.0 * (1.0 - band)
    low, high = np.percentile(ensemble, (tail, 100.0 - tail))
    return bool(low <= observed <= high)


def overlaps(ensemble: Floats, low: float, high: float, band: float) -> bool:
    """Whether the central band of an ensemble, (runs,), meets a range."""
    tail = 50.0 * (1.0 - band)
    bottom, top = np.percentile(ensemble, (tail, 100.0 - tail))
    return bool(bottom <= high and low <= top)


@dataclass(frozen=True)
class PointScore:
    """How one point fared; all in ln.

    error: median forecast less measured. crps: of the ensemble. inside: for each of BANDS, whether
    the measured value lies in it. meets: whether the widest meets the publisher's own range, which
    is the value itself where there is none.
    """

    error: float
    crps: float
    inside: tuple[bool, ...]
    meets: bool


def point_score(
    ensemble: Floats, value: float, low: float | None, high: float | None
) -> PointScore:
    """Score a point. ensemble: positive forecasts, (runs,); value, low, high: positive too."""
    logs, observed = np.log(ensemble), float(np.log(value))
    least, most = (observed if end is None else float(np.log(end)) for end in (low, high))
    return PointScore(
        float(np.median(logs)) - observed,
        crps(logs, observed),
        tuple(covers(logs, observed, band) for band in BANDS),
        overlaps(logs, least, most, BANDS[-1]),
    )


@dataclass(frozen=True)
class Score:
    """Points taken together.

    bias: mean error of the median, in ln. rmse: root of its mean square. crps: mean. coverage: of
    each of BANDS, the share of points inside. meets: share of points whose own range the widest
    band meets. points: how many.
    """

    points: int
    bias: float
    rmse: float
    crps: float
    coverage: tuple[float, ...]
    meets: float


def pooled(marks: Sequence[PointScore]) -> Score:
    """The score of points, each counting once. Raises ValueError for none."""
    if not marks:
        raise ValueError("no points to score")
    errors = np.array([m.error for m in marks])
    return Score(
        len(marks),
        float(np.mean(errors)),
        rmse(errors),
        float(np.mean([m.crps for m in marks])),
        tuple(float(np.mean([m.inside[b] for m in marks])) for b in range(len(BANDS))),
        float(np.mean([m.meets for m in marks])),
    )


def rmse(errors: Floats) -> float:
    """Root mean square of errors, (points,)."""
    return float(np.sqrt(np.mean(np.square(errors))))
