"""The rest of the economy: pays customers and core cash flows, receives wages, fuel and savings."""

from __future__ import annotations

from agents.agent import EconomicAgent


class Outside(EconomicAgent):
    """Closes the circuit: its cash is what the modelled economy has drawn from it, negated."""

    population_name = "outside"
    label = "rest of the economy"
