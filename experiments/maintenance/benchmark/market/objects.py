"""The market core as objects: what one supplier, firm and customer does, in plain Python.

Frameworks of agents bring the rest: who is asked when, in `mesa_objects.py` and
`agentpy_objects.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log
from typing import NamedTuple

from experiments.maintenance.benchmark.market.core import (
    ADJUST,
    AIM,
    CAPITAL_COST,
    FOLLOW,
    GROWTH,
    INPUT_COST,
    LEAD,
    SERVICE,
    SMOOTH,
    SWING,
    WEAR,
    Inputs,
)


class PlainSupplier:
    """Holds stock and delivers it."""

    def start(self, output: float) -> None:
        """State at month 0."""
        self.output = self.stock = output
        self.asked = self.share = self.delivered = 0.0

    def produce(self, luck: float) -> None:
        """Output goes to stock."""
        self.stock += self.output * luck
        self.asked = 0.0

    def ration(self) -> None:
        """All who asked get the same share."""
        self.share = min(self.stock / self.asked, 1.0) if self.asked > 0.0 else 0.0
        self.delivered = self.asked * self.share
        self.stock -= self.delivered
        self.output += FOLLOW * (self.asked - self.output)


class PlainFirm:
    """Buys inputs, sells, sets its price and builds capacity."""

    suppliers: Sequence[PlainSupplier]
    weights: Sequence[float]

    def start(self, quality: float, price: float, capacity: float, expected: float) -> None:
        """State at month 0."""
        self.quality, self.price, self.capacity = quality, price, capacity
        self.expected = expected
        self.served = 1.0
        self.held = self.on_order = self.cash = self.demand = 0.0
        self.need = self.granted = self.arrived = self.ordered = self.sold = self.revenue = 0.0
        self.appeal = self.log_price = 0.0
        self.pipeline = [0.0] * LEAD

    def ask(self, slot: int) -> None:
        """Orders arrive; it asks its suppliers for what it needs, and shows its offer."""
        self.arrived = self.pipeline[slot]
        self.capacity = self.capacity * (1.0 - WEAR) + self.arrived
        self.on_order -= self.arrived
        self.need = max(min(self.expected, self.capacity) - self.held, 0.0)
        for supplier, weight in zip(self.suppliers, self.weights, strict=True):
            supplier.asked += weight * self.need
        self.appeal = self.quality + SERVICE * self.served
        self.log_price = log(self.price)
        self.demand = 0.0

    def trade(self, slot: int) -> None:
        """Inputs are delivered, goods sold; the next price is set and capacity ordered."""
        served = zip(self.suppliers, self.weights, strict=True)
        self.granted = sum(weight * self.need * supplier.share for supplier, weight in served)
        self.held += self.granted
        self.sold = min(self.demand, self.capacity, self.held)
        self.served = self.sold / self.demand if self.demand > 0.0 else 1.0
        self.held -= self.sold
        self.revenue = self.price * self.sold
        tightness = self.demand / self.capacity - AIM
        self.price *= exp(ADJUST * min(max(tightness, -SWING), SWING))
        self.expected += SMOOTH * (self.demand - self.expected)
        lacking = self.expected / AIM - self.capacity - self.on_order
        self.ordered = min(max(lacking, 0.0), GROWTH * self.capacity)
        self.pipeline[slot] = self.ordered
        self.on_order += self.ordered
        self.cash += self.revenue - INPUT_COST * self.granted - CAPITAL_COST * self.ordered


class PlainCustomer:
    """Chooses among its firms."""

    firms: Sequence[PlainFirm]

    def start(
        self, taste: float, sensitivity: float, pull: float, need: float, odds: list[float]
    ) -> None:
        """State at month 0."""
        self.taste, self.sensitivity, self.pull, self.need = taste, sensitivity, pull, need
        self.log_odds = odds
        self.concentration = 0.0

    def choose(self, luck: float) -> None:
        """Log odds drift toward what it prefers, and demand follows them."""
        taste, sensitivity, pull = self.taste, self.sensitivity, self.pull
        self.log_odds = odds = [
            old + pull * (taste * firm.appeal - sensitivity * firm.log_price - old)
            for old, firm in zip(self.log_odds, self.firms, strict=True)
        ]
        best = max(odds)
        pulls = [exp(one - best) for one in odds]
        added = sum(pulls)
        scale = self.need * luck / added
        for firm, one in zip(self.firms, pulls, strict=True):
            firm.demand += scale * one
        self.concentration = sum(one * one for one in pulls) / (added * added)


class Market(NamedTuple):
    """All agents of a run."""

    suppliers: Iterable[PlainSupplier]
    firms: Sequence[PlainFirm]
    customers: Sequence[PlainCustomer]

    def connect(self, inputs: Inputs) -> None:
        """Give everyone its state at month 0 and those it deals with."""
        suppliers = list(self.suppliers)
        for supplier, output in zip(suppliers, inputs.output.tolist(), strict=True):
            supplier.start(output)
        of_firms = (inputs.quality, inputs.price, inputs.capacity, inputs.expected)
        rows = zip(*(values.tolist() for values in of_firms), strict=True)
        edges = zip(inputs.supplier.tolist(), inputs.weight.tolist(), strict=True)
        for firm, row, (ends, weights) in zip(self.firms, rows, edges, strict=True):
            firm.start(*row)
            firm.suppliers, firm.weights = [suppliers[end] for end in ends], weights
        of_customers = (inputs.taste, inputs.sensitivity, inputs.pull, inputs.need, inputs.log_odds)
        starts = zip(*(values.tolist() for values in of_customers), strict=True)
        choices = inputs.firm.tolist()
        for customer, start, ends in zip(self.customers, starts, choices, strict=True):
            customer.start(*start)
            customer.firms = [self.firms[end] for end in ends]

    def metrics(self) -> list[float]:
        """METRICS of the month, in their order."""
        firms, suppliers, customers = self.firms, self.suppliers, self.customers
        sold, capacity = sum(f.sold for f in firms), sum(f.capacity for f in firms)
        ordered, revenue = sum(f.ordered for f in firms), sum(f.revenue for f in firms)
        paid = INPUT_COST * sum(f.granted for f in firms)
        return [
            sum(f.demand for f in firms),
            sold,
            sum(f.demand - f.sold for f in firms),
            capacity,
            ordered,
            sum(f.arrived for f in firms),
            sum(f.on_order for f in firms),
            sold / capacity,
            revenue / sold,
            revenue,
            paid,
            revenue - paid - CAPITAL_COST * ordered,
            sum(f.cash for f in firms),
            sum(f.sold * f.sold for f in firms) / (sold * sold),
            sum(f.sold * f.quality for f in firms) / sold,
            sum(c.concentration for c in customers) / len(customers),
            sum(s.asked for s in suppliers),
            sum(s.delivered for s in suppliers),
            sum(s.stock for s in suppliers),
            sum(f.held for f in firms),
        ]
