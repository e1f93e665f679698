"""Results: the tables that the runs of one scenario left, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base import checks
from sim.base.calendar import Calendar
from sim.base.errors import RequestError, nearest, one_of
from sim.base.files import Staging
from sim.config.metric_names import RESIDUALS
from sim.results.files import manifest, ro_crate
from sim.results.files.tables import RecordedTables, Tables, write_table
from sim.results.layout import TABLES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario
    from sim.results.record import Block
    from sim.results.statements import Statements


class Results:
    """The runs of one scenario: their tables, and where they came from.

    Made by `run_ensemble`, or read from a folder by `open_results`: the same face on both. `seed`
    and `runs` say which draws; `complete` is False when fewer runs than asked for were done.
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

    def __init__(self, tables: Tables, known: dict[str, Any], origin: Scenario | Path) -> None:
        self._tables = tables
        self._known = known
        self._origin = origin
        self.seed: int = known["seed"]
        self.runs: int = known["replications"]["count"]
        self.complete: bool = known["complete"]
        self.leaders: dict[str, dict[str, dict[str, int]]] = known["leaders"]
        self.releases: int = known["releases"]
        self.timings: dict[str, float] = dict(known.get("timings", {}))

    @classmethod
    def from_blocks(
        cls, scenario: Scenario, seed: int, blocks: Sequence[Block], asked: int | None = None
    ) -> Results:
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

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that was run; of a folder, made again as its manifest describes it.

        Raises RequestError if its world or the registry has changed since.
        """
        if isinstance(self._origin, Path):
            return manifest.scenario_of(self._known, self._origin)
        return self._origin

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables there are: metrics, and of the others those that were kept."""
        return self._tables.names

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics there are."""
        return self._tables.metrics

    def array(self, name: str) -> Floats:
        """One metric as an array (runs, months).

        Raises RequestError with the nearest name for a metric that there is not.
        """
        if name not in self.names:
            near = nearest(name, self.names)
            raise RequestError(
                "unknown metric", value=name, allowed=one_of(self.names), nearest=near
            )
        return self._tables.column(name).reshape(self.runs, -1)

    def metrics(self) -> pd.DataFrame:
        """The metrics: run, month (first of the month), a float64 column per metric."""
        return self._frame("metrics")

    def agents(
        self, *, kind: str | None = None, quantity: str | None = None, run: int | None = None
    ) -> pd.DataFrame:
        """What agents held, long: run, month, kind, name, quantity, value.

        kind, quantity and run keep only those rows; a table of many runs is large, and is built
        when asked for. Raises RequestError if the table was not kept.
        """
        return self._frame("agents", run, kind=kind, quantity=quantity)

    def flows(self, *, relation: str | None = None, run: int | None = None) -> pd.DataFrame:
        """What moved along edges: run, month, relation, source, target, units, usd.

        relation and run keep only their rows; NaN where goods or money do not move. Raises
        RequestError if the table was not kept.
        """
        return self._frame("flows", run, relation=relation)

    def models(self, *, lab: str | None = None) -> pd.DataFrame:
        """The models that labs released in the runs, in order of run and release.

        Columns: run, and those of `sim.results.layout.MODELS`. lab keeps only its models. Models on
        sale before the start are left out. Raises RequestError if the table was not kept.
        """
        return self._frame("models", lab=lab)

    def payments(self, *, instrument: str | None = None, run: int | None = None) -> pd.DataFrame:
        """What sectors paid each other: run, month, instrument, payer, payee, usd.

        instrument and run keep only their rows. 0 in a month in which no money moved this way, no
        row in a run in which it never did. Raises RequestError if the table was not kept.
        """
        return self._frame("payments", run, instrument=instrument)

    def flow_matrix(self, month: str, run: int = 0) -> pd.DataFrame:
        """The transaction-flow matrix of a month ("2026-03") of a run, net USD received.

        A row an instrument, a column a sector, as `sim.results.statements.matrix` describes. Raises
        RequestError if the payments were not kept, and for a month or run that there is not.
        """
        from sim.economy.economy import KINDS
        from sim.results.statements import matrix

        frame = self._month_of("payments", month, run)
        keys = zip(frame["instrument"], frame["payer"], frame["payee"], strict=True)
        return matrix(dict(zip(keys, map(float, frame["usd"]), strict=True)), tuple(KINDS))

    def statements(self, agent: str, month: str, run: int = 0) -> Statements:
        """The income statement, balance sheet and cash flow of an agent ("labs.openai") in a month
        ("2026-03") of a run.

        Raises RequestError if the agents were not kept, and for an agent, month or run that there
        is not.
        """
        from agents.framework.columns import columns_of
        from sim.economy.economy import KINDS
        from sim.results.statements import check_agent, statements

        frame = self._month_of("agents", month, run)
        kinds, names = frame["kind"].astype(str), frame["name"].astype(str)
        try:
            check_agent(agent, list(dict.fromkeys(kinds + "." + names)))
        except RequestError as error:
            raise error.located("agent") from None
        kind, _, name = agent.partition(".")
        rows = frame[(kinds == kind) & (names == name)]
        values = dict(zip(rows["quantity"], map(float, rows["value"]), strict=True))
        return statements(agent, month, run, columns_of(KINDS[kind]), values)

    def _month_of(self, table: str, month: str, run: int) -> pd.DataFrame:
        """The rows of one month of one run."""
        first = self._known["replications"]["first"]
        checks.argument("run", run, first, first + self.runs - 1)
        months = Calendar(*(self._known["scenario"][key] for key in ("start", "months")))
        try:
            number = months.number(month)
        except RequestError as error:
            raise error.located("month") from None
        frame = self._frame(table, run=run)
        return frame[frame["month"] == np.datetime64(months.dates()[number])]

    def _frame(self, table: str, run: int | None = None, **wanted: str | None) -> pd.DataFrame:
        import pyarrow as pa
        from pyarrow import compute

        if table not in self.tables:
            raise RequestError(
                "the table was not kept",
                value=table,
                allowed=f"tables kept: {one_of(self.tables)}; for this one run with "
                f"--tables {table}",
            )
        parts = []
        for batch in self._tables.batches(table, run):
            kept = batch
            for key, word in wanted.items():
                if word is not None:
                    kept = kept.filter(compute.field(key) == word)
            parts.append(kept)
        frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
        return frame

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
