"""How far two files of a table lie apart: the same bytes, the same values, or where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agents.columns import Floats
from sim.wording import figure


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
    """How far the tables of two Parquet files lie apart; in words where their shapes differ."""
    try:
        with pq.ParquetFile(one) as a, pq.ParquetFile(other) as b:
            if a.schema_arrow.names != b.schema_arrow.names:
                return "has other columns"
            if a.metadata.num_rows != b.metadata.num_rows:
                return f"has {a.metadata.num_rows:,} rows in place of {b.metadata.num_rows:,}"
            worst = Difference(0.0, "")
            for ours, theirs in _aligned(_groups(a), _groups(b)):
                worst = max(worst, *_by_column(ours, theirs), key=lambda each: each.relative)
            return worst
    except (pa.ArrowException, OSError):
        return "cannot be read"


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
            same = pc.equal(a.cast(pa.string()), b.cast(pa.string()))
            apart = np.where(same.to_numpy(zero_copy_only=False), 0.0, np.inf)
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
