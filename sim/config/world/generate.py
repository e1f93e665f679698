"""Worlds of any size: so many firms of each kind, drawn after a world that is written out.

Regions, institutions and history are the pattern's. Fabs, data centers, labs and customers are
drawn: each is like a member of the pattern, with a size of its own (`draw_firms`), and trades with
whom that member trades (`draw_edges`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sim.config.toml.table import Table
from sim.config.world.draw_edges import follow, trade
from sim.config.world.draw_firms import NAMES, Firms, copied, draw_firms
from sim.config.world.limits import AGENTS_MAX, EDGES_MAX, MEMORY_MAX, memory
from sim.config.world.roster import Links, Rosters, Web
from sim.config.world.schema import POPULATIONS, RELATIONS
from sim.config.world.world import World

WORLD_SEED_MAX = 2**32 - 1
DEGREE_MAX = 100
COUNT_MAX = 10**9
"""Largest number that is taken as one; the limits on agents, edges and memory are narrower."""
COUNTED: Mapping[str, tuple[str, int]] = {
    "labs": ("labs", 0),
    "fabs": ("fabs", 1),
    "data_centers": ("fleets", 1),
    "customers": ("customers", 0),
}
"""Key -> the population it counts, and the fewest there may be."""


@dataclass(frozen=True)
class GenerationPlan:
    """The plan of a generated world.

    counts: population -> agents to draw. degree: suppliers of a fleet, a lab or a cohort, about.
    """

    pattern: World
    counts: Mapping[str, int]
    degree: int
    seed: int

    @property
    def agents(self) -> dict[str, int]:
        """Population -> agents in all."""
        return {p: self.counts.get(p, len(self.pattern.of(p))) for p in POPULATIONS}

    @property
    def edges(self) -> int:
        """Edges that the world will list, about: `degree` for each agent that has suppliers, and
        one more for each supplier, where shares of its output end. An institution has an edge to
        every firm that is like a member of the pattern."""
        agents, counted = self.agents, 0
        for origin, goal in RELATIONS.values():
            if origin in self.counts and goal in self.counts:
                counted += self.degree * agents[goal] + agents[origin]
            else:
                counted += agents[origin] * agents[goal]
        return counted

    def world(self) -> World:
        """The world: the same for the same plan, whatever machine draws it."""
        pattern = self.pattern
        firms = {p: self._firms(p) for p in POPULATIONS}
        rosters = {population: drawn.roster for population, drawn in firms.items()}
        links = {relation: self._links(relation, firms) for relation in RELATIONS}
        source = f"assumption: drawn after {pattern.name}"
        return replace(pattern, agents=Rosters(rosters), edges=Web(rosters, links, source))

    def _firms(self, population: str) -> Firms:
        if population in NAMES:
            return draw_firms(self.pattern, population, self.counts[population], self.seed)
        return copied(self.pattern, population)

    def _links(self, relation: str, firms: Mapping[str, Firms]) -> Links:
        origin, goal = (firms[end] for end in RELATIONS[relation])
        if origin.drawn and goal.drawn:
            return trade(self.pattern, relation, origin, goal, self.degree, self.seed)
        return follow(self.pattern, relation, origin, goal)


def read_plan(table: Table, pattern: World) -> GenerationPlan:
    """The plan in a world file's `[generate]`; pattern: the world that it names.

    Raises RequestError with file, line and key for what is wrong in it, and for a world beyond the
    limits with the memory that it would take.
    """
    table.only((*COUNTED, "degree", "seed", "like"))
    counts = {}
    for key, (population, low) in COUNTED.items():
        most = COUNT_MAX if len(pattern.of(population)) else 0  # none to draw them after
        counts[population] = table.integer(key, min(low, most), most)
    plan = GenerationPlan(
        pattern=pattern,
        counts=counts,
        degree=table.integer("degree", 1, DEGREE_MAX),
        seed=table.integer("seed", 0, WORLD_SEED_MAX),
    )
    refuse_too_large(plan, table)
    return plan


def refuse_too_large(plan: GenerationPlan, table: Table) -> None:
    """Refuse a world beyond the limits, saying the memory it would take."""
    agents = sum(plan.agents.values())
    needed = memory(plan.agents, plan.edges)
    takes = f"; it would take about {needed / 1e9:,.1f} GB"
    if agents > AGENTS_MAX:
        allowed = f"at most {AGENTS_MAX:,}"
        raise table.refusal(f"too many agents, {agents:,}{takes}", allowed=allowed)
    if plan.edges > EDGES_MAX:
        problem = f"too many edges, about {plan.edges:,}{takes}"
        raise table.refusal(problem, allowed=f"at most {EDGES_MAX:,}: a lower degree, or fewer")
    if needed > MEMORY_MAX:
        allowed = f"at most {MEMORY_MAX / 1e9:,.0f} GB a run: fewer agents, or a lower degree"
        raise table.refusal(f"too large a world{takes}", allowed=allowed)
