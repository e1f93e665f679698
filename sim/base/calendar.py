"""The calendar: months of a run as numbers from its start, and as text like "2026-03"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sim.base.checks import integer
from sim.base.errors import RequestError

MONTHS_MAX = 1200
"""Longest run, in months."""
START_MIN, START_MAX = "1900-01", "2100-12"
"""First and last start: every month of the longest run then fits a timestamp in nanoseconds."""

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Calendar:
    """The months of a run; month 0 is `start`.

    >>> Calendar("2025-01", 72).label(14)
    '2026-03'
    >>> Calendar("2025-01", 72).index("2024-12")
    -1

    Raises RequestError for a start that is no month, and for months outside 1 to MONTHS_MAX.
    """

    start: str = "2025-01"
    months: int = 72

    def __post_init__(self) -> None:
        integer(self.months, 1, MONTHS_MAX)
        if not _serial(START_MIN) <= _serial(self.start) <= _serial(START_MAX):
            raise RequestError(
                "outside the calendar",
                value=self.start,
                allowed=f"a month from {START_MIN} to {START_MAX}",
            )

    def label(self, month: int) -> str:
        """Month number `month` as text; negative numbers are months before the start."""
        year, rest = divmod(_serial(self.start) + month, 12)
        return f"{year:04d}-{rest + 1:02d}"

    def index(self, label: str) -> int:
        """Months from the start to `label`, negative before it; RequestError if it is no month."""
        return _serial(label) - _serial(self.start)

    def number(self, label: str) -> int:
        """Number of a month of the run; RequestError if it is none, or outside the run."""
        month = self.index(label)
        if not 0 <= month < self.months:
            allowed = f"a month of the run, {self.label(0)} to {self.label(self.months - 1)}"
            raise RequestError("outside the run", value=label, allowed=allowed)
        return month

    def period(self, text: str) -> range:
        """Numbers of the months that "2026-03/2027-12" spans, both ends included.

        Raises RequestError if it is not two months of the run, the first not after the last.
        """
        first, slash, last = text.partition("/")
        if not slash:
            allowed = 'the first and the last month, "YYYY-MM/YYYY-MM"'
            raise RequestError("not a window", value=text, allowed=allowed)
        months = range(self.number(first), self.number(last) + 1)
        if not months:
            allowed = f"a last month from {first} on"
            raise RequestError("ends before it begins", value=text, allowed=allowed)
        return months

    def labels(self) -> list[str]:
        """Every month of the run as text."""
        return [self.label(month) for month in range(self.months)]

    def dates(self) -> list[date]:
        """The first day of every month of the run."""
        first = _serial(self.start)
        serials = range(first, first + self.months)
        return [date(serial // 12, serial % 12 + 1, 1) for serial in serials]


def _serial(label: object) -> int:
    """Months from January of year 0."""
    found = _MONTH.fullmatch(label) if isinstance(label, str) else None
    if found is None:
        allowed = 'a month as text, from "YYYY-01" to "YYYY-12"'
        raise RequestError("not a month", value=label, allowed=allowed)
    return 12 * int(found[1]) + int(found[2]) - 1
