"""The points of a backtest taken together: by family, by series and in all, beside each rival on
the points on which it is defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from experiments.backtest.backtest import AS_IS, WITHOUT, Backtest, Point
from experiments.backtest.naive_forecasts import RIVALS
from experiments.backtest.scores import Score, pooled

ALL = "all points"
"""Name of the line over everything, each point counting once."""
EVEN = "all series alike"
"""Name of the line over everything, each series of an entity counting once."""
LEVELS = ("all", "family", "series")


@dataclass(frozen=True)
class PooledScore:
    """A score. forecaster: whose. on: of which rival the points are, "" for all points. level: of
    LEVELS, with the name of the family or series."""

    forecaster: str
    on: str
    level: str
    name: str
    score: Score


@dataclass(frozen=True)
class RivalScores:
    """The model against a rival where that is defined, by root mean square error of logs.

    won: series of an entity in which the model's is smaller. lost: the others. model, rival: over
    all these points.
    """

    rival: str
    won: tuple[str, ...]
    lost: tuple[str, ...]
    model: Score
    other: Score


def pooled_scores(test: Backtest) -> list[PooledScore]:
    """All scores: of the model and of the model without look-ahead on all points, and of each rival
    and the model where that is defined."""
    found = []
    for forecaster in (AS_IS, WITHOUT):
        found += list(_scored(test.points, forecaster, ""))
    for rival in RIVALS:
        there = with_rival(test, rival)
        for forecaster in (rival, AS_IS):
            found += list(_scored(there, forecaster, rival))
    return found


def rival_scores(test: Backtest) -> list[RivalScores]:
    """The model against each rival that is defined on any point."""
    found = []
    for rival in RIVALS:
        points = with_rival(test, rival)
        if not points:
            continue
        won: dict[bool, list[str]] = {True: [], False: []}
        for subject, some in grouped(points, lambda p: p.subject):
            better = score(some, AS_IS).rmse < score(some, rival).rmse
            won[better].append(subject)
        both = (score(points, AS_IS), score(points, rival))
        found.append(RivalScores(rival, tuple(won[True]), tuple(won[False]), *both))
    return found


def score(points: Iterable[Point], forecaster: str) -> Score:
    """The score of a forecaster on points, each counting once."""
    return pooled([point.forecasts[forecaster].score for point in points])


def even(points: Sequence[Point], forecaster: str) -> Score:
    """The score with each series of an entity counting once: means over series of bias, CRPS and
    coverage, and of the squared error under the root."""
    parts = [score(some, forecaster) for _, some in grouped(points, lambda p: p.subject)]
    share = 1.0 / len(parts)
    return Score(
        len(points),
        share * sum(part.bias for part in parts),
        (share * sum(part.rmse**2 for part in parts)) ** 0.5,
        share * sum(part.crps for part in parts),
        tuple(share * sum(band) for band in zip(*(part.coverage for part in parts), strict=True)),
        share * sum(part.meets for part in parts),
    )


def with_rival(test: Backtest, rival: str) -> list[Point]:
    """The points on which a rival is defined."""
    return [point for point in test.points if rival in point.forecasts]


def grouped(
    points: Iterable[Point], key: Callable[[Point], str]
) -> Iterator[tuple[str, list[Point]]]:
    """Points by a key, in order of first appearance."""
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(key(point), []).append(point)
    yield from found.items()


def _scored(points: Sequence[Point], forecaster: str, on: str) -> Iterator[PooledScore]:
    if not points:
        return
    yield PooledScore(forecaster, on, LEVELS[0], ALL, score(points, forecaster))
    yield PooledScore(forecaster, on, LEVELS[0], EVEN, even(points, forecaster))
    for name, some in grouped(points, lambda p: p.family):
        yield PooledScore(forecaster, on, LEVELS[1], name, score(some, forecaster))
    for name, some in grouped(points, lambda p: p.subject):
        yield PooledScore(forecaster, on, LEVELS[2], name, score(some, forecaster))
