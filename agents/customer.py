"""A customer: a cohort of one segment in one region."""

from __future__ import annotations

from agents.agent import EconomicAgent


class Customer(EconomicAgent):
    """Stands in the world with its balance sheet; it buys tokens once labs sell them."""

    population_name = "customers"
    label = "customer cohort"
