"""The record of a block of runs: metrics and who leads always, the other tables on request.

Nothing recorded feeds back into a decision.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from agents.framework.columns import Floats
from sim.economy.accounts.ledger import Flow
from sim.economy.economy import Economy
from sim.economy.frontier import NOBODY, Rows
from sim.results.metrics.all_metrics import METRICS, NAMES
from sim.results.table_columns import MODELS, TABLES


class Record:
    """Arrays filled month by month; `metrics[name]` is (runs, months).

    tables: which tables to keep beside the metrics; each costs memory. keep: (population, column)
    and (relation, "units" or "usd") to keep of `agents` and `flows` without the whole tables; they
    are in memory only, and no table of the run. `leader` and `follower` are the rows of the lab
    with the best flagship, and of the best compute-poor lab, (runs, months); `released` is 1 where
    a lab released a model, (runs, months, labs), and `models` what its flagship's slot held at the
    end of each month. `payments` holds what sectors paid each other, (runs, months), 0 in months
    without. Raises ValueError for a table there is not, KeyError for a column to keep that there is
    not.
    """

    def __init__(
        self,
        economy: Economy,
        tables: Sequence[str] = ("metrics",),
        keep: Collection[tuple[str, str]] = (),
    ) -> None:
        if unknown := set(tables) - set(TABLES):
            raise ValueError(f"unknown table: {', '.join(sorted(unknown))}")
        self.tables = tuple(table for table in TABLES if table in tables)
        shape = (economy.runs, economy.calendar.months)
        self.metrics: dict[str, Floats] = {name: np.full(shape, np.nan) for name in NAMES}
        self._last = np.stack([metric.before(economy) for metric in METRICS])
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
        for place, column in keep:
            held = economy.populations.get(place)
            kept = self.flows if held is None else self.agents
            values = (economy.relations[place] if held is None else held).columns[column]
            kept[place, column] = np.full((*shape, *values.shape[1:]), np.nan)
        self.payments: dict[Flow, Floats] = {}
        places = (*shape, len(economy.labs))
        self.leader: Rows = np.full(shape, NOBODY)
        self.follower: Rows = np.full(shape, NOBODY)
        self.released = np.zeros(places)
        self.models: dict[str, Floats] = {}
        if "models" in tables:
            self.models = {c.slot: np.full(places, np.nan) for c in MODELS if c.slot}

    def month(self, economy: Economy, ledger_residual: Floats, compute_residual: Floats) -> None:
        """Write the month the economy has just been through."""
        now = economy.month
        values = np.stack([metric.value(economy) for metric in METRICS])
        self._last = np.where(np.isnan(values), self._last, values)
        for metric, last in zip(METRICS, self._last, strict=True):
            self.metrics[metric.name][:, now] = last
        self.metrics["ledger_residual"][:, now] = ledger_residual
        self.metrics["compute_residual"][:, now] = compute_residual
        for (population, column), kept in self.agents.items():
            kept[:, now] = economy.populations[population].columns[column]
        for (relation, quantity), kept in self.flows.items():
            kept[:, now] = economy.relations[relation].columns[quantity]
        if "payments" in self.tables:
            for flow, (_, received) in economy.ledger.flows.items():
                if flow not in self.payments:
                    self.payments[flow] = np.zeros((economy.runs, economy.calendar.months))
                self.payments[flow][:, now] = received
        self._labs(economy)
        self.months = now + 1

    def _labs(self, economy: Economy) -> None:
        """Who leads, who released, and what stands in the flagships' slots."""
        now, labs = economy.month, economy.labs
        self.leader[:, now] = economy.frontier.leader
        self.follower[:, now] = economy.frontier.follower
        self.released[:, now] = labs.released
        for column, kept in self.models.items():
            kept[:, now] = economy.of_slot(column, "flagship")


@dataclass(frozen=True)
class Block:
    """Names of the rows that a record's arrays range over, beside the arrays themselves.

    edges: source and target of every edge, of relations whose flows are kept.
    """

    record: Record
    replications: tuple[int, ...]
    names: dict[str, tuple[str, ...]]
    edges: dict[str, tuple[tuple[str, str], ...]]
