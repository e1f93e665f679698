"""What a report or a comparison is made of: the numbers of a folder, runs and sweeps alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.errors import RequestError
from sim.base.files import disk
from sim.base.number_format import many

if TYPE_CHECKING:
    import pandas as pd

    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario
    from sim.results.runs import Results
    from sim.results.sweep import Sweep

READ = 16
"""Runs of which the large tables are read; figures of them say so."""


@dataclass(frozen=True)
class Material:
    """The results of a folder.

    design: a row a design point, a column a varied path; None for runs of one scenario. points,
    replications: what the runs are made of; points is 1 without a design. read: a metric as (points
    x replications, months). tables: what was kept; frames: a large table of each of the first runs,
    `shown` in all.
    """

    folder: Path
    scenario: Scenario
    manifest: dict[str, Any]
    names: tuple[str, ...]
    points: int
    replications: int
    read: Callable[[str], Floats]
    tables: tuple[str, ...]
    frames: Callable[[str], Iterator[pd.DataFrame]]
    design: pd.DataFrame | None = None

    @property
    def runs(self) -> int:
        """Runs in all."""
        return self.points * self.replications

    @property
    def sample(self) -> str:
        """How many runs there are, in words."""
        runs = f"n = {many(self.runs, 'run')}"
        if self.design is None:
            return runs
        return f"{runs}: {many(self.points, 'point')} × {many(self.replications, 'replication')}"

    @property
    def title(self) -> str:
        """What the results are called: the sweep's own title, or the scenario's."""
        return str(self.manifest.get("title", self.scenario.title))

    @property
    def months(self) -> list[str]:
        """The months of a run."""
        return [self.scenario.calendar.label(m) for m in range(self.scenario.months)]

    def array(self, metric: str) -> Floats:
        """A metric of all runs, (runs, months), point after point.

        Raises RequestError that names the first run whose value is no number.
        """
        values = self.read(metric)
        if not np.isfinite(values).all():
            run, month = np.argwhere(~np.isfinite(values))[0]
            place = {"run": int(run)}
            if self.design is not None:
                point, replication = divmod(int(run), self.replications)
                place = {"scenario_id": point, "replication_id": replication}
            where = ", ".join(f"{key} {value}" for key, value in place.items())
            raise RequestError(
                f"not a number in {where}, {self.months[month]}", file=self.folder, key=metric
            )
        return values

    def by_point(self, metric: str, months: int) -> Floats:
        """A metric over the last months, mean over them and over replications, (points,)."""
        values = self.array(metric).reshape(self.points, self.replications, -1)
        settled: Floats = values[:, :, -months:].mean(axis=(1, 2))
        return settled

    @property
    def shown(self) -> int:
        """How many runs figures of large tables stand on."""
        return min(self.runs, READ)

    @property
    def shown_sample(self) -> str:
        """The same in words."""
        of = "" if self.shown == self.runs else f" of {self.runs:,}"
        return f"n = {many(self.shown, 'run')}{of}"


def open_material(folder: Path) -> Material:
    """The results in a folder, of `drawbridge run` or of `drawbridge sweep`.

    Raises RequestError for a folder that holds none, and for runs that are missing.
    """
    from sim.results.open import open_results
    from sim.results.runs import Results

    results = open_results(folder)
    return of_runs(results, folder) if isinstance(results, Results) else of_sweep(results, folder)


def of_runs(results: Results, folder: Path) -> Material:
    """The results of runs that differ by their draws only."""
    known = results.manifest
    first = known["replications"]["first"]
    shown = range(first, first + min(results.runs, READ))
    tables: dict[str, Callable[..., pd.DataFrame]] = {
        "agents": results.agents,
        "flows": results.flows,
        "payments": results.payments,
    }
    return Material(
        folder=folder,
        scenario=results.scenario,
        manifest=known,
        names=results.names,
        points=1,
        replications=results.runs,
        read=results.array,
        tables=results.tables,
        frames=lambda table: (tables[table](run=run) for run in shown),
    )


def of_sweep(sweep: Sweep, folder: Path) -> Material:
    """The results of a sweep; those of its parts that hold the first runs are read for tables."""
    design, runs = sweep.design, sweep.scenarios * sweep.replications
    return Material(
        folder=folder,
        scenario=sweep.scenario,
        manifest=sweep.manifest,
        names=sweep.names,
        points=sweep.scenarios,
        replications=sweep.replications,
        read=lambda name: sweep.array(name).reshape(runs, -1),
        tables=sweep.tables,
        frames=lambda table: islice(_in_parts(folder, table), READ),
        design=design,
    )


def _in_parts(folder: Path, table: str) -> Iterator[pd.DataFrame]:
    """A table of each run, in the order of the parts; a part holds one group of rows a run."""
    import pyarrow.parquet as pq

    for file in sorted(folder.glob(f"parts/{table}-*.parquet")):
        with disk(file), pq.ParquetFile(file) as parquet:
            for group in range(parquet.num_row_groups):
                yield parquet.read_row_group(group).to_pandas()
