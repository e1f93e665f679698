"""How much of an outcome's variance is which input's, and how much is luck, from one sample.

The sample is a Latin hypercube of all inputs in which every run has draws of its own; some of its
points are run once more, with other draws, and tell what the draws do. Indices come from a sparse
polynomial chaos (`experiments.statistics.polynomial_chaos`): no further runs are made, however many
inputs there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.polynomial_chaos import Expansion, column, expand, fit_table, legendre
from experiments.statistics.sensitivity import CONFIDENCE, Estimate
from sim.base.numerics.draws import series

if TYPE_CHECKING:
    from agents.framework.columns import Floats

RESAMPLES = 200
FOLDS = 4
"""Parts of the sample, each predicted by an expansion of the others."""
ENDS = (50.0 * (1.0 - CONFIDENCE), 50.0 * (1.0 + CONFIDENCE))
TWO_SIDED = 1.96
"""Standard deviations on either side that hold 95 % of a normal law."""
LOW_DEGREE = 2
"""Degrees in which inputs are counted that are too small to be told apart one by one."""


@dataclass(frozen=True)
class Share:
    """A share of variance with the ends of its interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Dependence:
    """What an outcome depends on. Shares are of its variance over all runs, luck included.

    first, total: of every input, (inputs,), alone and with its pairs; 0 for one that was not told
    apart from chance. score: how sure the strongest term of an input is, in standard deviations,
    which orders those. least: the share that an input must have to be found in half of such
    samples. pairs: share of all pairs that were found. small: share of inputs alone that were not
    told apart, together. luck: share of the draws. rest: what is left, interactions that were not
    found. predicted: share that expansions predict of points they were not made with.
    """

    points: int
    repeats: int
    first: Estimate
    total: Estimate
    score: Floats
    least: float
    pairs: float
    small: Share
    luck: Share
    predicted: float

    @property
    def found(self) -> list[int]:
        """Places of the inputs that were told apart from chance, those that matter most first."""
        return [place for place in self.order if self.total.value[place] > 0.0]

    @property
    def order(self) -> list[int]:
        """Places of all inputs, those that matter most first."""
        return [int(place) for place in np.lexsort((-self.score, -self.total.value))]

    @property
    def alone(self) -> float:
        """Share that the inputs make alone that were told apart."""
        return float(np.sum(self.first.value))

    @property
    def rest(self) -> float:
        """Share that nothing here accounts for; below 0 by the errors of the others."""
        return 1.0 - self.alone - self.pairs - self.small.value - self.luck.value


def dependence(points: Floats, values: Floats, resamples: int = RESAMPLES) -> Dependence:
    """What values (points + repeats,) depend on.

    points: (points, inputs), each column spread evenly over [0, 1]. The values after those of the
    points are those of the first points again, with other draws.
    """
    size = len(points)
    made = expand(points, values[:size])
    whole = made.variance
    table = np.column_stack([np.ones(size), *(column(points, term) for term in made.terms)])
    first, total = np.empty((2, resamples, made.inputs))
    for number in range(resamples):
        rows = _rows(size, number)
        again = fit_table(table[rows], values[rows], made.terms, made.inputs)
        first[number], total[number] = again.first / again.variance, again.total / again.variance
    left = values[:size] - made.at(points)
    score, small = _small(points, left, made)
    return Dependence(
        points=size,
        repeats=len(values) - size,
        first=Estimate(made.first / whole, *np.percentile(first, ENDS, axis=0)),
        total=Estimate(made.total / whole, *np.percentile(total, ENDS, axis=0)),
        score=score,
        least=made.bound**2 / size * made.scatter / whole,
        pairs=made.pairs / whole,
        small=small,
        luck=_luck(values, size, whole, resamples),
        predicted=_predicted(points, values[:size]),
    )


def strengths(points: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Of every input, (inputs,): the total share of variance, 0 for one that was not told apart
    from chance, and the standard score of its strongest term, which orders those.

    values: (points,), of a sample in which nothing is repeated.
    """
    made = expand(points, values)
    return made.total / made.variance, _small(points, values - made.at(points), made)[0]


def _small(points: Floats, left: Floats, made: Expansion) -> tuple[Floats, Share]:
    """Of what the terms leave: the largest standard score of each input, and the share that single
    inputs make of it together: squared coefficients less what chance makes of them."""
    chance = made.scatter / len(points)
    low = legendre(points, LOW_DEGREE)
    squares = (np.tensordot(low, left, axes=(1, 0)) / len(points)) ** 2
    for term in made.terms:
        if len(term) == 1 and term[0][1] <= LOW_DEGREE:
            squares[term[0][1] - 1, term[0][0]] = chance
    value = float(np.sum(squares - chance))
    spread = np.sqrt(np.sum(2.0 * chance**2 + 4.0 * chance * np.maximum(squares - chance, 0.0)))
    ends = (max(0.0, value + side * TWO_SIDED * float(spread)) for side in (0.0, -1.0, 1.0))
    score: Floats = np.sqrt(np.max(squares, axis=0) / chance)
    return score, Share(*(end / made.variance for end in ends))


def _luck(values: Floats, size: int, whole: float, resamples: int) -> Share:
    """Share of the variance between runs of one point: half the mean squared difference of two."""
    repeats = len(values) - size
    halves = (values[:repeats] - values[size:]) ** 2 / 2.0
    means = [float(np.mean(halves[_rows(repeats, number)])) for number in range(resamples)]
    low, high = np.percentile(means, ENDS)
    return Share(float(np.mean(halves)) / whole, float(low) / whole, float(high) / whole)


def _predicted(points: Floats, values: Floats) -> float:
    """Share of the variance that is predicted of folds of points, each left out in turn."""
    errors = np.empty(len(points))
    fold = np.arange(len(points)) % FOLDS
    for number in range(FOLDS):
        out = fold == number
        errors[out] = values[out] - expand(points[~out], values[~out]).at(points[out])
    return 1.0 - float(np.mean(errors**2)) / float(np.var(values))


def _rows(size: int, number: int) -> NDArray[np.int64]:
    """Places of one resample."""
    return (series(size, "resample", number) * size).astype(np.int64)
