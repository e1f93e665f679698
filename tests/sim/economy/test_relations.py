"""The supply graph: which edges follow from where agents stand, in time linear in the edges."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.config.world.generate import GenerationPlan
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.config.world.schema import POPULATIONS, RELATIONS
from sim.economy.economy import Economy
from sim.economy.relations import EDGE_COLUMNS, WATCHED_MOST
from sim.opening.opening import open_economy
from sim.results.record import Record

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
    matched = {name for name, kind in RELATION_KINDS.items() if kind.shared is not None}
    assert set(RELATION_KINDS) == matched | set(RELATIONS)
    assert not matched & set(RELATIONS)


def test_the_economy_has_a_field_and_columns_for_every_relation(economy):
    fields = [field.name for field in dataclasses.fields(Economy) if field.type == "Relation"]
    assert fields == [*economy.relations] == [*RELATION_KINDS]
    assert set(EDGE_COLUMNS) == set(RELATION_KINDS)
    for name, kind in RELATION_KINDS.items():
        assert kind.name == name and {*kind.ends} <= {*POPULATIONS}
        relation = getattr(economy, name)
        assert (relation.name, relation.origin.name, relation.goal.name) == (name, *kind.ends)
        assert [*relation.declared] == [*EDGE_COLUMNS[name]]
        # Weights are what a world lists; investors alone carry what they paid for.
        assert ("weight" in relation.declared) is kind.listed
        assert ("cost" in relation.declared) is kind.pays_goal


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
    "teaching": lambda s, t: s != t,
    "ideas": lambda s, t: s != t,
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
    origin, goal = RELATION_KINDS[relation].ends
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
    from sim.config.world.generate import GenerationPlan

    counts = {"labs": 50, "fabs": 20, "fleets": 5_000, "customers": 100}
    large = replace(BASELINE, world=GenerationPlan(WORLD, counts, 3, seed=1).world())
    began = process_time()
    economy = open_economy(large, 1, [0])
    assert process_time() - began < 5.0
    assert len(economy.relocation) < 5_000
    assert len(economy.spot) < 3 * 5_000


# ---- who is watched ------------------------------------------------------------------------------


def only(labs):
    """The shipped world with these labs and no others."""
    agents = tuple(a for a in WORLD.agents if a.population != "labs" or a.name in labs)
    edges = tuple(
        e
        for e in WORLD.edges
        if all(
            name in labs
            for name, population in zip((e.source, e.target), RELATIONS[e.relation], strict=True)
            if population == "labs"
        )
    )
    return replace(BASELINE, world=replace(WORLD, agents=agents, edges=edges), months=3)


@pytest.mark.parametrize("labs", [(), ("openai",), ("open_hosts",), ("safe_superintelligence",)])
def test_a_lab_alone_learns_from_nobody_and_loses_nobody(labs):
    """Nor does a world without labs: its months go on and balance."""
    economy = open_economy(only(labs), 1, [0])
    assert len(economy.teaching) == len(economy.ideas) == 0
    assert len(economy.labs) == len(labs)
    engine.run(economy, Record(economy, ("metrics",)))


def test_of_many_labs_everybody_watches_the_most_capable():
    """So edges grow no faster than labs."""
    counts = {"fabs": 1, "fleets": 4, "labs": WATCHED_MOST + 20, "customers": 5}
    economy = open_economy(
        replace(BASELINE, world=GenerationPlan(WORLD, counts, 1, 3).world()), 1, [0]
    )
    capability = np.empty(len(economy.labs))
    capability[economy.labs.given] = economy.world.roster("labs").initial["capability"].value
    for relation in (economy.teaching, economy.ideas):
        watched = np.unique(relation.source)
        assert len(watched) == WATCHED_MOST
        others = np.delete(np.arange(len(economy.labs)), watched)
        assert capability[watched].min() >= capability[others].max()
        assert len(relation) == WATCHED_MOST * (len(economy.labs) - 1)
