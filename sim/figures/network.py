"""The supply graph in layers: where chips, hours and tokens come from and go to, from left to
right, and the investors below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.figures.figure import GREY, HEAD, POPULATIONS, SECTORS, Figure, Option, plainly, short
from sim.figures.network_layout import BELOW, ORDER, WIDTH, places

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
CROWDED = 250
"""Agents above which those of one population and group are drawn as one on paper."""
SMALLEST, LARGEST = 9.0, 32.0
"""Of a node on a screen, in pixels: the smallest can still be clicked."""
HOLLOW = {"color": "transparent", "borderColor": GREY, "borderWidth": 1.5}
"""The look of a node whose agent has left."""


def supply_graph(
    name: str, title: str, nodes: pd.DataFrame, edges: pd.DataFrame, sample: str
) -> Figure:
    """A node an agent, coloured by population; an edge a pair of agents that anything links.

    nodes: columns population, agent ("population.row"), title, group. edges: columns relation,
    source, target (agents), usd (0 where nothing is known of money). Lines are as strong as the
    money. In a crowded world a node stands for a group. The table has every edge.
    """
    table = edges.sort_values("usd", ascending=False, kind="stable").reset_index(drop=True)
    note = "left to right: suppliers to buyers; investors below; lines as strong as the money"
    if len(nodes) > CROWDED:
        nodes, edges = _grouped(nodes, edges)
        note += "; too many agents to draw: a node is a group"
    stand = places([*nodes["population"]], [*nodes["group"]], rows=len(nodes))
    texts = (map(str, nodes[c]) for c in ("agent", "title", "population"))
    rows = zip(*texts, stand.x.tolist(), stand.y.tolist(), strict=True)
    data = [
        {
            "name": agent,
            "label": {"formatter": plainly(words)},
            "x": x,
            "y": y,
            "category": ORDER.index(population),
            "symbolSize": 12,
        }
        for agent, words, population, x, y in rows
    ]
    option = {
        "title": {"text": f"{title} ({sample})", "subtext": note},
        "tooltip": {"trigger": "item"},
        "legend": {"data": [SECTORS[p] for p in ORDER], "top": HEAD},
        "series": [
            {
                "type": "graph",
                "layout": "none",
                "top": HEAD + 44,
                "left": "3%",
                "width": "78%",
                "bottom": 32,
                "label": {"show": True, "position": "right"},
                "name": title,
                "categories": categories(),
                "data": data,
                "links": _links(edges, {*nodes["agent"]}),
                "roam": True,
            }
        ],
    }
    return Figure(name, "graph", title, sample, option, table, note)


def screen(title: str, note: str, nodes: list[Option], links: list[Option]) -> Option:
    """The option of a graph on a screen, which merges into the one of the month before.

    The page draws the title itself, so that the legend stands on top.
    """
    axis = {"type": "value", "show": False, "min": 0.0}
    return {
        "title": {"text": title, "subtext": note},
        "tooltip": {"trigger": "item", "renderMode": "richText"},
        "legend": {
            "data": [SECTORS[p] for p in ORDER],
            "top": 0,
            "itemWidth": 14,
            "itemHeight": 10,
            "itemGap": 8,
        },
        "grid": {"top": 36, "left": 24, "right": 216, "bottom": 52},
        "xAxis": axis | {"max": WIDTH},
        "yAxis": axis | {"max": BELOW, "inverse": True},
        # Axes, not a view of its own: there, dots are stretched with the drawing.
        "dataZoom": [
            {"id": f"zoom-{way}", "type": "inside", f"{way}AxisIndex": 0, "filterMode": "none"}
            for way in ("x", "y")
        ],
        "series": [
            {
                "id": "supply-graph",
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "clip": False,
                "label": {"show": True, "position": "right", "fontSize": 10},
                "labelLayout": {"hideOverlap": True},
                "lineStyle": {"color": "source"},
                "emphasis": {"focus": "adjacency", "lineStyle": {"opacity": 0.9}},
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 5,
                "categories": categories(),
                "data": nodes,
                "links": links,
                "roam": True,
            }
        ],
    }


def pixels(values: Floats) -> Floats:
    """Widths of nodes: the root of their value, so that the area is in proportion to it."""
    return np.round(SMALLEST + (LARGEST - SMALLEST) * _roots(values), 1)


def strokes(values: Floats, curved: NDArray[np.bool_]) -> list[Option]:
    """Widths of lines: the root of their value, so that small ones are seen beside large ones.
    curved: lines with both ends in one layer."""
    roots = _roots(values)
    widths, opacities = np.round(0.4 + 5.6 * roots, 2), np.round(0.12 + 0.5 * roots, 2)
    curves = np.where(curved, 0.3, 0.0)
    rows = zip(widths.tolist(), opacities.tolist(), curves.tolist(), strict=True)
    return [{"width": w, "opacity": o, "curveness": c} for w, o, c in rows]


def _roots(values: Floats) -> Floats:
    """The roots of values over that of the largest, 0 to 1."""
    largest = float(values.max(initial=0.0))
    if largest <= 0.0:
        return np.zeros(len(values))
    roots: Floats = np.sqrt(np.maximum(values, 0.0) / largest)
    return roots


def categories() -> list[Option]:
    """A category a population, in the order of the layers, with its colour."""
    return [{"name": SECTORS[p], "itemStyle": {"color": POPULATIONS[p]}} for p in ORDER]


def _links(edges: pd.DataFrame, known: set[str]) -> list[Option]:
    """A link a pair of agents of different populations, with all that links them in its name.

    Its width grows with the root of the money, so that small sums are seen beside large ones.
    """
    populations = [edges[end].str.split(".").str[0] for end in ("source", "target")]
    outside = populations[0] != populations[1]
    drawn = edges[outside & edges["source"].isin(known) & edges["target"].isin(known)]
    pairs = drawn.groupby(["source", "target"], sort=True).agg(
        usd=("usd", "sum"), relations=("relation", lambda r: ", ".join(dict.fromkeys(r)))
    )
    pairs = pairs.reset_index()
    largest = float(pairs["usd"].max()) if len(pairs) else 0.0
    links = []
    for source, target, usd, words in pairs.itertuples(index=False):
        strength = (usd / largest) ** 0.5 if largest > 0.0 else 0.1
        links.append(
            {
                "source": source,
                "target": target,
                "value": short(float(usd)),
                "name": words,
                "lineStyle": {
                    "width": round(0.4 + 5.6 * strength, 2),
                    "opacity": round(0.12 + 0.5 * strength, 2),
                    "color": "source",
                },
            }
        )
    return links


def _grouped(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agents of one population and group as one node, and the edges between such nodes."""
    key = nodes["population"] + "." + nodes["group"].where(nodes["group"] != "", "all")
    of = dict(zip(nodes["agent"], key, strict=True))
    sizes = key.value_counts()
    merged = nodes.assign(agent=key).drop_duplicates("agent")
    words = merged["agent"].map(lambda k: f"{k.partition('.')[2]} ({sizes[k]:,})")
    ends = edges.assign(source=edges["source"].map(of), target=edges["target"].map(of)).dropna()
    return merged.assign(title=words), ends
