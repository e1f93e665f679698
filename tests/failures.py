"""Forced failures: an economy a few months old, in which chosen agents cannot pay any longer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from agents.framework.population import Population
from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.economy.economy import Economy
from sim.month.failure import insolvency
from sim.opening.opening import open_economy
from sim.results.record import Record

Rows = np.ndarray[Any, np.dtype[np.bool_]]
BASELINE = load_scenario("baseline", months=15)
AGE = 3
"""Months that have passed when somebody fails."""
DEBTORS = ("labs", "fleets", "fabs", "gulf")
OPERATOR = {fleet.name: fleet.operator for fleet in BASELINE.world.of("fleets")}

ALONE = (
    *("labs.openai", "labs.deepseek", "labs.mistral"),
    *("fleets.coreweave", "fleets.microsoft", "fleets.gulf", "fleets.china", "fleets.us"),
    *("fabs.nvidia", "fabs.amd"),
    *("gulf.abu_dhabi", "gulf.kuwait"),
    *("labs.all", "fleets.all", "fabs.all", "gulf.all"),
)
"""Who fails: a row or all of a population; of fleets, an operator's, or those of a region."""
TOGETHER = (
    ("labs.openai", "labs.anthropic"),
    ("labs.openai", "fleets.microsoft"),
    ("labs.google_deepmind", "fleets.google"),
    ("labs.xai", "fabs.nvidia"),
    ("labs.anthropic", "gulf.qatar"),
    ("labs.all", "fleets.all"),
    ("fleets.coreweave", "fleets.oracle"),
    ("fleets.amazon", "fabs.amazon_trainium"),
    ("fleets.gulf", "gulf.saudi"),
    ("fleets.us", "fabs.all"),
    ("fabs.nvidia", "fabs.amd"),
    ("fabs.huawei", "gulf.all"),
    ("gulf.abu_dhabi", "gulf.saudi"),
    ("labs.all", "fleets.all", "fabs.all", "gulf.all"),
)
VICTIMS = [(one,) for one in ALONE] + list(TOGETHER)


@cache
def _aged() -> Economy:
    economy = open_economy(BASELINE, 1, [0, 1])
    record = Record(economy, ("metrics",))
    for _ in range(AGE):
        engine.month(economy, record)
    return economy


def aged() -> Economy:
    """A fresh copy of two runs of the baseline after `AGE` months."""
    return copy.deepcopy(_aged())


def rows_of(population: Population[Any], who: str) -> Rows:
    """The rows that a victim's name after the dot stands for."""
    found = [
        who in ("all", m.name, OPERATOR.get(m.name))
        or (population.name == "fleets" and who == m.region)
        for m in population.members
    ]
    assert any(found), f"{population.name}.{who}"
    return np.array(found)


def fail(economy: Economy, *victims: str) -> dict[str, Rows]:
    """Let living agents be so long in distress that they leave at the start of the next month;
    returns who that is, (runs, rows) by population."""
    leaving = {name: np.zeros_like(economy.populations[name].alive) for name in DEBTORS}
    for victim in victims:
        name, who = victim.split(".")
        population = economy.populations[name]
        leaving[name] |= rows_of(population, who) & population.alive
    for name, gone in leaving.items():
        population = economy.populations[name]
        population.distress[gone] = population.months_to_exit[gone]
        population.arrears[gone] = 1e15
    return leaving


def resolved(
    *victims: str, prepare: Callable[[Economy], None] = lambda economy: None
) -> tuple[Economy, Economy, dict[str, Rows]]:
    """The economy just before and just after it resolves who fails, and who that is; no other month
    has passed and nobody enters. prepare: what else happens in the month, before."""
    economy = aged()
    economy.labs.entry_hazard = 0.0
    leaving = fail(economy, *victims)
    economy.ledger.begin_month("test")
    prepare(economy)
    before = copy.deepcopy(economy)
    insolvency.resolve(economy)
    return before, economy, leaving
