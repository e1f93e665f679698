"""The picture of a study: what its cases did, month by month."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.figures import Figure, cases

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from experiments.studies.study import CaseRuns, StudyRuns


def over_time(metric: str, title: str) -> Callable[[StudyRuns], Figure]:
    """A picture of a metric in every case: median and band of the runs."""

    def draw(runs: StudyRuns) -> Figure:
        from sim.results.metrics.all_metrics import METRICS

        unit = next(m.unit for m in METRICS if m.name == metric)
        return series(title, unit, runs, lambda outcome: outcome.metrics[metric])

    return draw


def series(title: str, unit: str, runs: StudyRuns, of: Callable[[CaseRuns], Floats]) -> Figure:
    """A picture of any series, of: outcome of a case -> (runs, months), in `unit`."""
    longest = max((outcome.calendar for outcome in runs.values()), key=lambda c: c.months)
    values = {name: of(outcome) for name, outcome in runs.items()}
    count = len(next(iter(values.values())))
    months = longest.labels()
    return cases("figure", title, unit, months, values, f"n = {count:,} runs a case")
