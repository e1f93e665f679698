"""The turning points of a verdict: values of its three weightiest parameters at which it flips.

A sample of the whole registry ranks all parameters, though too small to be sure of any but the
weightiest. The best of them are run alone at both ends of their ranges, with few pairs of runs, the
best of these with more, and the three with the largest effect are walked through all that is
allowed. The verdict flips where the median of pairs enters or leaves what the sources expect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.drivers.one_at_a_time import REFERENCE, Alone, Asked, steps, turns
from experiments.drivers.sample import evenly
from experiments.statistics.dependence import strengths
from experiments.studies.measuring import registry_design, study_laws
from sim.config.registry import load_registry

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from experiments.studies.study import Study

LOOKED_AT, CANDIDATES, KEPT = 24, 8, 3
"""Parameters that are glanced at alone, those of them that are run with all pairs, and those that
are walked."""
GLANCE = 2
"""Pairs of runs of a glance."""
CLEAR = 2.0
"""Standard errors that a clear effect is larger than."""
POINTS_MIN = 30
"""Fewest draws in which a statistic has a number from which parameters are ranked."""


@dataclass(frozen=True)
class TurningPointsSize:
    """How much is run: draws of the registry, and pairs of runs of every value."""

    draws: int
    pairs: int


@dataclass(frozen=True)
class TurningPoint:
    """A parameter and what it does to a study's main statistic alone, others at their reference.

    clear: whether the mean change at an end is larger than twice its standard error. at_low,
    at_high: change at either end of the registered range, median of pairs. below, above: the
    nearest values at which the verdict flips, None if it does not as far as `least` and `most`,
    which are allowed.
    """

    path: str
    unit: str
    value: float
    low: float
    high: float
    least: float
    most: float
    clear: bool
    at_low: float | None
    at_high: float | None
    below: float | None
    above: float | None


@dataclass(frozen=True)
class TurningPoints:
    """The parameters that move the main statistic of a study most, and where its verdict flips.

    estimate: of the main statistic at the reference, median over pairs; agrees: whether it is where
    the sources expect it. held: share of the draws of the registry in which the statistic is there,
    of `draws`; numberless: how many of these have no number, and count as elsewhere.
    """

    name: str
    number: int
    question: str
    statistic: str
    unit: str
    expected: str
    estimate: float | None
    agrees: bool
    held: float
    draws: int
    numberless: int
    pairs: int
    points: tuple[TurningPoint, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        facts = asdict(self)
        return facts | {"hinges": facts.pop("points")}


def turning_points_of(
    name: str, study: Study, size: TurningPointsSize, seed: int, drawn: Floats
) -> TurningPoints:
    """Find the turning points of a study's verdict.

    drawn: its main statistic over the first draws of `registry_design`, (draws,). Raises
    InvariantError if a law of the model breaks.
    """
    main, laws, registry = study.parts[0], study_laws(study), load_registry()
    rows = next(iter(study.scenarios.values())).rows
    design = registry_design(study, len(drawn), seed)
    order = ranked({p: design[p] for p in laws if laws[p].low < laws[p].high}, drawn)
    ends = {path: (laws[path].low, laws[path].high) for path in order}
    alone = Alone(study, list(laws), seed)
    # What the study says of itself is looked at too; it has to earn its place like the others.
    first = dict.fromkeys([*order[:LOOKED_AT], *({study.turn.path} & set(order))])
    likely = heaviest(alone, list(first), ends, GLANCE)[:CANDIDATES]
    chosen = heaviest(alone, likely, ends, size.pairs)[:KEPT]
    entries = {path: registry.find(path, rows) for path in chosen}

    def walk(asked: Asked) -> Floats:
        found: Floats = np.median(alone.at(asked, size.pairs), axis=1)
        return found

    usual = float(walk([REFERENCE])[0])
    grids = {p: steps(e.value, e.low, e.high, e.min, e.max) for p, e in entries.items()}
    turned = turns(grids, {p: e.value for p, e in entries.items()}, usual, main.expected, walk)
    known = np.isfinite(drawn)
    found = []
    for path, entry in entries.items():
        at_low, at_high = (walk([(path, end) for end in ends[path]]) - usual).tolist()
        found.append(
            TurningPoint(
                path,
                entry.unit,
                entry.value,
                *ends[path],
                entry.min,
                entry.max,
                bool(weights(alone, [path], ends, size.pairs, CLEAR)[0] > 0.0),
                _number(at_low),
                _number(at_high),
                *turned[path],
            )
        )
    return TurningPoints(
        name=name,
        number=study.number,
        question=study.question,
        statistic=main.statistic,
        unit=main.unit,
        expected=main.expected.words,
        estimate=_number(usual),
        agrees=bool(main.expected.holds(usual)),
        held=float(np.mean(np.where(known, main.expected.holds(drawn), 0.0))),
        draws=len(drawn),
        numberless=int(np.sum(~known)),
        pairs=size.pairs,
        points=tuple(found),
    )


def heaviest(
    alone: Alone, paths: Sequence[str], ends: Mapping[str, tuple[float, float]], pairs: int
) -> list[str]:
    """Paths in the order of their weights."""
    order = np.argsort(-weights(alone, paths, ends, pairs), kind="stable")
    return [paths[place] for place in order]


def weights(
    alone: Alone,
    paths: Sequence[str],
    ends: Mapping[str, tuple[float, float]],
    pairs: int,
    errors: float = 1.0,
) -> Floats:
    """The larger of the mean changes that a parameter makes alone at the ends of its range, less so
    many standard errors, (paths,); without a number the least."""
    asked = [(path, end) for path in paths for end in ends[path]]
    change = alone.at(asked, pairs) - alone.at([REFERENCE], pairs)
    error = np.std(change, axis=1, ddof=1) / np.sqrt(pairs)
    sure = np.nan_to_num(
        np.abs(np.mean(change, axis=1)) - errors * error, nan=-np.inf, posinf=-np.inf
    )
    found: Floats = np.max(sure.reshape(-1, 2), axis=1)
    return found


def ranked(design: Mapping[str, Floats], values: Floats) -> list[str]:
    """Paths, those that matter most to values (draws,) first. Draws without a number are left
    out."""
    known = np.isfinite(values)
    paths = list(design)
    if np.sum(known) < POINTS_MIN:
        return paths
    points = evenly(np.column_stack([design[path][known] for path in paths]))
    total, score = strengths(points, evenly(values[known]))
    order = np.lexsort((-score, -total))
    return [paths[place] for place in order]


def _number(value: float) -> float | None:
    """None for what is no number."""
    return value if np.isfinite(value) else None
