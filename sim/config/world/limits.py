"""Limits on the size of a world, and the memory that it takes.

Memory of one run in bytes = BASE + the sum over populations of agents x AGENT + edges x EDGE, where
edges are those that a world lists. The figures are peaks of generated worlds over a few months, the
making of the world and the temporaries of a month included, rounded up by a tenth or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.config.world.schema import POPULATIONS

if TYPE_CHECKING:
    from sim.config.world.world import World

AGENTS_MAX = 2_000_000
EDGES_MAX = 10_000_000
MEMORY_MAX = 16_000_000_000
"""Most memory that one run of a generated world may take, in bytes."""
BLOCK_MEMORY = 4_000_000_000
"""Memory that the runs of a block may take together, in bytes, unless one alone takes more."""

BASE = 260_000_000
"""Bytes of the interpreter and its libraries."""
AGENT: Mapping[str, int] = {"labs": 14_000, "fabs": 3_000, "fleets": 12_000, "customers": 1_200}
"""Bytes per agent: columns, names, the edges that follow from its place, and books by month."""
OTHER_AGENT = 3_000
EDGE = 260
"""Bytes per edge: columns, ends and weights, and what a month holds for a moment."""


def memory(agents: Mapping[str, int], edges: int) -> int:
    """Bytes that one run takes. agents: how many of each population; edges: that the world lists.

    >>> memory({"customers": 1_000_000}, 4_000_000)
    2500000000
    """
    return BASE + sum(n * AGENT.get(p, OTHER_AGENT) for p, n in agents.items()) + edges * EDGE


def runs_at_once(agents: Mapping[str, int], edges: int, most: int, room: int | None = None) -> int:
    """Runs of a world that one block may hold, at least one and at most `most`; room: bytes that
    they may take, by default BLOCK_MEMORY."""
    free = (BLOCK_MEMORY if room is None else room) - BASE
    return max(1, min(most, free // max(memory(agents, edges) - BASE, 1)))


def counts_of(world: World) -> dict[str, int]:
    """How many agents each population of a world has."""
    return {population: len(world.of(population)) for population in POPULATIONS}
