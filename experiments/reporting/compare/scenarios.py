"""Scenarios against their references: does each do what its file expects of it?

Every run of a scenario is paired with the run of its reference that has the same draws. The
difference of a pair is that of the metric's mean over the window; the 5-95 % interval over pairs
decides. `plan` reads, `measure` runs; what comes out stands in
`experiments.reporting.compare.findings`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.reporting.compare.findings import Comparison, Finding, Question
from experiments.reporting.spread import Spread
from sim.base.calendar import MONTHS_MAX, Calendar
from sim.base.errors import InvariantError
from sim.base.progress import Progress, untold
from sim.config.scenario.loader import load_scenario, reference_of
from sim.config.scenario.scenario import Event, Scenario

if TYPE_CHECKING:
    from agents.framework.columns import Floats

NO_CLAIM = "makes no claim"
REFERENCE = "a reference: it does not differ from its base"
TOO_SHORT = "the run ends before its window"
MetricMeans = dict[tuple[str, str, range], "Floats"]
"""Digest of a scenario, metric, months -> mean of the metric over the months, (runs,)."""


@dataclass(frozen=True)
class ComparisonPlan:
    """What will be run: the claims to judge, and why other scenarios are not (name -> reason)."""

    questions: tuple[Question, ...]
    spared: dict[str, str]

    @property
    def ensembles(self) -> dict[str, Scenario]:
        """Everything to run, once each, by digest."""
        both = [s for q in self.questions for s in (q.reference, q.scenario)]
        return {scenario.digest: scenario for scenario in both}

    @property
    def months(self) -> int:
        """Months of one run of everything."""
        return sum(scenario.months for scenario in self.ensembles.values())


def plan(names: Iterable[str], months: int | None = None) -> ComparisonPlan:
    """What comparing scenarios takes; months: of every run, instead of each scenario's own.

    Raises RequestError for a scenario or a reference that cannot be loaded.
    """
    questions, spared = [], {}
    for name in dict.fromkeys(names):
        scenario = load_scenario(name, months=months)
        if not scenario.about:
            spared[scenario.name] = NO_CLAIM
            continue
        reference = reference_of(scenario)
        counted = counted_months(scenario, reference)
        if scenario.digest == reference.digest:
            spared[scenario.name] = REFERENCE
        elif not counted:
            spared[scenario.name] = TOO_SHORT
        else:
            questions.append(Question(scenario, reference, counted))
    return ComparisonPlan(tuple(questions), spared)


def counted_months(scenario: Scenario, reference: Scenario) -> range:
    """The months over which a metric is averaged: the scenario's window as far as the run goes.

    Without one all from the first in which the two differ: month 0 where anything but their events
    does, else the first in which not the same events are active.
    """
    if scenario.window:
        window = Calendar(scenario.world.start, MONTHS_MAX).period(scenario.window)
        return range(window.start, min(window.stop, scenario.months))
    calm, usual = (replace(s, events=()).digest for s in (scenario, reference))
    if calm != usual:
        return range(scenario.months)
    months = range(scenario.months)
    differing = (m for m in months if _active(scenario, m) != _active(reference, m))
    return range(next(differing, scenario.months), scenario.months)


def measure(plan: ComparisonPlan, runs: int, seed: int, progress: Progress = untold) -> Comparison:
    """Run a plan, every ensemble once; progress is told run-months done.

    A scenario that breaks a law of the model is named in `broken`, as are those it is the
    reference of.
    """
    from sim.ensemble import run_ensemble

    means: MetricMeans = {}
    failed: dict[str, str] = {}
    before = 0

    def told(done: int, whole: int) -> None:
        progress(before + done)

    for digest, scenario in plan.ensembles.items():
        try:
            results = run_ensemble(scenario, runs, seed, progress=told)
        except InvariantError as error:
            failed[digest] = str(error)
        else:
            for q in plan.questions:
                if digest in (q.scenario.digest, q.reference.digest):
                    about = q.scenario.about
                    months = results.array(about)[:, q.months.start : q.months.stop]
                    means[digest, about, q.months] = np.mean(months, axis=1)
        before += runs * scenario.months
    broken, findings = {}, []
    for q in plan.questions:
        if q.scenario.digest in failed:
            broken[q.scenario.name] = failed[q.scenario.digest]
        elif q.reference.digest in failed:
            error_there = failed[q.reference.digest]
            broken[q.scenario.name] = f"in its reference {q.reference.name}, {error_there}"
        else:
            findings.append(_finding(q, means))
    return Comparison(runs, seed, tuple(findings), plan.spared, broken)


def _finding(question: Question, means: MetricMeans) -> Finding:
    from sim.results.metrics.all_metrics import METRICS, RESIDUALS

    units = {m.name: m.unit for m in METRICS} | {name: unit for name, unit, _ in RESIDUALS}
    about, months = question.scenario.about, question.months
    with_it = means[question.scenario.digest, about, months]
    without = means[question.reference.digest, about, months]
    difference = with_it - without
    up, down = int(np.sum(difference > 0.0)), int(np.sum(difference < 0.0))
    usual = float(np.median(without))
    return Finding(question, units[about], usual, Spread.of(difference), up, down)


def _active(scenario: Scenario, month: int) -> list[tuple[Any, ...]]:
    """What the events of a scenario do in a month."""

    def acts(event: Event) -> bool:
        return event.start <= month < event.start + event.months

    return [(e.name, e.set, e.scale) for e in scenario.events if acts(e)]
