"""A calibration file: which parameters of which scenario, against which observations.

It has the keys of a sweep file that say what varies, and a table per target:

    [[target]]
    outcome     = "compute_shipped_cumulative_h100e@2024-12"
    observation = "obs:world_chip_stock/world/2024-12-31"   # or value, with its source
    scale       = 1.0    # the metric's unit per unit of the observation
    log         = true   # compare logarithms; error and discrepancy are shares either way
    error       = 0.1    # of the measurement, as a standard deviation; without it low and high
    discrepancy = 0.2    # of the model from the world at its best parameters, likewise
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.statistics.history_matching import Target
from experiments.statistics.outcomes import Outcome
from sim.base import checks
from sim.base.errors import RequestError, nearest
from sim.config import shipped
from sim.config.observations import Observation, load_observations
from sim.config.scenario.changes import check_design
from sim.config.scenario.event_windows import is_event_path
from sim.config.toml.document import read_document
from sim.config.toml.table import Table

if TYPE_CHECKING:
    from experiments.runs.distributions import Law
    from sim.config.scenario.scenario import Scenario

KEYS = (
    *("title", "base", "months", "samples", "replications", "waves", "threshold", "keep"),
    *("vary", "target"),
)
TARGET_KEYS = (
    *("outcome", "observation", "value", "low", "high", "source"),
    *("scale", "log", "error", "discrepancy", "why"),
)
WAVES, WAVES_MAX = 3, 20
THRESHOLD = 3.0
"""Standard deviations: any unimodal error exceeds them in at most 5 % of cases."""
KEEP, KEEP_MAX = 1_000, 100_000
SAMPLES_MAX = 2_000
"""Points of a wave: the time of an emulator grows with their third power."""
BAND = 2.0 * 1.6449
"""Standard deviations between the 5th and the 95th percentile."""


@dataclass(frozen=True)
class Aim:
    """A target with where it comes from; value, low and high in the metric's unit."""

    outcome: Outcome
    target: Target
    source: str


@dataclass(frozen=True)
class CalibrationPlan:
    """A calibration file, checked. base: as the file names it, file: the file itself."""

    name: str
    title: str
    file: Path
    base: str
    scenario: Scenario
    laws: Mapping[str, Law]
    aims: tuple[Aim, ...]
    samples: int
    replications: int
    waves: int
    threshold: float
    keep: int
    seed: int

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies."""
        return tuple(self.laws)


def load_calibration(name_or_path: str | os.PathLike[str], seed: int = 1) -> CalibrationPlan:
    """A shipped calibration by name, or one from a .toml file, checked in full.

    Raises RequestError, in one line with file, line, key, value, what is allowed and the nearest
    known name, for whatever is wrong in the file, its scenario or its targets.
    """
    from experiments.runs.distributions import with_exceptions
    from experiments.runs.sweep_file import REGISTRY, read_laws, read_scenario

    seed = checks.argument("seed", seed)
    file = shipped.locate("calibration", name_or_path)
    table = Table.of(read_document(file))
    table.only(KEYS)
    scenario = read_scenario(table, file)
    if table.values.get("vary") == REGISTRY:
        scenario = with_exceptions(scenario)
    aims = tuple(_aim(target, scenario) for target in table.tables("target"))
    if not aims:
        raise table.refusal("nothing to compare with", "target", allowed="[[target]]")
    laws = read_laws(table, scenario, grid=False)
    ends = {p: (law.low, law.high) for p, law in laws.items() if not is_event_path(p)}
    with table.at("vary"):
        check_design(scenario, ends)
    return CalibrationPlan(
        name=file.stem,
        title=table.line("title", file.stem),
        file=file,
        base=table.text("base"),
        scenario=scenario,
        laws=laws,
        aims=aims,
        samples=table.integer("samples", 10, SAMPLES_MAX),
        replications=_integer(table, "replications", 1, 1_000, 1),
        waves=_integer(table, "waves", 1, WAVES_MAX, WAVES),
        threshold=table.number("threshold", 1.0, 10.0) if "threshold" in table else THRESHOLD,
        keep=_integer(table, "keep", 10, KEEP_MAX, KEEP),
        seed=seed,
    )


def _aim(table: Table, scenario: Scenario) -> Aim:
    table.only(TARGET_KEYS)
    with table.at("outcome"):
        outcome = Outcome.read(table.text("outcome"))
        if outcome.window:
            scenario.calendar.period(outcome.window)
    value, low, high, source = _measured(table)
    scale = table.number("scale", 0.0) if "scale" in table else 1.0
    if scale == 0.0:
        raise table.refusal("no scale", "scale", value=scale, allowed="a number above 0")
    log = table.flag("log", False)
    if log and value <= 0.0:
        raise table.refusal("no logarithm", "log", value=log, allowed="a value above 0")
    size = 1.0 if log else abs(value * scale)
    discrepancy = table.number("discrepancy", 0.0) * size
    if "error" in table:
        measurement = table.number("error", 0.0) * size
    elif low is None or high is None:
        why = "the standard deviation as a share: the publisher gives no range"
        raise table.refusal("missing key", "error", allowed=why)
    elif log:
        if low <= 0.0:
            raise table.refusal("no logarithm", "low", value=low, allowed="above 0, or an error")
        measurement = math.log(high / low) / BAND
    else:
        measurement = (high - low) * scale / BAND
    if measurement == 0.0 and discrepancy == 0.0:
        raise table.refusal(
            "leaves no room", "discrepancy", value=discrepancy, allowed="an error or a discrepancy"
        )
    target = Target(str(outcome), value * scale, measurement, discrepancy, log)
    return Aim(outcome, target, source)


def _measured(table: Table) -> tuple[float, float | None, float | None, str]:
    """Value, low, high and source of a target."""
    if "observation" in table:
        for key in ("value", "low", "high", "source"):
            if key in table:
                raise table.refusal("given beside an observation", key)
        with table.at("observation"):
            found = _observation(table.text("observation"))
        return found.value, found.low, found.high, found.reference
    value = table.number("value")
    low = table.number("low", high=value) if "low" in table else None
    high = table.number("high", low=value) if "high" in table else None
    return value, low, high, table.source("source")


def _observation(reference: str) -> Observation:
    known = {row.reference: row for row in load_observations()}
    if reference not in known:
        raise RequestError(
            "not observed",
            value=reference,
            allowed="obs:series/entity/date of observations.csv",
            nearest=nearest(reference, known),
        )
    return known[reference]


def _integer(table: Table, key: str, low: int, high: int, usual: int) -> int:
    return table.integer(key, low, high) if key in table else usual
