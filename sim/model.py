"""The Mesa face: one run of an economy as a mesa.Model whose agents are views of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim import engine
from sim.base import checks
from sim.base.errors import RequestError
from sim.config.scenario.changes import ended, with_event
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.economy.economy import Economy
from sim.opening.opening import open_economy
from sim.results.metrics.all_metrics import NAMES
from sim.results.record import Record

if TYPE_CHECKING:
    import networkx
    import pandas as pd


class EconomyModel(mesa.Model):
    """One run of a scenario, month by month.

    scenario: a Scenario, or the name or file of one. rng: the seed. replication: which of the
    seed's runs; run k of an ensemble with the same seed has the same numbers. tables: which tables
    `record` keeps beside the metrics (`sim.results.table_columns.TABLES`).
    `agents` holds an agent per row, made when first asked for; `graph` is the supply graph with the
    latest flows; `datacollector` serves Mesa's habits, while `metrics()` reads the record.
    """

    def __init__(
        self,
        scenario: Scenario | str | PathLike[str] = "baseline",
        rng: int = 1,
        replication: int = 0,
        tables: Sequence[str] = ("metrics",),
    ) -> None:
        seed, which = checks.argument("rng", rng), checks.argument("replication", replication)
        super().__init__(rng=seed)
        self._asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.seed = seed
        self.economy = open_economy(self.scenario, seed, [which])
        self.record = Record(self.economy, tables)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_latest, name) for name in NAMES}
        )
        self._rows_made = False

    @property
    def scenario(self) -> Scenario:
        """The scenario, with the live shocks so far."""
        return self._asked

    @scenario.setter
    def scenario(self, value: object) -> None:
        # Mesa 3.5 gives every model a scenario of its own kind, which has nothing to say here.
        pass

    @property
    def month(self) -> int:
        """Months done."""
        return self.economy.month

    @property
    def graph(self) -> networkx.MultiDiGraph:
        """The supply graph with the flows of the last month, made anew at each call."""
        return draw(self.economy)

    @property
    def agents(self) -> Any:
        """An AgentSet with one agent per row of every population, made when first asked for."""
        if not self._rows_made:
            self._rows_made = True
            for population in self.economy.populations.values():
                for row, member in enumerate(population.members):
                    member.kind.of_row(self, population, row)
            # Mesa 3.3 counts agents in a table that would keep this model alive for ever.
            getattr(mesa.Agent, "_ids", {}).pop(self, None)
        return super().agents

    @agents.setter
    def agents(self, value: object) -> None:
        raise AttributeError("the agents of a model follow from its world")

    def agent(self, name: str) -> Any:
        """The agent named `population.row`, for example `labs.openai`.

        Raises KeyError with the name when there is none.
        """
        population, _, row = name.partition(".")
        found = self.agents.select(lambda a: a.population_name == population and a.name == row)
        if not len(found):
            raise KeyError(name)
        return next(iter(found))

    def step(self) -> None:
        """Run one month; does nothing once the scenario's months are over."""
        if self.economy.month >= self.economy.calendar.months:
            self.running = False
            return
        engine.month(self.economy, self.record)
        self.datacollector.collect(self)

    def run(self) -> EconomyModel:
        """Run all months that are left and return the model."""
        while self.economy.month < self.economy.calendar.months:
            self.step()
        self.running = False
        return self

    def apply(
        self,
        name: str,
        *,
        set: dict[str, float] | None = None,
        scale: dict[str, float] | None = None,
        months: int = 1,
    ) -> None:
        """Shock the running economy from the next month on: a temporary overlay on parameters.

        The event joins the scenario, so the run can be replayed from `model.scenario`. Raises
        RequestError for what a scenario file could not say either.
        """
        if self.economy.month >= self.economy.calendar.months:
            raise RequestError(
                "the run is over", key="event", allowed="a month that is still to come"
            )
        if any(event.name == name for event in self.scenario.events):
            raise RequestError(
                "an event of this name has been", key="event", value=name, allowed="a new name"
            )
        start = self.economy.calendar.label(self.economy.month)
        event = {
            "name": name,
            "start": start,
            "months": months,
            "set": set or {},
            "scale": scale or {},
        }
        self._take(with_event(self.scenario, event))

    def end(self, name: str) -> None:
        """End an event with the month just done; one that has not begun is taken back.

        The scenario follows, so the run can still be replayed from `model.scenario`. Raises
        RequestError for a name of no event.
        """
        self._take(ended(self.scenario, name, self.month))

    def _take(self, scenario: Scenario) -> None:
        self._asked = scenario
        self.economy.parameters.events = scenario.events

    def metrics(self) -> pd.DataFrame:
        """The metrics of the months done, one row a month."""
        import pandas as pd

        dates = self.economy.calendar.dates()[: self.record.months]
        table = {n: self.record.metrics[n][0, : self.record.months] for n in NAMES}
        return pd.DataFrame({"month": pd.to_datetime(dates), **table})

    def flow_matrix(self) -> pd.DataFrame:
        """The transaction-flow matrix of the month just closed, net USD received.

        A row an instrument, a column a sector, as `sim.results.statements.matrix` describes; the
        change in cash is that of the balance sheets. Raises RequestError before the first month.
        """
        from sim.results.statements import matrix

        if not self.month:
            raise RequestError("no month is closed yet", key="month", allowed="model.step() first")
        ledger = self.economy.ledger
        payments = {flow: float(received[0]) for flow, (_, received) in ledger.flows.items()}
        moved = {sector: float(usd[0]) for sector, usd in ledger.cash_moved().items()}
        return matrix(payments, tuple(self.economy.populations), moved)


def _latest(name: str, model: EconomyModel) -> float:
    return float(model.record.metrics[name][0, model.record.months - 1])


def draw(economy: Economy, run: int = 0) -> networkx.MultiDiGraph:
    """The supply graph of one run: a node per living agent, an edge per relation with the latest
    flow of goods and money. Nodes are named `population.row`."""
    import networkx

    graph = networkx.MultiDiGraph()
    for population in economy.populations.values():
        for row, member in enumerate(population.members):
            if population.alive[run, row]:
                graph.add_node(
                    f"{population.name}.{member.name}",
                    kind=member.kind.label,
                    group=member.group,
                    region=member.region,
                )
    for relation in economy.relations.values():
        label = RELATION_KINDS[relation.name].label
        is_open = relation.open_edges()[run]
        for edge in np.flatnonzero(is_open):
            source = f"{relation.origin.name}.{relation.origin.names[relation.source[edge]]}"
            target = f"{relation.goal.name}.{relation.goal.names[relation.target[edge]]}"
            flow = {
                name: float(relation.columns[name][run, edge])
                for name, column in relation.declared.items()
                if not column.depth
            }
            graph.add_edge(source, target, key=label, relation=label, **flow)
    return graph
