"""Initial values of a population, in the order of its rows."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats
from agents.framework.population import Agents
from sim.economy.economy import Economy


def initial_values(economy: Economy, population: Agents, key: str) -> Floats:
    """A world's initial values of one key, (runs, rows); 0 where the world gives none, and for
    agents that are dormant: they hold nothing until they enter."""
    roster, row = economy.world.roster(population.name), np.zeros(len(population))
    if key in roster.initial:
        given = roster.initial[key].value
        row[population.given] = np.where(np.isnan(given) | roster.dormant, 0.0, given)
    return np.repeat(row[None, :], economy.runs, axis=0)
