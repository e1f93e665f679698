"""The market core in plain numpy: arrays with runs first, nothing compiled."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats
from experiments.maintenance.benchmark.market.core import (
    ADJUST,
    AIM,
    CAPITAL_COST,
    FOLLOW,
    GROWTH,
    INPUT_COST,
    LEAD,
    METRICS,
    SERVICE,
    SMOOTH,
    SWING,
    WEAR,
    Inputs,
)


class NumpyWorld:
    """Runs of the core as arrays (runs, agents) and (runs, agents, places)."""

    def __init__(self, inputs: Inputs, runs: range) -> None:
        self.inputs, self.runs, self.month = inputs, runs, 0
        one = np.ones((len(runs), 1))
        self.price, self.capacity = one * inputs.price, one * inputs.capacity
        self.expected, self.output = one * inputs.expected, one * inputs.output
        self.stock, self.served = self.output.copy(), np.ones_like(self.price)
        self.held, self.on_order = np.zeros_like(self.price), np.zeros_like(self.price)
        self.cash = np.zeros_like(self.price)
        self.pipeline = np.zeros((LEAD, *self.price.shape))
        self.log_odds = one[:, :, None] * inputs.log_odds
        self.to_supplier = self._flat(inputs.supplier, inputs.size.suppliers)
        self.to_firm = self._flat(inputs.firm, inputs.size.firms)

    def _flat(self, ends: np.ndarray, rows: int) -> np.ndarray:
        return (np.arange(len(self.runs))[:, None] * rows + ends.ravel().astype(np.intp)).ravel()

    def advance(self, months: int) -> Floats:
        """Run so many months more; metrics (runs, months, metrics)."""
        return np.stack([self._step() for _ in range(months)], axis=1)

    def _step(self) -> Floats:
        inputs, slot = self.inputs, self.month % LEAD
        rows = slice(self.runs.start, self.runs.stop)
        lucky_demand = inputs.demand[rows, self.month, None]
        lucky_supply = inputs.supply[rows, self.month, None]

        arrived = self.pipeline[slot].copy()
        self.capacity = self.capacity * (1.0 - WEAR) + arrived
        self.on_order -= arrived

        self.stock = self.stock + self.output * lucky_supply
        need = np.maximum(np.minimum(self.expected, self.capacity) - self.held, 0.0)
        asks = inputs.weight * need[:, :, None]
        asked = np.bincount(self.to_supplier, asks.ravel(), self.stock.size)
        asked = asked.reshape(self.stock.shape)
        share = np.minimum(self.stock / np.where(asked > 0.0, asked, 1.0), 1.0)
        granted = (asks * share[:, inputs.supplier]).sum(axis=2)
        delivered = asked * share
        self.stock -= delivered
        self.held += granted
        self.output += FOLLOW * (asked - self.output)

        appeal = inputs.quality + SERVICE * self.served
        wish = inputs.taste[:, None] * appeal[:, inputs.firm]
        wish -= inputs.sensitivity[:, None] * np.log(self.price)[:, inputs.firm]
        self.log_odds += inputs.pull[:, None] * (wish - self.log_odds)
        shares = np.exp(self.log_odds - self.log_odds.max(axis=2, keepdims=True))
        shares /= shares.sum(axis=2, keepdims=True)
        wanted = shares * (inputs.need * lucky_demand)[:, :, None]
        demand = np.bincount(self.to_firm, wanted.ravel(), self.price.size)
        demand = demand.reshape(self.price.shape)

        sold = np.minimum(np.minimum(demand, self.capacity), self.held)
        self.served = np.where(demand > 0.0, sold / np.where(demand > 0.0, demand, 1.0), 1.0)
        self.held -= sold
        revenue = self.price * sold
        paid = INPUT_COST * granted

        paid_price = self.price
        tightness = np.clip(demand / self.capacity - AIM, -SWING, SWING)
        self.price = paid_price * np.exp(ADJUST * tightness)

        self.expected += SMOOTH * (demand - self.expected)
        lacking = self.expected / AIM - self.capacity - self.on_order
        ordered = np.minimum(np.maximum(lacking, 0.0), GROWTH * self.capacity)
        self.pipeline[slot] = ordered
        self.on_order += ordered
        invested = CAPITAL_COST * ordered
        self.cash += revenue - paid - invested
        self.month += 1

        all_sold, all_revenue = sold.sum(axis=1), revenue.sum(axis=1)
        metrics = {
            "demand": demand.sum(axis=1),
            "sold": all_sold,
            "unserved": (demand - sold).sum(axis=1),
            "capacity": self.capacity.sum(axis=1),
            "ordered": ordered.sum(axis=1),
            "arrived": arrived.sum(axis=1),
            "on_order": self.on_order.sum(axis=1),
            "utilization": all_sold / self.capacity.sum(axis=1),
            "price": all_revenue / all_sold,
            "revenue": all_revenue,
            "input_cost": paid.sum(axis=1),
            "profit": (revenue - paid - invested).sum(axis=1),
            "cash": self.cash.sum(axis=1),
            "concentration": (sold * sold).sum(axis=1) / (all_sold * all_sold),
            "quality_sold": (sold * inputs.quality).sum(axis=1) / all_sold,
            "choice_concentration": (shares * shares).sum(axis=2).mean(axis=1),
            "asked": asked.sum(axis=1),
            "granted": delivered.sum(axis=1),
            "stock": self.stock.sum(axis=1),
            "inputs": self.held.sum(axis=1),
        }
        return np.stack([metrics[name] for name in METRICS], axis=1)
