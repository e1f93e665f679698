"""Figures behind what the documents say of runs: measured by a command, not typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.reporting.spread import Spread
from sim.base.files import Staging

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.results.runs import Runs

FILE = "facts.json"
RUNS = 16
LAST = 12
"""Months at the end of a run that count where a fact is of its end."""


@dataclass(frozen=True)
class Fact:
    """A statement and its figure in every run, (runs,)."""

    statement: str
    unit: str
    values: Floats

    def facts(self) -> dict[str, Any]:
        """As plain values: median, and 5th and 95th percentile over runs."""
        spread = Spread.of(self.values)
        return {
            "statement": self.statement,
            "unit": self.unit,
            "estimate": spread.median,
            "low": spread.low,
            "high": spread.high,
            "runs": spread.runs,
        }


def measure(runs: int = RUNS, months: int | None = None) -> list[Fact]:
    """Run the reference and a scenario, and take the facts; months: of both, instead of their
    own."""
    from sim.config.scenario.loader import load_scenario
    from sim.ensemble import run_ensemble

    def ensemble(name: str, months: int | None, *tables: str) -> Runs:
        scenario = load_scenario(name, months=months)
        return run_ensemble(scenario, runs=runs, tables=("metrics", *tables))

    usual, drought = ensemble("baseline", months, "models"), ensemble("capital_drought", months)
    return [
        *_of_labs(usual),
        _of_hours(ensemble("baseline", 1, "agents")),
        _of_chips(usual),
        *_of_drought(drought, usual),
    ]


def write(facts: Iterable[Fact], folder: Path) -> None:
    """Write facts to a folder as JSON, whole or not at all."""
    text = json.dumps([fact.facts() for fact in facts], indent=1, allow_nan=False)
    with Staging(folder) as staging, staging.file(FILE) as file:
        file.write(f"{text}\n".encode())


def _of_labs(usual: Runs) -> Iterable[Fact]:
    spent, earned = usual.array("rnd_spend_usd"), usual.array("lab_revenue_annualised_usd") / 12.0
    over = spent[:, -LAST:].sum(axis=1) / earned[:, -LAST:].sum(axis=1)
    yield Fact("Research over revenue of all labs, last year of the baseline", "1", over)
    models = usual.models()
    last = models[models["tenure_months"] > 0.0].groupby(["run", "lab"]).tail(1)
    scale = last["post_training_flop"] / last["training_flop"]
    of_run = scale.groupby(last["run"]).median().reindex(range(usual.runs)).to_numpy()
    words = "Post-training over pre-training FLOP of labs' last flagships, median over labs"
    yield Fact(words, "1", of_run)


def _of_hours(first: Runs) -> Fact:
    def hours(kind: str, column: str) -> Floats:
        found = first.agents(kind=kind, quantity=column).groupby("run")["value"].sum()
        return np.asarray(found, dtype=np.float64)

    used = hours("fleets", "offered") - hours("fleets", "idle")
    others = 1.0 - hours("labs", "compute_used") / used
    return Fact("Hours that labs do not use, over all hours used, first month", "1", others)


def _of_chips(usual: Runs) -> Fact:
    shipped = usual.array("chips_shipped_h100e")[:, LAST : 2 * LAST]
    halves = shipped.reshape(usual.runs, 2, -1).sum(axis=2)
    words = "Chips shipped in the second half of 2026 over those of the first half"
    return Fact(words, "1", halves[:, 1] / halves[:, 0])


def _of_drought(drought: Runs, usual: Runs) -> Iterable[Fact]:
    def mean(results: Runs, metric: str) -> Floats:
        found: Floats = results.array(metric).mean(axis=1)
        return found

    money = mean(drought, "rnd_spend_usd") / mean(usual, "rnd_spend_usd") - 1.0
    ahead = mean(drought, "frontier_capability") - mean(usual, "frontier_capability")
    name = "`capital_drought` against the baseline, mean of all months"
    yield Fact(f"Research money in {name}", "fraction", money)
    yield Fact(f"Frontier capability in {name}", "OOM", ahead)


def fragment(facts: Sequence[Mapping[str, Any]]) -> str:
    """The facts as a table."""
    from experiments.reporting.markdown import estimate, table

    rows = ((str(fact["statement"]), estimate(fact)) for fact in facts)
    return table(("statement", "median (5 to 95 % of runs)"), rows)
