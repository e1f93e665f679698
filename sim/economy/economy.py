"""The economy: all populations, relations, books and luck of one block of runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from agents.demand.customer import Customer
from agents.demand.elsewhere import Elsewhere
from agents.finance.capital_market import CapitalMarket
from agents.finance.gulf_investor import GulfInvestor
from agents.finance.outside import Outside
from agents.finance.parent import Parent
from agents.framework.agent import EconomicAgent
from agents.framework.columns import Floats
from agents.framework.population import Population
from agents.framework.relation import Relation
from agents.labs.ai_model import SLOTS, AIModel
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from agents.supply.inputs import Input
from agents.supply.region import Region
from sim.base.calendar import Calendar
from sim.base.numerics.draws import Draws, Purpose
from sim.config.world.world import World
from sim.economy.accounts.ledger import Ledger
from sim.economy.frontier import Frontier
from sim.economy.parameters import Parameters
from sim.economy.places import Places


@dataclass
class Economy:
    """State of a block of runs. `month` counts from 0; the engine moves it."""

    world: World
    calendar: Calendar
    draws: Draws
    parameters: Parameters
    ledger: Ledger
    regions: Population[Region]
    inputs: Population[Input]
    fabs: Population[ChipFab]
    fleets: Population[DataCenter]
    labs: Population[Lab]
    models: Population[AIModel]
    customers: Population[Customer]
    elsewhere: Population[Elsewhere]
    gulf: Population[GulfInvestor]
    parents: Population[Parent]
    capital: Population[CapitalMarket]
    outside: Population[Outside]
    fab_power: Relation
    fleet_power: Relation
    supplies: Relation
    chips: Relation
    lease: Relation
    spot: Relation
    relocation: Relation
    tokens: Relation
    teaching: Relation
    ideas: Relation
    ownership: Relation
    gulf_labs: Relation
    gulf_sites: Relation
    upstream: Relation
    lab_funding: Relation
    fab_funding: Relation
    fleet_funding: Relation
    places: Places
    frontier: Frontier
    runs: int
    month: int = 0

    @cached_property
    def populations(self) -> dict[str, Population[Any]]:
        """All populations by name, in the order of the world."""
        return {p.name: p for p in vars(self).values() if isinstance(p, Population)}

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """All relations by name."""
        return {r.name: r for r in vars(self).values() if isinstance(r, Relation)}

    @cached_property
    def firms(self) -> tuple[tuple[Population[Any], Relation], ...]:
        """Firms that may borrow, and the edges along which the capital market lends to them."""
        return (
            (self.labs, self.lab_funding),
            (self.fleets, self.fleet_funding),
            (self.fabs, self.fab_funding),
        )

    @cached_property
    def slots(self) -> dict[str, slice]:
        """Rows of the models in each slot, a row a lab in the order of labs."""
        labs = len(self.labs)
        return {name: slice(n * labs, (n + 1) * labs) for n, name in enumerate(SLOTS)}

    def of_slot(self, column: str, name: str) -> Floats:
        """A column of the models in one slot, (runs, labs): a view that may be written."""
        return self.models.columns[column][:, self.slots[name]]

    def draw_luck(self) -> None:
        """Fill the luck columns of all populations for this month."""
        for law, draw in (("normal", self.draws.normals), ("uniform", self.draws.uniforms)):
            columns, purposes = self._lucky[law]
            for column, values in zip(columns, draw(purposes, self.month), strict=True):
                np.copyto(column, values)

    @cached_property
    def _lucky(self) -> dict[str, tuple[list[Floats], tuple[Purpose, ...]]]:
        """The luck columns by law, and what is drawn for them."""
        lucky: dict[str, list[tuple[Floats, Purpose]]] = {"normal": [], "uniform": []}
        for population in self.populations.values():
            for name, column in population.declared.items():
                if column.role == "luck":
                    purpose = f"{population.name}.{name}", population.names
                    lucky[column.unit].append((population.columns[name], purpose))
        return {
            law: ([column for column, _ in found], tuple(purpose for _, purpose in found))
            for law, found in lucky.items()
        }


KINDS: dict[str, type[EconomicAgent]] = {
    kind.population_name: kind
    for kind in (
        Region,
        Input,
        ChipFab,
        DataCenter,
        Lab,
        AIModel,
        Customer,
        Elsewhere,
        GulfInvestor,
        Parent,
        CapitalMarket,
        Outside,
    )
}
"""The kind of every population, in the order in which they stand in the world."""
