"""The supply graph: which edges follow from where agents stand, in time linear in the edges."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from sim.graph import ENDS, MATCHES
from sim.opening import open_economy
from sim.scenario import load_scenario
from sim.world_schema import RELATIONS

BASELINE = load_scenario("baseline", months=1)
WORLD = BASELINE.world


@pytest.fixture(scope="module")
def economy():
    return open_economy(BASELINE, 1, [0])


def pairs(relation):
    names = relation.origin.names, relation.goal.names
    ends = zip(relation.source.tolist(), relation.target.tolist(), strict=True)
    return [(names[0][s], names[1][t]) for s, t in ends]


def test_every_relation_is_listed_or_follows_from_places():
    assert set(ENDS) == set(MATCHES) | set(RELATIONS)
    assert not set(MATCHES) & set(RELATIONS)


def entries(population):
    return {agent.name: agent for agent in WORLD.of(population)}


def zone(population, name):
    regions = entries("regions")
    return regions[entries(population)[name].region].zone


RULES = {
    "fab_power": lambda s, t: entries("fabs")[t].region == s,
    "fleet_power": lambda s, t: entries("fleets")[t].region == s,
    "supplies": lambda s, t: True,
    "spot": lambda s, t: zone("fleets", s) == zone("elsewhere", t),
    "relocation": lambda s, t: (
        s != t and entries("fleets")[s].operator == entries("fleets")[t].operator
    ),
    "lab_funding": lambda s, t: True,
    "fab_funding": lambda s, t: True,
    "fleet_funding": lambda s, t: True,
}


@pytest.mark.parametrize("relation", RULES)
def test_edges_connect_who_has_in_common_what_the_relation_asks(economy, relation):
    """Against the rule itself, asked pair by pair."""
    found = getattr(economy, relation)
    origin, goal, _ = ENDS[relation]
    related = RULES[relation]
    expected = {
        (s.name, t.name)
        for s in WORLD.of(origin)
        for t in WORLD.of(goal)
        if related(s.name, t.name)
    }
    assert set(pairs(found)) == expected
    assert len(found) == len(expected)
    order = np.lexsort((found.source, found.target))
    assert (order == np.arange(len(found))).all()


@pytest.mark.parametrize("relation", RELATIONS)
def test_listed_edges_have_the_weights_of_the_world(economy, relation):
    found = getattr(economy, relation)
    listed = {(e.source, e.target): e.weight.value for e in WORLD.edges if e.relation == relation}
    assert dict(zip(pairs(found), found.weight[0].tolist(), strict=True)) == listed


def test_agents_without_an_operator_are_linked_to_nobody():
    agents = tuple(replace(a, operator="") if a.population == "fleets" else a for a in WORLD.agents)
    lonely = replace(BASELINE, world=replace(WORLD, agents=agents))
    assert len(open_economy(lonely, 1, [0]).relocation) == 0


def test_edges_of_a_large_world_take_little_time():
    """A thousand fleets; pair by pair they would be a million questions per relation."""
    from sim.generate import Plan

    counts = {"labs": 50, "fabs": 20, "fleets": 5_000, "customers": 100}
    large = replace(BASELINE, world=Plan(WORLD, counts, 3, seed=1).world())
    began = process_time()
    economy = open_economy(large, 1, [0])
    assert process_time() - began < 5.0
    assert len(economy.relocation) < 5_000
    assert len(economy.spot) < 3 * 5_000
