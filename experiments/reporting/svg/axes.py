"""Pictures with two axes: lines and bands over months, bars side by side, dots."""

from __future__ import annotations

from itertools import pairwise

from experiments.reporting.svg.canvas import (
    AxisScale,
    hover,
    line,
    path,
    safe,
    scale_over,
    svg,
    text,
    told,
)
from experiments.reporting.text_table import cut
from sim.figures.figure import Option

WIDTH, HEIGHT = 720.0, 330.0
LEFT, RIGHT, TOP, BOTTOM = 66.0, 16.0, 30.0, 40.0
LEGEND, NAMES = 178.0, 252.0
"""Widths of the legend beside lines, and of the names beside bars."""
ROW = 26.0
"""Height of a bar with what is around it."""
DASHES = {"dashed": "6 4", "dotted": "2 3"}


def over_months(option: Option) -> str:
    """Lines over months; a stacked pair of lines is drawn as the band between its ends."""
    months, series = option["xAxis"]["data"], option["series"]
    bands = _bands(series)
    lines = [s for s in series if "stack" not in s]
    legend = "legend" in option
    right = WIDTH - (LEGEND if legend else RIGHT)
    held = [v for s in lines for v in s["data"] if v is not None]
    held += [v for _, low, high, _ in bands for v in (*low, *high)]
    x = AxisScale(0.0, max(1.0, len(months) - 1.0), LEFT, right)
    log = option["yAxis"]["type"] == "log"
    y = scale_over(held, HEIGHT - BOTTOM, TOP, log=log)
    parts = _frame(option, x, y, right, HEIGHT)
    parts += [
        text(x(place), HEIGHT - BOTTOM + 18.0, words, "mark", "middle")
        for place, words in _years(months)
    ]
    for _, low, high, style in bands:
        there = [(x(i), y(v)) for i, v in enumerate(high)]
        back = [(x(i), y(v)) for i, v in enumerate(low)]
        parts.append(
            f'<path d="{path(there + back[::-1])}Z" fill="{style["color"]}" '
            f'fill-opacity="{style["opacity"]}"/>'
        )
    for one in lines:
        parts += _line(one, x, y)
    parts += _columns(option, bands, lines, x)
    if legend:
        parts += _legend(lines, right + 14.0)
    return svg(WIDTH, HEIGHT, option["title"]["text"], parts)


def bars(option: Option) -> str:
    """Bars from 0 to either side, the series of a name over one another."""
    names, unit = option["yAxis"]["data"], option["xAxis"]["name"]
    height = TOP + BOTTOM + ROW * max(1, len(names))
    held = [v for s in option["series"] for v in s["data"] if v is not None]
    x = scale_over(held, NAMES, WIDTH - RIGHT, zero=True)
    parts = [line(x(v), TOP, x(v), height - BOTTOM, "grid") for v, _ in x.marks]
    parts += [text(x(v), height - BOTTOM + 18.0, t, "mark", "middle") for v, t in x.marks]
    parts.append(text(WIDTH - RIGHT, height - 5.0, unit, "unit", "end"))
    for place, name in enumerate(names):
        y = TOP + ROW * place
        label = text(NAMES - 8.0, y + ROW / 2.0 + 4.0, cut(name, 36), "mark", "end")
        parts.append(f"<g>{label}{hover(name)}</g>")
        for one in option["series"]:
            value = one["data"][place]
            if value is not None:
                ends = sorted((x(0.0), x(value)))
                said = hover(f"{name}\n{one['name']}: {told(value, unit)}")
                parts.append(
                    f'<rect x="{ends[0]:.1f}" y="{y + 4.0:.1f}" fill="{one["color"]}" '
                    f'fill-opacity=".8" width="{max(ends[1] - ends[0], 0.5):.1f}" '
                    f'height="{ROW - 8.0:.1f}">{said}</rect>'
                )
    parts.append(line(x(0.0), TOP, x(0.0), height - BOTTOM, "axis"))
    at = NAMES
    for one in option["series"]:
        parts.append(f'<rect x="{at:.1f}" y="8" width="11" height="11" fill="{one["color"]}"/>')
        parts.append(text(at + 16.0, 18.0, one["name"], "mark"))
        at += 140.0
    return svg(WIDTH, height, option["title"]["text"], parts)


def dots(option: Option) -> str:
    """A dot a pair of values."""
    points = [pair for s in option["series"] for pair in s["data"] if None not in pair]
    x = scale_over((p[0] for p in points), LEFT, WIDTH - RIGHT)
    y = scale_over((p[1] for p in points), HEIGHT - BOTTOM, TOP)
    parts = _frame(option, x, y, WIDTH - RIGHT, HEIGHT)
    parts += [text(x(v), HEIGHT - BOTTOM + 18.0, t, "mark", "middle") for v, t in x.marks]
    colour = option["series"][0]["color"]
    # One path of round caps: a thousand circles would weigh ten times as much.
    spots = "".join(f"M{x(a):.1f},{y(b):.1f}h0" for a, b in points)
    parts.append(f'<path class="dots" stroke="{colour}" d="{spots}"/>')
    return svg(WIDTH, HEIGHT, option["title"]["text"], parts)


def _frame(option: Option, x: AxisScale, y: AxisScale, right: float, height: float) -> list[str]:
    """The grid, the marks of the y axis and the names of both axes."""
    parts = [line(LEFT, y(v), right, y(v), "grid") for v, _ in y.marks]
    parts += [text(LEFT - 7.0, y(v) + 4.0, words, "mark", "end") for v, words in y.marks]
    parts.append(line(LEFT, height - BOTTOM, right, height - BOTTOM, "axis"))
    parts.append(text(8.0, 16.0, option["yAxis"]["name"], "unit"))
    parts.append(text(right, height - 5.0, option["xAxis"]["name"], "unit", "end"))
    return parts


Band = tuple[str, list[float], list[float], Option]
"""Name, lower and upper end, and the style of what is between."""


def _bands(series: list[Option]) -> list[Band]:
    stacks: dict[str, list[Option]] = {}
    for one in series:
        if "stack" in one:
            stacks.setdefault(one["stack"], []).append(one)
    found = []
    for name, (below, width) in stacks.items():
        both = zip(below["data"], width["data"], strict=True)
        ends = [(low, low + wide) for low, wide in both if low is not None]
        style = width["areaStyle"]
        found.append((name, [low for low, _ in ends], [high for _, high in ends], style))
    return found


def _line(one: Option, x: AxisScale, y: AxisScale) -> list[str]:
    """A line with its gaps; a value alone between two gaps is a dot."""
    style = one["lineStyle"]
    dash = DASHES.get(style.get("type", ""))
    drawn = f' stroke-dasharray="{dash}"' if dash else ""
    course, piece = [], list[tuple[float, float]]()
    for place, value in enumerate([*one["data"], None]):
        if value is not None:
            piece.append((x(place), y(value)))
        elif piece:
            course.append(path(piece) + ("" if len(piece) > 1 else "h0"))
            piece = []
    return [
        f'<path class="line" stroke="{one["color"]}" stroke-width="{style["width"]}"{drawn} '
        f'd="{"".join(course)}">{hover(one["name"])}</path>'
    ]


def _columns(option: Option, bands: list[Band], lines: list[Option], x: AxisScale) -> list[str]:
    """What is told where one points at a month: every line and band, unless there are many."""
    if len(lines) > 1:
        return []
    months, unit = option["xAxis"]["data"], option["yAxis"]["name"]
    edges = [x.start, *(x(i + 0.5) for i in range(len(months) - 1)), x.end]
    parts = []
    for place, (left, right) in enumerate(pairwise(edges)):
        words = [months[place], *(f"{s['name']} {told(s['data'][place], unit)}" for s in lines)]
        words += [f"{n} {told(lo[place])} to {told(hi[place])}" for n, lo, hi, _ in bands]
        parts.append(
            f'<rect class="month" x="{left:.1f}" y="{TOP:.0f}" width="{right - left:.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM:.0f}">{hover(chr(10).join(words))}</rect>'
        )
    return parts


def _legend(lines: list[Option], left: float) -> list[str]:
    parts = []
    step = min(18.0, (HEIGHT - TOP) / max(1, len(lines)))
    for place, one in enumerate(lines):
        y = TOP + step * place
        dash = DASHES.get(one["lineStyle"].get("type", ""))
        drawn = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(
            f'<path class="line" stroke="{one["color"]}" stroke-width="2.5"{drawn} '
            f'd="M{left:.1f},{y:.1f}h20"/>'
        )
        words = f"{safe(cut(one['name'], 18))}{hover(one['name'])}"
        parts.append(f'<text class="mark" x="{left + 26.0:.1f}" y="{y + 4.0:.1f}">{words}</text>')
    return parts


def _years(months: list[str]) -> list[tuple[int, str]]:
    """Januaries with their years, thinned out; of a short run its first and its last month."""
    found = [(place, month[:4]) for place, month in enumerate(months) if month.endswith("-01")]
    if len(found) < 2:
        return [(place, months[place]) for place in sorted({0, len(months) - 1})]
    return found[:: -(-len(found) // 12)]
