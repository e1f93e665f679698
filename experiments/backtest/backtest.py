"""The backtest: an ensemble that starts in 2023, held against what was measured since.

Run k draws every parameter that is not known for sure and the luck of replication k. It is run
twice, with the same quantiles and the same luck: as it is, and without look-ahead
(`experiments.backtest.look_ahead`). Naive rivals forecast the same points from what was measured
before the start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from agents.framework.columns import Floats
from experiments.backtest.look_ahead import Knowledge, knowledge, laws_with, laws_without
from experiments.backtest.naive_forecasts import RIVALS
from experiments.backtest.observed_series import KEPT, SERIES, UNSPOKEN, Seen, known_before
from experiments.backtest.scores import PointScore, point_score
from experiments.runs.designs import sample
from experiments.runs.distributions import Law, in_force, with_exceptions
from sim.base import checks
from sim.base.limits import RUNS_MAX
from sim.base.progress import Progress, after, untold
from sim.config.observations import Observation, load_observations
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.scenario.vintage import load_vintage
from sim.ensemble import attempts
from sim.results.files import manifest
from sim.results.record import Block

NAME = "backtest"
SCENARIO, VINTAGE = "backtest_2023", "end_2022"
RUNS = 256
HAVE_VALUE = 0.5
"""Least share of runs that must have a value for a point to be scored."""
AS_IS, WITHOUT = "model", "model without look-ahead"
Failures = Mapping[int, str]
"""Replication -> what broke in it."""


@dataclass(frozen=True)
class PointForecast:
    """What one forecaster says of a point: positive values of its runs, (runs,), and its score."""

    runs: Floats
    score: PointScore

    @classmethod
    def of(cls, runs: Floats, row: Observation) -> PointForecast:
        """A forecast, scored against the row."""
        return cls(runs, point_score(runs, row.value, row.low, row.high))


@dataclass(frozen=True)
class Point:
    """A measured value with its forecasts by forecaster; a rival that is not defined is missing."""

    row: Observation
    forecasts: Mapping[str, PointForecast]

    @property
    def family(self) -> str:
        """With which other series it is pooled."""
        return SERIES[self.row.series].family

    @property
    def subject(self) -> str:
        """Its series and entity."""
        return f"{self.row.series}/{self.row.entity}"


@dataclass(frozen=True)
class Backtest:
    """What a backtest came to. left_out: rows after the start that are not scored, by reference,
    and why. failed: by forecaster, runs that broke a law of the model; they forecast nothing."""

    scenario: Scenario
    runs: int
    seed: int
    knowledge: Knowledge
    points: tuple[Point, ...]
    left_out: Mapping[str, str]
    failed: Mapping[str, Failures]


def backtest(
    runs: int = RUNS,
    seed: int = 1,
    *,
    months: int | None = None,
    progress: Progress = untold,
) -> Backtest:
    """Run the backtest. seed: of the design and the draws; months: of the scenario, its own if not
    given. progress is told run-months done, of both ensembles.

    Raises RequestError for arguments that are not allowed.
    """
    runs, seed = checks.argument("runs", runs, 1, RUNS_MAX), checks.argument("seed", seed)
    scenario = scenario_of(months)
    known = knowledge(scenario, load_vintage(VINTAGE))
    rows, left_out = rows_to_score(scenario)
    both = laws_of(scenario, known)
    said, failed = {}, {}
    for place, (forecaster, its_laws) in enumerate(both.items()):
        told = after(progress, place * runs * scenario.months)
        said[forecaster], failed[forecaster] = run(scenario, its_laws, rows, runs, seed, told)
    points = []
    for row in rows:
        values = {forecaster: found[row.reference] for forecaster, found in said.items()}
        thin = min(len(found) for found in values.values())
        if thin < HAVE_VALUE * runs:
            left_out[row.reference] = f"only {thin:,} of {runs:,} runs have a value"
            continue
        forecasts = {name: PointForecast.of(found, row) for name, found in values.items()}
        points.append(Point(row, forecasts | rivals(scenario, row)))
    return Backtest(scenario, runs, seed, known, tuple(points), left_out, failed)


def scenario_of(months: int | None = None) -> Scenario:
    """The scenario that is run, over so many months or its own."""
    return with_exceptions(load_scenario(SCENARIO, months=months))


def laws_of(scenario: Scenario, known: Knowledge) -> dict[str, dict[str, Law]]:
    """Forecaster -> path -> what its ensemble draws the parameter from."""
    laws = laws_with(scenario, known.vintage)
    return {AS_IS: laws, WITHOUT: laws_without(laws, known.late)}


def identity(scenario: Scenario, runs: int, seed: int) -> dict[str, Any]:
    """What decides the numbers of a backtest, as its manifest tells it."""
    both = laws_of(scenario, knowledge(scenario, load_vintage(VINTAGE)))
    laws = {name: {path: law.to_dict() for path, law in of.items()} for name, of in both.items()}
    rows = [[row.reference, row.value, row.low, row.high] for row in load_observations()]
    measured = sha256(json.dumps(rows).encode()).hexdigest()
    return manifest.cases_identity(
        manifest.BACKTEST,
        {SCENARIO: scenario},
        seed,
        {"name": NAME, "runs": runs, "laws": laws, "observations": measured},
    )


def rows_to_score(scenario: Scenario) -> tuple[list[Observation], dict[str, str]]:
    """The observations that the scenario is held against, in the order of the table; and those
    after its start that it is not, by reference, with the reason."""
    dates, world = scenario.calendar.dates(), scenario.world
    given = [value.source for agent in world.agents for value in agent.initial.values()]
    given += [edge.weight.source for edge in world.edges]
    used = _references(given)
    tuned = _references(entry.source for entry in in_force(scenario))
    rows, left_out = [], {}
    for row in load_observations():
        day = row.period_end
        if day < dates[0]:
            continue
        if row.series in UNSPOKEN:
            left_out[row.reference] = UNSPOKEN[row.series]
        elif day.isoformat() in SERIES[row.series].left_out:
            left_out[row.reference] = SERIES[row.series].left_out[day.isoformat()]
        elif row.reference in used:
            left_out[row.reference] = "sets an initial value of the world"
        elif row.reference in tuned:
            left_out[row.reference] = "a source of a parameter in force"
        elif (day.year, day.month) > (dates[-1].year, dates[-1].month):
            left_out[row.reference] = "the run ends before"
        else:
            rows.append(row)
    return rows, left_out


def _references(sources: Iterable[str]) -> set[str]:
    """What sources name."""
    return {part for source in sources for part in source.split("; ")}


def run(
    scenario: Scenario,
    laws: Mapping[str, Law],
    rows: Sequence[Observation],
    runs: int,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, Floats], Failures]:
    """What the runs say of each row by reference, (runs that have a value,), in order of run; and
    the runs that failed."""
    values = sample("monte_carlo", runs, laws, seed)
    said: dict[str, list[Floats]] = {row.reference: [] for row in rows}
    failed: dict[int, str] = {}
    design = {path: np.ascontiguousarray(values[:, j]) for j, path in enumerate(laws)}
    every = range(runs)
    for some, outcome in attempts(scenario, seed, every, design, keep=KEPT, progress=progress):
        if isinstance(outcome, Block):
            seen = Seen(scenario, outcome)
            for row in rows:
                found = SERIES[row.series].read(seen, row)
                said[row.reference].append(found[found > 0.0])
        else:
            failed |= {run: str(outcome) for run in some}
    empty = np.empty(0)
    return {key: np.concatenate([empty, *parts]) for key, parts in said.items()}, failed


def rivals(scenario: Scenario, row: Observation) -> dict[str, PointForecast]:
    """What naive rules forecast for a row from rows of its series before the start."""
    before = known_before(scenario, row)
    days, values = [day for day, _ in before], [value for _, value in before]
    found = {name: rule(days, values, row.period_end) for name, rule in RIVALS.items()}
    return {
        name: PointForecast.of(np.array([value]), row)
        for name, value in found.items()
        if value is not None
    }
