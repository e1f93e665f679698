"""A world twice over, with its pools: every extensive figure doubles, per-agent figures stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agents.framework.columns import Floats
from sim import engine
from sim.base.numerics.draws import Draws, Purpose
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.world.entries import AgentEntry, EdgeEntry
from sim.economy.accounts import quanta
from sim.economy.economy import Economy
from sim.month.markets import chips, compute, forward_contracts
from sim.opening import compute as opening_compute
from sim.opening.opening import open_economy
from sim.results.metrics.all_metrics import METRICS
from sim.results.record import Record

MONTHS = 12
COPIED = ("fabs", "fleets", "labs", "customers", "gulf", "parents")
SHARED = ("regions", "inputs", "capital", "outside")
POOLS = ("GW/year", "H100e/month", "USD/year", "unit/month", "task/month")
"""Units of what shared agents give to all others: twice as much for twice as many."""
EXTENSIVE = {
    "H100e",
    "H100e/month",
    "GW",
    "GW/month",
    "USD",
    "USD/month",
    "USD/year",
    "token/day",
    "person",
    "worker",
    "agent/month",
}
CLOSE = 1e-9
CLOSE_AGENTS = 1e-8
"""The smallest lab earns 1e5 USD a month, so what is rounded is 1e-8 of that, and what it decides
by shares of its revenue, test-time compute above all, moves by as much."""
FINE = 2.0**-9
"""What money is rounded to, USD: the world's accounts twice over still have exact sums."""
FINE_GOODS = 2.0**-20
"""What chips, hours and tokens are traded in, so that rounding stays below what is tested."""


def twice(scenario: Scenario) -> Scenario:
    """Every firm, cohort and fund a second time under another name, trading with its own copies;
    regions, inputs and the market stay one, with twice the pools."""
    world = scenario.world
    agents: list[AgentEntry] = []
    for agent in world.agents:
        if agent.population == "inputs":
            given = {k: replace(v, value=2.0 * v.single) for k, v in agent.initial.items()}
            agents.append(replace(agent, initial=given))
        elif agent.population == "elsewhere":
            half = {k: replace(v, value=v.single / 2.0) for k, v in agent.initial.items()}
            agents += [replace(agent, name=name(agent.name, c), initial=half) for c in "ab"]
        elif agent.population in COPIED:
            agents += [
                replace(
                    agent,
                    name=name(agent.name, copy),
                    operator=name(agent.operator, copy) if agent.operator else "",
                )
                for copy in "ab"
            ]
        else:
            agents.append(agent)
    edges: list[EdgeEntry] = [
        replace(edge, source=name(edge.source, copy), target=name(edge.target, copy))
        for edge in world.edges
        for copy in "ab"
    ]
    overlay: dict[str, float] = {}
    registry = load_registry()
    for path, entry in registry.parameters.items():
        broad = registry.columns(entry.population)[entry.column]
        pool = entry.population in SHARED and broad.unit in POOLS
        if entry.population in COPIED:
            if entry.selector in scenario.rows.get(entry.population, {}):
                overlay |= {
                    f"{entry.population}.{name(entry.selector, c)}.{entry.column}": entry.value
                    for c in "ab"
                }
        elif pool:
            overlay[path] = 2.0 * entry.value
    cloned = replace(world, agents=tuple(agents), edges=tuple(edges))
    return replace(scenario, world=cloned, set={**scenario.set, **overlay})


def name(row: str, copy: str) -> str:
    return f"{row}_{copy}"


def run(scenario: Scenario) -> tuple[Economy, Record]:
    economy = open_economy(scenario, 1, [0], quantum=FINE)
    record = Record(economy, ("metrics", "agents"))
    engine.run(economy, record)
    return economy, record


@pytest.fixture
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens by chance, and goods are traded in parts too small to matter."""

    def constant(value: float) -> Callable[..., list[Floats]]:
        def draw(draws: Draws, purposes: tuple[Purpose, ...], month: int) -> list[Floats]:
            return [np.full((len(draws.replications), len(names)), value) for _, names in purposes]

        return draw

    def one(draws: Draws, purpose: str, names: tuple[str, ...], month: int) -> Floats:
        return draws.uniforms(((purpose, names),), month)[0]

    monkeypatch.setattr(Draws, "normals", constant(0.0))
    monkeypatch.setattr(Draws, "uniforms", constant(0.5))
    monkeypatch.setattr(Draws, "uniform", one)
    for module in (
        quanta,
        chips,
        compute,
        forward_contracts,
        opening_compute,
    ):
        for quantum in ("CHIP_QUANTUM", "HOUR_QUANTUM", "TOKEN_QUANTUM"):
            if hasattr(module, quantum):
                monkeypatch.setattr(module, quantum, FINE_GOODS)


def assert_close(
    found: Floats, expected: Floats, what: str, close: float = CLOSE, rounding: float = 0.0
) -> None:
    """Equal within `close` of the figure's largest value, and within what rounding leaves."""
    least = max(close * np.abs(expected).max(initial=0.0), rounding)
    np.testing.assert_allclose(found, expected, rtol=close, atol=least, err_msg=what)


def test_a_world_twice_over_doubles_what_is_extensive(no_chance: None) -> None:
    """Sums double, prices and shares stay; concentration halves with twice the labs."""
    scenario = load_scenario("baseline", months=MONTHS)
    (_, one), (_, two) = run(scenario), run(twice(scenario))
    for metric in METRICS:
        factor = 2.0 if metric.unit in EXTENSIVE else 1.0
        factor = 0.5 if metric.name == "lab_revenue_hhi" else factor
        assert_close(two.metrics[metric.name], factor * one.metrics[metric.name], metric.name)


def test_a_world_twice_over_leaves_every_agent_as_it_was(no_chance: None) -> None:
    scenario = load_scenario("baseline", months=MONTHS)
    (economy, one), (double, two) = run(scenario), run(twice(scenario))
    for (population, column), values in one.agents.items():
        if population in (*COPIED, "models"):
            rows = double.populations[population].index
            money = economy.populations[population].declared[column].unit.startswith("USD")
            rounding = 1.0 if money else 2.0 * FINE_GOODS  # a dollar, or a part of a chip
            for row, agent in enumerate(economy.populations[population].names):
                for copy in "ab":
                    clone = name(agent, copy) if population != "models" else of_slot(agent, copy)
                    found = two.agents[population, column][:, :, rows[clone]]
                    what = f"{population}.{agent}.{column}"
                    assert_close(found, values[:, :, row], what, CLOSE_AGENTS, rounding)


def of_slot(model: str, copy: str) -> str:
    lab, _, slot = model.rpartition("_")
    return f"{name(lab, copy)}_{slot}"
