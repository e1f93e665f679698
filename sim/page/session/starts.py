"""Starts of the models of a page: choices, length of the run, tables kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sim.base import checks
from sim.base.calendar import MONTHS_MAX
from sim.base.errors import RequestError
from sim.config.registry import load_registry
from sim.config.scenario.scenario import Scenario
from sim.model import EconomyModel
from sim.page.session import memory_budget
from sim.page.session.origin import shipped_scenario

UNDISTURBED = "undisturbed"
"""The comparison with the live scenario without the user's changes."""
COMPARED_MAX = 2
"""Scenarios that may run beside the live one."""


def chosen(wanted: object) -> Scenario:
    """A Scenario as it is, or a shipped one by its name; never a file that a browser names."""
    if isinstance(wanted, Scenario):
        return wanted
    return shipped_scenario(checks.line(wanted))


def cut(scenario: Scenario, months: int | None) -> Scenario:
    """The scenario over so many months, without events that would begin after all that counts."""
    if months is None:
        return scenario
    checks.argument("months", months, 1, MONTHS_MAX)
    last = max(months, scenario.world.months)
    events = tuple(event for event in scenario.events if event.start < last)
    return replace(scenario, months=months, events=events)


def checked(scenario: Scenario, levers: Mapping[str, float]) -> dict[str, float]:
    """Levers with their values, where the scenario's world has them and they may be so."""
    registry = load_registry()
    return {p: registry.check(p, value, scenario.rows) for p, value in levers.items()}


def other(base: Scenario, name: object) -> Scenario:
    """A scenario to compare with, over at most as many months."""
    found = base if name == UNDISTURBED else chosen(name)
    if found.world.start != base.world.start:
        raise RequestError(
            f"starts in {found.world.start}, which is another month",
            key="compare",
            value=name,
            allowed=f"scenarios that start in {base.world.start}",
        )
    return cut(found, min(found.months, base.months))


def beside(base: Scenario, names: Sequence[str]) -> tuple[str, ...]:
    """Names of what is to be compared with a scenario, each once; RequestError for a wrong one."""
    wanted = tuple(dict.fromkeys(names))
    if len(wanted) > COMPARED_MAX:
        allowed = f"at most {COMPARED_MAX} beside the live one"
        raise RequestError("too many scenarios", key="compare", value=len(wanted), allowed=allowed)
    for name in wanted:
        other(base, name)
    return wanted


def start_of(name: str, base: Scenario) -> str:
    """The first month of what is compared with a scenario."""
    return base.world.start if name == UNDISTURBED else chosen(name).world.start


def opened(scenario: Scenario, seed: int, tables: Sequence[str] | None = None) -> EconomyModel:
    """A model at its first month; tables: what it keeps, by default what there is room for."""
    kept = memory_budget.tables_of(scenario) if tables is None else tables
    return EconomyModel(scenario, rng=seed, tables=kept)


def run_to(model: EconomyModel, month: int) -> EconomyModel:
    """The model, run to a month."""
    while model.month < min(month, model.scenario.months):
        model.step()
    return model
