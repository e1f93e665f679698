"""The market core on Mesa: an agent each for suppliers, firms and customers, asked by AgentSet."""

from __future__ import annotations

import mesa
import numpy as np

from agents.framework.columns import Floats
from experiments.maintenance.benchmark.market.core import LEAD, Inputs
from experiments.maintenance.benchmark.market.objects import (
    Market,
    PlainCustomer,
    PlainFirm,
    PlainSupplier,
)


class MesaSupplier(mesa.Agent, PlainSupplier):
    """A supplier of the model."""


class MesaFirm(mesa.Agent, PlainFirm):
    """A firm of the model."""


class MesaCustomer(mesa.Agent, PlainCustomer):
    """A customer of the model."""


class MesaMarket(mesa.Model):
    """One run."""

    def __init__(self, inputs: Inputs, run: int) -> None:
        super().__init__(rng=1)
        self.inputs, self.run_number, self.month = inputs, run, 0
        size = inputs.size
        self.suppliers = MesaSupplier.create_agents(self, size.suppliers)
        self.firms = MesaFirm.create_agents(self, size.firms)
        self.customers = MesaCustomer.create_agents(self, size.customers)
        self.market = Market(list(self.suppliers), list(self.firms), list(self.customers))
        self.market.connect(inputs)

    def step(self) -> None:
        """One month."""
        luck = (self.run_number, self.month)
        self.suppliers.do("produce", float(self.inputs.supply[luck]))
        self.firms.do("ask", self.month % LEAD)
        self.suppliers.do("ration")
        self.customers.do("choose", float(self.inputs.demand[luck]))
        self.firms.do("trade", self.month % LEAD)
        self.month += 1


class MesaWorld:
    """Runs one after the other."""

    def __init__(self, inputs: Inputs, runs: range) -> None:
        self.models = [MesaMarket(inputs, run) for run in runs]
        for model in self.models:  # Mesa 3.3 would keep every model alive
            getattr(mesa.Agent, "_ids", {}).pop(model, None)

    def advance(self, months: int) -> Floats:
        """Run so many months more; metrics (runs, months, metrics)."""
        return np.array([[_stepped(model) for _ in range(months)] for model in self.models])


def _stepped(model: MesaMarket) -> list[float]:
    model.step()
    return model.market.metrics()
