"""Public compute: who gets how many hours, and who pays for them."""

import numpy as np
import pytest

from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.month import public_support
from sim.month.perceive import labs as perceive_labs
from sim.opening.opening import open_economy
from sim.results.record import Record

TEN_TO_ONE = load_scenario("compute_gap_ten_to_one", months=18)


@pytest.fixture
def economy():
    made = open_economy(TEN_TO_ONE, 1, [0, 1])
    made.ledger.begin_month("test")
    return made


def test_a_frontier_lab_is_the_mean_of_those_that_are_there_and_do_research(economy):
    labs = economy.labs
    labs.compute_used, labs.inference_hours = 0.0, 0.0
    first, second, third = np.flatnonzero([g == "frontier" for g in labs.group_of])[:3]
    labs.compute_used[:, first], labs.inference_hours[:, first] = 40.0, 10.0
    labs.compute_used[:, second] = 10.0
    labs.compute_used[:, third] = 1000.0
    labs.alive[:, third] = False
    labs.compute_used[:, labs.index["deepseek"]] = 1e6
    perceive_labs.frontier(economy)
    np.testing.assert_allclose(labs.frontier_research, 20.0)


@pytest.mark.parametrize(("used", "paid"), [(100.0, 40.0), (50.0, 80.0), (30.0, 80.0)])
def test_the_purse_pays_the_part_of_the_bill_that_is_for_granted_hours(economy, used, paid):
    """40 hours granted of those used beyond serving: two fifths, four fifths, and all."""
    labs, row = economy.labs, economy.labs.index["deepseek"]
    labs.frontier_research, labs.inference_hours, labs.compute_used = 400.0, 0.0, used
    cash = economy.outside.cash.copy()
    bill = np.zeros_like(labs.cash)
    bill[:, row] = paid / min(40.0 / used, 1.0)
    public_support.pay_grants(economy, bill)
    np.testing.assert_allclose(labs.gains[:, row], np.rint(paid))
    np.testing.assert_array_equal(labs.grants, labs.gains)
    np.testing.assert_array_equal(economy.outside.cash, cash - labs.gains[:, [row]])
    assert not labs.gains[:, labs.index["openai"]].any()


def test_followers_soon_research_with_a_tenth_and_the_books_balance():
    economy = open_economy(TEN_TO_ONE, 1, [0, 1])
    record = Record(economy, ("metrics",))
    engine.run(economy, record)
    labs = economy.labs
    poor = np.array([g == "compute_poor" for g in labs.group_of]) & labs.alive
    research = (labs.compute_used - labs.inference_hours) / labs.frontier_research
    assert (research[poor] > 0.05).all() and (research[poor] < 0.15).all()
    assert not record.metrics["ledger_residual"].any()
