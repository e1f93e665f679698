"""People who change labs: who goes where, and what they bring."""

import math

import numpy as np
import pytest

from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.month.labs import staff
from sim.opening.opening import open_economy

BASELINE = load_scenario("baseline", months=12)


@pytest.fixture
def economy():
    """Two labs with people, a tenth of whom look around: OpenAI with 100 and twice the software,
    DeepSeek with 50 and ten places more."""
    made = open_economy(BASELINE, 1, [0, 1])
    labs = made.labs
    labs.staff = labs.staff_wanted = 0.0
    labs.staff_turnover, labs.carried_ideas = 0.1, 0.5
    labs.pay_pull, labs.cost_per_head = 2.0, 1e5
    labs.software = 1.0
    for name, people, wanted, software in (
        ("openai", 100.0, 100.0, 2.0),
        ("deepseek", 50.0, 60.0, 1.0),
    ):
        row = labs.index[name]
        labs.staff[:, row], labs.staff_wanted[:, row] = people, wanted
        labs.software[:, row] = software
    return made


def of(economy, name, column):
    return economy.labs.columns[column][:, economy.labs.index[name]]


def moved(economy, source, target):
    """People who went from one lab to another, (runs,)."""
    ideas, labs = economy.ideas, economy.labs
    edge = (ideas.source == labs.index[source]) & (ideas.target == labs.index[target])
    return ideas.units[:, edge][:, 0]


def test_people_go_where_there_are_places(economy):
    """15 people look around; 10 places are at OpenAI, theirs, and 15 at DeepSeek: 0.4 and 0.6 go
    there. Of OpenAI's ten 6 leave, of DeepSeek's five 2."""
    staff.move(economy)
    np.testing.assert_allclose(moved(economy, "openai", "deepseek"), 6.0)
    np.testing.assert_allclose(moved(economy, "deepseek", "openai"), 2.0)
    np.testing.assert_allclose(of(economy, "openai", "staff"), 96.0)
    np.testing.assert_allclose(of(economy, "deepseek", "staff"), 54.0)
    np.testing.assert_allclose(total(economy.ideas.units), 8.0)


def test_methods_flow_from_the_better_lab_only(economy):
    """6 new heads of 54 bring half of a gap of ln 2; who comes from a worse lab brings nothing."""
    staff.move(economy)
    np.testing.assert_allclose(of(economy, "openai", "software"), 2.0)
    np.testing.assert_allclose(of(economy, "deepseek", "software"), 2.0 ** (1.0 / 18.0))


def test_a_lab_takes_no_more_than_it_has_places(economy):
    """DeepSeek pays three times as much and has 7 places, five of them its own people's: 0.36 x 10
    against 3.24 x 7 pull 15 people, so 12.95 would come, and 7 / 12.95 of each do."""
    labs = economy.labs
    labs.cost_per_head[:, labs.index["deepseek"]] = 3e5
    labs.staff_wanted[:, labs.index["deepseek"]] = 52.0
    staff.move(economy)
    np.testing.assert_allclose(moved(economy, "openai", "deepseek"), 7.0 * 10.0 / 15.0)
    pulled = 3.6 / (3.6 + 22.68)
    np.testing.assert_allclose(moved(economy, "deepseek", "openai"), 5.0 * pulled)


def test_nobody_moves_between_the_dead(economy):
    labs = economy.labs
    labs.alive[:, labs.index["deepseek"]] = False
    staff.move(economy)
    assert not economy.ideas.units.any()
    np.testing.assert_allclose(of(economy, "openai", "staff"), 100.0)


def test_without_turnover_nobody_moves(economy):
    economy.labs.staff_turnover = 0.0
    staff.move(economy)
    assert not economy.ideas.units.any()
    np.testing.assert_allclose(of(economy, "deepseek", "software"), 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_heads_are_conserved_and_nobody_is_left_with_less_than_none(seed):
    economy = open_economy(BASELINE, seed, [0, 1])
    labs, luck = economy.labs, np.random.default_rng(seed)
    labs.staff_wanted = labs.staff * luck.uniform(0.0, 3.0, labs.staff.shape)
    labs.staff_turnover, labs.pay_pull = 0.5, 3.0
    before, software = labs.staff.copy(), labs.software.copy()
    places = np.maximum(labs.staff_wanted - before, 0.0) + 0.5 * before
    staff.move(economy)
    np.testing.assert_allclose(total(labs.staff), total(before), rtol=1e-12)
    assert (labs.staff >= 0.0).all() and economy.ideas.units.any()
    assert (economy.ideas.to_target(economy.ideas.units) <= places * (1 + 1e-12)).all()
    assert (labs.software >= software).all()
    best = software.max(axis=1, keepdims=True)
    assert (labs.software <= best * (1 + 1e-12)).all()


def test_labs_alike_exchange_people_and_nothing_changes(economy):
    """As if each were its own clone: as many come as go, and they know the same."""
    labs = economy.labs
    labs.staff, labs.staff_wanted, labs.software = 80.0 * labs.alive, 90.0 * labs.alive, 1.5
    staff.move(economy)
    assert economy.ideas.units.any()
    np.testing.assert_allclose(labs.staff, 80.0 * labs.alive, rtol=1e-12)
    np.testing.assert_array_equal(labs.software, 1.5)


def test_two_halves_of_a_lab_move_as_the_lab_does(economy):
    """DeepSeek in two: OpenAI gains and loses as many, and learns and teaches as much."""
    halves = open_economy(BASELINE, 1, [0, 1])
    for column in economy.labs.columns:
        np.copyto(halves.labs.columns[column], economy.labs.columns[column])
    pair = [halves.labs.index[name] for name in ("deepseek", "mistral")]
    halves.labs.staff[:, pair], halves.labs.staff_wanted[:, pair] = 25.0, 30.0
    staff.move(economy)
    staff.move(halves)
    np.testing.assert_allclose(of(halves, "openai", "staff"), of(economy, "openai", "staff"))
    for name in ("deepseek", "mistral"):
        np.testing.assert_allclose(
            of(halves, name, "software"), of(economy, "deepseek", "software")
        )
        np.testing.assert_allclose(
            of(halves, name, "staff"), of(economy, "deepseek", "staff") / 2.0
        )
    assert math.isclose(total(halves.labs.staff)[0], 150.0)
