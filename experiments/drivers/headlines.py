"""What the headline metrics depend on: shares of variance, and one parameter at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.drivers.sample import (
    HEADLINES,
    evenly,
    moving,
    outcome,
    reference_of,
    run_plan,
    runs_folder,
    sample_plan,
)
from experiments.drivers.tornado import Bar, bars, tornado_plan
from experiments.reporting.spread import Spread
from experiments.runs.distributions import Law
from experiments.statistics.dependence import Dependence, dependence
from experiments.statistics.sensitivity import Estimate, unit_of
from sim.config.registry import load_registry
from sim.figures import tornado

if TYPE_CHECKING:
    import pandas as pd

    from sim.config.scenario.scenario import Scenario
    from sim.figures import Figure

SHOWN = 12
"""Parameters of a metric whose effect alone is run."""


@dataclass(frozen=True)
class Driver:
    """A parameter, and what it does to a metric.

    value: of the reference. found: whether it was told apart from chance. first, total: shares of
    variance with their intervals, (value, low, high).
    """

    path: str
    unit: str
    value: float
    found: bool
    first: tuple[float, float, float]
    total: tuple[float, float, float]
    bar: Bar

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        return {
            "path": self.path,
            "unit": self.unit,
            "value": self.value,
            "low": self.bar.low,
            "high": self.bar.high,
            "found": self.found,
            "first": _ends(self.first),
            "total": _ends(self.total),
            "at_low": self.bar.at_low.facts(),
            "at_high": self.bar.at_high.facts(),
        }


@dataclass(frozen=True)
class Headline:
    """A metric and what it depends on; reference: over runs of the reference; sample: over the
    sample, with all parameters drawn. drivers: those that matter most first."""

    metric: str
    title: str
    unit: str
    reference: Spread
    sample: Spread
    depends: Dependence
    drivers: tuple[Driver, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        depends = self.depends
        return {
            "metric": self.metric,
            "title": self.title,
            "unit": self.unit,
            "reference": self.reference.facts(),
            "sample": self.sample.facts(),
            "shares": {
                "alone": depends.alone,
                "pairs": depends.pairs,
                "small": dict(vars(depends.small)),
                "draws": dict(vars(depends.luck)),
                "rest": depends.rest,
                "predicted": depends.predicted,
                "found": len(depends.found),
                "least": depends.least,
            },
            "drivers": [driver.facts() for driver in self.drivers],
        }

    def figure(self) -> Figure:
        """The tornado."""
        import pandas as pd

        rows = [
            {
                "parameter": driver.path,
                "at_low": driver.bar.at_low.median,
                "at_high": driver.bar.at_high.median,
            }
            for driver in self.drivers
        ]
        return tornado(
            f"tornado-{self.metric.replace('_', '-')}",
            f"What moves: {self.title.lower()}",
            self.unit,
            pd.DataFrame(rows),
            f"n = {self.reference.runs} pairs of runs a bar",
            ends=("low end of its range", "high end"),
            note="change from the reference with this parameter alone at an end; median of pairs",
        )

    def table(self) -> pd.DataFrame:
        """A row a parameter, for a spreadsheet."""
        import pandas as pd

        rows = [{"metric": self.metric, **_flat(driver.facts())} for driver in self.drivers]
        return pd.DataFrame(rows)


def headlines(
    scenario: Scenario,
    laws: Mapping[str, Law],
    folder: Path,
    *,
    points: int,
    replications: int,
    seed: int,
    workers: int | None,
) -> tuple[Headline, ...]:
    """Run the sample and the tornado below `folder`, as far as they are not there, and tell what
    every headline metric depends on.

    points: of the sample. replications: pairs of runs of each bar.
    """
    runs = runs_folder(folder)
    varied = run_plan(sample_plan(scenario, laws, points, seed), runs / "sample", workers)
    paths, registry = moving(laws), load_registry()
    unit_points = evenly(varied.design[paths].to_numpy(dtype=np.float64)[:points])
    values = {m: outcome(m, scenario).values(varied)[:, 0] for m in HEADLINES}
    depends = {m: dependence(unit_points, evenly(held)) for m, held in values.items()}
    asked = {m: [paths[place] for place in depends[m].order[:SHOWN]] for m in HEADLINES}
    union = [path for path in paths if any(path in chosen for chosen in asked.values())]
    alone = run_plan(
        tornado_plan(scenario, laws, union, replications, seed), runs / "tornado", workers
    )
    found = []
    for metric, title in HEADLINES.items():
        changed = outcome(metric, scenario).values(alone)
        drawn, told = bars(laws, union, changed), depends[metric]
        drivers = tuple(
            Driver(
                path,
                registry.find(path, scenario.rows).unit,
                reference_of(scenario, path),
                paths.index(path) in told.found,
                _interval(told.first, paths.index(path)),
                _interval(told.total, paths.index(path)),
                drawn[path],
            )
            for path in asked[metric]
        )
        reference, spread = Spread.of(changed[0]), Spread.of(values[metric])
        unit = unit_of(metric)
        found.append(Headline(metric, title, unit, reference, spread, told, drivers))
    return tuple(found)


def _interval(estimate: Estimate, place: int) -> tuple[float, float, float]:
    """An index of one input: value and interval."""
    low, high = (estimate.value if end is None else end for end in (estimate.low, estimate.high))
    return float(estimate.value[place]), float(low[place]), float(high[place])


def _ends(index: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("value", "low", "high"), index, strict=True))


def _flat(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts with nested ones under joined names."""
    found: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, dict):
            found |= {f"{key}_{inner}": held for inner, held in value.items()}
        else:
            found[key] = value
    return found
