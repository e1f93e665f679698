"""Calibration: waves of history matching whose points are sweeps, and what they leave.

The folder holds every wave as a sweep (`waves/1`, …), the summary (`calibration.json`), and the
space that is not ruled out: points spread evenly over it (`not_ruled_out.parquet`) with a sweep
file that runs them (`not_ruled_out.toml`). Asked again, waves that are done are not run again.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.reporting.text_table import aligned
from experiments.statistics.calibration_file import Aim, CalibrationPlan
from experiments.statistics.history_matching import Match, match
from sim.base.errors import Interrupted
from sim.base.number_format import amount, figure, many, percent, span
from sim.base.progress import Progress, after, untold
from sim.config.toml.writer import lines_of

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from experiments.runs.sweep_plan import SweepPlan

POINTS = "not_ruled_out.parquet"
SWEEP = "not_ruled_out.toml"
SUMMARY = "calibration.json"
EVEN = 1.0 / math.sqrt(12.0)
"""Standard deviation of an even spread over the unit interval."""
EVERYTHING = 0.999
"""Share of the space above which what is ruled out is the luck of the search."""


@dataclass(frozen=True)
class NarrowedRange:
    """A parameter before and after: its range, and the 5th, 50th and 95th percentile of what is
    left, None where nothing is. narrowed: by how much its spread within its law has shrunk."""

    path: str
    low: float
    high: float
    left: tuple[float, float, float] | None
    narrowed: float


@dataclass(frozen=True)
class Calibration:
    """What history matching found, and the points that are left with the values of each path."""

    plan: CalibrationPlan
    match: Match
    values: Floats

    def ranges(self) -> list[NarrowedRange]:
        """The parameters, those that were narrowed most first."""
        found = []
        for column, (path, law) in enumerate(self.plan.laws.items()):
            left, narrowed = None, 1.0
            if len(self.values):
                low, middle, high = np.percentile(self.values[:, column], (5.0, 50.0, 95.0))
                left = (float(low), float(middle), float(high))
                narrowed = 1.0 - float(np.std(self.match.kept[:, column])) / EVEN
            found.append(NarrowedRange(path, law.low, law.high, left, narrowed))
        return sorted(found, key=lambda r: -r.narrowed)

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values, for `--json` and the folder."""
        return {
            "title": self.plan.title,
            "scenario": self.plan.scenario.to_dict(),
            "seed": self.plan.seed,
            "samples": self.plan.samples,
            "replications": self.plan.replications,
            "threshold": self.plan.threshold,
            "targets": [_aim_facts(aim) for aim in self.plan.aims],
            "waves": [
                {
                    "points": len(wave.points),
                    "volume": wave.volume,
                    "closest": wave.closest.tolist(),
                    "emulators": [dict(vars(skill)) for skill in wave.skills],
                }
                for wave in self.match.waves
            ],
            "volume": self.match.volume,
            "kept": len(self.values),
            "parameters": [vars(found) for found in self.ranges()],
        }

    def text(self) -> str:
        """Targets, waves and parameters for people."""
        plan, last = self.plan, self.match.waves[-1]
        lines = [
            plan.title,
            f"{many(len(self.match.waves), 'wave')} of up to {many(plan.samples, 'point')} x "
            f"{many(plan.replications, 'replication')}, seed {plan.seed}; ruled out beyond "
            f"{figure(plan.threshold)} standard deviations",
            "",
        ]
        rows = [("Target", "observed", "closest run", "emulator explains")]
        for place, aim in enumerate(plan.aims):
            share, closest = percent(last.skills[place].explained), figure(last.closest[place])
            rows.append((aim.target.label, _observed(aim), f"{closest} sd", share))
        lines += aligned(rows)
        shares = ", ".join(f"{figure(100.0 * wave.volume)} %" for wave in self.match.waves)
        lines += ["", f"Not ruled out, of the whole space, wave by wave: {shares}"]
        if not len(self.values):
            lines.append(
                "Nothing is left: no point comes near all targets at once, so the model, its "
                "ranges or the discrepancies are wrong"
            )
            return "\n".join(lines)
        if self.match.volume > EVERYTHING:
            lines.append("Nothing is ruled out: within these errors all of the space agrees")
        rows = [("Parameter", "range", "not ruled out (5–95 %)", "narrowed by")]
        for found in self.ranges():
            low, _, high = found.left or (math.nan, math.nan, math.nan)
            before, after = span(found.low, found.high, amount), span(low, high, amount)
            rows.append((found.path, before, after, percent(max(found.narrowed, 0.0))))
        return "\n".join((*lines, "", *aligned(rows)))

    def write(self, folder: Path) -> None:
        """The summary, the points and their sweep file, all of them or nothing."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from sim.base.files import Staging

        columns = {path: self.values[:, place] for place, path in enumerate(self.plan.paths)}
        with Staging(folder) as staging:
            with staging.file(SUMMARY) as file:
                file.write(f"{json.dumps(self.facts(), indent=2)}\n".encode())
            if len(self.values):
                with staging.file(POINTS) as file:
                    pq.write_table(pa.table(columns), file)
                with staging.file(SWEEP) as file:
                    file.write(_sweep_file(self.plan, folder).encode())
            else:
                staging.drop((POINTS, SWEEP))


def calibrate(
    plan: CalibrationPlan,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress = untold,
) -> Calibration:
    """Run the waves, as sweeps in the folder, and write what they leave.

    progress is told the runs done of all waves. Raises what `run_sweep` raises, and Interrupted
    when a wave was stopped; the waves done are kept.
    """
    from experiments.runs.sweep import run_sweep
    from sim.results.open import open_sweep

    laws = tuple(plan.laws.values())

    def placed(points: Floats) -> Floats:
        return np.column_stack([law.at(points[:, c]) for c, law in enumerate(laws)])

    def run(number: int, points: Floats) -> Floats:
        sweep = wave_of(plan, number, placed(points))
        place = folder / "waves" / str(number)
        before = (number - 1) * plan.samples * plan.replications
        outcome = run_sweep(
            sweep,
            place,
            workers=workers,
            scheduler=scheduler,
            resume=True,
            progress=after(progress, before),
        )
        if outcome.interrupted:
            raise KeyboardInterrupt
        results = open_sweep(place)
        return np.stack([aim.outcome.values(results) for aim in plan.aims], axis=2)

    try:
        found = match(
            run,
            len(laws),
            tuple(aim.target for aim in plan.aims),
            samples=plan.samples,
            waves=plan.waves,
            threshold=plan.threshold,
            keep=plan.keep,
            seed=plan.seed,
        )
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; the runs done are kept in {folder}, and found again"
        ) from None
    calibration = Calibration(plan, found, placed(found.kept))
    calibration.write(folder)
    return calibration


def wave_of(plan: CalibrationPlan, number: int, values: Floats) -> SweepPlan:
    """The sweep that runs the points of a wave."""
    from experiments.runs.sweep_plan import SweepPlan

    return SweepPlan(
        name=f"{plan.name}-wave-{number}",
        title=f"{plan.title}: wave {number}",
        scenario=plan.scenario,
        seed=plan.seed,
        design="points",
        samples=len(values),
        replications=plan.replications,
        laws={},
        tables=("metrics",),
        paths=plan.paths,
        values=values,
    )


def _sweep_file(plan: CalibrationPlan, folder: Path) -> str:
    """A sweep over the points that are left, of the same scenario."""
    base = plan.base
    if base.endswith(".toml"):
        base = os.path.relpath(plan.file.parent / base, folder)
    lines = {
        "title": f"{plan.title}: what is not ruled out",
        "base": base,
        "months": plan.scenario.months,
        "design": "points",
        "points": POINTS,
        "replications": plan.replications,
    }
    return lines_of(lines)


def _aim_facts(aim: Aim) -> dict[str, Any]:
    return {**vars(aim.target), "source": aim.source}


def _observed(aim: Aim) -> str:
    """The value with a standard deviation of measurement and discrepancy together."""
    target = aim.target
    deviation = math.hypot(target.measurement, target.discrepancy)
    spread = percent(deviation) if target.log else amount(deviation)
    return f"{amount(target.value)} ± {spread}"
