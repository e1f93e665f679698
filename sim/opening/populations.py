"""The populations of an opening economy: their agents, by class and in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.population import Agents, Member, Population
from agents.labs.ai_model import SLOTS, AIModel
from agents.labs.decentralised_pool import DecentralisedPool
from agents.labs.lab import ComputePoorLab, FrontierLab, Lab
from agents.labs.open_host import OpenHost
from sim.config.parameter_path import selected, selectors
from sim.config.scenario.scenario import Scenario
from sim.economy.economy import KINDS
from sim.economy.user_classes import load_class

if TYPE_CHECKING:
    from sim.config.world.roster import Roster


LAB_KINDS: dict[str, type[Lab]] = {
    "frontier": FrontierLab,
    "compute_poor": ComputePoorLab,
    "host": OpenHost,
    "pool": DecentralisedPool,
}
"""The class of a lab by its group; every other population has one class."""


def population_of(scenario: Scenario, name: str, runs: int) -> Agents:
    """The agents of one population as the world lists them, without values yet."""
    roster = scenario.world.roster(name)
    kinds = _kinds(scenario, roster)
    said = zip(roster.names, roster.groups, kinds, roster.regions, roster.likes, strict=True)
    population = Population(name, KINDS[name], [Member(*member) for member in said], runs)
    population.alive[:, population.given] = ~roster.dormant
    return population


def models_of(labs: Agents) -> Agents:
    """The models of all labs, slot by slot in the order of labs, named `lab_slot`."""
    members = [
        Member(f"{lab.name}_{slot}", slot, AIModel, lab.region)
        for slot in SLOTS
        for lab in labs.members
    ]
    population = Population("models", AIModel, members, labs.runs)
    population.alive[:] = np.tile(labs.alive, len(SLOTS))
    return population


def _kinds(scenario: Scenario, roster: Roster) -> list[type[EconomicAgent]]:
    """The class of every agent, in the order of the world."""
    chosen = {selector for selector in scenario.classes if "." in selector}
    known: dict[tuple[str, str, str], type[EconomicAgent]] = {}
    kinds = []
    for name, like, group in zip(roster.names, roster.likes, roster.groups, strict=True):
        own = name if chosen and selected(roster.population, name) in chosen else ""
        if (own, like, group) not in known:
            known[own, like, group] = _kind(scenario, roster.population, own, like, group)
        kinds.append(known[own, like, group])
    return kinds


def _kind(
    scenario: Scenario, population: str, name: str, like: str, group: str
) -> type[EconomicAgent]:
    """The agent's class: the scenario's narrowest choice for it, else its group's or kind's own."""
    for agents in (selected(population, selector) for selector in selectors(name, like, group)):
        if agents in scenario.classes:
            return load_class(scenario, agents, KINDS[population])
    return LAB_KINDS.get(group, Lab) if population == "labs" else KINDS[population]
