"""PRIM: boxes of points in which something happens, found by peeling and pasting.

A box starts as the whole space. Each peel takes a thin slice off one side of it, the one whose loss
raises the share of cases most for what is taken; the sequence of boxes trades coverage for density.
Each of them is pasted: the sides that were peeled move, out or in, to where the score is best. The
best is kept, with limits that only then are worth their while and without those that the points do
not bear out. Further boxes are sought in what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.framework.columns import Floats

    Truths = NDArray[np.bool_]
    Amount = Floats | np.float64

PEEL = 0.05
"""Share of a box's points that one peel takes."""
LEAST_MASS = 0.005
LEAST_POINTS = 10
"""A box holds no fewer points than these."""
LIKELY_LUCK = 0.05
"""A limit whose quasi-p value exceeds this, divided by the number of columns that could have been
limited instead, is dropped."""
LEAST_GAIN = 0.01
"""A limit that adds less than this share to the score is dropped."""
LEAST_COVERAGE = 0.05
LEAST_LIFT = 1.5
"""A further box holds this share of the remaining cases, this much more densely than all points."""
ROUNDS = 50

Score = Callable[["Amount", "Amount"], "Amount"]
"""Cases and points inside -> how good a box is."""


@dataclass(frozen=True)
class Box:
    """Limits of every column, (columns,); -inf and inf where a side is open."""

    low: Floats
    high: Floats

    @classmethod
    def open(cls, columns: int) -> Box:
        """The whole space."""
        return cls(np.full(columns, -np.inf), np.full(columns, np.inf))

    @property
    def limited(self) -> list[int]:
        """The columns that a side limits."""
        return [int(c) for c in np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))]

    def inside(self, points: Floats, but: int | None = None) -> Truths:
        """Which points lie inside; but: a column whose limits do not count."""
        within: Truths = np.ones(len(points), dtype=bool)
        for column in self.limited:
            if column != but:
                values = points[:, column]
                within &= (values >= self.low[column]) & (values <= self.high[column])
        return within

    def moved(self, column: int, side: str, limit: float) -> Box:
        """The box with another limit of a column."""
        limits = self.low.copy() if side == "low" else self.high.copy()
        limits[column] = limit
        return replace(self, low=limits) if side == "low" else replace(self, high=limits)

    def without(self, column: int) -> Box:
        """The box without limits of a column."""
        return self.moved(column, "low", -np.inf).moved(column, "high", np.inf)


@dataclass(frozen=True)
class Fit:
    """How a box fits: coverage, the share of all cases inside; density, the share of cases among
    the points inside; mass, the share of all points inside."""

    coverage: float
    density: float
    mass: float


def fit(inside: Truths, cases: Floats) -> Fit:
    """How well points that are inside catch the cases, each from 0 to 1."""
    held, within, all_cases = float(cases[inside].sum()), int(inside.sum()), float(cases.sum())
    return Fit(
        coverage=held / all_cases if all_cases else 0.0,
        density=held / within if within else 0.0,
        mass=within / len(cases),
    )


def balanced(cases: float) -> Score:
    """Harmonic mean of coverage and density: 2 x cases inside / (points inside + all cases)."""
    return lambda held, within: 2.0 * held / (within + cases)


def covering(cases: float, least_density: float) -> Score:
    """Coverage where the density is at least so much; below it less than nothing."""

    def score(held: Amount, within: Amount) -> Amount:
        density = held / np.maximum(within, 1.0)
        found: Amount = np.where(density >= least_density, held / cases, density - 1.0)
        return found

    return score


def find_boxes(
    points: Floats, cases: Floats, most: int, least_density: float | None = None
) -> tuple[list[Box], list[Box]]:
    """Up to `most` boxes, the first found first, and the peels that led to the first.

    points: (points, columns). cases: share of a point's runs in which it happens, (points,).
    least_density: take the box of most coverage at this density, instead of the best balanced.
    """
    boxes: list[Box] = []
    first_peels: list[Box] = []
    left = np.ones(len(points), dtype=bool)
    for _ in range(most):
        # By columns in memory: what is asked of points is asked of one column at a time.
        rest, their = np.asfortranarray(points[left]), cases[left]
        whole = float(their.sum())
        if len(rest) < 2 * LEAST_POINTS or whole < LEAST_COVERAGE * float(cases.sum()):
            break
        score = balanced(whole) if least_density is None else covering(whole, least_density)
        peels = peel(rest, their)
        first_peels = first_peels or peels
        pasted = [paste(box, rest, their, score) for box in peels]
        box = max(pasted, key=lambda b: _scored(b, rest, their, score))
        box = prune(extend(box, rest, their, score), rest, their, score)
        found = fit(box.inside(rest), their)
        dense = found.density >= LEAST_LIFT * float(cases.mean())
        if not box.limited or (boxes and not (dense and found.coverage >= LEAST_COVERAGE)):
            break
        boxes.append(box)
        left &= ~box.inside(points)
    return boxes, first_peels


def peel(points: Floats, cases: Floats) -> list[Box]:
    """Boxes from the whole space down to a pure or the smallest one, each inside the one before."""
    least = max(LEAST_POINTS, round(LEAST_MASS * len(points)))
    box = Box.open(points.shape[1])
    boxes = [box]
    while True:
        inside = box.inside(points)
        rest, their = points[inside], cases[inside]
        if their.min() == their.max():
            return boxes
        best, best_gain = None, -np.inf
        ordered, whole = np.sort(rest, axis=0), float(their.mean())
        for column in range(points.shape[1]):
            for side in ("low", "high"):
                limit = _slice(ordered[:, column], side)
                if limit is None:
                    continue
                values = rest[:, column]
                keeps = values >= limit if side == "low" else values <= limit
                kept = int(np.count_nonzero(keeps))
                if kept < least:
                    continue
                # Of a coarse column a slice may be thick: what counts is the gain for its size.
                gain = float(their @ keeps) / kept - whole
                gain *= len(rest) / (len(rest) - kept)
                if gain > best_gain:
                    best, best_gain = box.moved(column, side, limit), gain
        if best is None:
            return boxes
        box = best
        boxes.append(box)


def paste(box: Box, points: Floats, cases: Floats, score: Score, rounds: int = ROUNDS) -> Box:
    """The box with each of its limits where the score is best, given the others; a limit that is
    best beyond all points is dropped. rounds: most times that each limit is looked at."""
    best = _scored(box, points, cases, score)
    breaches = {c: _breaches(box, c, points) for c in box.limited}
    count = sum(breaches.values(), np.zeros(len(points), dtype=np.intp))
    for _ in range(rounds):
        before = best
        for column in box.limited:
            around = np.flatnonzero(count == breaches[column])
            values, their = points[around, column], cases[around]
            for side in ("low", "high"):
                if np.isfinite((box.low if side == "low" else box.high)[column]):
                    free = box.moved(column, side, -np.inf if side == "low" else np.inf)
                    within = (values >= free.low[column]) & (values <= free.high[column])
                    limit, reached = _best_limit(values[within], their[within], side, score)
                    if reached > best:
                        box, best = box.moved(column, side, limit), reached
            now = _breaches(box, column, points)
            count += now.astype(np.intp) - breaches[column]
            breaches[column] = now
        if best <= before:
            break
    return box


def extend(box: Box, points: Floats, cases: Floats, score: Score) -> Box:
    """The box with limits on further sides, each of which adds a worthwhile share to the score.

    Peels pass by a column of which cases lie at both ends, until other limits leave one of them.
    """
    while True:
        reached = _scored(box, points, cases, score)
        inside = box.inside(points)
        values, their = points[inside], cases[inside]
        best, most = box, reached * (1.0 + LEAST_GAIN) if reached > 0.0 else reached
        for column in range(points.shape[1]):
            for side in ("low", "high"):
                if np.isinf((box.low if side == "low" else box.high)[column]):
                    limit, found = _best_limit(values[:, column], their, side, score)
                    if found > most:
                        best, most = box.moved(column, side, limit), found
        if best is box:
            return box
        box = paste(best, points, cases, score)


def prune(box: Box, points: Floats, cases: Floats, score: Score) -> Box:
    """The box without limits that may be luck or hardly matter, the least needed dropped first."""
    while box.limited:
        reached = _scored(box, points, cases, score)
        costs = {c: reached - _scored(box.without(c), points, cases, score) for c in box.limited}
        unlikely = LIKELY_LUCK / points.shape[1]
        lucky = [c for c in box.limited if quasi_p(box, c, points, cases) > unlikely]
        least = min(lucky or box.limited, key=lambda c: costs[c])
        freed = paste(box.without(least), points, cases, score)
        loss = reached - _scored(freed, points, cases, score)
        if not lucky and loss >= LEAST_GAIN * abs(reached):
            break
        box = freed
    return box


def quasi_p(box: Box, column: int, points: Floats, cases: Floats) -> float:
    """The chance that the limits of a column hold as many cases by luck: of a binomial with the
    density that the box has without them."""
    from scipy.stats import binom

    around, inside = box.inside(points, but=column), box.inside(points)
    density = min(float(cases[around].mean()), 1.0)
    held = round(float(cases[inside].sum()))
    return float(binom.sf(held - 1, int(inside.sum()), density))


def _slice(ordered: Floats, side: str) -> float | None:
    """The limit that takes a thin slice off one side of ordered values, midway between two of them;
    None if all are the same."""
    count = max(1, int(PEEL * len(ordered)))
    if side == "low":
        last = ordered[count - 1]
        beyond = int(np.searchsorted(ordered, last, side="right"))
        return float(0.5 * (last + ordered[beyond])) if beyond < len(ordered) else None
    last = ordered[-count]
    beyond = int(np.searchsorted(ordered, last, side="left")) - 1
    return float(0.5 * (last + ordered[beyond])) if beyond >= 0 else None


def _best_limit(values: Floats, cases: Floats, side: str, score: Score) -> tuple[float, float]:
    """The best limit of one side, infinite if that is none, and the score that it reaches; values
    and cases are those of all points that the other limits hold."""
    # From the fixed side outward: the box that ends after each value, where the next one differs.
    order = np.argsort(-values if side == "low" else values, kind="stable")
    ordered = values[order]
    reached = score(np.cumsum(cases[order]), np.arange(1.0, len(ordered) + 1.0))
    ends = np.append(ordered[1:] != ordered[:-1], True)
    last = int(np.argmax(np.where(ends, reached, -np.inf)))
    if last == len(ordered) - 1:
        limit = -np.inf if side == "low" else np.inf
    else:
        limit = float(0.5 * (ordered[last] + ordered[last + 1]))
    return limit, float(np.asarray(reached)[last])


def _breaches(box: Box, column: int, points: Floats) -> Truths:
    """Which points lie beyond the limits of a column."""
    values = points[:, column]
    beyond: Truths = (values < box.low[column]) | (values > box.high[column])
    return beyond


def _scored(box: Box, points: Floats, cases: Floats, score: Score) -> float:
    inside = box.inside(points)
    return float(score(cases[inside].sum(), np.float64(inside.sum())))
