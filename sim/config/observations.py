"""Observations: what was measured of the real AI compute economy, to hold runs against.

`configs/observations/README.md` says whose figures they are and what to beware of.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, cast

from sim.base import checks
from sim.base.errors import RequestError, nearest, one_of
from sim.config import shipped

Confidence = Literal["primary", "secondary"]

CONFIDENCES = ("primary", "secondary")
COLUMNS = ("series", "entity", "period_end", "value", "low", "high", "unit", "source", "confidence")
FILE = shipped.FOLDER / "observations" / "observations.csv"


@dataclass(frozen=True)
class Observation:
    """One measured value.

    period_end: last day of the period, or the day of a stock. low, high: 5th and 95th percentile or
    the range of a price, None where the publisher gives none. confidence: "secondary" comes out of
    press tables and is to be printed as such.
    """

    series: str
    entity: str
    period_end: date
    value: float
    low: float | None
    high: float | None
    unit: str
    source: str
    confidence: Confidence

    @property
    def reference(self) -> str:
        """The reference by which worlds and the registry name it."""
        return f"obs:{self.series}/{self.entity}/{self.period_end.isoformat()}"


def load_observations(file: Path | None = None) -> tuple[Observation, ...]:
    """All rows of a table of observations, of the shipped one by default (once a process).

    Raises RequestError with file, line and column for whatever is wrong in it.
    """
    return _shipped(FILE) if file is None else _read(file)


def observed(series: str, entity: str) -> tuple[tuple[date, ...], tuple[float, ...]]:
    """Dates and values of one series, oldest first.

    Raises RequestError, with the nearest name, for a series or an entity that was not observed.
    """
    rows = [row for row in load_observations() if row.series == series]
    if not rows:
        raise _unknown("series", series, (row.series for row in load_observations()))
    found = sorted((row.period_end, row.value) for row in rows if row.entity == entity)
    if not found:
        raise _unknown("entity", entity, (row.entity for row in rows))
    return tuple(day for day, _ in found), tuple(value for _, value in found)


@cache
def _shipped(file: Path) -> tuple[Observation, ...]:
    return _read(file)


def _read(file: Path) -> tuple[Observation, ...]:
    found: dict[str, Observation] = {}
    try:
        with file.open(encoding="utf-8", newline="") as text:
            rows = csv.DictReader(text, strict=True)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise RequestError("not its columns", file=file, allowed=", ".join(COLUMNS))
            for row in rows:
                if len(row) > len(COLUMNS):
                    raise RequestError("too many columns", file=file, line=rows.line_num)
                made = _observation(row, file, rows.line_num)
                if made.reference in found:
                    raise RequestError(
                        "observed twice", file=file, line=rows.line_num, value=made.reference
                    )
                found[made.reference] = made
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"cannot be read: {error}", file=file) from None
    return tuple(found.values())


def _observation(row: dict[str, str], file: Path, line: int) -> Observation:
    column = ""
    try:
        for column in ("series", "entity", "unit", "source"):
            checks.line(row[column])
        column = "period_end"
        period_end = checks.day(row[column])
        column = "confidence"
        confidence = cast(Confidence, checks.choice(row[column], CONFIDENCES))
        column = "value"
        value = _number(row[column])
        column = "low"
        low = _number(row[column], high=value) if row[column] else None
        column = "high"
        high = _number(row[column], low=value) if row[column] else None
    except RequestError as error:
        raise error.located(column, file, line) from None
    return Observation(
        series=row["series"],
        entity=row["entity"],
        period_end=period_end,
        value=value,
        low=low,
        high=high,
        unit=row["unit"],
        source=row["source"],
        confidence=confidence,
    )


def _number(text: str, low: float = -float("inf"), high: float = float("inf")) -> float:
    try:
        given: object = float(text)
    except (TypeError, ValueError):
        given = text
    return checks.number(given, low, high)


def _unknown(what: str, given: str, known: Iterable[str]) -> RequestError:
    names = sorted(set(known))
    near = nearest(given, names)
    return RequestError(f"unknown {what}", value=given, allowed=one_of(names), nearest=near)
