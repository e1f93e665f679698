"""History matching: which parameters cannot be ruled out by what was observed.

A wave runs points of the space, emulates every outcome, and rules out where an observation is too
many standard deviations from what is predicted. The standard deviation holds all that may stand
between the two: the measurement, the model's own discrepancy, the draws (the world was one of many
that could have been), and the emulator. The next wave runs points of what is left. A point is
ruled out for good, so an emulator has to be sure before it speaks.

Points lie in the unit cube, a column a parameter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.statistics.emulator import Emulator, Skill
from sim.base.errors import RequestError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.framework.columns import Floats

    Truths = NDArray[np.bool_]

BATCH = 8_192
"""Points that are tried at once when the space that is left is searched."""
BATCHES = 24
"""Most batches of one search; what is left after them is taken to be empty if none was kept."""
SURE = 200
"""Points kept in a box before the box is drawn closer around them."""
MARGIN = 0.05
"""By how much of its width a box is left wider than the points kept in it, on each side."""
STALE = 0.9
"""A wave that leaves more than this share of what there was is the last, unless its emulators are
what keeps it from saying more."""

Run = Callable[[int, "Floats"], "Floats"]
"""Number of the wave from 1, points -> outcomes, (points, replications, targets)."""


@dataclass(frozen=True)
class Target:
    """What was observed of an outcome; in logarithms where `log`, with deviations to match.

    measurement, discrepancy: standard deviations of the measurement, and of the model from the
    world at its best parameters.
    """

    label: str
    value: float
    measurement: float
    discrepancy: float
    log: bool = False

    @property
    def level(self) -> float:
        """The value on the scale of the comparison."""
        return math.log(self.value) if self.log else self.value


@dataclass(frozen=True)
class Wave:
    """What one wave learnt: an emulator and the variance between draws per target.

    volume: share of the whole space that is left after it. closest: the least implausibility per
    target that any point met that the wave ran.
    """

    points: Floats
    emulators: tuple[Emulator, ...]
    skills: tuple[Skill, ...]
    draws: Floats
    closest: Floats
    volume: float


@dataclass(frozen=True)
class BoundingBox:
    """A part of the cube that holds what is left, (columns,)."""

    low: Floats
    high: Floats

    @property
    def volume(self) -> float:
        """Its share of the cube."""
        return float(np.prod(self.high - self.low))


@dataclass(frozen=True)
class Match:
    """What the waves left: `kept` points, spread evenly over it, and its share of the cube."""

    targets: tuple[Target, ...]
    threshold: float
    waves: tuple[Wave, ...]
    kept: Floats
    volume: float

    def not_ruled_out(self, points: Floats) -> Truths:
        """Which points no wave rules out."""
        return not_ruled_out(points, self.waves, self.targets, self.threshold)


def match(
    run: Run,
    columns: int,
    targets: tuple[Target, ...],
    *,
    samples: int,
    waves: int,
    threshold: float,
    keep: int,
    seed: int,
) -> Match:
    """Run so many waves of so many points, fewer if one teaches nothing more or nothing is left.

    keep: points of the space that is left. Raises RequestError for an outcome without a finite
    logarithm where one is needed.
    """
    rng = np.random.default_rng(seed)
    done: list[Wave] = []
    box = BoundingBox(np.zeros(columns), np.ones(columns))
    points = _hypercube(samples, box, rng)
    ran = np.empty((0, columns))
    levels, spread = np.empty((0, len(targets))), np.empty((0, len(targets)))
    kept, volume = points, 1.0
    for number in range(1, waves + 1):
        outcomes = run(number, points)
        means, draws = _levels(outcomes, targets)
        ran, levels = np.vstack((ran, points)), np.vstack((levels, means))
        spread = np.vstack((spread, draws))
        near = np.all((ran >= box.low) & (ran <= box.high), axis=1)
        between = np.mean(spread[near], axis=0)
        emulators = tuple(
            Emulator(ran[near], levels[near, target]) for target in range(len(targets))
        )
        wave = Wave(
            points=points,
            emulators=emulators,
            skills=tuple(emulator.skill() for emulator in emulators),
            draws=between,
            closest=np.min(_distance(means, np.zeros_like(means), between, targets), axis=0),
            volume=0.0,
        )
        kept, left, box = search([*done, wave], targets, threshold, box, max(keep, samples), rng)
        left = min(left, volume)  # more is luck of the search: what is ruled out stays so
        done.append(replace(wave, volume=left))
        stale, volume = left > STALE * volume, left
        if left == 0.0 or (stale and _sharp(wave, targets)):
            break
        if number < waves:
            points = spaced(kept, samples, ran)
    return Match(targets, threshold, tuple(done), kept[:keep], volume)


def not_ruled_out(
    points: Floats, waves: Sequence[Wave], targets: tuple[Target, ...], limit: float
) -> Truths:
    """Which points no wave rules out: no target is further away than `limit` deviations."""
    left = np.ones(len(points), dtype=bool)
    for wave in waves:
        among = np.flatnonzero(left)
        if len(among):
            worst = np.max(implausibility(points[among], wave, targets), axis=1)
            left[among] = worst <= limit
    return left


def implausibility(points: Floats, wave: Wave, targets: tuple[Target, ...]) -> Floats:
    """Distance from what was observed in standard deviations of all that may explain it,
    (points, targets)."""
    predicted = [emulator.at(points) for emulator in wave.emulators]
    means = np.column_stack([mean for mean, _ in predicted])
    deviations = np.column_stack([deviation for _, deviation in predicted])
    return _distance(means, deviations, wave.draws, targets)


def search(
    waves: Sequence[Wave],
    targets: tuple[Target, ...],
    threshold: float,
    box: BoundingBox,
    wanted: int,
    rng: np.random.Generator,
) -> tuple[Floats, float, BoundingBox]:
    """Points spread evenly over what is left within a box, its share of the cube, and a box closer
    around it; at least `wanted` points unless it is too small to find so many."""
    found: list[Floats] = []
    tried = 0
    for _ in range(BATCHES):
        points = _hypercube(BATCH, box, rng)
        found.append(points[not_ruled_out(points, waves, targets, threshold)])
        tried += BATCH
        kept = np.vstack(found)
        closer = _around(kept, box) if len(kept) >= SURE else box
        if closer.volume < 0.5 * box.volume and len(kept) < wanted:
            box, found, tried = closer, [], 0
        elif len(kept) >= wanted:
            break
    kept = np.vstack(found) if found else np.empty((0, len(box.low)))
    volume = box.volume * len(kept) / tried if tried else 0.0
    closer = _around(kept, box) if len(kept) >= SURE else box
    return rng.permutation(kept), volume, closer


def spaced(candidates: Floats, count: int, beside: Floats) -> Floats:
    """Of the candidates so many, each as far as can be from those before it and from `beside`."""
    gaps = np.full(len(candidates), np.inf)
    for point in beside:
        gaps = np.minimum(gaps, _squared(candidates, point))
    chosen: list[int] = []
    for _ in range(min(count, len(candidates))):
        chosen.append(int(np.argmax(gaps)))
        gaps = np.minimum(gaps, _squared(candidates, candidates[chosen[-1]]))
    return candidates[chosen]


def _distance(
    means: Floats, deviations: Floats, draws: Floats, targets: tuple[Target, ...]
) -> Floats:
    observed = np.array([target.level for target in targets])
    own = np.array([t.measurement**2 + t.discrepancy**2 for t in targets])
    distance: Floats = np.abs(means - observed) / np.sqrt(deviations**2 + draws + own)
    return distance


def _sharp(wave: Wave, targets: tuple[Target, ...]) -> bool:
    """Whether no emulator errs more than all else that stands between outcome and observation."""
    own = np.array([t.measurement**2 + t.discrepancy**2 for t in targets]) + wave.draws
    errors = np.array([skill.error for skill in wave.skills])
    return bool(np.all(errors**2 <= own))


def _levels(outcomes: Floats, targets: tuple[Target, ...]) -> tuple[Floats, Floats]:
    """Mean over replications and variance between them on each target's scale, (points, targets);
    the variance is 0 with one replication, where it shows as scatter of the emulator."""
    scaled = outcomes.copy()
    for place, target in enumerate(targets):
        if target.log:
            if np.min(outcomes[..., place]) <= 0.0:
                raise RequestError(
                    "has no logarithm",
                    key=target.label,
                    value=float(np.min(outcomes[..., place])),
                    allowed="log = false, or an outcome above 0",
                )
            scaled[..., place] = np.log(outcomes[..., place])
    means: Floats = np.mean(scaled, axis=1)
    several = outcomes.shape[1] > 1
    draws: Floats = np.var(scaled, axis=1, ddof=1) if several else np.zeros_like(means)
    return means, draws


def _hypercube(count: int, box: BoundingBox, rng: np.random.Generator) -> Floats:
    """Points of a box, one in each slice of every column."""
    from scipy.stats import qmc

    unit: Floats = qmc.LatinHypercube(len(box.low), rng=rng).random(count)
    return box.low + unit * (box.high - box.low)


def _around(points: Floats, box: BoundingBox) -> BoundingBox:
    """A box a little wider than the points, within the one they were sought in."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * (high - low) + 1.0 / len(points) * (box.high - box.low)
    return BoundingBox(np.maximum(low - margin, box.low), np.minimum(high + margin, box.high))


def _squared(points: Floats, point: Floats) -> Floats:
    gap = points - point
    return np.asarray(np.sum(gap * gap, axis=1))
