"""How far two files of a table lie apart: the same bytes, the same values, or where they differ;
and whether two files of facts say the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from agents.framework.columns import Floats
from sim.base.errors import spelt
from sim.base.number_format import figure
from sim.results.files.manifest import first_difference

APART = ("seconds", "version", "made", "package", "libraries", "platform")
"""What files of facts say of when, where and how fast they were made."""


@dataclass(frozen=True)
class Difference:
    """The largest relative difference of two tables of one shape, and where it stands.

    relative: |a - b| / max(|a|, |b|); infinite where words differ or only one is a number, and 0
    with an empty place where nothing differs.
    """

    relative: float
    place: str

    def __str__(self) -> str:
        if not self.relative:
            return "no value differs"
        size = f"by {figure(self.relative)}" if np.isfinite(self.relative) else "altogether"
        return f"differs {size} in {self.place}"


def same_bytes(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while content := a.read(1 << 20):
            if content != b.read(1 << 20):
                return False
    return True


def difference(one: Path, other: Path) -> Difference | str:
    """How far the tables of two Parquet or CSV files lie apart; in words where their shapes
    differ."""
    try:
        if one.suffix == ".csv":
            ours, theirs = csv.read_csv(one), csv.read_csv(other)
            shapes = ((table.column_names, len(table)) for table in (ours, theirs))
            return _other_shape(*shapes) or _worst([(ours, theirs)])
        with pq.ParquetFile(one) as a, pq.ParquetFile(other) as b:
            shapes = ((file.schema_arrow.names, file.metadata.num_rows) for file in (a, b))
            return _other_shape(*shapes) or _worst(_aligned(_groups(a), _groups(b)))
    except (pa.ArrowException, OSError):
        return "cannot be read"


def other_fact(one: Path, other: Path) -> str:
    """Where two files of facts say different things, but for `APART`; nothing where they do not."""
    try:
        ours, theirs = (json.loads(file.read_text("utf-8")) for file in (one, other))
        for key in APART:
            ours.pop(key, None)
            theirs.pop(key, None)
    except (ValueError, AttributeError, TypeError, RecursionError, OSError):
        return "cannot be read"
    found = first_difference(ours, theirs, "")
    if found is None:
        return ""
    path, here, there = found
    return f"says {path.removeprefix('.')} = {spelt(here)}, not {spelt(there)}"


def _other_shape(one: tuple[list[str], int], other: tuple[list[str], int]) -> str:
    """What differs of columns and rows; nothing where both are alike."""
    (columns, rows), (wanted, count) = one, other
    if columns != wanted:
        return "has other columns"
    return "" if rows == count else f"has {rows:,} rows in place of {count:,}"


def _worst(pairs: Iterable[tuple[pa.Table, pa.Table]]) -> Difference:
    worst = Difference(0.0, "")
    for ours, theirs in pairs:
        worst = max(worst, *_by_column(ours, theirs), key=lambda each: each.relative)
    return worst


def _groups(file: pq.ParquetFile) -> Iterator[pa.Table]:
    return (file.read_row_group(group) for group in range(file.num_row_groups))


def _aligned(
    one: Iterator[pa.Table], other: Iterator[pa.Table]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The same rows of two tables of one length, however their files group them."""
    a = b = pa.table({})
    while True:
        while not len(a):
            a = next(one, None)
            if a is None:
                return
        while not len(b):
            b = next(other)
        rows = min(len(a), len(b))
        yield a.slice(0, rows), b.slice(0, rows)
        a, b = a.slice(rows), b.slice(rows)


def _by_column(one: pa.Table, other: pa.Table) -> Iterator[Difference]:
    """The largest difference of every column."""
    for name in one.column_names:
        a, b = one.column(name), other.column(name)
        if pa.types.is_floating(a.type) and pa.types.is_floating(b.type):
            apart = relative(a.to_numpy(), b.to_numpy())
        else:
            words, others = (column.cast(pa.string()) for column in (a, b))
            empty = pc.and_(words.is_null(), others.is_null())
            same = pc.or_(empty, pc.fill_null(pc.equal(words, others), False))
            apart = np.where(same.to_numpy(), 0.0, np.inf)
        if apart.any():
            row = int(np.argmax(apart))
            yield Difference(float(apart[row]), f"{name} ({_row(one, row)})")
    yield Difference(0.0, "")


def relative(one: Floats, other: Floats) -> Floats:
    """|a - b| / max(|a|, |b|), place by place; 0 where both are the same or no number.

    >>> relative(np.array([1.0, 2.0, np.nan, 0.0]), np.array([1.0, 1.0, np.nan, np.nan]))
    array([0. , 0.5, 0. , inf])
    """
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    finite = np.isfinite(one) & np.isfinite(other)
    a, b = np.where(finite, one, 1.0), np.where(finite, other, 1.0)
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(np.float64).tiny)
    apart = np.where(finite, np.abs(a - b) / scale, np.inf)
    return np.where(same, 0.0, apart)


def _row(table: pa.Table, row: int) -> str:
    """What a row is of: the values of its columns that are no amounts."""
    words = []
    for name in table.column_names:
        column = table.column(name)
        if not pa.types.is_floating(column.type):
            value = column[row].as_py()
            words.append(f"{name} {value:%Y-%m}" if name == "month" else f"{name} {value}")
    return ", ".join(words)
