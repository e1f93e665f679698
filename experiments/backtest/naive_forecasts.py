"""Naive forecasts that the model has to beat: each knows the earlier values of one series, and no
more.

`days` and `values` are what was known before the start, oldest first; forecasts are positive
numbers, None where the rule is not defined: too few values, or a line that falls below zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np

YEAR = 365.25
"""Days."""
Rival = Callable[[Sequence[date], Sequence[float], date], float | None]
"""Days and values known, and the day to forecast -> the forecast."""


def last_value(days: Sequence[date], values: Sequence[float], day: date) -> float | None:
    """The last known value."""
    return values[-1] if values else None


def constant_growth(days: Sequence[date], values: Sequence[float], day: date) -> float | None:
    """The last known value grown at the rate between the last two: y2 (y2 / y1)^((t - t2) / (t2 -
    t1))."""
    if len(values) < 2:
        return None
    before, last = values[-2:]
    steps = (day - days[-1]).days / (days[-1] - days[-2]).days
    return float(last * (last / before) ** steps)


def linear_trend(days: Sequence[date], values: Sequence[float], day: date) -> float | None:
    """The straight line through all known values, by least squares."""
    if len(values) < 2:
        return None
    years = np.array([(d - day).days / YEAR for d in days])
    known = np.array(values)
    away, beyond = years - years.mean(), known - known.mean()
    slope = float((away * beyond).sum() / np.square(away).sum())
    found = float(known.mean()) - slope * float(years.mean())
    return found if found > 0.0 else None


RIVALS: Mapping[str, Rival] = {
    "last value": last_value,
    "constant growth": constant_growth,
    "linear trend": linear_trend,
}
"""By the name under which tables show them."""
