"""The record of a block of runs: metrics always, agents, flows on request.

Nothing recorded feeds back into a decision.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.columns import Floats
from sim.economy import Economy
from sim.metrics import METRICS, NAMES

TABLES = ("metrics", "agents", "flows")


class Record:
    """Arrays filled month by month; `metrics[name]` is (runs, months).

    tables: which per-agent tables to keep beside the metrics; each costs memory.
    """

    def __init__(self, economy: Economy, tables: Sequence[str] = ("metrics",)) -> None:
        shape = (economy.runs, economy.calendar.months)
        self.metrics: dict[str, Floats] = {name: np.full(shape, np.nan) for name in NAMES}
        self._last = {metric.name: metric.before(economy) for metric in METRICS}
        self.months = 0
        self.agents: dict[tuple[str, str], Floats] = {}
        self.flows: dict[tuple[str, str], Floats] = {}
        if "agents" in tables:
            self.agents = {
                (p.name, c.name): np.full((*shape, len(p)), np.nan)
                for p in economy.populations.values()
                for c in p.declared.values()
                if c.role == "state"
            }
        if "flows" in tables:
            self.flows = {
                (r.name, quantity): np.full((*shape, len(r)), np.nan)
                for r in economy.relations.values()
                for quantity in ("units", "usd")
                if quantity in r.declared
            }

    def month(self, economy: Economy, ledger_residual: Floats, compute_residual: Floats) -> None:
        """Write the month the economy has just been through."""
        now = economy.month
        for metric in METRICS:
            values = metric.value(economy)
            last = np.where(np.isnan(values), self._last[metric.name], values)
            self._last[metric.name] = self.metrics[metric.name][:, now] = last
        self.metrics["ledger_residual"][:, now] = ledger_residual
        self.metrics["compute_residual"][:, now] = compute_residual
        for (population, column), kept in self.agents.items():
            kept[:, now] = economy.populations[population].columns[column]
        for (relation, quantity), kept in self.flows.items():
            kept[:, now] = economy.relations[relation].columns[quantity]
        self.months = now + 1
