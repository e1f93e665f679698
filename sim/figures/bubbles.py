"""Dots over months: what each was worth, its size, and whose it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.figures.fan_chart import month_axis
from sim.figures.figure import Figure, Option, scale_of, short
from sim.figures.stacked_axes import Marks, mark_lines

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from agents.framework.columns import Floats

SMALLEST, LARGEST = 4.0, 24.0
"""Sizes of dots; areas are as the amounts."""


@dataclass(frozen=True)
class Dots:
    """Dots of one colour: month (its number), height and amount of each."""

    name: str
    month: NDArray[np.intp]
    values: Floats
    amounts: Floats
    colour: str


def bubbles(
    name: str,
    title: str,
    sample: str,
    months: Sequence[str],
    y: tuple[str, str],
    groups: Sequence[Dots],
    table: pd.DataFrame,
    *,
    ends: tuple[float, float],
    level: float | None = None,
    marks: Marks = (),
    note: str = "",
) -> Figure:
    """A dot a thing, larger with its amount, against a level. y: words and unit of the height.

    ends: of the axis; what lies beyond is drawn at its edge as a triangle.
    """
    _, label = scale_of(ends, y[1])
    most = max((float(g.amounts.max()) for g in groups if len(g.amounts)), default=0.0)
    series = [_dots(number, group, months, ends, most) for number, group in enumerate(groups)]
    guide: Option = {
        "type": "scatter",
        "id": "guide",
        "name": "guide",
        "data": [],
        "markLine": mark_lines(months, marks, level, 1.0, words=True),
    }
    option = {
        "tooltip": {"trigger": "item"},
        "legend": {"data": [group.name for group in groups], "type": "scroll", "top": 0},
        "grid": [{"left": 56, "right": 56, "top": 48, "bottom": 30}],
        "xAxis": [month_axis(months) | {"nameGap": 8}],
        "yAxis": [
            {
                "type": "value",
                "name": f"{y[0]}, {label}",
                "min": ends[0],
                "max": ends[1],
                "nameTextStyle": {"align": "left"},
            }
        ],
        "series": [guide, *series],
    }
    return Figure(name, "bubbles", title, sample, option, table, note)


def _dots(
    number: int, group: Dots, months: Sequence[str], ends: tuple[float, float], most: float
) -> Option:
    root = np.sqrt(np.maximum(group.amounts, 0.0) / most) if most > 0.0 else 0.0 * group.amounts
    sizes = SMALLEST + (LARGEST - SMALLEST) * root
    data: list[Option] = []
    for month, value, size in zip(group.month, group.values, sizes, strict=True):
        held = min(max(float(value), ends[0]), ends[1])
        dot: Option = {"value": [months[month], short(held)], "symbolSize": round(float(size), 1)}
        if held != value:
            dot |= {"symbol": "triangle", "symbolRotate": 180 if value < held else 0}
        data.append(dot)
    return {
        "type": "scatter",
        "id": f"dots {number}",
        "name": group.name,
        "data": data,
        "color": group.colour,
        "itemStyle": {"opacity": 0.75},
    }
