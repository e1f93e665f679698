"""Evidence: which publication a figure rests on, and from which day on it could be known.

`configs/evidence/README.md` says where the rows come from.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sim.base import checks
from sim.base.errors import RequestError
from sim.base.frozen import FrozenDict
from sim.config import shipped

COLUMNS = ("id", "quantity", "published", "source")
FILE = shipped.FOLDER / "evidence" / "evidence.csv"
INITIAL = date(2024, 12, 31)
"""The day that `initial:` references describe."""
UNDATED = "assumption: "
"""What a source begins with, or ends with, where it goes on in words."""


@dataclass(frozen=True)
class Evidence:
    """A row that an id stands for. published: the day of publication, None where it is unknown."""

    id: str
    quantity: str
    published: date | None
    source: str


@dataclass(frozen=True)
class SourceReference:
    """One reference of a source. day: the day of publication of evidence, the day that an
    observation or an initial value describes, and None where evidence has no date."""

    reference: str
    day: date | None

    def after(self, day: date) -> bool:
        """True if it is later than a day; a source without a date counts as later."""
        return self.day is None or self.day > day


def load_evidence(file: Path | None = None) -> Mapping[str, Evidence]:
    """All rows by id, of the shipped table by default (once a process).

    Raises RequestError with file, line and column for whatever is wrong in it.
    """
    return _shipped(FILE) if file is None else _read(file)


def origins(source: str) -> tuple[SourceReference, ...]:
    """The dated references of a source as the registry, worlds and vintages write it, in order.

    Assumptions have no date and are left out, in words or by their path. Raises RequestError for an
    id of no evidence.

    >>> [(o.reference, str(o.day)) for o in origins("obs:h100_price/H100/2022-12-31")]
    [('obs:h100_price/H100/2022-12-31', '2022-12-31')]
    >>> origins("assumption: as before; and after")
    ()
    """
    references = source.partition(UNDATED)[0].split("; ")
    return tuple(_origin(r) for r in references if r and not r.startswith("assumptions:"))


def _origin(reference: str) -> SourceReference:
    if reference.startswith("obs:"):
        return SourceReference(reference, date.fromisoformat(reference.rpartition("/")[2]))
    if reference.startswith("initial:"):
        return SourceReference(reference, INITIAL)
    known = load_evidence()
    if reference not in known:
        allowed = "an id of configs/evidence/evidence.csv"
        raise RequestError("unknown evidence", value=reference, allowed=allowed)
    return SourceReference(reference, known[reference].published)


@cache
def _shipped(file: Path) -> Mapping[str, Evidence]:
    return _read(file)


def _read(file: Path) -> Mapping[str, Evidence]:
    found: dict[str, Evidence] = {}
    try:
        with file.open(encoding="utf-8", newline="") as text:
            rows = csv.DictReader(text, strict=True)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise RequestError("not its columns", file=file, allowed=", ".join(COLUMNS))
            for row in rows:
                made = _evidence(row, file, rows.line_num)
                if made.id in found:
                    raise RequestError("given twice", file=file, line=rows.line_num, value=made.id)
                found[made.id] = made
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"cannot be read: {error}", file=file) from None
    return FrozenDict(found)


def _evidence(row: dict[str, str], file: Path, line: int) -> Evidence:
    column = ""
    try:
        for column in ("id", "quantity", "source"):
            checks.line(row[column])
        column = "published"
        published = checks.day(row[column]) if row[column] else None
    except RequestError as error:
        raise error.located(column, file, line) from None
    return Evidence(row["id"], row["quantity"], published, row["source"])
