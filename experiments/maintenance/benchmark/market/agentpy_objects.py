"""The market core on AgentPy, an extra of the package (`pip install drawbridge-sim[bench]`)."""

from __future__ import annotations

import agentpy
import numpy as np

from agents.framework.columns import Floats
from experiments.maintenance.benchmark.market.core import LEAD, Inputs
from experiments.maintenance.benchmark.market.objects import (
    Market,
    PlainCustomer,
    PlainFirm,
    PlainSupplier,
)


class AgentpySupplier(agentpy.Agent, PlainSupplier):
    """A supplier of the model."""


class AgentpyFirm(agentpy.Agent, PlainFirm):
    """A firm of the model."""


class AgentpyCustomer(agentpy.Agent, PlainCustomer):
    """A customer of the model."""


class AgentpyMarket(agentpy.Model):
    """One run."""

    def setup(self) -> None:
        """Make all agents."""
        size = self.p.inputs.size
        self.suppliers = agentpy.AgentList(self, size.suppliers, AgentpySupplier)
        self.firms = agentpy.AgentList(self, size.firms, AgentpyFirm)
        self.customers = agentpy.AgentList(self, size.customers, AgentpyCustomer)
        self.market = Market(self.suppliers, self.firms, self.customers)
        self.market.connect(self.p.inputs)

    def step(self) -> None:
        """One month."""
        month = self.t - 1
        self.suppliers.produce(float(self.p.inputs.supply[self.p.run, month]))
        self.firms.ask(month % LEAD)
        self.suppliers.ration()
        self.customers.choose(float(self.p.inputs.demand[self.p.run, month]))
        self.firms.trade(month % LEAD)


class AgentpyWorld:
    """Runs one after the other."""

    def __init__(self, inputs: Inputs, runs: range) -> None:
        self.models = [AgentpyMarket({"inputs": inputs, "run": run}) for run in runs]
        for model in self.models:
            model.sim_setup(steps=inputs.demand.shape[1])

    def advance(self, months: int) -> Floats:
        """Run so many months more; metrics (runs, months, metrics)."""
        return np.array([[_stepped(model) for _ in range(months)] for model in self.models])


def _stepped(model: AgentpyMarket) -> list[float]:
    model.sim_step()
    return model.market.metrics()
