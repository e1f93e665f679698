"""The market core on the engine of this project: populations and relations whose columns have runs
first, rules of one line each, and compiled kernels where edges are gathered and scattered."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Floats, parameter, perceived, pipeline, ratio, state
from agents.framework.population import Member, Population
from agents.framework.relation import Relation
from experiments.maintenance.benchmark.market.core import (
    ADJUST,
    AIM,
    CAPITAL_COST,
    FOLLOW,
    GROWTH,
    INPUT_COST,
    LEAD,
    PLACES,
    SERVICE,
    SMOOTH,
    SUPPLIERS,
    SWING,
    WEAR,
    Inputs,
)
from sim.base.numerics.kernels import Index, _compiled, total

K = TypeVar("K", bound=EconomicAgent)
TOGETHER = 16_384
"""Customers of all runs whose odds are taken together: they stay within a processor's cache."""


class EngineSupplier(EconomicAgent):
    """Holds stock and delivers it."""

    population_name = "suppliers"

    output = state("unit/month", "What it makes")
    stock = state("unit", "What it holds")
    asked = state("unit/month", "What firms asked for")

    def follow(self) -> Floats:
        """Output after what was asked is known."""
        return self.output + FOLLOW * (self.asked - self.output)


class EngineFirm(EconomicAgent):
    """Buys inputs, sells, sets its price and builds capacity."""

    population_name = "firms"

    quality = parameter("1", "What all customers like about it")
    price = state("USD/unit", "Posted price")
    capacity = state("unit/month", "Most it can sell")
    expected = state("unit/month", "Demand it expects")
    held = state("unit", "Inputs held")
    served = state("1", "Part of demand that was served")
    demand = perceived("unit/month", "What customers want of it")
    sold = state("unit/month", "What it sold")
    ordered = state("unit/month", "Capacity it ordered")
    on_order = state("unit/month", "Capacity that is to arrive")
    arriving = pipeline("unit/month", "Capacity by month of arrival", LEAD)

    def need_inputs(self) -> Floats:
        """What it expects to sell, less what it holds."""
        return np.maximum(np.minimum(self.expected, self.capacity) - self.held, 0.0)

    def sell(self) -> Floats:
        """What demand, capacity and inputs allow."""
        return np.minimum(np.minimum(self.demand, self.capacity), self.held)

    def set_price(self) -> Floats:
        """The next price, by demand over capacity."""
        tightness = np.minimum(np.maximum(self.demand / self.capacity - AIM, -SWING), SWING)
        return self.price * np.exp(ADJUST * tightness)

    def expect(self) -> Floats:
        """Demand it expects from now on."""
        return self.expected + SMOOTH * (self.demand - self.expected)

    def order(self) -> Floats:
        """Capacity that it lacks, within the pace at which it can grow."""
        lacking = self.expected / AIM - self.capacity - self.on_order
        return np.minimum(np.maximum(lacking, 0.0), GROWTH * self.capacity)


class EngineCustomer(EconomicAgent):
    """Chooses among its firms."""

    population_name = "customers"

    taste = parameter("1", "How much quality counts")
    sensitivity = parameter("1", "How much the logarithm of the price counts")
    pull = parameter("1/month", "How fast its log odds follow what it prefers")
    need = parameter("unit/month", "What it wants of all firms")
    concentration = state("1", "Squares of its shares, added up")


SUPPLY = {"weight": parameter("1", "Part of the firm's needs")}
SALES = {"log_odds": state("1", "What the choice rests on")}


@_compiled
def ration(
    supplier: Index,
    weight: Floats,
    need: Floats,
    stock: Floats,
    asked: Floats,
    granted: Floats,
    delivered: Floats,
) -> None:
    """Serve firms' needs from the stock of their suppliers, by all of one in the same proportion.

    supplier (firms, suppliers each), weight (runs, firms, suppliers each), need and granted (runs,
    firms), stock, asked and delivered (runs, suppliers); asked starts at 0.
    """
    for run in range(need.shape[0]):
        for firm in range(need.shape[1]):
            for place in range(SUPPLIERS):
                asked[run, supplier[firm, place]] += weight[run, firm, place] * need[run, firm]
        for row in range(stock.shape[1]):
            delivered[run, row] = min(stock[run, row], asked[run, row])
        for firm in range(need.shape[1]):
            added = 0.0
            for place in range(SUPPLIERS):
                row = supplier[firm, place]
                if asked[run, row] > 0.0:
                    share = delivered[run, row] / asked[run, row]
                    added += weight[run, firm, place] * need[run, firm] * share
            granted[run, firm] = added


@_compiled
def drift(
    first: int,
    last: int,
    firm: Index,
    taste: Floats,
    sensitivity: Floats,
    pull: Floats,
    appeal: Floats,
    log_price: Floats,
    log_odds: Floats,
    above: Floats,
) -> None:
    """Move log odds of customers `first` to `last` - 1 toward what they prefer.

    firm (customers, places), taste, sensitivity and pull (runs, customers), appeal and log_price
    (runs, firms), log_odds (runs, customers, places). above (runs, at least last - first, places)
    is filled with what each lies above the customer's best.
    """
    for run in range(taste.shape[0]):
        for customer in range(first, last):
            best = -np.inf
            for place in range(PLACES):
                seller = firm[customer, place]
                wish = taste[run, customer] * appeal[run, seller]
                wish -= sensitivity[run, customer] * log_price[run, seller]
                old = log_odds[run, customer, place]
                new = old + pull[run, customer] * (wish - old)
                log_odds[run, customer, place] = new
                best = max(best, new)
            for place in range(PLACES):
                above[run, customer - first, place] = log_odds[run, customer, place] - best


@_compiled
def gather(
    first: int,
    last: int,
    firm: Index,
    odds: Floats,
    need: Floats,
    luck: Floats,
    demand: Floats,
    concentration: Floats,
) -> None:
    """Add needs of customers `first` to `last` - 1 to the demand of their firms, by odds.

    firm (customers, places), odds (runs, at least last - first, places), need and concentration
    (runs, customers), luck (runs,), demand (runs, firms), which starts at 0.
    """
    for run in range(need.shape[0]):
        for customer in range(first, last):
            added, squares = 0.0, 0.0
            for place in range(PLACES):
                one = odds[run, customer - first, place]
                added += one
                squares += one * one
            scale = need[run, customer] * luck[run] / added
            for place in range(PLACES):
                demand[run, firm[customer, place]] += scale * odds[run, customer - first, place]
            concentration[run, customer] = squares / (added * added)


class EngineWorld:
    """Runs side by side."""

    def __init__(self, inputs: Inputs, runs: range) -> None:
        self.runs, self.month = runs, 0
        size = inputs.size
        luck = slice(runs.start, runs.stop)
        self.demand_luck = np.ascontiguousarray(inputs.demand[luck].T)
        self.supply_luck = np.ascontiguousarray(inputs.supply[luck].T)
        self.suppliers = _population(EngineSupplier, size.suppliers, len(runs))
        self.firms = firms = _population(EngineFirm, size.firms, len(runs))
        self.customers = _population(EngineCustomer, size.customers, len(runs))
        self.supplier = EngineSupplier.over(self.suppliers, slice(None))
        self.firm = EngineFirm.over(firms, slice(None))
        self.supply = Relation("supply", self.suppliers, firms, _edges(inputs.supplier), SUPPLY)
        self.sales = Relation("sales", firms, self.customers, _edges(inputs.firm), SALES)
        self.ends = self.supply.source.reshape(-1, SUPPLIERS)
        self.choices = self.sales.source.reshape(-1, PLACES)
        together = min(max(TOGETHER // len(runs), 1), size.customers)
        self.odds = np.zeros((len(runs), together, PLACES))
        self.suppliers.output = self.suppliers.stock = inputs.output
        for name in ("quality", "price", "capacity", "expected"):
            setattr(firms, name, getattr(inputs, name))
        firms.served = 1.0
        for name in ("taste", "sensitivity", "pull", "need"):
            setattr(self.customers, name, getattr(inputs, name))
        self.supply.weight = inputs.weight.ravel()
        self.sales.log_odds = inputs.log_odds.ravel()

    def advance(self, months: int) -> Floats:
        """Run so many months more; metrics (runs, months, metrics)."""
        return np.stack([self._step() for _ in range(months)], axis=1)

    def _step(self) -> Floats:
        arrived = self._mature()
        granted, delivered = self._deliver()
        self._choose()
        revenue, paid, invested = self._trade(granted)
        self.month += 1
        return self._metrics(arrived, delivered, revenue, paid, invested)

    def _mature(self) -> Floats:
        """Orders arrive, the rest wears."""
        firms = self.firms
        arrived = firms.arriving[:, :, self.month % LEAD].copy()
        firms.capacity = firms.capacity * (1.0 - WEAR) + arrived
        firms.on_order = firms.on_order - arrived
        return arrived

    def _deliver(self) -> tuple[Floats, Floats]:
        """Suppliers produce and deliver, in the same proportion to all who asked: granted (runs,
        firms) and delivered (runs, suppliers)."""
        suppliers, firms = self.suppliers, self.firms
        suppliers.stock = suppliers.stock + suppliers.output * self.supply_luck[self.month, :, None]
        granted, delivered = np.empty(firms.price.shape), np.empty(suppliers.stock.shape)
        suppliers.asked = 0.0
        weight = self.supply.weight.reshape(len(self.runs), len(firms), SUPPLIERS)
        need = self.firm.need_inputs()
        ration(self.ends, weight, need, suppliers.stock, suppliers.asked, granted, delivered)
        suppliers.stock = suppliers.stock - delivered
        suppliers.output = self.supplier.follow()
        firms.held = firms.held + granted
        return granted, delivered

    def _choose(self) -> None:
        """Customers' log odds drift, and demand follows them; some customers after the others."""
        firms, customers = self.firms, self.customers
        appeal, log_price = firms.quality + SERVICE * firms.served, np.log(firms.price)
        log_odds = self.sales.log_odds.reshape(len(self.runs), len(customers), PLACES)
        prefer = customers.taste, customers.sensitivity, customers.pull
        luck, odds = self.demand_luck[self.month], self.odds
        firms.demand = 0.0
        for first in range(0, len(customers), odds.shape[1]):
            last = min(first + odds.shape[1], len(customers))
            drift(first, last, self.choices, *prefer, appeal, log_price, log_odds, odds)
            np.exp(odds, out=odds)
            into = firms.demand, customers.concentration
            gather(first, last, self.choices, odds, customers.need, luck, *into)

    def _trade(self, granted: Floats) -> tuple[Floats, Floats, Floats]:
        """Firms sell, set prices and order: what they earned, paid and invested, (runs, firms)."""
        firms = self.firms
        firms.sold = self.firm.sell()
        firms.served = np.where(firms.demand > 0.0, ratio(firms.sold, firms.demand), 1.0)
        firms.held = firms.held - firms.sold
        revenue, paid = firms.price * firms.sold, INPUT_COST * granted
        firms.price = self.firm.set_price()
        firms.expected = self.firm.expect()
        firms.ordered = self.firm.order()
        firms.arriving[:, :, self.month % LEAD] = firms.ordered
        firms.on_order = firms.on_order + firms.ordered
        invested = CAPITAL_COST * firms.ordered
        firms.cash = firms.cash + revenue - paid - invested
        return revenue, paid, invested

    def _metrics(
        self, arrived: Floats, delivered: Floats, revenue: Floats, paid: Floats, invested: Floats
    ) -> Floats:
        """METRICS of the month, (runs, metrics)."""
        firms, suppliers = self.firms, self.suppliers
        sold, capacity, earned = total(firms.sold), total(firms.capacity), total(revenue)
        metrics = (
            total(firms.demand),
            sold,
            total(firms.demand - firms.sold),
            capacity,
            total(firms.ordered),
            total(arrived),
            total(firms.on_order),
            sold / capacity,
            earned / sold,
            earned,
            total(paid),
            total(revenue - paid - invested),
            total(firms.cash),
            total(firms.sold * firms.sold) / (sold * sold),
            total(firms.sold * firms.quality) / sold,
            total(self.customers.concentration) / len(self.customers),
            total(suppliers.asked),
            total(delivered),
            total(suppliers.stock),
            total(firms.held),
        )
        return np.stack(metrics, axis=1)


def _population(kind: type[K], count: int, runs: int) -> Population[K]:
    members = [Member(str(row), "", kind) for row in range(count)]
    return Population(kind.population_name, kind, members, runs)


def _edges(ends: Index) -> Index:
    """Source and target of every edge, (edges, 2), from the sources of each target."""
    targets = np.repeat(np.arange(len(ends), dtype=np.uint32), ends.shape[1])
    return np.stack([ends.ravel(), targets], axis=1)
