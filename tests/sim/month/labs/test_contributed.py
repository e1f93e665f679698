"""Decentralised training in a run: founded by its scenario, fed by others, open, and behind."""

import numpy as np
import pytest

from agents.labs.lab import Lab
from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.opening.opening import open_economy
from sim.results.record import Record

SCENARIO = load_scenario("decentralised_training", months=24)


@pytest.fixture(scope="module")
def made():
    economy = open_economy(SCENARIO, 1, [0, 1])
    record = Record(economy, ("metrics", "agents"))
    engine.run(economy, record)
    return economy, record


def test_it_is_founded_by_its_event_and_never_without_it(made):
    economy, record = made
    row = economy.labs.index["volunteer_network"]
    there = record.agents["labs", "staff"][:, :, row] > 0.0
    assert not there[:, :5].any() and there[:, 8:].all()
    alone = open_economy(load_scenario("baseline", months=12), 1, [0, 1])
    engine.run(alone, Record(alone, ("metrics",)))
    assert not alone.labs.alive[:, row].any()


def test_its_hours_are_contributed_used_up_and_paid_for_by_nobody(made):
    economy, record = made
    labs, row = economy.labs, economy.labs.index["volunteer_network"]
    assert (labs.contributed_hours[:, row] > 1e5).all()
    np.testing.assert_array_equal(labs.compute_used[:, row], labs.contributed_hours[:, row])
    others = np.delete(labs.contributed_hours, row, axis=1)
    assert not others.any()
    assert not record.agents["labs", "compute_bill"][:, 9:, row].any()
    assert not record.agents["labs", "revenue"][:, :, row].any()
    assert record.metrics["compute_residual"].max() <= 1e-9
    assert not record.metrics["ledger_residual"].any()


def test_its_models_are_open_grow_and_stay_behind(made):
    economy, _ = made
    row = economy.labs.index["volunteer_network"]
    capability = economy.of_slot("capability", "flagship")
    assert (economy.of_slot("open_weights", "flagship")[:, row] == 1.0).all()
    assert (capability[:, row] > -3.57).all()
    assert (capability[:, row] < capability.max(axis=1) - 2.0).all()


def test_slow_links_cost_a_part_of_training(made):
    economy, _ = made
    row = economy.labs.index["volunteer_network"]
    share = economy.labs.decide(Lab.usable_share)
    nodes = economy.labs.contributed_hours[:, row] / (730.0 * 8.0)
    np.testing.assert_allclose(share[:, row], nodes**-0.195)
