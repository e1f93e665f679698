"""Metrics over time: a fan of many runs, or a line per lab."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.figures.figure import (
    BLUE,
    DASHES,
    HEAD,
    PALETTE,
    ROOM,
    Figure,
    Option,
    frame_of,
    scale_of,
    shorts,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

QUANTILES = {"p5": 5.0, "p25": 25.0, "median": 50.0, "p75": 75.0, "p95": 95.0}
BANDS = (("90 %", "p5", "p95", 0.2), ("50 %", "p25", "p75", 0.34))
"""Name, ends and opacity of the bands, the wider first."""
NAMED = 6
"""Months that are named along an axis at most."""
STEEP = 100.0
"""Largest over smallest, from which on the scale is logarithmic."""


def fan(
    name: str, title: str, unit: str, months: Sequence[str], values: Floats, sample: str
) -> Figure:
    """Median and bands of 50 and 90 % over runs, month by month; of one run only its line.

    values: (runs, months), in `unit`. Bands are stacked pairs of lines: the lower end unseen, and
    the width above it filled.
    """
    import pandas as pd

    ends = dict(zip(QUANTILES, np.percentile(values, [*QUANTILES.values()], axis=0), strict=True))
    table = pd.DataFrame({"month": [*months], "n": len(values), "unit": unit, **ends})
    factor, label = scale_of(np.abs(ends["p95"]).tolist() + np.abs(ends["p5"]).tolist(), unit)
    lowest = float(np.min(ends["p5"]))
    steep = lowest > 0.0 and float(np.max(ends["p95"])) > STEEP * lowest
    many = len(values) > 1
    series: list[Option] = []
    for band, low, high, opacity in BANDS if many else ():
        series.append(_edge(band, shorts(ends[low], factor)))
        width = _edge(band, shorts(ends[high] - ends[low], factor))
        series.append(width | {"areaStyle": {"color": BLUE, "opacity": opacity}})
    median = _line("median" if many else "run", shorts(ends["median"], factor), BLUE, "solid")
    series.append(median | {"lineStyle": {"color": BLUE, "width": 2}})
    note = "median, bands of 50 and 90 %" if many else "one run: nothing is known of its spread"
    option = frame_of(title, sample, note, month_axis(months), _scale(label, steep), series)
    return Figure(name, "fan", title, sample, option, table, note)


def cases(
    name: str,
    title: str,
    unit: str,
    months: Sequence[str],
    values: Mapping[str, Floats],
    sample: str,
) -> Figure:
    """Median and band of 90 % of several cases over the same months.

    values: case -> (runs, months), in `unit`; a case may end before the last month.
    """
    import pandas as pd

    ends = {
        case: np.percentile(held, [QUANTILES[q] for q in ("p5", "median", "p95")], axis=0)
        for case, held in values.items()
    }
    table = pd.concat(
        pd.DataFrame(
            {
                "month": [*months][: low.size],
                "case": case,
                "unit": unit,
                "p5": low,
                "median": median,
                "p95": high,
            }
        )
        for case, (low, median, high) in ends.items()
    )
    factor, label = scale_of([float(v) for e in ends.values() for v in np.abs(e).ravel()], unit)
    series: list[Option] = []
    for place, (case, (low, median, high)) in enumerate(ends.items()):
        colour, gap = PALETTE[place % len(PALETTE)], [None] * (len(months) - low.size)
        style = {"color": colour, "opacity": 0.16}
        for bound, filled in ((low, {}), (high - low, {"areaStyle": style})):
            edge = _edge(case, [*shorts(bound, factor), *gap])
            series.append(edge | filled | {"lineStyle": {"opacity": 0, "color": colour}})
        dash = DASHES[place // len(PALETTE) % len(DASHES)]
        series.append(_line(case, [*shorts(median, factor), *gap], colour, dash))
    legend = {"data": [*ends], "orient": "vertical", "right": 0, "top": HEAD, "type": "scroll"}
    note = "medians and bands of 90 % over runs"
    option = frame_of(
        title,
        sample,
        note,
        month_axis(months),
        _scale(label),
        series,
        legend=legend,
        grid={**ROOM, "right": 190},
    )
    return Figure(name, "cases", title, sample, option, table.reset_index(drop=True), note)


def lines(
    name: str,
    title: str,
    unit: str,
    months: Sequence[str],
    series: Mapping[str, Floats],
    sample: str,
    note: str = "",
) -> Figure:
    """A line per name, (months,) each and NaN where there is a gap; a legend names them."""
    import pandas as pd

    columns = {key: np.asarray(values, dtype=np.float64) for key, values in series.items()}
    table = pd.DataFrame({"month": [*months], "unit": unit, **columns})
    largest = [float(v) for values in columns.values() for v in values]
    factor, label = scale_of(largest, unit)
    drawn = [
        _line(
            key,
            shorts(values, factor),
            PALETTE[place % len(PALETTE)],
            DASHES[place // len(PALETTE) % len(DASHES)],
        )
        for place, (key, values) in enumerate(columns.items())
    ]
    legend = {"data": [*columns], "orient": "vertical", "right": 0, "top": HEAD, "type": "scroll"}
    room = {**ROOM, "right": 190}
    x, y = month_axis(months), _scale(label)
    option = frame_of(title, sample, note, x, y, drawn, legend=legend, grid=room)
    return Figure(name, "lines", title, sample, option, table, note)


def month_axis(months: Sequence[str]) -> Option:
    """The axis of months."""
    return {
        "type": "category",
        "name": "month",
        "data": [*months],
        "boundaryGap": False,
        "axisLabel": {"interval": _apart(len(months)) - 1, "hideOverlap": True},
        "axisLine": {"onZero": False},
    }


def _apart(months: int) -> int:
    """Months between two that are named: parts of a year or whole years, so that the same months
    of the year are named.

    >>> _apart(6), _apart(18), _apart(24), _apart(72), _apart(240)
    (1, 3, 6, 12, 48)
    """
    parts = (step for step in (1, 3, 6) if months <= NAMED * step)
    return next(parts, 12 * math.ceil(months / (12 * NAMED)))


def _scale(unit: str, steep: bool = False) -> Option:
    return {"type": "log" if steep else "value", "name": unit, "scale": True}


def _line(name: str, data: list[float | None], colour: str, dash: str) -> Option:
    style = {"color": colour, "width": 1.6, "type": dash}
    return bare(name, data) | {"color": colour, "lineStyle": style}


def _edge(band: str, data: list[float | None]) -> Option:
    """One of the two lines that hold a band; a negative lower end stacks like any other."""
    unseen = {"opacity": 0, "color": BLUE}
    return bare(band, data) | {
        "color": BLUE,
        "lineStyle": unseen,
        "stack": band,
        "stackStrategy": "all",
    }


def bare(name: str, data: list[float | None]) -> dict[str, Any]:
    """A line without symbols and without a style."""
    return {"type": "line", "name": name, "data": data, "symbol": "none"}
