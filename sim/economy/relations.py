"""The supply graph: the columns of every relation, and edges compiled from a world once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Column, pipeline, state
from agents.framework.population import Population
from agents.framework.relation import Relation, edge_order
from agents.labs.lab_compute import FORWARD_MONTHS
from sim.config.world.relation_kinds import EVERYBODY, RELATION_KINDS, WATCHED
from sim.config.world.world import World

Agents = Population[Any]
Places = NDArray[np.intp]

USD = state("USD", "Money that moved along the edge this month, against the goods")
PLEDGE_MONTHS = 24
"""Longest time from a pledge to its last money: closing and tranches."""
COST = state("USD", "What the investor paid for the shares it holds in the target")
PLEDGED = pipeline("USD", "Pledged and not yet paid, by months ahead", PLEDGE_MONTHS)
STAKE = state("fraction", "Part of the target that the investor owns")
PREFERENCE = state("1", "Preference of the investor for the target")
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
        "deposit": state("USD", "Paid ahead for what is on order"),
        "owed": state("USD", "Delivered and not yet paid for"),
    },
    "lease": {
        "units": state("H100e-hour", "Hours received this month, leased and spot"),
        "usd": USD,
        "weight": state(
            "fraction", "Share of the lab's compute leased from the fleet at the start"
        ),
        "hours": state("H100e-hour/month", "Hours committed"),
        "price": state("USD/H100e-hour", "Mean price of the hours committed"),
        "forward": pipeline("H100e-hour/month", "Hours signed ahead, by months", FORWARD_MONTHS),
        "forward_price": state("USD/H100e-hour", "Mean price of the hours signed ahead"),
        "signed": state("H100e-hour/month", "Hours signed ahead this month"),
        "taken_up": state("H100e-hour/month", "Of hours signed ahead, those that became leases"),
        "called_off": state("H100e-hour/month", "Of hours signed ahead, those called off"),
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
        "owed": state("USD", "Delivered and not yet paid for"),
    },
    "teaching": {
        "units": state("token", "Outputs bought to learn from this month"),
        "usd": USD,
    },
    "ideas": {"units": state("person", "People who changed labs this month")},
    "relocation": {"units": state("GW", "Cancelled power that moves to the target this month")},
    "ownership": {
        "usd": state("USD", "Shares bought this month"),
        "weight": state("fraction", "Part of the lab owned at the start"),
        "stake": STAKE,
        "cost": COST,
        "pledged": PLEDGED,
    },
    "gulf_labs": {
        "usd": state("USD", "Shares bought this month"),
        "weight": PREFERENCE,
        "stake": STAKE,
        "cost": COST,
        "pledged": PLEDGED,
    },
    "gulf_sites": {
        "usd": state("USD", "Shares bought this month"),
        "weight": PREFERENCE,
        "cost": COST,
        "pledged": PLEDGED,
    },
    "upstream": {"usd": state("USD", "Money called up from the fleet this month")},
    "lab_funding": {
        "usd": state("USD", "Shares bought and money lent this month"),
        "stake": STAKE,
        "cost": COST,
        "pledged": PLEDGED,
    },
    "fab_funding": {"usd": state("USD", "Lent this month"), "cost": COST},
    "fleet_funding": {
        "usd": state("USD", "Shares bought and money lent this month"),
        "cost": COST,
        "pledged": PLEDGED,
    },
}
"""The columns of every relation, shape (runs, edges), by the names of `RELATION_KINDS`."""

Keys = tuple[str, ...]
"""What agents have in common with those they are linked to, a text an agent; "" with nobody."""
WATCHED_MOST = 64
"""How many labs others can watch, so that edges grow no faster than labs."""


def compile_relations(world: World, populations: Mapping[str, Agents]) -> dict[str, Relation]:
    """Every relation of the world as an edge table: those that the world lists with their weights,
    all others by what agents have in common."""
    regions = world.roster("regions")
    zone = dict(zip(regions.names, regions.zones, strict=True))

    def keys(population: str, what: str) -> Keys:
        roster = world.roster(population)
        if what == EVERYBODY:
            return (what,) * len(roster)
        if what == WATCHED:
            if not len(roster):
                return ()
            first = np.argsort(-roster.initial["capability"].value, kind="stable")
            watched = set(first[:WATCHED_MOST].tolist())
            return tuple(EVERYBODY if at in watched else "" for at in range(len(roster)))
        if what == "zone":
            return tuple(zone[region] for region in roster.regions)
        return {"name": roster.names, "region": roster.regions, "operator": roster.operators}[what]

    relations = {}
    for name, kind in RELATION_KINDS.items():
        weight = None
        if kind.shared is not None:
            of_origin, of_goal = map(keys, kind.ends, kind.shared)
            source, target = _matched(of_origin, of_goal)
            if kind.origin == kind.goal:
                source, target = source[source != target], target[source != target]
        else:
            links = world.links(name)
            source, target = links.source.astype(np.intp), links.target.astype(np.intp)
            weight = links.weight
        ends = (populations[kind.origin], populations[kind.goal])
        pairs = np.stack([ends[0].given[source], ends[1].given[target]], axis=1).astype(np.uint32)
        relations[name] = Relation(name, *ends, pairs, EDGE_COLUMNS[name])
        if weight is not None:
            relations[name].weight = weight[edge_order(pairs)]
    return relations


def _matched(origin: Keys, goal: Keys) -> tuple[Places, Places]:
    """Every pair of agents with the same key, by their places: in time linear in the pairs."""
    at: dict[str, list[int]] = {"": []}
    for place, key in enumerate(origin):
        if key:
            at.setdefault(key, []).append(place)
    found = [at.get(key, []) for key in goal]
    counts = np.array([len(places) for places in found], dtype=np.intp)
    source = np.fromiter(chain.from_iterable(found), dtype=np.intp)
    return source, np.repeat(np.arange(len(goal)), counts)
