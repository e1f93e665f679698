"""The backtest: a start two years earlier that knows nothing of what followed."""

from datetime import date

import numpy as np
import pytest

from sim.config.observations import observed
from sim.config.scenario.loader import load_scenario
from sim.config.world.reader import load_world
from sim.ensemble import run_block
from sim.opening.opening import open_economy

EVE = date(2023, 1, 29)
"""Last day of the last period observed: Nvidia's quarter ends in January."""


@pytest.fixture(scope="module")
def world():
    return load_world("world_2023")


@pytest.fixture(scope="module")
def record():
    scenario = load_scenario("backtest_2023", months=6)
    return run_block(scenario, 1, [0], tables=("metrics", "agents")).record


def test_no_observation_of_later_sets_a_value(world):
    given = [value.source for agent in world.agents for value in agent.initial.values()]
    given += [edge.weight.source for edge in world.edges]
    given += [series.source for series in world.history.values()]
    parts = [part for source in given for part in source.split("; ") if part.startswith("obs:")]
    assert len(parts) > 50
    assert max(date.fromisoformat(part.rpartition("/")[2]) for part in parts) <= EVE


def test_its_agents_are_those_of_2025_but_for_hosts(world):
    """In 2022 there was no open model that third parties could have lived on."""
    later = load_world("world_2025")
    labs = {name: group for name, group in later.rows["labs"].items() if group != "host"}
    assert world.rows == {**later.rows, "labs": labs}
    asleep = {agent.name for agent in later.agents if agent.dormant}
    founded = {"xai", "xai_us", "deepseek", "moonshot", "mistral"}
    assert {agent.name for agent in world.agents if agent.dormant} == asleep | founded


def test_chips_at_work_are_those_of_its_history(world):
    owned = sum(fleet.initial["chips_shipped"].single for fleet in world.of("fleets"))
    assert owned == pytest.approx(sum(world.history["chips_shipped"].value), rel=1e-3)


@pytest.mark.parametrize("relation", ["lease", "tokens"])
def test_shares_add_up(world, relation):
    shares = {}
    for edge in world.edges:
        if edge.relation == relation:
            shares[edge.target] = shares.get(edge.target, 0.0) + edge.weight.single
    assert shares
    assert list(shares.values()) == pytest.approx([1.0] * len(shares), abs=0.01)


def test_it_sets_parameters_of_the_start_and_expects_no_events():
    scenario = load_scenario("backtest_2023")
    assert (scenario.world.name, scenario.months) == ("world_2023", 36)
    assert scenario.set
    assert not scenario.events


def test_its_first_quarter_is_like_the_last_one_observed(record, world):
    """Consistency of the opening, not of what followed."""
    nvidia = [fab.name for fab in world.of("fabs")].index("nvidia")
    days, revenue = observed("nvidia_datacenter_revenue", "Nvidia")
    made = record.agents["fabs", "revenue"][0, :3, nvidia].sum()
    assert made == pytest.approx(revenue[days.index(EVE)], rel=0.2)
    days, stock = observed("chip_stock_by_vendor", "Nvidia")
    quarter = np.diff(stock)[days.index(date(2022, 12, 31)) - 1]
    made = record.agents["fabs", "shipped"][0, :3, nvidia].sum()
    assert made == pytest.approx(quarter, rel=0.2)


def test_labs_that_are_not_founded_hold_nothing():
    labs = open_economy(load_scenario("backtest_2023"), 1, [0]).labs
    for name in ("xai", "deepseek", "moonshot", "mistral"):
        row = labs.index[name]
        assert not labs.alive[0, row]
        assert not labs.cash[0, row]
        assert not labs.compute_used[0, row]
