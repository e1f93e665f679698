"""Memory of the models of one page, estimated before they are opened."""

from __future__ import annotations

from collections.abc import Sequence

from agents.framework.columns import columns_of
from agents.labs.ai_model import SLOTS
from sim.base.errors import RequestError
from sim.config.scenario.scenario import Scenario
from sim.config.world.limits import BASE, BLOCK_MEMORY, counts_of, memory
from sim.economy.economy import KINDS
from sim.results.metrics.all_metrics import NAMES
from sim.results.table_columns import MODELS

TABLES = ("metrics", "agents", "flows", "models", "payments")
"""Tables that a page's models record, where memory allows."""
TABLES_MAX = 1_000_000_000
"""Bytes that the tables of one model may take."""
MODELS_MAX = BLOCK_MEMORY
"""Bytes that the models of a page may take together."""
FLOAT = 8
PAYMENTS = 200
"""Pairs of sectors and instruments that pay, at most about."""
EDGES_OF_FIRM = 6
"""Edges per firm that follow from its place: power, spot, relocation, supplies, funding."""


def tables_of(scenario: Scenario) -> tuple[str, ...]:
    """The tables that a page's model of a scenario keeps: all, or in a large world the metrics."""
    return TABLES if recorded(scenario) <= TABLES_MAX else TABLES[:1]


def recorded(scenario: Scenario) -> int:
    """Bytes of all tables of a run."""
    counts = counts_of(scenario.world)
    labs = counts["labs"]
    counts["models"] = labs * len(SLOTS)
    states = {p: _states(p) for p in counts}
    # Labs teach each other and hear of each other's ideas: an edge for each ordered pair.
    firms = labs + counts["fleets"] + counts["fabs"]
    edges = len(scenario.world.edges) + EDGES_OF_FIRM * firms + 2 * labs * labs
    columns = sum(counts[p] * states[p] for p in counts) + 2 * edges
    columns += labs * len(MODELS) + len(NAMES) + PAYMENTS
    return FLOAT * scenario.months * columns


def check_room(scenarios: Sequence[Scenario]) -> None:
    """Refuse models that would take more memory than a page has, before they are opened."""
    asked = sum(needed(scenario) for scenario in scenarios)
    if asked > MODELS_MAX:
        raise RequestError(
            f"{len(scenarios)} such models would take about {asked / 1e9:.1f} GB",
            key="months" if len(scenarios) == 1 else "compare",
            allowed=f"models of at most {MODELS_MAX / 1e9:.0f} GB on a page: "
            "fewer agents, months or scenarios",
        )


def needed(scenario: Scenario) -> int:
    """Bytes of one model with its tables."""
    world = memory(counts_of(scenario.world), len(scenario.world.edges)) - BASE
    if len(tables_of(scenario)) > 1:
        return world + recorded(scenario)
    return world + FLOAT * scenario.months * len(NAMES)


def _states(population: str) -> int:
    return sum(column.role == "state" for column in columns_of(KINDS[population]).values())
