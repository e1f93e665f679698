"""Results: the runs of a scenario, of one design point or of many, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.base import checks
from sim.base.calendar import Calendar
from sim.base.errors import RequestError, nearest, one_of
from sim.results.files import manifest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario
    from sim.results.files.tables import Tables
    from sim.results.statements import Statements

    Truths = NDArray[np.bool_]


class Results:
    """The runs of one scenario: their tables, and where they came from.

    What `Runs`, which differ by their draws only, and a `Sweep`, of many design points, have in
    common: runs are a sweep of one point. `scenarios` counts the points, and `replications` the
    runs of each; `numbers` are those of the runs, point after point. `seed` says which draws;
    `complete` is False when fewer runs than asked for were done. `folder` is None for results in
    memory.
    """

    TO_KEEP: ClassVar[str]
    """How to have a table that was not kept."""
    scenarios: int
    replications: int
    numbers: range

    def __init__(self, tables: Tables, known: dict[str, Any], origin: Scenario | Path) -> None:
        self._tables = tables
        self._known = known
        self._origin = origin
        self.folder = origin if isinstance(origin, Path) else None
        self.seed: int = known["seed"]
        self.complete: bool = known["complete"]

    @property
    def manifest(self) -> dict[str, Any]:
        """Where the numbers came from and whether they hold, as it stands in manifest.json."""
        return dict(self._known)

    @property
    def title(self) -> str:
        """What the results are called: a sweep's own title, or the scenario's."""
        return manifest.title_of(self._known)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that was run or varied; of a folder, made again as its manifest describes
        it.

        Raises RequestError if its world or the registry has changed since.
        """
        if isinstance(self._origin, Path):
            return manifest.scenario_of(self._known, self._origin)
        return self._origin

    @property
    def calendar(self) -> Calendar:
        """The months of the runs."""
        told = self._known["scenario"]
        return Calendar(told["start"], told["months"])

    @property
    def runs(self) -> int:
        """Runs in all."""
        return self.scenarios * self.replications

    @cached_property
    def design(self) -> pd.DataFrame:
        """What varies: a row a scenario_id, a column a path."""
        import pandas as pd

        return pd.DataFrame(index=pd.RangeIndex(self.scenarios, name="scenario_id"))

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies, in the order of the design."""
        return tuple(self.design.columns)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables there are: metrics, and of the others those that were kept."""
        return self._tables.names

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics there are."""
        return self._tables.metrics

    def array(self, name: str) -> Floats:
        """One metric as an array (runs, months), as it is.

        Raises RequestError with the nearest name for a metric that there is not.
        """
        return self._values(name)

    def series(self, name: str) -> Floats:
        """One metric of all runs, (runs, months), in the order of their numbers.

        Raises RequestError with the nearest name for a metric that there is not, and with the first
        run that is missing, has failed or is not finite.
        """
        values = self._values(name)
        self._refuse_gaps(np.isfinite(values), f"{name} is not finite")
        return values

    def metrics(self) -> pd.DataFrame:
        """The metrics: the keys of the run, month (first of the month), a float64 column a metric.

        The keys are run, of a sweep scenario_id and replication_id, here as in the other tables.
        """
        return self._frame("metrics")

    def agents(
        self, *, kind: str | None = None, quantity: str | None = None, run: int | None = None
    ) -> pd.DataFrame:
        """What agents held, long: the run's keys, month, kind, name, quantity, value.

        kind, quantity and run keep only those rows; a table of many runs is large, and is built
        when asked for. Raises RequestError if the table was not kept, and for a run that there is
        not.
        """
        return self._frame("agents", run, kind=kind, quantity=quantity)

    def flows(self, *, relation: str | None = None, run: int | None = None) -> pd.DataFrame:
        """What moved along edges: the run's keys, month, relation, source, target, units, usd.

        relation and run keep only their rows; NaN where goods or money do not move. Raises
        RequestError if the table was not kept, and for a run that there is not.
        """
        return self._frame("flows", run, relation=relation)

    def models(self, *, lab: str | None = None) -> pd.DataFrame:
        """The models that labs released in the runs, in order of run and release.

        Columns: the run's keys, and those of `sim.results.table_columns.MODELS`. lab keeps only its
        models. Models on sale before the start are left out. Raises RequestError if the table was
        not kept.
        """
        return self._frame("models", lab=lab)

    def payments(self, *, instrument: str | None = None, run: int | None = None) -> pd.DataFrame:
        """What sectors paid each other: the run's keys, month, instrument, payer, payee, usd.

        instrument and run keep only their rows. 0 in a month in which no money moved this way, no
        row in a run in which it never did. Raises RequestError if the table was not kept, and for a
        run that there is not.
        """
        return self._frame("payments", run, instrument=instrument)

    def frames(self, table: str) -> Iterator[pd.DataFrame]:
        """A table other than the metrics run by run, each read when asked for."""
        return (batch.to_pandas() for batch in self._tables.batches(table))

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
        try:
            number = self.calendar.number(month)
        except RequestError as error:
            raise error.located("month") from None
        frame = self._frame(table, run)
        return frame[frame["month"] == np.datetime64(self.calendar.dates()[number])]

    def _frame(self, table: str, run: int | None = None, **wanted: str | None) -> pd.DataFrame:
        import pyarrow as pa
        from pyarrow import compute

        if table not in self.tables:
            how = self.TO_KEEP.format(table=table)
            raise RequestError(
                "the table was not kept",
                value=table,
                allowed=f"tables kept: {one_of(self.tables)}; {how}",
            )
        if run is not None:
            checks.argument("run", run, self.numbers.start, self.numbers.stop - 1)
        parts = []
        for batch in self._tables.batches(table, run):
            kept = batch
            for key, word in wanted.items():
                if word is not None:
                    kept = kept.filter(compute.field(key) == word)
            parts.append(kept)
        frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
        return frame

    def _values(self, name: str) -> Floats:
        """One metric of all runs, (runs, months), whatever stands there."""
        if name not in self.names:
            near = nearest(name, self.names)
            raise RequestError(
                "unknown metric", value=name, allowed=one_of(self.names), nearest=near
            )
        return self._tables.column(name).reshape(self.runs, -1)

    def _refuse_gaps(self, finite: Truths, problem: str) -> None:
        """Refuse what is not finite everywhere, (runs, months), by the first run and month."""
        if not finite.all():
            run, month = (int(place) for place in np.argwhere(~finite)[0])
            where = f"{self._keys_of(run)}, {self.calendar.label(month)}"
            raise RequestError(f"{problem}: {where}", file=self.folder)

    def _keys_of(self, place: int) -> str:
        """The keys of the run in this place, in words."""
        return f"run {self.numbers[place]}"
