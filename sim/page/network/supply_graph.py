"""The supply graph of a live run: flows between agents in the month just closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats
from agents.supply.data_center import HOURS
from sim.base.errors import RequestError, one_of
from sim.base.number_format import amount
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.economy.economy import Economy
from sim.economy.relations import EDGE_COLUMNS, USD
from sim.figures.figure import Figure, Option, plainly, short
from sim.figures.network import HOLLOW, pixels, screen, strokes
from sim.figures.network_layout import ORDER, AgentPositions
from sim.model import EconomyModel
from sim.page.network.graph_layout import GraphLayout, graph_layout

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]
FLOWS = {
    "money": "Money",
    "chips": "Chips",
    "compute": "Compute",
    "tokens": "Tokens",
    "teaching": "Teaching between labs",
}
"""Flows that edges may show, with the words for each."""
SIZES = {"revenue": "Revenue", "compute": "Compute"}
"""Quantities of the month that the size of a node may show: revenue, or, of those without, the
money that moved through them; or H100e installed, at work or shipped."""
CARRIED = {
    "chips": ("chips",),
    "compute": ("lease", "spot"),
    "tokens": ("tokens",),
    "teaching": ("teaching",),
}
"""Relations that carry a flow; money moves along all of them."""
UNITS = {"money": USD.unit} | {
    flow: EDGE_COLUMNS[names[0]]["units"].unit for flow, names in CARRIED.items()
}
LINKS_MAX, ROWS_MAX = 1500, 5000
"""Most links that are drawn, and most edges in the table."""
AT_WORK = {
    "fabs": ("shipped", 1.0),
    "fleets": ("installed", 1.0),
    "labs": ("compute_used", HOURS),
    "elsewhere": ("hours_used", HOURS),
}
"""The column that compute is read from, and what of it makes one H100e."""
NAMED = 12
"""Agents of a crowded layer that have their title beside them."""


class Edges(NamedTuple):
    """Edges along which something moved this month, the strongest first: places of both ends
    among the agents, how much moved, and the relation with its units and USD, NaN for none."""

    source: Rows
    target: Rows
    moved: Floats
    relation: NDArray[np.str_]
    units: Floats
    usd: Floats


def graph(model: EconomyModel, flow: str = "money", size: str = "revenue") -> Figure:
    """A node an agent, in layers from makers of chips to users of tokens, the investors below; an
    edge where anything of `flow` moved in the month just closed, as wide as the root of it. flow:
    of `FLOWS`. size: of `SIZES`. RequestError for another.

    The table has the edges.
    """
    for what, known in ((flow, FLOWS), (size, SIZES)):
        if what not in known:
            raise RequestError("unknown choice", value=what, allowed=one_of(known))
    layout, economy = graph_layout(model), model.economy
    month = economy.calendar.label(model.month - 1) if model.month else "before the first month"
    edges = _edges(economy, layout.first, flow)
    links, linked = _links(layout, edges, UNITS[flow])
    note = f"{month}: {FLOWS[flow].lower()}, {UNITS[flow]}; investors below"
    if len(links) < linked:
        note += f"; the strongest {len(links):,} of {linked:,} links are drawn"
    if layout.grouped:
        note += f"; {layout.agents:,} agents are too many to draw: a node is a group"
    if len(edges.moved) > ROWS_MAX:
        note += f"; the table has the strongest {ROWS_MAX:,} of {len(edges.moved):,} edges"
    title, sample = f"Supply graph: {FLOWS[flow].lower()}", "n = 1 run"
    option = screen(f"{title} ({sample})", note, _nodes(economy, layout, size), links)
    return Figure("supply-graph", "graph", title, sample, option, _table(layout, edges), note)


def _edges(economy: Economy, first: Mapping[str, int], flow: str) -> Edges:
    """Edges with anything of the flow; money goes from payer to payee."""
    parts: list[tuple[NDArray[Any], ...]] = []
    for name in CARRIED.get(flow, tuple(RELATION_KINDS)):
        relation = economy.relations[name]
        column = "usd" if flow == "money" else "units"
        if column not in relation.declared:
            continue
        moved = relation.columns[column][0]
        at = np.flatnonzero(moved > 0.0)
        ends = (
            relation.source[at].astype(np.intp) + first[relation.origin.name],
            relation.target[at].astype(np.intp) + first[relation.goal.name],
        )
        if flow == "money" and not RELATION_KINDS[name].pays_goal:
            ends = ends[::-1]
        units, usd = (
            relation.columns[c][0, at] if c in relation.declared else np.full(len(at), np.nan)
            for c in ("units", "usd")
        )
        parts.append((*ends, moved[at], np.full(len(at), name), units, usd))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(-columns[2], kind="stable")
    return Edges(*(column[order] for column in columns))


def _links(layout: GraphLayout, edges: Edges, unit: str) -> tuple[list[Option], int]:
    """The strongest links between nodes, and how many there are of them in all."""
    source, target = layout.node_of[edges.source], layout.node_of[edges.target]
    moved: Floats = edges.moved
    usd: Floats = np.nan_to_num(edges.usd)
    if layout.grouped:
        number = len(layout.drawn)
        pairs, at = np.unique(source * number + target, return_inverse=True)
        moved, usd = (_added(w, at, len(pairs)) for w in (moved, usd))
        apart = pairs // number != pairs % number
        order = np.flatnonzero(apart)[np.argsort(-moved[apart], kind="stable")]
        source, target = pairs[order] // number, pairs[order] % number
        moved, usd = moved[order], usd[order]
    layer = layout.stand.layer
    ends = (source[:LINKS_MAX], target[:LINKS_MAX])
    styles = strokes(moved[:LINKS_MAX], layer[ends[0]] == layer[ends[1]])
    links = []
    columns = (*ends, moved[:LINKS_MAX], usd[:LINKS_MAX])
    rows = zip(*(c.tolist() for c in columns), styles, strict=True)
    for start, end, much, paid, style in rows:
        words = f"{layout.titles[start]} → {layout.titles[end]}\n{amount(much)} {unit}"
        if unit != "USD" and paid > 0.0:
            words += f"\n{amount(paid)} USD"
        links.append(
            {
                "source": layout.drawn[start]["name"],
                "target": layout.drawn[end]["name"],
                "value": short(much),
                "lineStyle": style,
                "tooltip": {"formatter": plainly(words)},
            }
        )
    return links, len(moved)


def _nodes(economy: Economy, layout: GraphLayout, size: str) -> list[Option]:
    """Nodes of agents that are or were alive; hollow where all have left."""
    alive, gone, revenue, compute = (
        _added(values, layout.node_of, len(layout.drawn)) for values in _of_agents(economy, layout)
    )
    sized: Floats = {"revenue": revenue, "compute": compute}[size]
    wide, named = pixels(sized).tolist(), _named(layout.stand, np.where(alive > 0.0, sized, -1.0))
    nodes = []
    for node in np.flatnonzero((alive > 0.0) | (gone > 0.0)).tolist():
        words = f"{layout.titles[node]}\n{layout.kinds[node]}"
        if revenue[node] > 0.0:
            words += f"\n{layout.earned[node]} {amount(revenue[node])} USD/month"
        if compute[node] > 0.0:
            words += f"\ncompute {amount(compute[node])} H100e"
        drawn = layout.drawn[node]
        item = drawn | {
            "symbolSize": wide[node],
            "value": [*drawn["value"], short(float(sized[node]))],
            "label": drawn["label"] | {"show": bool(named[node])},
        }
        if "distance" in item["label"]:
            item["label"]["distance"] -= wide[node] / 2.0
        if alive[node] == 0.0:
            item["itemStyle"] = HOLLOW
            words += "\nclosed"
        item["tooltip"] = {"formatter": plainly(words)}
        nodes.append(item)
    return nodes


def _of_agents(economy: Economy, layout: GraphLayout) -> tuple[Floats, Floats, Floats, Floats]:
    """Of every agent: alive, left, revenue (USD) and compute (H100e)
    of the month. The revenue of those who have none is the larger of what they paid and were paid
    along their edges."""
    first, number = layout.first, layout.agents
    alive, gone, compute = np.zeros(number), np.zeros(number), np.zeros(number)
    sides = [np.zeros(number), np.zeros(number)]
    for relation in economy.relations.values():
        if "usd" in relation.declared:
            given, got = relation.to_source(relation.usd)[0], relation.to_target(relation.usd)[0]
            turned = not RELATION_KINDS[relation.name].pays_goal
            for side, name, usd in (
                (sides[turned], relation.origin.name, given),
                (sides[not turned], relation.goal.name, got),
            ):
                side[first[name] : first[name] + len(usd)] += usd
    revenue = np.maximum(*sides)
    for name in ORDER:
        population = economy.populations[name]
        rows = slice(first[name], first[name] + len(population))
        alive[rows] = population.alive[0]
        if "closed" in population.declared:
            gone[rows] = population.columns["closed"][0]
        if "revenue" in population.declared:
            revenue[rows] = population.columns["revenue"][0]
        if name in AT_WORK:
            column, per_chip = AT_WORK[name]
            compute[rows] = population.columns[column][0] / per_chip
    return alive, gone, revenue, compute


def _named(stand: AgentPositions, sized: Floats) -> NDArray[np.bool_]:
    """Nodes with their title beside them: all, but in a crowded layer the largest, one a row at
    most."""
    named = ~stand.crowded
    for layer in np.unique(stand.layer[stand.crowded]).tolist():
        nodes = np.flatnonzero(stand.layer == layer)
        order = nodes[np.argsort(-sized[nodes], kind="stable")]
        _, first = np.unique(stand.row[order], return_index=True)
        named[order[np.sort(first)[:NAMED]]] = True
    return named


def _added(values: Floats, place: Rows, places: int) -> Floats:
    """Values added up by place, (places,)."""
    return np.bincount(place, weights=values, minlength=places).astype(np.float64, copy=False)


def _table(layout: GraphLayout, edges: Edges) -> pd.DataFrame:
    """The strongest edges, agent by agent."""
    import pandas as pd

    ids, titles = layout.ids, layout.words
    source, target = edges.source[:ROWS_MAX], edges.target[:ROWS_MAX]
    return pd.DataFrame(
        {
            "relation": edges.relation[:ROWS_MAX],
            "source": ids[source],
            "source_title": titles[source],
            "target": ids[target],
            "target_title": titles[target],
            "units": edges.units[:ROWS_MAX],
            "usd": edges.usd[:ROWS_MAX],
        }
    )
