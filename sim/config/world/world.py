"""A world: its agents, edges, initial values and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.frozen import FrozenDict
from sim.config.parameter_path import DrawnRows, Rows
from sim.config.world.entries import AgentEntry, EdgeEntry, Sourced
from sim.config.world.schema import POPULATIONS, RELATIONS

if TYPE_CHECKING:
    from sim.config.world.roster import Links, Roster, Rosters, Web


@dataclass(frozen=True)
class World:
    """Agents in order, edges with groups written out, and the months before the start.

    A world that a file lists has tuples of entries; one that is generated makes entries when asked.
    """

    name: str
    title: str
    about: str
    start: str
    months: int
    agents: tuple[AgentEntry, ...] | Rosters
    edges: tuple[EdgeEntry, ...] | Web
    history: Mapping[str, Sourced]
    file: Path

    def of(self, population: str) -> Sequence[AgentEntry]:
        """The agents of one population, in order."""
        if isinstance(self.agents, tuple):
            return self._by_population[population]
        return self.agents.of[population]

    def roster(self, population: str) -> Roster:
        """The agents of one population as columns."""
        if isinstance(self.agents, tuple):
            return self._rosters[population]
        return self.agents.of[population]

    def links(self, relation: str) -> Links:
        """The edges of one relation that the world lists, as columns."""
        return self._links[relation] if isinstance(self.edges, tuple) else self.edges.of[relation]

    @cached_property
    def rows(self) -> Rows:
        """Population -> row -> the row's group, "" for none; every population is there.

        In a generated world a member of the pattern stands for all that were drawn after it.
        """
        return FrozenDict({population: self._rows(population) for population in POPULATIONS})

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the agents and edges, without what decides no number."""
        from sim.config.world.roster import fingerprint

        rosters = {population: self.roster(population) for population in POPULATIONS}
        return fingerprint(rosters, {relation: self.links(relation) for relation in RELATIONS})

    def _rows(self, population: str) -> Mapping[str, str]:
        if isinstance(self.agents, tuple):
            return FrozenDict({a.name: a.group for a in self.of(population)})
        roster = self.roster(population)
        groups = dict(zip(roster.names, roster.groups, strict=True))
        drawn = {name: like for name, like in zip(roster.names, roster.likes, strict=True) if like}
        return DrawnRows(groups | {like: groups[name] for name, like in drawn.items()}, drawn)

    @cached_property
    def _by_population(self) -> dict[str, tuple[AgentEntry, ...]]:
        found: dict[str, list[AgentEntry]] = {population: [] for population in POPULATIONS}
        for agent in self.agents:
            found[agent.population].append(agent)
        return {population: tuple(agents) for population, agents in found.items()}

    @cached_property
    def _rosters(self) -> dict[str, Roster]:
        from sim.config.world.roster import Roster

        return {p: Roster.of(p, agents) for p, agents in self._by_population.items()}

    @cached_property
    def _links(self) -> dict[str, Links]:
        from sim.config.world.roster import links_of

        names = {population: roster.names for population, roster in self._rosters.items()}
        return links_of(tuple(self.edges), names)
