"""Parts of a sweep: one Parquet file per block of runs and table, which proves that it is whole.

The footer of a part says to which sweep and block it belongs, which of its runs failed, and the
SHA-256 of the file itself, taken with zeros in the place of the hash; so a file that was cut short
or changed in any byte is found without decoding it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from agents.framework.columns import Floats
from sim.base.calendar import Calendar
from sim.base.errors import RequestError, one_line
from sim.base.files import disk
from sim.config.metric_names import METRIC_NAMES, RESIDUALS
from sim.results.files import manifest
from sim.results.files.tables import RecordedTables, row_groups, schema_of, write_table
from sim.results.record import Block

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "parts"
DESIGN = "design.parquet"
KEYS = ("scenario_id", "replication_id")
_MARK = b"sha256="
_DIGEST = 64
_NAME = re.compile(r"(?:([a-z]+)-)?([0-9]{6,})\.parquet")
_NOTE = "drawbridge"
ERROR_MAX = 400
"""Longest message of a failed run that is kept, in characters."""


@dataclass(frozen=True)
class Failure:
    """A run that broke a law of the model, and what it said."""

    scenario_id: int
    replication_id: int
    message: str

    def __str__(self) -> str:
        run = f"scenario_id {self.scenario_id}, replication_id {self.replication_id}"
        return f"{run}: {self.message}"


@dataclass(frozen=True)
class Note:
    """The note in the footer of a part.

    design_hash, stamp: of the sweep's design, and of all that decides its numbers. runs: how many
    runs are in it. failed: those that are not. residuals: the worst of its runs.
    """

    block: int
    table: str
    stamp: str
    design_hash: str
    runs: int
    failed: tuple[Failure, ...]
    residuals: Mapping[str, float]


def file_name(table: str, block: int) -> str:
    """The file of a table's part.

    >>> file_name("metrics", 12), file_name("agents", 12)
    ('000012.parquet', 'agents-000012.parquet')
    """
    return f"{'' if table == 'metrics' else f'{table}-'}{block:06d}.parquet"


def table_and_block(name: str) -> tuple[str, int] | None:
    """The table and the block that a file's name stands for; None if it is not a part."""
    found = _NAME.fullmatch(name)
    return (found[1] or "metrics", int(found[2])) if found else None


def design_hash(paths: Sequence[str], values: Floats) -> str:
    """SHA-256 of a design, (scenarios, paths): its paths in order, and its values bit by bit."""
    digest = sha256("\n".join(paths).encode())
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


def encode(
    table: str,
    blocks: Sequence[Block],
    calendar: Calendar,
    runs: Sequence[tuple[int, int]],
    note: Note,
) -> bytes:
    """The file of a table's part. blocks: records of the runs, in the order of `runs`, which holds
    the scenario_id and replication_id of each; a part may have none."""
    keyed = iter([_empty()])
    if blocks:
        batches = RecordedTables(calendar, blocks).batches(table)
        keyed = _keyed(table, batches, runs, calendar.months)
    footer = {_NOTE: json.dumps(asdict(note)), "check": _MARK.decode() + "0" * _DIGEST}
    file = io.BytesIO()
    write_table(file, table, keyed, footer)
    content = file.getvalue()
    place = content.rindex(_MARK) + len(_MARK)
    digest = sha256(content).hexdigest().encode()
    return content[:place] + digest + content[place + _DIGEST :]


def residuals(blocks: Iterable[Block]) -> dict[str, float]:
    """The worst residuals of some blocks; 0 for none."""
    kept = list(blocks)
    return {
        name: max((float(np.abs(b.record.metrics[name]).max()) for b in kept), default=0.0)
        for name in RESIDUALS
    }


def read(file: Path) -> bytes:
    """The content of a part; RequestError, with the reason, for one that is not whole."""
    with disk(file):
        content = file.read_bytes()
    place = content.rfind(_MARK) + len(_MARK)
    digest = content[place : place + _DIGEST]
    blank = sha256(content[:place] + b"0" * _DIGEST + content[place + _DIGEST :])
    if digest != blank.hexdigest().encode():
        raise RequestError("the part is damaged: it was cut short or changed", file=file)
    return content


def note_of(content: bytes) -> Note:
    """The note in the footer of a whole part."""
    said = json.loads(pq.read_metadata(pa.BufferReader(content)).metadata[_NOTE.encode()])
    failed = tuple(Failure(**failure) for failure in said.pop("failed"))
    return Note(**said, failed=failed)


def decode(content: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a whole part."""
    return pq.read_table(pa.BufferReader(content), columns=columns)


def values_of(content: bytes, metric: str, months: int) -> tuple[Floats, list[tuple[int, int]]]:
    """A metric of a part's runs, (runs, months), and the scenario_id and replication_id of each."""
    table = decode(content, [*KEYS, metric])
    scenario, replication, values = (table.column(i).to_numpy() for i in range(3))
    keys = zip(scenario[::months].tolist(), replication[::months].tolist(), strict=True)
    return values.reshape(-1, months), list(keys)


class StoredParts:
    """Tables of a sweep's folder, as far as its runs are done; a part is checked when it is read.

    known: the manifest. Runs are numbered in the order of scenario and replication.
    """

    metrics = METRIC_NAMES

    def __init__(self, directory: Path, known: Mapping[str, Any]) -> None:
        self.directory = directory
        self.known = known
        self.names: tuple[str, ...] = tuple(known["sweep"]["tables"])
        self.replications: int = known["replications"]
        self.runs: int = known["scenarios"] * self.replications

    @cached_property
    def design(self) -> pd.DataFrame:
        """What varies: a row a scenario_id, a column a path.

        Raises RequestError if the file is not the one that was written.
        """
        import pandas as pd

        file = self.directory / DESIGN
        with disk(file):
            content = file.read_bytes()
        try:
            frame: pd.DataFrame = decode(content).to_pandas().set_index("scenario_id")
        except (pa.ArrowException, OSError, KeyError):
            frame = pd.DataFrame()
        values = frame.to_numpy(dtype=np.float64)
        if design_hash(list(frame.columns), values) != self.known["design_hash"]:
            raise RequestError("the design is damaged; --resume makes it again", file=file)
        return frame

    def column(self, metric: str) -> Floats:
        """One metric, run after run, flat; NaN of runs that are not there."""
        months = self.known["scenario"]["months"]
        values = np.full((self.runs, months), np.nan)
        for content, _ in self._parts("metrics"):
            found, keys = values_of(content, metric, months)
            values[[self._number(*key) for key in keys]] = found
        return values.ravel()

    def batches(self, table: str, run: int | None = None) -> Iterator[pa.Table]:
        """A table in parts, of the runs that are there; run: only its part."""
        block = None if run is None else run // self.known["block"]
        keys = () if run is None else divmod(run, self.replications)
        found = False
        for content, _ in self._parts(table, block):
            found = True
            with pq.ParquetFile(pa.BufferReader(content)) as parquet:
                yield from row_groups(parquet, keys)
        if not found:
            yield _keyed_schema(schema_of(table, self.metrics)).empty_table()

    @property
    def failed(self) -> list[Failure]:
        """Runs that broke a law of the model, in order, of those done so far."""
        notes = (note for _, note in self._parts("metrics", all_of=True))
        return [failure for note in notes for failure in note.failed]

    def absent(self) -> dict[int, str]:
        """The runs that are not there, by number, and why not."""
        failed = {self._number(f.scenario_id, f.replication_id): f.message for f in self.failed}
        there = np.zeros(self.runs, dtype=np.bool_)
        for content, _ in self._parts("metrics"):
            scenario, replication = (c.to_numpy() for c in decode(content, [*KEYS]).columns)
            there[self._number(scenario, replication)] = True
        return {
            run: f"a run failed ({failed[run]})" if run in failed else "a run is missing"
            for run in np.flatnonzero(~there).tolist()
        }

    def _number(self, scenario: Any, replication: Any) -> Any:
        return scenario * self.replications + replication

    def _parts(
        self, table: str, block: int | None = None, *, all_of: bool = False
    ) -> Iterator[tuple[bytes, Note]]:
        """The content and note of each part there is, in order of block, all with runs unless
        `all_of`; RequestError for one that is damaged or of another sweep."""
        folder = self.directory / FOLDER
        with disk(folder):
            names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        for name in names:
            known = table_and_block(name)
            if known is not None and known[0] == table and block in (None, known[1]):
                content = read(folder / name)
                note = note_of(content)
                if (note.stamp, note.table, note.block) != (self._stamp, *known):
                    raise RequestError("a part of another sweep", file=folder / name)
                if note.runs or all_of:
                    yield content, note

    @cached_property
    def _stamp(self) -> str:
        return manifest.stamp(self.known)


def message_of(error: Exception) -> str:
    """The message of a failed run, short enough for a footer."""
    return one_line(str(error), ERROR_MAX)


def _keyed(
    table: str, batches: Iterator[pa.Table], runs: Sequence[tuple[int, int]], months: int
) -> Iterator[pa.Table]:
    """A table's batches with the runs' own keys in the place of the column `run`.

    The metrics come many runs a batch, of `months` rows each; of the others each batch is a run.
    """
    done = 0
    for batch in batches:
        size = len(batch) // months if table == "metrics" else 1
        rows = months if table == "metrics" else len(batch)
        keys = [np.repeat([run[i] for run in runs[done : done + size]], rows) for i in range(2)]
        done += size
        schema = _keyed_schema(batch.schema)
        columns = [*(pa.array(key, pa.int64()) for key in keys), *batch.columns[1:]]
        yield pa.table(columns, schema=schema)


def _keyed_schema(schema: pa.Schema) -> pa.Schema:
    """The columns of a table with the keys of a sweep's runs in the place of the column `run`."""
    return pa.schema([*(pa.field(key, pa.int64(), False) for key in KEYS), *list(schema)[1:]])


def _empty() -> pa.Table:
    """The table of a part all of whose runs failed."""
    return pa.schema([pa.field(key, pa.int64(), False) for key in KEYS]).empty_table()
