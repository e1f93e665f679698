"""The opening: the economy as a world describes it, on the eve of its first month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.framework.columns import Floats
from sim.base.memory import keep_freed
from sim.base.numerics.draws import Draws
from sim.config.registry import load_registry
from sim.config.scenario.scenario import Scenario
from sim.economy.accounts.ledger import Ledger
from sim.economy.economy import KINDS, Economy
from sim.economy.frontier import Frontier
from sim.economy.parameters import Parameters
from sim.economy.places import places_of
from sim.economy.relations import compile_relations
from sim.economy.user_classes import named_decisions
from sim.month.labs.frontier import open_frontier
from sim.opening.books import open_books
from sim.opening.compute import (
    open_fabs,
    open_fleets,
    open_hours,
    open_inputs,
    open_orders,
    open_regions,
)
from sim.opening.initial_values import initial_values
from sim.opening.labs import open_labs
from sim.opening.populations import models_of, population_of

QUANTUM, LONG_QUANTUM = 1.0, 64.0
LONG_RUN = 240
"""Months beyond which balances may outgrow what sums of single dollars keep exact."""


def open_economy(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    design: Mapping[str, Floats] | None = None,
    quantum: float | None = None,
) -> Economy:
    """A block of runs ready for its first month.

    seed and replications key the draws; design overlays parameters per run, path -> (runs,).
    quantum: what money is rounded to, USD; by default one dollar, in very long runs 64, so that
    sums stay exact.
    """
    keep_freed()
    world, runs = scenario.world, len(replications)
    populations = {name: population_of(scenario, name, runs) for name in KINDS if name != "models"}
    populations["models"] = models_of(populations["labs"])
    parameters = Parameters(populations, load_registry(), scenario, design)
    relations = compile_relations(world, populations)
    agents_and_edges: dict[str, Any] = {**populations, **relations}
    if quantum is None:
        quantum = QUANTUM if scenario.months <= LONG_RUN else LONG_QUANTUM
    economy = Economy(
        world=world,
        calendar=scenario.calendar,
        draws=Draws(seed, replications),
        parameters=parameters,
        ledger=Ledger(list(populations.values()), quantum),
        places=places_of(world, populations, relations),
        frontier=Frontier(world, scenario.calendar, runs),
        runs=runs,
        **agents_and_edges,
    )
    with named_decisions("the opening"):
        open_regions(economy)
        open_fabs(economy)
        open_fleets(economy)
        open_orders(economy)
        open_inputs(economy)
        open_hours(economy)
        open_labs(economy, initial_values)
        open_books(economy, initial_values)
        open_frontier(economy)
    return economy
