"""The results of a sweep in its folder: finished, or as far as it has come."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.errors import RequestError
from sim.results.files.parts import Failure, StoredParts
from sim.results.results import Results

if TYPE_CHECKING:
    import pandas as pd

    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario
    from sim.results.results import Truths


class Sweep(Results):
    """The runs of many design points of one scenario, in the order of the design.

    `array` and `metrics` are for statistics: they refuse a sweep in which a run is missing, has
    failed or is not finite, and name it. `partial` gives what there is, at any time, as the other
    tables do.
    """

    TO_KEEP = "others with `tables` in the file"
    _tables: StoredParts

    def __init__(self, tables: StoredParts, known: dict[str, Any], origin: Scenario | Path) -> None:
        super().__init__(tables, known, origin)
        self.scenarios = known["scenarios"]
        self.replications = known["replications"]
        self.numbers = range(self.runs)

    @cached_property
    def design(self) -> pd.DataFrame:
        """What varies: a row a scenario_id, a column a path.

        Raises RequestError if the file is not the one that was written.
        """
        return self._tables.design

    def array(self, name: str) -> Floats:
        """One metric as an array (scenarios, replications, months).

        Raises RequestError with the nearest name for a metric that there is not, and for a sweep
        that is not complete and finite in it, with the first run that is missing or is not.
        """
        return self.series(name).reshape(self.scenarios, self.replications, -1)

    def metrics(self) -> pd.DataFrame:
        """The metrics: scenario_id, replication_id, month, a float64 column per metric.

        Raises RequestError, with the first of them, if runs are missing or not finite.
        """
        frame = self.partial()
        months = self.calendar.months
        rows = frame["scenario_id"] * self.replications + frame["replication_id"]
        finite = np.zeros((self.runs, months), dtype=np.bool_)
        finite[rows.to_numpy(), np.arange(len(frame)) % months] = np.isfinite(
            frame[[*self.names]].to_numpy()
        ).all(axis=1)
        self._refuse_gaps(finite, "not finite")
        return frame

    def partial(self, table: str = "metrics") -> pd.DataFrame:
        """A table of the runs done so far; RequestError if the table was not kept."""
        return self._frame(table)

    @property
    def failed(self) -> list[Failure]:
        """Runs that broke a law of the model, in order, of those done so far."""
        return self._tables.failed

    def _frame(self, table: str, run: int | None = None, **wanted: str | None) -> pd.DataFrame:
        frame = super()._frame(table, run, **wanted)
        if run is not None and frame.empty:
            self._refuse_absent(run)
        return frame

    def _refuse_gaps(self, finite: Truths, problem: str) -> None:
        if not finite.all():
            self._refuse_absent()
        super()._refuse_gaps(finite, problem)

    def _refuse_absent(self, run: int | None = None) -> None:
        """Refuse a sweep in which a run is missing or has failed; run: in which this one is."""
        for number, why in self._tables.absent().items():
            if run in (None, number):
                raise RequestError(
                    f"{why}: {self._keys_of(number)}",
                    file=self.folder,
                    allowed="a sweep that is complete and finite",
                )

    def _keys_of(self, place: int) -> str:
        scenario, replication = divmod(place, self.replications)
        return f"scenario_id {scenario}, replication_id {replication}"
