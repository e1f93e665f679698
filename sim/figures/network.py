"""The supply graph in layers: where chips, hours and tokens come from and go to, from left to
right, and the investors below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.figures.figure import GREY, HEAD, POPULATIONS, Figure, Option, short

if TYPE_CHECKING:
    import pandas as pd

LAYERS = (("regions", "inputs"), ("fabs",), ("fleets",), ("labs", "elsewhere"), ("customers",))
SIDE = ("gulf", "parents", "capital", "outside")
"""Layers from left to right, and those who stand below them."""
WIDTH, HEIGHT, BELOW = 1000.0, 620.0, 700.0
"""Of the layers, and where the investors stand, in the drawing's own units."""
CROWDED = 250
"""Agents above which those of one population and group are drawn as one."""


def supply_graph(
    name: str, title: str, nodes: pd.DataFrame, edges: pd.DataFrame, sample: str
) -> Figure:
    """A node an agent, coloured by population; an edge a pair of agents that anything links.

    nodes: columns population, agent ("population.row"), title, group. edges: columns relation,
    source, target (agents), usd (0 where nothing is known of money). Lines are as strong as the
    money. In a crowded world a node stands for a group. The table has every edge.
    """
    table = edges.sort_values("usd", ascending=False, kind="stable").reset_index(drop=True)
    note = "left to right: who supplies whom; investors below; lines as strong as the money"
    if len(nodes) > CROWDED:
        nodes, edges = _grouped(nodes, edges)
        note += "; too many agents to draw: a node is a group"
    order = [population for layer in LAYERS for population in layer] + [*SIDE]
    places = _positions(nodes)
    rows = zip(*(map(str, nodes[c]) for c in ("agent", "title", "population")), strict=True)
    data = [
        {
            "name": agent,
            "label": {"formatter": words},
            "x": places[agent][0],
            "y": places[agent][1],
            "category": order.index(population),
            "symbolSize": 12,
        }
        for agent, words, population in rows
    ]
    categories = [{"name": p, "itemStyle": {"color": POPULATIONS.get(p, GREY)}} for p in order]
    option = {
        "title": {"text": f"{title} ({sample})", "subtext": note},
        "tooltip": {"trigger": "item"},
        "legend": {"data": order, "top": HEAD},
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
                "categories": categories,
                "data": data,
                "links": _links(edges, {*nodes["agent"]}),
                "roam": True,
            }
        ],
    }
    return Figure(name, "graph", title, sample, option, table, note)


def _positions(nodes: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Where every agent stands: spread over the height of its layer, or over the width below."""
    places = {}
    for number, layer in enumerate(LAYERS):
        x = WIDTH * number / (len(LAYERS) - 1)
        agents = [a for p in layer for a in nodes.loc[nodes["population"] == p, "agent"]]
        for place, agent in enumerate(agents):
            places[agent] = (x, round(HEIGHT * (place + 0.5) / len(agents), 1))
    below = [a for p in SIDE for a in nodes.loc[nodes["population"] == p, "agent"]]
    for place, agent in enumerate(below):
        places[agent] = (round(WIDTH * (place + 0.5) / len(below), 1), BELOW)
    return places


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
