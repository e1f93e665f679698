"""Runs of one scenario that differ by their draws only, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.files import Staging
from sim.config.metric_names import RESIDUALS
from sim.results.files import manifest, ro_crate
from sim.results.files.tables import RecordedTables, Tables, write_table
from sim.results.results import Results
from sim.results.table_columns import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.config.scenario.scenario import Scenario
    from sim.results.record import Block


class Runs(Results):
    """Runs of one scenario that differ by their draws only.

    Made by `run_ensemble`, or read from a folder by `open_results`: the same face on both.
    `leaders` says in how many runs which lab led, and which compute-poor lab was the best of its
    kind, in the first and in the last month; `releases` counts the models of all runs. `timings`
    (seconds by name) goes into the manifest.

    >>> from sim import load_scenario, run_ensemble
    >>> results = run_ensemble(load_scenario("baseline", months=3), runs=2)
    >>> results.array("compute_stock_h100e").shape
    (2, 3)
    >>> list(results.metrics().columns[:2])
    ['run', 'month']
    """

    TO_KEEP = "for this one run with --tables {table}"
    scenarios = 1

    def __init__(self, tables: Tables, known: dict[str, Any], origin: Scenario | Path) -> None:
        super().__init__(tables, known, origin)
        first, self.replications = (known["replications"][key] for key in ("first", "count"))
        self.numbers = range(first, first + self.replications)
        self.leaders: dict[str, dict[str, dict[str, int]]] = known["leaders"]
        self.releases: int = known["releases"]
        self.timings: dict[str, float] = dict(known.get("timings", {}))

    @classmethod
    def from_blocks(
        cls, scenario: Scenario, seed: int, blocks: Sequence[Block], asked: int | None = None
    ) -> Runs:
        """The results of runs that stand in memory, in the order of the blocks.

        asked: how many runs were wanted, when the blocks hold fewer because they were interrupted.
        """
        done = sum(len(block.replications) for block in blocks)
        known = manifest.identity(scenario, seed, asked or done) | {
            "replications": {"first": blocks[0].replications[0], "count": done},
            "complete": done == (asked or done),
            "leaders": leaders(blocks),
            "releases": sum(int(block.record.released.sum()) for block in blocks),
        }
        return cls(RecordedTables(scenario.calendar, blocks), known, scenario)

    @property
    def manifest(self) -> dict[str, Any]:
        """Where the numbers came from and whether they hold, as it stands in manifest.json."""
        if "residuals" not in self._known:
            self._known |= {
                "residuals": {name: float(np.abs(self.array(name)).max()) for name in RESIDUALS},
                **manifest.provenance(),
            }
        return {**self._known, "timings": dict(self.timings)}

    def write(self, directory: str | Path) -> Path:
        """Write the tables and the manifest to a folder, all of them or nothing.

        The folder may hold the same results (they are replaced); one that holds other results is
        refused with RequestError that names the field that differs. Interrupted results never
        replace more runs than they hold. Raises RequestError for a path that cannot be written and
        MachineError for a disk that fails.
        """
        folder = Path(directory)
        held = manifest.refuse_other(folder, self._known)
        if held is not None and held["replications"]["count"] > self.runs:
            return folder
        with Staging(folder) as staging:
            described = {}
            for table in self.tables:
                with staging.file(f"{table}.parquet") as file:
                    described[table] = write_table(file, table, self._tables.batches(table))
            known = {**self.manifest, "tables": described}
            content = manifest.encoded(known)
            with staging.file(manifest.FILE) as file:
                file.write(content)
            files = {f"{t}.parquet": ro_crate.Stored.told(d) for t, d in described.items()}
            files[manifest.FILE] = ro_crate.Stored.of(content)
            with staging.file(ro_crate.FILE) as file:
                file.write(ro_crate.encoded(known, files))
            staging.drop(f"{table}.parquet" for table in TABLES if table not in described)
        return folder


def leaders(blocks: Sequence[Block]) -> dict[str, dict[str, dict[str, int]]]:
    """Who leads: role (leader, follower) -> first or last month -> lab -> in how many runs, the lab
    of most runs first."""
    names = blocks[0].names["labs"]
    return {
        role: {
            when: _counted(names, [getattr(b.record, role)[:, month] for b in blocks])
            for when, month in (("first", 0), ("last", -1))
        }
        for role in ("leader", "follower")
    }


def _counted(names: Sequence[str], rows: Sequence[NDArray[np.intp]]) -> dict[str, int]:
    found = np.concatenate(rows)
    counts = np.bincount(found[found >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    return {names[row]: int(counts[row]) for row in order if counts[row]}
