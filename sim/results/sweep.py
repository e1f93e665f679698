"""The results of a sweep in its folder: finished, or as far as it has come."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.errors import RequestError, nearest, one_of
from sim.base.files import disk
from sim.config.metric_names import METRIC_NAMES
from sim.results.files import manifest, parts

if TYPE_CHECKING:
    import pandas as pd

    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario

DESIGN = "design.parquet"


class Sweep:
    """The runs of many design points of one scenario, in the order of the design.

    `array` and `metrics` are for statistics: they refuse a sweep in which a run is missing, has
    failed or is not finite, and name it. `partial` gives what there is, at any time.
    """

    def __init__(self, folder: Path, known: dict[str, Any]) -> None:
        self.folder = folder
        self._known = known
        self.seed: int = known["seed"]
        self.scenarios: int = known["scenarios"]
        self.replications: int = known["replications"]
        self.runs: int = self.scenarios * self.replications
        self.complete: bool = known["complete"]
        self.tables: tuple[str, ...] = tuple(known["sweep"]["tables"])
        self.names: tuple[str, ...] = METRIC_NAMES

    @property
    def manifest(self) -> dict[str, Any]:
        """Where the numbers came from, as it stands in manifest.json."""
        return dict(self._known)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that is varied; RequestError if its world or the registry has changed."""
        return manifest.scenario_of(self._known, self.folder)

    @cached_property
    def design(self) -> pd.DataFrame:
        """What varies: a row a scenario_id, a column a path.

        Raises RequestError if the file is not the one that was written.
        """
        import pandas as pd
        import pyarrow as pa

        file = self.folder / DESIGN
        with disk(file):
            raw = file.read_bytes()
        try:
            frame: pd.DataFrame = parts.decode(raw).to_pandas().set_index("scenario_id")
        except (pa.ArrowException, OSError, KeyError):
            frame = pd.DataFrame()
        values = frame.to_numpy(dtype=np.float64)
        if parts.design_hash(list(frame.columns), values) != self._known["design_hash"]:
            raise RequestError("the design is damaged; --resume makes it again", file=file)
        return frame

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies, in the order of the design."""
        return tuple(self.design.columns)

    def array(self, metric: str) -> Floats:
        """One metric as an array (scenarios, replications, months).

        Raises RequestError with the nearest name for a metric that there is not, and for a sweep
        that is not complete and finite in it, with the first run that is missing or is not.
        """
        if metric not in self.names:
            near = nearest(metric, self.names)
            raise RequestError(
                "unknown metric", value=metric, allowed=one_of(self.names), nearest=near
            )
        values = self._array(metric)
        bad = ~np.isfinite(values).all(axis=2)
        if bad.any():
            scenario, replication = (int(i) for i in np.argwhere(bad)[0])
            raise self._refusal(f"{metric} is not finite", scenario, replication)
        return values

    def metrics(self) -> pd.DataFrame:
        """The metrics: scenario_id, replication_id, month, a float64 column per metric.

        Raises RequestError, with the first of them, if runs are missing or not finite.
        """
        frame = self.partial()
        months = self._known["scenario"]["months"]
        keys = frame["scenario_id"].to_numpy() * self.replications
        counts = np.bincount(keys + frame["replication_id"].to_numpy(), minlength=self.runs)
        self._check_present(counts == months)
        finite = np.isfinite(frame.iloc[:, 3:].to_numpy()).all(axis=1)
        if not finite.all():
            row = frame.iloc[int(np.argmin(finite))]
            raise self._refusal("not finite", int(row["scenario_id"]), int(row["replication_id"]))
        return frame

    def partial(self, table: str = "metrics") -> pd.DataFrame:
        """A table of the runs done so far; RequestError if the table was not kept."""
        import pandas as pd
        import pyarrow as pa

        if table not in self.tables:
            raise RequestError(
                "the table was not kept",
                value=table,
                allowed=f"tables kept: {one_of(self.tables)}; others with `tables` in the file",
            )
        found = [parts.decode(content) for content, _ in self._parts(table)]
        if not found:
            keys = {key: pd.Series(dtype="int64") for key in parts.KEYS}
            return pd.DataFrame(keys | {"month": pd.Series(dtype="datetime64[us]")})
        frame: pd.DataFrame = pa.concat_tables(found, promote_options="default").to_pandas()
        return frame

    @property
    def failed(self) -> list[parts.Failure]:
        """Runs that broke a law of the model, in order, of those done so far."""
        return [
            failure for _, note in self._parts("metrics", all_of=True) for failure in note.failed
        ]

    def _array(self, metric: str) -> Floats:
        months = self._known["scenario"]["months"]
        values = np.full((self.runs, months), np.nan)
        present = np.zeros(self.runs, dtype=np.bool_)
        for content, _ in self._parts("metrics"):
            found, keys = parts.values_of(content, metric, months)
            rows = [scenario * self.replications + replication for scenario, replication in keys]
            values[rows] = found
            present[rows] = True
        self._check_present(present)
        return values.reshape(self.scenarios, self.replications, months)

    def _check_present(self, present: Any) -> None:
        if not present.all():
            run = int(np.argmin(present))
            scenario, replication = divmod(run, self.replications)
            key = (scenario, replication)
            failed = {(f.scenario_id, f.replication_id): f.message for f in self.failed}
            why = f"a run failed ({failed[key]})" if key in failed else "a run is missing"
            raise self._refusal(why, scenario, replication)

    def _refusal(self, problem: str, scenario: int, replication: int) -> RequestError:
        run = f"scenario_id {scenario}, replication_id {replication}"
        return RequestError(
            f"{problem}: {run}", file=self.folder, allowed="a sweep that is complete and finite"
        )

    def _parts(self, table: str, *, all_of: bool = False) -> Iterator[tuple[bytes, parts.Note]]:
        """The content and note of each part there is, in order of block, all with runs unless
        `all_of`; RequestError for one that is damaged or of another sweep."""
        folder = self.folder / parts.FOLDER
        with disk(folder):
            names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        for name in names:
            known = parts.table_and_block(name)
            if known is not None and known[0] == table:
                content = parts.read(folder / name)
                note = parts.note_of(content)
                if (note.stamp, note.table, note.block) != (self._stamp, *known):
                    raise RequestError("a part of another sweep", file=folder / name)
                if note.runs or all_of:
                    yield content, note

    @cached_property
    def _stamp(self) -> str:
        return manifest.stamp(self._known)
