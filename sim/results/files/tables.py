"""The tables of results as Arrow tables, from records in memory or from a folder's Parquet files.

`sim.results.table_columns` says what stands in them. Rows are in order of run and month; among
flows, NaN stands where a relation moves money only or goods only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.base.errors import RequestError
from sim.base.files import disk
from sim.results.released_models import released_models
from sim.results.table_columns import KEYS, MODELS, VALUES

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.base.calendar import Calendar
    from sim.results.record import Block

ROWS = 100_000
"""Rows of a metrics row group, about. Groups follow runs, never blocks, so that the size of a block
changes no byte."""
Place = tuple["Block", int]
"""A block and a row of it: one run."""
MONTH = pa.timestamp("us")
WORDS = pa.dictionary(pa.int32(), pa.string())
TYPES = {"word": WORDS, "month": MONTH, "number": pa.float64(), "truth": pa.bool_()}


class Tables(Protocol):
    """Where results come from; the same for a record in memory and for a folder."""

    @property
    def names(self) -> tuple[str, ...]:
        """The tables there are."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics there are, in order."""

    def column(self, metric: str) -> Floats:
        """One metric, run after run, flat."""

    def batches(self, table: str, run: int | None = None) -> Iterator[pa.Table]:
        """A table in parts, in order of run; each part is a row group of the file.

        run: only the part of this run, of a table other than the metrics, which has a part a run;
        nothing for a run that there is not.
        """


class RecordedTables:
    """Tables of the blocks of an ensemble; nothing is copied before it is asked for."""

    def __init__(self, calendar: Calendar, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self.runs = tuple(run for block in self.blocks for run in block.replications)
        self.dates = np.array(calendar.dates(), dtype="datetime64[us]")

    @property
    def names(self) -> tuple[str, ...]:
        """The tables that were recorded."""
        kept = self.blocks[0].record.tables
        return ("metrics", *(table for table in kept if table != "metrics"))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that were recorded."""
        return tuple(self.blocks[0].record.metrics)

    def column(self, metric: str) -> Floats:
        """One metric, run after run, flat."""
        return np.concatenate([b.record.metrics[metric] for b in self.blocks]).ravel()

    def batches(self, table: str, run: int | None = None) -> Iterator[pa.Table]:
        """A table in parts, in order of run; run: only its part."""
        if table == "metrics":
            return self._metrics()
        parts = {"models": self._models, "payments": self._payments}
        places = (
            (block, row)
            for block in self.blocks
            for row, replication in enumerate(block.replications)
            if run in (None, replication)
        )
        if table in parts:
            return (parts[table](block, row) for block, row in places)
        return self._long(table, places)

    def _metrics(self) -> Iterator[pa.Table]:
        months = len(self.dates)
        size = max(1, ROWS // months)
        schema = schema_of("metrics", self.metrics)
        for first in range(0, len(self.runs), size):
            runs = np.array(self.runs[first : first + size])
            keys = [np.repeat(runs, months), np.tile(self.dates, len(runs))]
            columns = [self._rows(name, first, first + size) for name in self.metrics]
            yield pa.table([pa.array(c) for c in keys + columns], schema=schema)

    def _rows(self, metric: str, first: int, stop: int) -> Floats:
        """A metric of the runs in places first to stop, flat."""
        parts, before = [], 0
        for block in self.blocks:
            values = block.record.metrics[metric]
            parts.append(values[max(first - before, 0) : max(stop - before, 0)])
            before += len(values)
        return np.concatenate(parts).ravel()

    def _long(self, table: str, places: Iterator[Place]) -> Iterator[pa.Table]:
        """One part a run: what stands in each place of a month, repeated over the months."""
        form = _agents_form if table == "agents" else _flows_form
        for block, rows in groupby(places, key=lambda place: place[0]):
            words, series = form(block)
            keys = self._keys(table, words)
            for _, row in rows:
                values = [_by_month(parts, row) for parts in series]
                yield self._part(table, block.replications[row], keys, values)

    def _payments(self, block: Block, row: int) -> pa.Table:
        """The part of one run: what sectors paid each other, every pair and instrument by which
        money moved in any month of the run; so the part depends on no other run."""
        paid = block.record.payments
        kept = [flow for flow in sorted(paid) if paid[flow][row].any()]
        keys = self._keys("payments", kept)
        usd = np.array([paid[flow][row] for flow in kept]).reshape(len(kept), len(self.dates))
        return self._part("payments", block.replications[row], keys, [usd.T.ravel()])

    def _keys(self, table: str, words: Sequence[tuple[str, str, str]]) -> list[pa.Array]:
        """The words of a month's places repeated over the months, and before them the dates."""
        months = len(self.dates)
        dates = pa.array(np.repeat(self.dates, len(words)))
        return [dates, *(_coded([w[i] for w in words], months) for i in range(len(KEYS[table])))]

    @staticmethod
    def _part(table: str, run: int, keys: list[pa.Array], values: list[Floats]) -> pa.Table:
        runs = np.full(len(keys[0]), run)
        return pa.table([runs, *keys, *values], schema=schema_of(table))

    def _models(self, block: Block, row: int) -> pa.Table:
        """The part of one run: the models that labs released in it, in order of release."""
        columns = released_models(block.record, row)
        labs = pa.array(columns["lab"], pa.int32())
        names = pa.array(block.names["labs"], pa.string())
        columns["lab"] = pa.DictionaryArray.from_arrays(labs, names)
        columns["released"] = self.dates[columns["released"]]
        runs = np.full(len(labs), block.replications[row])
        return pa.table([runs, *(columns[c.name] for c in MODELS)], schema=schema_of("models"))


class StoredTables:
    """Tables of a results folder; a file is checked against its manifest when first read."""

    def __init__(self, directory: Path, described: Mapping[str, Mapping[str, Any]]) -> None:
        self.directory = directory
        self.described = described
        self._sound: set[str] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The tables that the manifest describes."""
        return tuple(self.described)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics in the file."""
        with disk(self.directory), pq.ParquetFile(self._file("metrics")) as parquet:
            return tuple(parquet.schema_arrow.names[2:])

    def column(self, metric: str) -> Floats:
        """One metric, run after run, flat."""
        with disk(self.directory):
            table = pq.read_table(self._file("metrics"), columns=[metric], partitioning=None)
        values: Floats = table.column(0).to_numpy()
        return values

    def batches(self, table: str, run: int | None = None) -> Iterator[pa.Table]:
        """A table in parts, in order of run; run: only its part."""
        with disk(self.directory), pq.ParquetFile(self._file(table)) as parquet:
            yield from row_groups(parquet, () if run is None else (run,))

    def _file(self, table: str) -> Path:
        file = self.directory / f"{table}.parquet"
        if table not in self._sound:
            with disk(file), file.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
            if found != self.described[table]["sha256"]:
                raise RequestError("the file is not the one its manifest describes", file=file)
            self._sound.add(table)
        return file


def write_table(
    file: BinaryIO,
    table: str,
    batches: Iterator[pa.Table],
    footer: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write a table as Parquet; returns what the manifest says of it.

    zstd, floats as split byte streams, words as dictionaries, and no metadata that depends on the
    process: the same table has the same bytes. footer: metadata to add.
    """
    first = next(batches)
    floats = [f.name for f in first.schema if pa.types.is_floating(f.type)]
    others = [f.name for f in first.schema if f.name not in floats]
    sink = _Hashed(file)
    rows = 0
    with pq.ParquetWriter(
        sink,
        first.schema,
        compression="zstd",
        use_dictionary=others,
        use_byte_stream_split=floats,
    ) as writer:
        for batch in _chain(first, batches):
            writer.write_table(batch, row_group_size=max(1, len(batch)))
            rows += len(batch)
        if footer is not None:
            writer.add_key_value_metadata(footer)
    return {"rows": rows, "bytes": sink.size, "sha256": sink.digest.hexdigest()}


class _Hashed:
    """A file that is only written to, and hashed as it is."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        self.file.write(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.closed = True


def _chain(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


def row_groups(parquet: pq.ParquetFile, run: tuple[int, ...] = ()) -> Iterator[pa.Table]:
    """The row groups of a table's file, one without rows if there are none; run: only those of the
    run with these keys, which stand in the first columns."""
    found = False
    for group in range(parquet.num_row_groups):
        columns = parquet.metadata.row_group(group)
        held = [
            columns.column(place).statistics for place in range(len(run))
        ]  # None if it is empty
        if all(h is not None and h.min == key for h, key in zip(held, run, strict=True)):
            found = True
            yield parquet.read_row_group(group)
    if not found:
        yield parquet.schema_arrow.empty_table()


def schema_of(table: str, metrics: Sequence[str] = ()) -> pa.Schema:
    """The columns of a table; metrics: those there are."""
    if table == "models":
        columns = [(c.name, TYPES[c.kind]) for c in MODELS]
    else:
        columns = [("month", MONTH), *((key, WORDS) for key in KEYS.get(table, ()))]
        columns += [(value, pa.float64()) for value in VALUES.get(table, metrics)]
    return pa.schema(
        [pa.field(name, kind, False) for name, kind in (("run", pa.int64()), *columns)]
    )


def _coded(words: Sequence[str], months: int) -> pa.Array:
    """Words of one month's places, repeated over the months, as codes into their vocabulary."""
    vocabulary = list(dict.fromkeys(words))
    code = {word: i for i, word in enumerate(vocabulary)}
    codes = np.array([code[word] for word in words], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(np.tile(codes, months), vocabulary)


Form = tuple[list[tuple[str, str, str]], list[list["Floats"]]]
"""The keys of a month's places, and per value column the arrays (runs, months, ...) that fill them
one after the other."""


def _by_month(parts: Sequence[Floats], row: int) -> Floats:
    """The values of one run: for each month the places of all parts."""
    months = parts[0].shape[1]
    return np.concatenate([part[row].reshape(months, -1) for part in parts], axis=1).ravel()


def _agents_form(block: Block) -> Form:
    places, parts = [], []
    for (kind, quantity), values in block.record.agents.items():
        places += [(kind, name, quantity) for name in block.names[kind]]
        parts.append(values)
    return places, [parts]


def _flows_form(block: Block) -> Form:
    flows = block.record.flows
    shapes = {relation: values.shape for (relation, _), values in flows.items()}
    places = [(name, source, target) for name in shapes for source, target in block.edges[name]]
    none = {name: np.broadcast_to(np.nan, shape) for name, shape in shapes.items()}
    series = [[flows.get((r, value), none[r]) for r in shapes] for value in VALUES["flows"]]
    return places, series
