"""The month just closed as Sankey diagrams: payments between sectors, and uses of compute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from sim.figures import Figure, sankey
from sim.figures.sankey import HOURS_OF, RECEIVERS, HourNames, hour_names, links_of_hours
from sim.model import EconomyModel
from sim.page.network.names import once

SAMPLE = "n = 1 run"


def money(model: EconomyModel) -> Figure:
    """Payments between sectors in the month, USD; nothing before the first."""
    paid = [
        (*flow, float(received[0]))
        for flow, (_, received) in model.economy.ledger.flows.items()
        if model.month
    ]
    table = pd.DataFrame(paid, columns=["instrument", "payer", "payee", "usd"])
    return _dated(model, sankey.money("money", "Payments between sectors", table, SAMPLE), "USD")


def hours(model: EconomyModel) -> Figure:
    """Hours of the month from fleets to labs and to their uses; nothing before the first."""
    used = {
        (name, agent, column): value
        for name, columns in HOURS_OF.items()
        for column in columns
        for agent, value in _of_agents(model, name, column)
    }
    names = _names(model)
    supply = links_of_hours(names, _delivered(model), used)
    figure = sankey.hours("hours", "Use of compute", supply, names.kinds, SAMPLE)
    return _dated(model, figure, "H100e-hours")


def _dated(model: EconomyModel, figure: Figure, unit: str) -> Figure:
    """The figure with the month it is of, and its unit."""
    calendar = model.economy.calendar
    month = calendar.label(model.month - 1) if model.month else "before the first month"
    return replace(figure, note=f"{month}, {unit}: {figure.note}")


@once
def _names(model: EconomyModel) -> HourNames:
    return hour_names(model.scenario.world)


def _of_agents(model: EconomyModel, name: str, column: str) -> Iterable[tuple[str, float]]:
    population = model.economy.populations[name]
    values = population.columns[column][0] * (model.month > 0)
    return zip(population.names, values.tolist(), strict=True)


def _delivered(model: EconomyModel) -> Iterable[tuple[str, str, str, float]]:
    """Relation, source, target and hours of the edges along which any were delivered."""
    for name in RECEIVERS if model.month else ():
        relation = model.economy.relations[name]
        origin, goal = relation.origin.names, relation.goal.names
        columns = (relation.source, relation.target, relation.units[0])
        for source, target, units in zip(*(c.tolist() for c in columns), strict=True):
            if units > 0.0:
                yield name, origin[source], goal[target], units
