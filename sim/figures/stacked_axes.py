"""Rows of axes over one axis of months: lines, areas and bands, each row with its own unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.base.errors import one_line
from sim.figures.fan_chart import bare, month_axis
from sim.figures.figure import GREY, Figure, Option, scale_of, shorts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from agents.framework.columns import Floats

HEAD, FOOT, BETWEEN, TALL = 48.0, 30.0, 40.0, 100.0
"""Pixels above the rows for the legend, below them for the months, between two for the name of the
next axis, and of a row, in a drawing as high as `height_of` says."""
ALONE = 2.2
"""Share of a row that stands alone, which is higher than one of several."""
SMALL = 1e-5
"""Below this numbers are drawn in powers of ten."""
MARK = 26
"""Letters of a mark's words that are drawn."""
DOT = 5


@dataclass(frozen=True)
class Line:
    """A line: what the legend calls it, and a value a month from the first on, NaN for a gap.

    column: what it is called in the table, if not by its name. dots: months with a dot on the line.
    listed: whether the legend names it, in a row of several.
    """

    name: str
    values: Floats
    colour: str
    dash: str = "solid"
    width: float = 1.6
    column: str = ""
    dots: NDArray[np.bool_] | None = None
    listed: bool = True


@dataclass(frozen=True)
class Ribbon:
    """The spread of a line over many runs: low end, middle and high end, a value a month each;
    column: its name in the table."""

    name: str
    column: str
    low: Floats
    middle: Floats
    high: Floats
    colour: str


@dataclass(frozen=True)
class AxesRow:
    """Axes of a unit. log: a logarithmic scale, where zero leaves a gap. areas: lines add up.

    level: a value to hold the lines against. share: height, against that of the other rows. also:
    series that stand in the table only, by the column's whole name.
    """

    words: str
    unit: str
    lines: tuple[Line, ...]
    ribbons: tuple[Ribbon, ...] = ()
    log: bool = False
    areas: bool = False
    level: float | None = None
    share: float = 1.0
    also: Mapping[str, Floats] = field(default_factory=dict)


Marks = Sequence[tuple[str, str]]
"""Months in which something was changed, and what."""


def stacked(
    name: str,
    title: str,
    sample: str,
    months: Sequence[str],
    rows: Sequence[AxesRow],
    marks: Marks = (),
    note: str = "",
) -> Figure:
    """The rows one below the other. months: all of the axis; series may end before it.

    A legend names the lines of rows that have several; a row of one line is named by its axis.
    """
    series: list[Option] = []
    scales, named = list[Option](), dict[str, None]()
    for place, row in enumerate(rows):
        factor, label = _scale_of(_extremes(row), row.unit)
        drawn = _drawn(row, place, factor)
        if drawn:
            drawn[0]["markLine"] = mark_lines(months, marks, row.level, factor, words=place == 0)
        series += drawn
        scales.append(
            {
                "type": "log" if row.log else "value",
                "name": f"{row.words}, {label}",
                "gridIndex": place,
                "scale": not row.areas,
                "splitNumber": 3,
                "nameTextStyle": {"align": "left"},
            }
        )
        if len(row.lines) > 1:
            named |= dict.fromkeys(line.name for line in row.lines if line.listed)
        named |= dict.fromkeys(ribbon.name for ribbon in row.ribbons)
    last = len(rows) - 1
    axes = [month_axis(months) | {"gridIndex": place, "nameGap": 8} for place in range(len(rows))]
    for axis in axes[:last]:
        axis |= {"name": "", "axisLabel": {**axis["axisLabel"], "show": False}}
    option = {
        "tooltip": {"trigger": "axis"},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "legend": {"data": [*named], "type": "scroll", "top": 0},
        "grid": _grids(rows),
        "xAxis": axes,
        "yAxis": scales,
        "series": series,
    }
    return Figure(name, "rows", title, sample, option, _table(months, rows), note)


def height_of(rows: float) -> int:
    """Pixels in which so many rows of the common height stand well."""
    return round(HEAD + FOOT + rows * TALL + (rows - 1.0) * BETWEEN)


def _scale_of(values: list[float], unit: str) -> tuple[float, str]:
    """The divisor and the unit after division; of very small numbers a power of ten."""
    largest = max(values, default=0.0)
    if 0.0 < largest < SMALL:
        factor = float(f"1e{math.floor(math.log10(largest))}")
        return factor, f"{factor:g} {unit}"
    return scale_of(values, unit)


def _extremes(row: AxesRow) -> list[float]:
    """The largest numbers of a row's lines and bands; of areas, of their sum."""
    held = [line.values for line in row.lines]
    if row.areas and held:
        held = [sum((np.nan_to_num(values) for values in held), np.zeros_like(held[0]))]
    held += [end for ribbon in row.ribbons for end in (ribbon.low, ribbon.high)]
    known = [np.abs(values[np.isfinite(values)]) for values in held]
    return [float(values.max()) for values in known if len(values)]


def _drawn(row: AxesRow, place: int, factor: float) -> list[Option]:
    """The series of a row: lines before bands, so that the first is always a line."""
    on = {"xAxisIndex": place, "yAxisIndex": place}
    drawn: list[Option] = []
    for number, line in enumerate(row.lines):
        values = _positive(line.values) if row.log else line.values
        data: list[Option | float | None] = [*shorts(values, factor)]
        style = {"color": line.colour, "width": line.width, "type": line.dash}
        one = bare(line.name, []) | on | {"id": f"line {place} {number}", "z": 3}
        one |= {"color": line.colour, "lineStyle": style}
        one |= {"symbolSize": DOT, "showAllSymbol": True}
        if np.count_nonzero(np.isfinite(values)) == 1:
            one["symbol"] = "circle"  # one point makes no line
        if line.dots is not None:
            data = [
                {"value": value, "symbol": "circle", "symbolSize": DOT} if dotted else value
                for value, dotted in zip(data, line.dots, strict=True)
            ]
        if row.areas:
            one |= {"stack": f"row {place}", "areaStyle": {"color": line.colour, "opacity": 0.55}}
        drawn.append(one | {"data": data})
    for ribbon in row.ribbons:
        drawn += [one | on for one in _ribbon(ribbon, place, row.log, factor)]
    return drawn


def _ribbon(ribbon: Ribbon, place: int, log: bool, factor: float) -> list[Option]:
    """A band as two stacked lines, the lower unseen and the width above it filled, and its
    middle."""
    ends = [_positive(v) if log else v for v in (ribbon.low, ribbon.middle, ribbon.high)]
    unseen = {"color": ribbon.colour, "lineStyle": {"opacity": 0}, "tooltip": {"show": False}}
    stack = {"stack": f"{place} {ribbon.column}", "stackStrategy": "all", "silent": True, "z": 1}
    fill = {"areaStyle": {"color": ribbon.colour, "opacity": 0.18}}
    key = f"band {place} {ribbon.column}"
    low = bare(ribbon.name, shorts(ends[0], factor)) | unseen | stack
    width = bare(ribbon.name, shorts(ends[2] - ends[0], factor)) | unseen | stack | fill
    style = {"color": ribbon.colour, "width": 1.0, "type": "dotted"}
    middle = bare(ribbon.name, shorts(ends[1], factor)) | {"color": ribbon.colour, "z": 2}
    return [
        low | {"id": f"{key} low"},
        width | {"id": f"{key} width"},
        middle | {"lineStyle": style, "id": f"{key} middle"},
    ]


def _positive(values: Floats) -> Floats:
    """Values that a logarithmic scale can show."""
    return np.where(values > 0.0, values, np.nan)


def mark_lines(
    months: Sequence[str], marks: Marks, level: float | None, factor: float, *, words: bool
) -> Option:
    """Upright lines where something was changed, and a level one. Always a list, or a chart that is
    drawn anew would keep its old ones."""
    data: list[Option] = [
        {"xAxis": month, "name": said} for month, said in _by_month(months, marks).items()
    ]
    if level is not None:
        data.append({"yAxis": level / factor, "name": "", "label": {"show": False}})
    return {
        "silent": True,
        "symbol": ["none", "none"],
        "lineStyle": {"color": GREY, "width": 1, "type": "dashed"},
        "label": {"show": words, "formatter": "{b}", "position": "insideEndTop", "fontSize": 10},
        "data": data,
    }


def _by_month(months: Sequence[str], marks: Marks) -> dict[str, str]:
    """One mark a month of the axis: the words of the first, and how many others there are."""
    said: dict[str, list[str]] = {}
    known = {*months}
    for month, words in marks:
        if month in known:
            said.setdefault(month, []).append(words)
    return {
        month: one_line(words[0], MARK) + (f" +{len(words) - 1}" if len(words) > 1 else "")
        for month, words in said.items()
    }


def _grids(rows: Sequence[AxesRow]) -> list[Option]:
    """The places of the rows, in percent of the height."""
    whole = sum(row.share for row in rows)
    percent = 100.0 / height_of(whole)
    room = whole * TALL + (whole - len(rows)) * BETWEEN
    top, grids = HEAD, list[Option]()
    for row in rows:
        height = room * row.share / whole
        place = {"top": f"{top * percent:.2f}%", "height": f"{height * percent:.2f}%"}
        grids.append({"left": 56, "right": 56, **place})
        top += height + BETWEEN
    return grids


def _table(months: Sequence[str], rows: Sequence[AxesRow]) -> pd.DataFrame:
    """Month, and a column a line with its unit; as long as the longest series."""
    return table_of(months, (column for row in rows for column in _columns(row)))


def _columns(row: AxesRow) -> Iterator[tuple[str, Floats]]:
    for line in row.lines:
        yield f"{line.column or line.name} [{row.unit}]", line.values
    yield from row.also.items()
    for ribbon in row.ribbons:
        for end, values in (("p5", ribbon.low), ("median", ribbon.middle), ("p95", ribbon.high)):
            yield f"{ribbon.column} {end} [{row.unit}]", values


def table_of(months: Sequence[str], columns: Iterable[tuple[str, Floats]]) -> pd.DataFrame:
    """Months and columns of full numbers; a series that ends early leaves gaps."""
    import pandas as pd

    held = dict(columns)
    longest = max((len(values) for values in held.values()), default=0)
    cells = np.full((longest, len(held)), np.nan)
    for place, values in enumerate(held.values()):
        cells[: len(values), place] = values
    table = pd.DataFrame(cells, columns=[*held])
    table.insert(0, "month", [*months[:longest]])
    return table
