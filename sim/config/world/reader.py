"""The world: its agents, what they hold at the start, and the edges between them.

A world file lists facts with their sources; `sim.opening.opening` turns them into columns.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sim.base import checks
from sim.base.calendar import MONTHS_MAX, Calendar
from sim.base.errors import nearest, one_of
from sim.base.frozen import FrozenDict
from sim.config import shipped
from sim.config.toml.document import KEPT, Document, read_document
from sim.config.toml.table import Table
from sim.config.world.entries import AgentEntry, EdgeEntry, Sourced
from sim.config.world.limits import AGENTS_MAX, EDGES_MAX
from sim.config.world.schema import (
    HISTORY,
    HISTORY_MONTHS,
    INITIAL,
    LOCATED,
    NEEDED,
    POPULATIONS,
    RELATIONS,
    SINGLE,
    WEIGHT,
    Initial,
)
from sim.config.world.world import World

PATTERN = "world_2025"
HEADING = ("title", "about", "start", "months")
OWN_KEYS = {"regions": ("zone",), "fleets": ("operator",), "parents": ("operator",)}
"""Keys of an agent's table beside its values, by population."""
FORM = '{ value = …, source = "…" }'
"""The form of a number in a world file."""


def load_world(name_or_path: str | os.PathLike[str]) -> World:
    """A shipped world by name, or one from a .toml file.

    Raises RequestError with file, line and key for whatever is wrong in it.
    """
    return world_of(read_document(shipped.locate("world", name_or_path)))


def list_worlds() -> list[tuple[str, str]]:
    """Name and title of every shipped world."""
    return shipped.titles("world")


def world_of(document: Document) -> World:
    """The world that a parsed file describes; RequestError for whatever is wrong in it."""
    return _drawn(document) if "generate" in document.data else _listed(document)


def _drawn(document: Document) -> World:
    """A world that is drawn after a shipped one."""
    from sim.config.world.generate import read_plan  # draws need numba, and few worlds are drawn

    root = Table.of(document)
    heading = _heading(root, document, ("generate",))
    table = root.table("generate")
    return replace(read_plan(table, pattern_of(table)).world(), **heading)


@lru_cache(maxsize=KEPT)
def _listed(document: Document) -> World:
    """A world whose agents and edges stand in the file."""
    root = Table.of(document)
    heading = _heading(root, document, (*POPULATIONS, "edges", "history", "generate"))
    agents = _agents(root)
    world = World(**heading, agents=agents, edges=_edges(root, agents), history=_history(root))
    _check_names(root, world)
    _check_owners(root, world)
    _check_shares(root, world)
    return world


def _heading(root: Table, document: Document, others: Collection[str]) -> dict[str, Any]:
    """What stands above a world's agents; others: the keys that may follow."""
    root.only((*HEADING, *others))
    months = root.integer("months", 1, MONTHS_MAX)
    with root.at("start"):
        start = Calendar(root.value("start"), months).start
    title, about = root.line("title"), root.text("about", "")
    return {
        "name": document.file.stem,
        "title": title,
        "about": about,
        "start": start,
        "months": months,
        "file": document.file,
    }


def _agents(root: Table) -> tuple[AgentEntry, ...]:
    tables = {p: root.table(p, optional=True) for p in root if p in POPULATIONS}
    for population in (*NEEDED, *SINGLE):
        count = len(tables.get(population, ()))
        if count == 0:
            raise root.refusal("no agent", population, allowed="at least one")
        if count > 1 and population in SINGLE:
            raise root.refusal("too many agents", population, value=count, allowed="one")
    if sum(len(table.values) for table in tables.values()) > AGENTS_MAX:
        raise root.refusal("too many agents", allowed=f"at most {AGENTS_MAX:,}")
    regions = tables["regions"].values
    return tuple(
        _agent(table, population, name, regions)
        for population, table in tables.items()
        for name in table
    )


def _agent(rows: Table, population: str, name: str, regions: Mapping[str, object]) -> AgentEntry:
    with rows.at(name):
        checks.name(name)
    table = rows.table(name)
    located, schema = population in LOCATED, INITIAL[population]
    own = OWN_KEYS.get(population, ())
    where = ("region",) if located else ()
    table.only(("group", *where, *own, "title", "dormant", *schema))
    initial = {
        key: _sourced(table.table(key, hint=f"{FORM}, {what.meaning} in {what.unit}"), what)
        for key, what in schema.items()
        if key in table or not what.optional
    }
    if population == "fleets":
        _check_transit(table, initial)
    return AgentEntry(
        population=population,
        name=name,
        group=table.name("group", ""),
        region=table.choice("region", regions) if located else "",
        operator=_operator(table, population, name),
        zone=table.name("zone") if population == "regions" else "",
        title=table.line("title", name),
        dormant=table.flag("dormant", False),
        initial=FrozenDict(initial),
    )


def _operator(table: Table, population: str, name: str) -> str:
    """The operator of a fleet, by default the fleet itself; the operator that a parent owns, by
    default none."""
    if "operator" not in OWN_KEYS.get(population, ()):
        return ""
    return table.name("operator", name if population == "fleets" else "")


def _sourced(table: Table, what: Initial) -> Sourced:
    dated = ("months", "growth") if what.dated else ()
    table.only(("value", "low", "high", "source", "note", *dated))
    value = table.number("value", what.low, what.high, what.unit)
    return Sourced(
        value=value,
        source=table.source("source"),
        low=table.number("low", what.low, value, what.unit) if "low" in table else None,
        high=table.number("high", value, what.high, what.unit) if "high" in table else None,
        note=table.text("note", ""),
        months=table.integer("months", 1, what.dated) if what.dated else None,
        growth=table.number("growth", -0.5, 1.0, "1/month") if "growth" in table else None,
    )


def _edges(root: Table, agents: tuple[AgentEntry, ...]) -> tuple[EdgeEntry, ...]:
    members: dict[str, dict[str, list[str]]] = {p: {p: []} for p in POPULATIONS}
    for agent in agents:  # what a name stands for: a population, a group or a row
        known = members[agent.population]
        known[agent.population].append(agent.name)
        if agent.group:
            known.setdefault(agent.group, []).append(agent.name)
    for agent in agents:
        members[agent.population][agent.name] = [agent.name]
    edges: dict[tuple[str, str, str], EdgeEntry] = {}
    for table in root.tables("edges"):
        table.only(("relation", "source", "target", "weight"))
        relation = table.choice("relation", tuple(RELATIONS))
        origin, goal = RELATIONS[relation]
        sources = _ends(table, "source", origin, members[origin])
        targets = _ends(table, "target", goal, members[goal])
        weight = _sourced(table.table("weight", hint=FORM), WEIGHT)
        if len(edges) + len(sources) * len(targets) > EDGES_MAX:
            raise table.refusal("too many edges", allowed=f"at most {EDGES_MAX:,}")
        for source in sources:
            for target in targets:
                if (relation, source, target) in edges:
                    given = f"{source} -> {target}"
                    raise table.refusal("edge given twice", value=given, allowed="each edge once")
                edges[relation, source, target] = EdgeEntry(relation, source, target, weight)
    return tuple(edges.values())


def _ends(table: Table, key: str, population: str, members: dict[str, list[str]]) -> list[str]:
    """The rows at one end of an edge: a row, a group or the population, or a list of these."""
    given = table.value(key, "a name in quotes, or a list of them")
    names = table.texts(key) if isinstance(given, list) and given else (table.text(key),)
    rows = []
    for name in names:
        if name not in members:
            allowed = f"a row or group of {population}, or all: {one_of(members)}"
            near = nearest(name, members)
            raise table.refusal("unknown agent", key, value=name, allowed=allowed, nearest=near)
        rows += members[name]
    return rows


def _history(root: Table) -> Mapping[str, Sourced]:
    table = root.table("history")
    table.only(tuple(HISTORY))
    found = {}
    for key, what in HISTORY.items():
        series = table.table(key, hint=f"{{ value = [{HISTORY_MONTHS} numbers], source = … }}")
        series.only(("value", "source", "note"))
        values = series.numbers("value", HISTORY_MONTHS, what.low, what.high, what.unit)
        if not any(values):
            raise series.refusal("nothing but zeros", "value", allowed="a month above 0")
        found[key] = Sourced(values, series.source("source"), note=series.text("note", ""))
    return FrozenDict(found)


def _check_names(root: Table, world: World) -> None:
    """A path names a row or a group: a name may be both only where they are the same agents."""
    for population, rows in world.rows.items():
        sizes = Counter(rows.values())
        for row, group in rows.items():
            if sizes[row] > (row == group):
                table = root.table(population)
                allowed = "names that differ from the groups of their population"
                raise table.refusal("a row with the name of a group", row, allowed=allowed)


def _check_owners(root: Table, world: World) -> None:
    """A parent's operator must have fleets, and nobody owns more than the whole of a lab."""
    operators = list(dict.fromkeys(fleet.operator for fleet in world.of("fleets")))
    for parent in world.of("parents"):
        if parent.operator and parent.operator not in operators:
            raise (
                root.table("parents")
                .table(parent.name)
                .refusal(
                    "unknown operator",
                    "operator",
                    value=parent.operator,
                    allowed=f"an operator of fleets: {one_of(operators)}",
                    nearest=nearest(parent.operator, operators),
                )
            )
    owned: dict[str, list[float]] = {}
    for edge in world.edges:
        if edge.relation == "ownership":
            parts = owned.setdefault(edge.target, [])
            parts.append(edge.weight.single)
            if math.fsum(parts) > 1.0 + 1e-9:
                allowed = "shares of a lab that add up to at most 1"
                given = f"{edge.source} -> {edge.target}"
                raise root.refusal("out of range", "edges", value=given, allowed=allowed)


def _check_transit(fleet: Table, initial: Mapping[str, Sourced]) -> None:
    moving, owned = initial["chips_in_transit"].single, initial["chips_shipped"].single
    if moving > owned:
        allowed = f"at most chips_shipped, {owned:.12g}"
        raise fleet.refusal("out of range", "chips_in_transit", value=moving, allowed=allowed)


def _check_shares(root: Table, world: World) -> None:
    """Within a zone, demand from elsewhere takes at most all the hours that others leave."""
    zone = {region.name: region.zone for region in world.of("regions")}
    shares: dict[str, list[float]] = {}
    for agent in world.of("elsewhere"):
        share = agent.initial["share"].single
        taken = shares.setdefault(zone[agent.region], [])
        taken.append(share)
        if math.fsum(taken) > 1.0 + 1e-9:
            table = root.table("elsewhere")
            allowed = "shares of a zone that add up to at most 1"
            raise table.refusal("out of range", agent.name, value=share, allowed=allowed)


def pattern_of(table: Table) -> World:
    """The shipped world that `like` names, which must be written out itself."""
    known = shipped.names("world")
    name = table.choice("like", known, PATTERN)
    if "generate" in read_document(shipped.path("world", name)).data:
        written = [
            n for n in known if "generate" not in read_document(shipped.path("world", n)).data
        ]
        allowed = f"a world that is written out: {one_of(written)}"
        raise table.refusal("not a pattern", "like", value=name, allowed=allowed)
    return load_world(name)
