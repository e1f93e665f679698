"""An AI winter is one: worth follows revenue down, those with bills fail, and it lasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.config.scenario.loader import load_scenario
from sim.config.world.entries import AgentEntry
from sim.ensemble import run_block
from sim.results.record import Record

EVE, A_YEAR_ON, END = 23, 35, 71
RUNS = 2


def record(name: str, **changes: float) -> Record:
    scenario = load_scenario(name, set=changes or None)
    return run_block(scenario, 1, range(RUNS), tables=("metrics", "agents")).record


@pytest.fixture(scope="module")
def winter() -> Record:
    return record("ai_winter")


def test_valuations_follow_revenue_down(winter: Record) -> None:
    """Revenue falls by nine tenths, and what labs are worth by more than half, though they go on
    burning money for a while."""
    revenue = winter.metrics["lab_revenue_annualised_usd"]
    worth = winter.agents["labs", "valuation"].sum(axis=2)
    assert (revenue[:, A_YEAR_ON] < 0.2 * revenue[:, EVE]).all()
    assert (worth[:, A_YEAR_ON] < 0.5 * worth[:, EVE]).all()


def test_it_lasts_as_long_as_tokens_are_worth_nothing(winter: Record) -> None:
    calm = record("baseline").metrics["lab_revenue_annualised_usd"]
    assert (winter.metrics["lab_revenue_annualised_usd"][:, END] < 0.1 * calm[:, END]).all()


def test_labs_and_fleets_fail(winter: Record) -> None:
    for population in ("labs", "fleets"):
        assert (winter.agents[population, "left"].sum(axis=(1, 2)) > 0.0).all(), population
    assert not winter.metrics["ledger_residual"].any()


def test_vendors_fail_that_keep_no_cash_find_no_lender_and_go_on_spending() -> None:
    bare = {
        "fabs.payout_cash_cap_months": 0.1,
        "fabs.debt_limit_ebitda": 0.0,
        "fabs.overhead_adjust_months": 1200.0,
        "fabs.months_to_exit": 1.0,
    }
    found = record("ai_winter", **bare)
    assert (found.agents["fabs", "left"].sum(axis=(1, 2)) > 0.0).all()
    assert not found.metrics["ledger_residual"].any()


def test_a_fund_may_lose_on_its_other_assets() -> None:
    poorer = record("baseline", **{"gulf.asset_return": -0.2})
    assert (np.diff(poorer.metrics["gulf_assets_usd"]) < 0.0).all()
    assert not poorer.metrics["ledger_residual"].any()


def test_a_fleet_may_lose_money_outside_ai() -> None:
    scenario = load_scenario("baseline", months=12)

    def losing(agent: AgentEntry) -> AgentEntry:
        if agent.name != "oracle_us":
            return agent
        given = dict(agent.initial)
        given["core_cash_flow"] = replace(given["core_cash_flow"], value=-2e10)
        return replace(agent, initial=given)

    agents = tuple(losing(agent) for agent in scenario.world.agents)
    made = run_block(replace(scenario, world=replace(scenario.world, agents=agents)), 1, [0])
    assert not made.record.metrics["ledger_residual"].any()
