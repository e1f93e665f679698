"""One parameter at a time: what either end of its range does to the metrics, others as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.drivers.sample import reference_of
from experiments.reporting.spread import Spread
from experiments.runs.distributions import Law
from experiments.runs.sweep_plan import SweepPlan

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario


@dataclass(frozen=True)
class Bar:
    """What a parameter does to an outcome alone: the outcome at either end of its range less that
    of the reference, over pairs of runs with the same draws."""

    path: str
    low: float
    high: float
    at_low: Spread
    at_high: Spread


def tornado_plan(
    scenario: Scenario,
    laws: Mapping[str, Law],
    paths: Sequence[str],
    replications: int,
    seed: int,
) -> SweepPlan:
    """The reference, then every path at the low and at the high end of its law.

    All laws' paths stand in the design, at their reference but one: a broad path of a design
    governs the rows of narrower ones that are not in it.
    """
    reference = [reference_of(scenario, path) for path in laws]
    values = np.tile(reference, (1 + 2 * len(paths), 1))
    for number, path in enumerate(paths):
        place = list(laws).index(path)
        values[1 + 2 * number, place], values[2 + 2 * number, place] = (
            laws[path].low,
            laws[path].high,
        )
    return SweepPlan(
        name="tornado",
        title=f"{scenario.title}: one parameter at a time",
        scenario=scenario,
        seed=seed,
        design="points",
        samples=len(values),
        replications=replications,
        laws={},
        tables=("metrics",),
        paths=tuple(laws),
        values=values,
    )


def bars(laws: Mapping[str, Law], paths: Sequence[str], values: Floats) -> dict[str, Bar]:
    """The bars of an outcome, values (scenarios, replications), of a tornado plan of the paths."""
    change = values - values[0]
    return {
        path: Bar(
            path,
            laws[path].low,
            laws[path].high,
            Spread.of(change[1 + 2 * number]),
            Spread.of(change[2 + 2 * number]),
        )
        for number, path in enumerate(paths)
    }
