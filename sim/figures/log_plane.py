"""A plane with two logarithmic axes: paths over time, the latest point marked, lines of a ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.figures.figure import GREY, Figure, Option, short
from sim.figures.stacked_axes import table_of

if TYPE_CHECKING:
    from agents.framework.columns import Floats

STEPS = (1.0, 2.0, 5.0)
RATIOS = tuple(step * 10.0**power for power in range(-3, 6) for step in (1.0, 3.0))
LINES = 9
"""Lines of a ratio that are drawn at most, around the middle of those that meet the plane."""
LATEST, EARLIER = 11, 2
"""Sizes of the latest point and of those before."""
LETTER, LINE, APART = 0.0125, 0.05, 0.022
"""Width of a letter, height of a line, and from a point to its name, in parts of the plane."""


@dataclass(frozen=True)
class Path:
    """A path: its name, a pair of values a month, NaN where there is none, and its style."""

    name: str
    x: Floats
    y: Floats
    colour: str
    dash: str = "solid"
    width: float = 1.0


@dataclass(frozen=True)
class Axis:
    """An axis: what it measures, its unit, and what it means to go along it."""

    words: str
    unit: str
    way: str = ""


def plane(
    name: str,
    title: str,
    sample: str,
    months: Sequence[str],
    axes: tuple[Axis, Axis],
    paths: Sequence[Path],
    note: str = "",
) -> Figure:
    """Paths in the plane, the last point of each large and named; both values positive.

    Thin straight lines join points with the same y over x, "10x" ten times.
    """
    known = [np.isfinite(p.x) & np.isfinite(p.y) & (p.x > 0.0) & (p.y > 0.0) for p in paths]
    across, upward = (
        _bounds([values[there] for values, there in zip(held, known, strict=True)])
        for held in ([p.x for p in paths], [p.y for p in paths])
    )
    places = [np.flatnonzero(there).tolist() for there in known]
    sides = _sides(paths, places, across, upward)
    series = [
        _course(number, path, held, months, side)
        for number, (path, held, side) in enumerate(zip(paths, places, sides, strict=True))
    ]
    guide: Option = {
        "type": "line",
        "id": "ratios",
        "name": "worth over cost",
        "data": [],
        "markLine": _ratios(across, upward),
    }
    option = {
        "tooltip": {"trigger": "item"},
        "legend": {"data": [path.name for path in paths], "type": "scroll", "top": 0},
        "grid": [{"left": 64, "right": 60, "top": 56, "bottom": 48}],
        "xAxis": [{**_scale(axes[0], across), "nameLocation": "middle", "nameGap": 30}],
        "yAxis": [{**_scale(axes[1], upward), "nameTextStyle": {"align": "left"}}],
        "series": [guide, *series],
    }
    columns = (
        (f"{path.name}: {axis.words} [{axis.unit}]", values)
        for path in paths
        for axis, values in zip(axes, (path.x, path.y), strict=True)
    )
    return Figure(name, "plane", title, sample, option, table_of(months, columns), note)


def _course(
    number: int, path: Path, places: Sequence[int], months: Sequence[str], side: str
) -> Option:
    """A path through its months; every point says its month, and the last its name."""
    points: list[Option] = [
        {"value": [short(float(path.x[i])), short(float(path.y[i]))], "name": months[i]}
        for i in places
    ]
    if points:
        points[-1] |= {"symbolSize": LATEST}
    if points and side:
        label = {"show": True, "formatter": "{a}", "position": side, "fontSize": 11}
        points[-1] |= {"label": label}
    return {
        "type": "line",
        "id": f"path {number}",
        "name": path.name,
        "data": points,
        "symbol": "circle",
        "symbolSize": EARLIER,
        "showAllSymbol": True,
        "color": path.colour,
        "lineStyle": {"color": path.colour, "width": path.width, "type": path.dash, "opacity": 0.7},
        "z": 2 + round(path.width),
    }


AxisEnds = tuple[float, float]
"""Of an axis."""
PlaneBox = tuple[float, float, float, float]
"""Left, right, below and above, in parts of the plane."""


def _sides(
    paths: Sequence[Path], places: Sequence[list[int]], across: AxisEnds, upward: AxisEnds
) -> list[str]:
    """On which side of each latest point its name stands: the first of right, left, top and bottom
    that is free of other points and names; nowhere if none is, then the legend must do."""
    last = [
        (_part(path.x[held[-1]], across), _part(path.y[held[-1]], upward)) if held else None
        for path, held in zip(paths, places, strict=True)
    ]
    taken: list[PlaneBox] = [_around(*point, APART / 2.0) for point in last if point]
    sides = []
    for path, point in zip(paths, last, strict=True):
        boxes = _boxes(*point, LETTER * len(path.name)) if point else {}
        side = next((s for s, box in boxes.items() if not _meets(box, taken)), "")
        taken += [boxes[side]] if side else []
        sides.append(side)
    return sides


def _part(value: float, ends: AxisEnds) -> float:
    """The position of a value on a logarithmic axis, 0 to 1."""
    return math.log(value / ends[0]) / math.log(ends[1] / ends[0])


def _around(x: float, y: float, half: float) -> PlaneBox:
    return x - half, x + half, y - half, y + half


def _boxes(x: float, y: float, wide: float) -> dict[str, PlaneBox]:
    """The boxes that a name would fill beside a point."""
    half = LINE / 2.0
    return {
        "right": (x + APART, x + APART + wide, y - half, y + half),
        "left": (x - APART - wide, x - APART, y - half, y + half),
        "top": (x - wide / 2.0, x + wide / 2.0, y + APART, y + APART + LINE),
        "bottom": (x - wide / 2.0, x + wide / 2.0, y - APART - LINE, y - APART),
    }


def _meets(box: PlaneBox, taken: Sequence[PlaneBox]) -> bool:
    return any(
        box[0] < other[1] and other[0] < box[1] and box[2] < other[3] and other[2] < box[3]
        for other in taken
    )


def _bounds(held: Sequence[Floats]) -> AxisEnds:
    """Ends of an axis in steps of 1, 2 and 5 around all values; a decade where there are none."""
    values = np.concatenate([*held, np.empty(0)])
    if not len(values):
        return 0.1, 10.0
    low, high = float(values.min()), float(values.max())
    below = max(s for s in _steps(low) if s <= low * 0.97)
    above = min(s for s in _steps(high) if s >= high * 1.03)
    return below, above


def _steps(value: float) -> list[float]:
    """Round numbers around a value."""
    power = math.floor(math.log10(value))
    return [float(f"{s}e{p}") for p in range(power - 1, power + 2) for s in STEPS]


def _scale(axis: Axis, bounds: AxisEnds) -> Option:
    way = f"  ({axis.way})" if axis.way else ""
    return {
        "type": "log",
        "name": f"{axis.words}, {axis.unit}{way}",
        "min": bounds[0],
        "max": bounds[1],
    }


def _ratios(across: AxisEnds, upward: AxisEnds) -> Option:
    """Straight lines from edge to edge of the plane on which y is so many times x."""
    there = [r for r in RATIOS if upward[0] / across[1] < r < upward[1] / across[0]]
    spare = max(0, len(there) - LINES)
    there = there[spare // 2 : len(there) - (spare - spare // 2)]
    data = []
    for ratio in there:
        x = max(across[0], upward[0] / ratio), min(across[1], upward[1] / ratio)
        start, end = ([short(a), short(ratio * a)] for a in x)
        data.append([{"coord": start, "name": f"{ratio:g}×"}, {"coord": end}])
    return {
        "silent": True,
        "symbol": ["none", "none"],
        "lineStyle": {"color": GREY, "width": 0.8, "type": "dotted"},
        "label": {"formatter": "{b}", "position": "end", "fontSize": 10},
        "data": data,
    }
