"""A graph whose nodes have places: edges as curves, nodes as dots with their names."""

from __future__ import annotations

from experiments.reporting.svg.canvas import AxisScale, hover, safe, svg, text
from experiments.reporting.text_table import cut
from sim.base.number_format import amount
from sim.figures.figure import GREY, Option

WIDTH, HEIGHT = 1080.0, 800.0
LEFT, RIGHT, TOP, BOTTOM = 165.0, 190.0, 46.0, 60.0
DOT = 5.5


def draw(option: Option) -> str:
    """The picture of a graph with the places of its option."""
    series = option["series"][0]
    kinds, nodes = series["categories"], {n["name"]: n for n in series["data"]}
    x = AxisScale(0.0, max([1.0, *(n["x"] for n in nodes.values())]), LEFT, WIDTH - RIGHT)
    y = AxisScale(0.0, max([1.0, *(n["y"] for n in nodes.values())]), TOP, HEIGHT - BOTTOM)
    place = {name: (x(n["x"]), y(n["y"])) for name, n in nodes.items()}
    colour = {
        name: kinds[n["category"]].get("itemStyle", {}).get("color", GREY)
        for name, n in nodes.items()
    }
    words = {name: n.get("label", {}).get("formatter", name) for name, n in nodes.items()}
    parts = []
    for link in series["links"]:
        (x1, y1), (x2, y2) = place[link["source"]], place[link["target"]]
        middle, style = (x1 + x2) / 2.0, link["lineStyle"]
        value = link.get("value")
        money = f": USD {amount(value)}" if value else ""
        said = f"{words[link['source']]} → {words[link['target']]}{money}\n{link['name']}"
        parts.append(
            f'<path class="edge" stroke="{colour[link["source"]]}" '
            f'stroke-width="{style["width"]}" stroke-opacity="{style["opacity"]}" '
            f'd="M{x1:.1f},{y1:.1f}C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} '
            f'{x2:.1f},{y2:.1f}">{hover(said)}</path>'
        )
    lowest = max((n["y"] for n in nodes.values()), default=0.0)
    row = [name for name, n in nodes.items() if n["y"] == lowest]
    for name in nodes:
        at, label = place[name], safe(cut(words[name], 26))
        below = name in row and len(row) > 1
        anchor, dx, dy = ("middle", 0.0, 20.0) if below else ("start", 9.0, 4.0)
        if below and row.index(name) % 2:
            dy += 15.0
        if not below and nodes[name]["x"] == 0.0:
            anchor, dx = "end", -9.0
        parts.append(
            f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{DOT}" fill="{colour[name]}">'
            f"{hover(f'{words[name]} ({name})')}</circle>"
            f'<text class="mark over" x="{at[0] + dx:.1f}" y="{at[1] + dy:.1f}" '
            f'text-anchor="{anchor}">{label}</text>'
        )
    return svg(WIDTH, HEIGHT, option["title"]["text"], [*_legend(series), *parts])


def _legend(series: Option) -> list[str]:
    shown = {n["category"] for n in series["data"]}
    parts, at = [], 16.0
    for number, kind in enumerate(series["categories"]):
        if number in shown:
            fill = kind.get("itemStyle", {}).get("color", GREY)
            parts.append(f'<circle cx="{at:.1f}" cy="14" r="5.5" fill="{fill}"/>')
            parts.append(text(at + 10.0, 18.0, kind["name"], "mark"))
            at += 30.0 + 7.5 * len(kind["name"])
    return parts
