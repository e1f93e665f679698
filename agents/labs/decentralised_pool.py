"""A decentralised training pool: trains on contributed hours, and publishes its models."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Quantity, ratio
from agents.labs.lab import Lab, ResearchPlan
from agents.supply.data_center import HOURS


class DecentralisedPool(Lab):
    """A lab without sites, whose hours come from machines all over the world that nobody counts as
    an AI fleet [decentralized-growth].

    Owners of these machines bear their power and are not paid, so no money moves for an hour, nor
    for tasks, which contributors make; staff is paid for with what investors give. It has no hours
    to sell tokens: others gain from its open models, which hosts serve and students learn from.
    """

    label = "decentralised training pool"

    def plan_research(self) -> ResearchPlan:
        """No hours are bought; people as money allows."""
        plan = super().plan_research()
        return ResearchPlan(np.zeros_like(plan.hours), plan.staff, plan.payable)

    def want_compute(self) -> Quantity:
        """None on the market."""
        return np.zeros_like(self.cash)

    def keep_for_serving(self) -> Quantity:
        """None: it serves nobody."""
        return np.zeros_like(self.cash)

    def contribute(self) -> Quantity:
        """Hours contributed this month: at first a fraction of a frontier lab's, then growing by a
        factor a year, until the networks that it draws on are used up at a multiple of the first
        [decentralized-gap, decentralized-growth, decentralized-expand]."""
        begun = np.greater(self.contributed_hours, 0.0)
        first = np.where(begun, self.contributed_first, self.frontier_research * self.pool_start)
        grown = self.contributed_hours * np.power(self.pool_growth, 1.0 / 12.0)
        return np.minimum(np.where(begun, grown, first), first * self.pool_expansion)

    def usable_share(self) -> Quantity:
        """Training that N nodes over slow links do, over that of one site: N^-penalty
        [diloco-penalty-exponent]."""
        nodes = ratio(self.contributed_hours, HOURS * self.node_size)
        return np.power(np.maximum(nodes, 1.0), -self.node_penalty)

    def task_cost(self) -> Quantity:
        """0 USD: contributors make its tasks as well."""
        return np.zeros_like(self.cash)

    def task_produce(self) -> Quantity:
        """None of those that makers sell."""
        return np.zeros_like(self.cash)

    def open_flagship(self) -> Quantity:
        """1: all contributors have the weights anyway [decentralized-open]."""
        return np.ones_like(self.cash)

    def open_small(self) -> Quantity:
        """1, as the flagship [decentralized-open]."""
        return np.ones_like(self.cash)

    def price_for_less(self) -> Quantity:
        """0: it sells no tokens."""
        return np.zeros_like(self.cash)
