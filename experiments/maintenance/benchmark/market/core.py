"""The market core: one small economy, written here as equations and in other files as programs.

Suppliers deliver to firms along a weighted graph, firms sell to customers. All programs take the
same inputs, drawn once, and must give the same numbers. Month t of a run, in order:

1. Capacity. What was ordered LEAD months ago arrives, the rest wears:
   capacity <- capacity (1 - WEAR) + arrived; on order <- on order - arrived.
2. Supply. A supplier adds its output, times the run's luck with supply, to its stock. A firm needs
   what it expects to sell, at most its capacity, less what it holds; it asks each of its suppliers
   for its weight of that. A supplier that is asked for more than its stock serves all in the same
   proportion: granted = asked x min(1, stock / all asked). Output moves toward what was asked:
   output <- output + FOLLOW (all asked - output).
3. Choice. A customer has log odds of each of its PLACES firms, which drift toward what it prefers
   now: wish = taste x (quality + SERVICE x served) - sensitivity x ln price, served as of last
   month; log odds <- log odds + pull (wish - log odds). Its shares are the logit of its log odds,
   and it wants need x share of each firm, times the run's luck with demand.
4. Sales. sold = min(demand, capacity, inputs); served = sold / demand, 1 without demand.
   inputs <- inputs - sold; cash <- cash + price x sold - INPUT_COST x granted.
5. Price. For the next month, price <- price x exp(ADJUST x (demand / capacity - AIM)), the last
   difference kept within SWING.
6. Orders. expected <- expected + SMOOTH (demand - expected); a firm orders what takes capacity and
   orders to expected / AIM, at least nothing and at most GROWTH of its capacity; it pays
   CAPITAL_COST for each unit of it.

At the end of the month METRICS are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from agents.framework.columns import Floats
from sim.base.numerics.kernels import Index

PLACES, SUPPLIERS = 8, 3
"""Firms that a customer chooses among, and suppliers of a firm."""
FIRMS_PER_SUPPLIER = 10
LEAD = 6
WEAR = 0.01
FOLLOW = 0.5
SERVICE = 0.5
ADJUST = 0.2
SWING = 0.5
AIM = 0.85
SMOOTH = 0.3
GROWTH = 0.1
INPUT_COST = 0.4
CAPITAL_COST = 5.0
METRICS = (
    *("demand", "sold", "unserved", "capacity", "ordered", "arrived", "on_order", "utilization"),
    *("price", "revenue", "input_cost", "profit", "cash", "concentration", "quality_sold"),
    *("choice_concentration", "asked", "granted", "stock", "inputs"),
)
"""Sums over all agents of a run, but utilization (sold over capacity), price and quality sold (both
weighted by what was sold), concentration (squares of firms' shares of what was sold, added up) and
choice_concentration (the same of each customer's shares, mean over customers). profit is revenue
less inputs and capital; asked, granted and stock are the suppliers', after delivery."""
TOLERANCE = 1e-9
"""Relative difference up to which two programs give the same numbers."""


@dataclass(frozen=True)
class Size:
    """How many firms and customers a world has."""

    firms: int
    customers: int

    @property
    def suppliers(self) -> int:
        """Suppliers of all firms."""
        return max(self.firms // FIRMS_PER_SUPPLIER, SUPPLIERS)

    def __str__(self) -> str:
        return f"{self.firms:,} firms, {self.customers:,} customers"


SMALL, MEDIUM, LARGE = Size(200, 1_000), Size(2_000, 100_000), Size(20_000, 1_000_000)


@dataclass(frozen=True)
class Inputs:
    """What every program starts from, the same in all runs but for the luck of the months.

    supplier: rows of each firm's suppliers, (firms, SUPPLIERS), and weight, of the same shape, adds
    up to 1 by firm. firm: rows of the firms that each customer chooses among, (customers, PLACES);
    log_odds of the same shape. quality, price, capacity, expected: (firms,). output: (suppliers,),
    and so is the stock, one month of output. taste, sensitivity, pull, need: (customers,). demand
    and supply: luck, (runs, months).
    """

    size: Size
    supplier: Index
    weight: Floats
    firm: Index
    log_odds: Floats
    quality: Floats
    price: Floats
    capacity: Floats
    expected: Floats
    output: Floats
    taste: Floats
    sensitivity: Floats
    pull: Floats
    need: Floats
    demand: Floats
    supply: Floats


class MarketWorld(Protocol):
    """A program of the core with its world set up, some runs of it at month 0."""

    def advance(self, months: int) -> Floats:
        """Run so many months more; METRICS at the end of each, (runs, months, metrics)."""


Program = Callable[[Inputs, range], MarketWorld]
"""Sets up the given runs of the inputs."""


def draw(size: Size, runs: int, months: int, seed: int = 1) -> Inputs:
    """Inputs of so many runs and months; luck walks with a memory of 0.9 a month."""
    rng = np.random.default_rng(seed)
    firms, customers, suppliers = size.firms, size.customers, size.suppliers
    need = rng.lognormal(0.0, 0.5, customers)
    expected = np.full(firms, need.sum() / firms)
    supplier = _distinct(rng, firms, SUPPLIERS, suppliers)
    weight = rng.uniform(0.5, 1.5, supplier.shape)
    weight /= weight.sum(axis=1, keepdims=True)
    asked = np.bincount(supplier.ravel(), (weight * expected[:, None]).ravel(), suppliers)
    return Inputs(
        size=size,
        supplier=supplier,
        weight=weight,
        firm=_distinct(rng, customers, PLACES, firms),
        log_odds=rng.normal(0.0, 1.0, (customers, PLACES)),
        quality=rng.normal(0.0, 0.5, firms),
        price=rng.lognormal(0.0, 0.1, firms),
        capacity=expected / AIM,
        expected=expected,
        output=np.asarray(asked, dtype=np.float64),
        taste=rng.uniform(0.5, 1.5, customers),
        sensitivity=rng.uniform(1.0, 3.0, customers),
        pull=rng.uniform(0.05, 0.3, customers),
        need=need,
        demand=_luck(rng, runs, months),
        supply=_luck(rng, runs, months),
    )


def _distinct(rng: np.random.Generator, rows: int, places: int, among: int) -> Index:
    """Places of each row, all different and in rising order, (rows, places)."""
    first = rng.integers(0, among, rows)
    stride = rng.integers(1, among // places + 1, rows)
    found = (first[:, None] + stride[:, None] * np.arange(places)) % among
    return np.sort(found, axis=1).astype(np.uint32)


def _luck(rng: np.random.Generator, runs: int, months: int) -> Floats:
    shocks = rng.normal(0.0, 0.05, (runs, months))
    for month in range(1, months):
        shocks[:, month] += 0.9 * shocks[:, month - 1]
    level: Floats = np.exp(shocks)
    return level


def difference(one: Floats, other: Floats) -> float:
    """The largest difference of two arrays of metrics, relative to the largest of its metric."""
    largest = np.maximum(np.abs(other).max(axis=(0, 1)), np.finfo(float).tiny)
    return float((np.abs(one - other) / largest).max())
