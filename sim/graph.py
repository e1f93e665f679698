"""The supply graph: edges compiled from a world once, and drawn with networkx when asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.columns import Column, state
from agents.population import Population
from agents.relation import Relation
from sim.world import World

if TYPE_CHECKING:
    import networkx

    from sim.economy import Economy

Agents = Population[Any]
Pairs = list[tuple[int, int]]

USD = state("USD", "Money that moved along the edge this month, against the goods")
EDGE_COLUMNS: dict[str, dict[str, Column]] = {
    "fab_power": {},
    "fleet_power": {"units": state("kWh", "Energy delivered this month"), "usd": USD},
    "supplies": {
        "units": state("unit", "Input delivered this month"),
        "usd": USD,
        "wanted": state("unit", "Input that the fab asks for: need and restocking"),
        "used": state("unit", "Input that went into this month's chips"),
        "stock": state("unit", "Input in the fab's stock"),
    },
    "chips": {
        "units": state("H100e", "Chips shipped this month"),
        "usd": USD,
        "weight": state("fraction", "Share of the fleet's orders placed with the vendor"),
        "ordered": state("H100e", "Ordered and accepted this month"),
        "on_order": state("H100e", "Ordered and not shipped"),
        "price": state("USD/H100e", "Price of the edge, surcharges included"),
    },
    "lease": {
        "units": state("H100e-hour", "Hours received this month, leased and spot"),
        "usd": USD,
        "weight": state(
            "fraction", "Share of the lab's compute leased from the fleet at the start"
        ),
        "hours": state("H100e-hour/month", "Hours committed"),
        "price": state("USD/H100e-hour", "Mean price of the hours committed"),
        "delivered": state("H100e-hour", "Leased hours delivered this month"),
        "spot": state("H100e-hour", "Spot hours bought this month"),
    },
    "spot": {"units": state("H100e-hour", "Spot hours bought this month"), "usd": USD},
    "tokens": {
        "units": state("token", "Tokens served this month"),
        "usd": USD,
        "weight": state("fraction", "Share of the cohort's demand at the start"),
        "small_units": state("token", "Of the tokens served, those of the small model"),
        "share": state("fraction", "Share of the cohort's demand"),
        "appeal": state("1", "Brand and distribution beyond capability and price, in log odds"),
        "log_odds": state("1", "Standing with the cohort, in log odds"),
    },
    "relocation": {"units": state("GW", "Cancelled power that moves to the target this month")},
    "lab_funding": {"usd": state("USD", "Shares bought this month")},
    "fab_funding": {"usd": state("USD", "Lent this month")},
    "fleet_funding": {"usd": state("USD", "Lent this month")},
}
"""The columns of every relation, shape (runs, edges)."""

ENDS: dict[str, tuple[str, str, str]] = {
    "fab_power": ("regions", "fabs", "power"),
    "fleet_power": ("regions", "fleets", "power"),
    "supplies": ("inputs", "fabs", "inputs"),
    "chips": ("fabs", "fleets", "chips"),
    "lease": ("fleets", "labs", "lease"),
    "spot": ("fleets", "elsewhere", "spot"),
    "tokens": ("labs", "customers", "tokens"),
    "relocation": ("fleets", "fleets", "relocation"),
    "lab_funding": ("capital", "labs", "funding"),
    "fab_funding": ("capital", "fabs", "funding"),
    "fleet_funding": ("capital", "fleets", "funding"),
}
"""Origin, goal and the name of the edges in the graph, by relation."""


def compile_relations(world: World, populations: Mapping[str, Agents]) -> dict[str, Relation]:
    """Every relation of the world as an edge table, with the world's weights on it.

    Power follows an agent's region, inputs go to every fab, spot hours stay within a compute
    market, relocation within an operator, funding reaches every lab and fleet.
    """
    entries = {
        name: {e.name: e for e in world.of(name)} for name in populations if name != "models"
    }
    zone = {name: entry.zone for name, entry in entries["regions"].items()}

    def seat(population: str, row: str) -> str:
        return str(entries[population][row].region)

    def linked(origin: str, goal: str, related: Any) -> Pairs:
        return [
            (i, j)
            for i, source in enumerate(populations[origin].names)
            for j, target in enumerate(populations[goal].names)
            if related(source, target)
        ]

    fleets = entries["fleets"]
    rules: dict[str, Any] = {
        "fab_power": lambda s, t: seat("fabs", t) == s,
        "fleet_power": lambda s, t: seat("fleets", t) == s,
        "supplies": lambda s, t: True,
        "spot": lambda s, t: zone[seat("fleets", s)] == zone[seat("elsewhere", t)],
        "relocation": lambda s, t: s != t and fleets[s].operator == fleets[t].operator,
        "lab_funding": lambda s, t: True,
        "fab_funding": lambda s, t: True,
        "fleet_funding": lambda s, t: True,
    }
    relations = {}
    for name, (origin, goal, _) in ENDS.items():
        ends = (populations[origin], populations[goal])
        if name in rules:
            pairs = linked(origin, goal, rules[name])
        else:
            pairs = [
                (ends[0].index[e.source], ends[1].index[e.target])
                for e in world.edges
                if e.relation == name
            ]
        relations[name] = Relation(name, *ends, pairs, EDGE_COLUMNS[name])
    _weigh(world, relations)
    return relations


def _weigh(world: World, relations: Mapping[str, Relation]) -> None:
    for name in ("chips", "lease", "tokens"):
        relation = relations[name]
        place = {
            (relation.origin.names[s], relation.goal.names[t]): i
            for i, (s, t) in enumerate(zip(relation.source, relation.target, strict=True))
        }
        for edge in world.edges:
            if edge.relation == name:
                relation.weight[:, place[edge.source, edge.target]] = edge.weight.value


def draw(economy: Economy, run: int = 0) -> networkx.MultiDiGraph:
    """The supply graph of one run: a node per living agent, an edge per relation with the latest
    flow of goods and money. Nodes are named `population.row`."""
    import networkx

    graph = networkx.MultiDiGraph()
    for population in economy.populations.values():
        for row, member in enumerate(population.members):
            if population.alive[run, row]:
                graph.add_node(
                    f"{population.name}.{member.name}",
                    kind=member.kind.label,
                    group=member.group,
                    region=member.region,
                )
    for relation in economy.relations.values():
        _, _, label = ENDS[relation.name]
        is_open = relation.open_edges()[run]
        for edge in np.flatnonzero(is_open):
            source = f"{relation.origin.name}.{relation.origin.names[relation.source[edge]]}"
            target = f"{relation.goal.name}.{relation.goal.names[relation.target[edge]]}"
            flow = {name: float(values[run, edge]) for name, values in relation.columns.items()}
            graph.add_edge(source, target, key=label, relation=label, **flow)
    return graph
