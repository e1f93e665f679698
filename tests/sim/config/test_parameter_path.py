"""Parameter paths: their text, their rows, and the ladder that governs an agent."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.framework.agent import EconomicAgent
from agents.framework.columns import parameter
from agents.framework.population import Member, Population
from sim.config.parameter_path import (
    AGENT,
    ALL,
    GROUP,
    LIKE,
    NOBODY,
    DrawnRows,
    ParameterPath,
    narrowing,
    selected,
    selectors,
)
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.overlays import undisturbed
from sim.config.world.generate import Plan
from sim.opening.opening import open_economy

BASELINE = load_scenario("baseline", months=1)
WRITTEN = {"farms": {"alm": "hill", "berg": "hill", "geest": ""}, "mills": {}}
DRAWN = {
    "farms": DrawnRows(
        {"alm_1": "hill", "alm_2": "hill", "berg_1": "hill", "geest_1": ""}
        | {"alm": "hill", "berg": "hill", "geest": ""},
        {"alm_1": "alm", "alm_2": "alm", "berg_1": "berg", "geest_1": "geest"},
    )
}
words = st.from_regex(r"[a-z0-9_]+", fullmatch=True)


class Farm(EconomicAgent):
    population_name = "farms"
    loss = parameter("fraction", "Share of the harvest lost")


def path(selector):
    return ParameterPath("farms", selector, "loss")


def texts(*names):
    return [str(path(name)) for name in names]


def farms(runs=1):
    rows = DRAWN["farms"]
    members = [Member(name, rows[name], Farm, like=like) for name, like in rows.likes.items()]
    return Population("farms", Farm, members, runs)


# ---- text ----------------------------------------------------------------------------------------


def test_a_text_is_read_into_its_parts():
    assert ParameterPath.of("farms.loss") == ("farms", "", "loss")
    assert ParameterPath.of("farms.hill.loss") == ("farms", "hill", "loss")


@given(words, st.just("") | words, words)
def test_a_path_is_written_as_it_is_read(population, selector, column):
    made = ParameterPath(population, selector, column)
    assert ParameterPath.of(str(made)) == made
    assert str(made) == f"{made.agents}.{column}"


@pytest.mark.parametrize(
    "text", ["", ".", "loss", "farms.", ".loss", "farms..loss", "a.b.c.d", "Farms.loss", "a.b\n", 1]
)
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match="not a parameter path"):
        ParameterPath.of(text)


def test_a_path_has_a_place_and_names_agents():
    assert path("hill").place == path("").place == ("farms", "loss")
    assert (path("hill").agents, path("").agents) == ("farms.hill", "farms")
    assert path("hill").whole == path("")
    assert path("hill").narrowed("alm") == path("alm")
    assert (selected("farms", ""), selected("farms", "alm")) == ("farms", "farms.alm")


# ---- the ladder ----------------------------------------------------------------------------------


def test_an_agent_is_selected_from_narrow_to_broad():
    assert selectors("alm_1", "alm", "hill") == ("alm_1", "alm", "hill", "")
    assert selectors("alm", "", "hill") == ("alm", "hill", "")
    assert selectors("", "", "hill") == ("hill", "")
    assert selectors("alm", "", "alm") == ("alm", "")


@pytest.mark.parametrize(
    ("selector", "rows", "wanted"),
    [
        ("", WRITTEN, ("",)),
        ("hill", WRITTEN, ("hill", "")),
        ("alm", WRITTEN, ("alm", "hill", "")),
        ("geest", WRITTEN, ("geest", "")),
        ("alm", {}, ("alm", "")),
        ("alm_1", DRAWN, ("alm_1", "alm", "hill", "")),
        ("alm", DRAWN, ("alm", "hill", "")),
        ("geest_1", DRAWN, ("geest_1", "geest", "")),
    ],
)
def test_a_ladder_goes_from_a_path_to_the_whole_population(selector, rows, wanted):
    assert path(selector).ladder(rows) == texts(*wanted)


def test_rows_that_no_path_tells_apart_have_one_ladder():
    others = ["farms.alm.tax", "mills.alm.loss", "farms.loss"]
    assert path("").ladders(WRITTEN, others) == [texts("")]
    assert path("").ladders(WRITTEN, [*others, *texts("hill")]) == [texts("hill", ""), texts("")]
    assert path("").ladders(WRITTEN, texts("berg", "hill")) == [
        texts("hill", ""),
        texts("berg", "hill", ""),
        texts(""),
    ]
    assert path("").ladders(DRAWN, texts("alm_2", "alm")) == [
        texts("alm", ""),
        texts("alm_2", "alm", ""),
        texts(""),
    ]
    assert path("").ladders({}, []) == []


def test_selectors_that_narrow_a_column_are_found():
    paths = [*texts("", "hill", "alm"), "farms.berg.tax", "mills.geest.loss"]
    assert narrowing(paths, ("farms", "loss")) == {"hill", "alm"}


def test_a_world_has_the_agents_of_a_path_or_not():
    assert all(path(s).is_in(WRITTEN) for s in ("", "hill", "alm"))
    assert not path("plain").is_in(WRITTEN)
    assert not ParameterPath("mills", "", "tax").is_in(WRITTEN)
    assert not ParameterPath("shops", "", "tax").is_in(WRITTEN)


# ---- rows ----------------------------------------------------------------------------------------


def test_a_path_reaches_rows_of_a_population():
    held = farms()
    assert path("").rows(held) == slice(None)
    assert path("alm_2").rows(held) == [1]
    assert path("alm").rows(held) == [0, 1]
    assert path("hill").rows(held) == [0, 1, 2]
    with pytest.raises(KeyError, match="plain"):
        path("plain").rows(held)
    found = [path(s).narrowness(held) for s in ("", "hill", "alm", "alm_1", "plain")]
    assert found == [ALL, GROUP, LIKE, AGENT, NOBODY]
    assert found == [0, 1, 2, 3, -1]


def test_the_ladder_of_a_row_is_that_of_its_columns():
    """Every path on it reaches the row, no other does, and each is narrower than the next."""
    held = farms()
    every = [path(s) for s in ("", "hill", *DRAWN["farms"])]
    for row, name in enumerate(held.names):
        ladder = [ParameterPath.of(text) for text in path(name).ladder(DRAWN)]
        known = (p for p in every if p.narrowness(held) > NOBODY)
        assert {p for p in known if row in np.arange(len(held))[p.rows(held)]} == {*ladder}
        narrow = [p.narrowness(held) for p in ladder]
        assert all(one > other for one, other in pairwise(narrow))


def test_a_drawn_agent_has_the_value_that_its_ladder_says():
    """In the columns of a run, and in the reading of a scenario and of the registry."""
    counts = {"labs": 30, "fabs": 6, "fleets": 20, "customers": 20}
    world = Plan(BASELINE.world, counts, 2, 1).world()
    rows, registry = world.rows["labs"], load_registry()
    assert isinstance(rows, DrawnRows)
    assert pickle.loads(pickle.dumps(rows)).likes == rows.likes
    first = next(name for name, like in rows.likes.items() if like == "openai")
    sets = {f"labs.{first}.openness": 0.25, "labs.openai.openness": 0.75, "labs.openness": 0.5}
    labs = open_economy(replace(BASELINE, world=world, set=sets), 1, [0]).labs
    narrow = {entry.selector for entry in registry.narrow("labs", "cost_per_head")}
    assert narrow & {*rows.likes.values()} and narrow & {*rows.values()}
    for row, name in enumerate(labs.names):
        ladder = ParameterPath("labs", name, "openness").ladder(world.rows)
        value = undisturbed(ladder, sets, {}).value
        assert value == {first: 0.25}.get(name, 0.75 if rows.likes[name] == "openai" else 0.5)
        assert value == labs.openness[0, row]
        found = registry.find(f"labs.{name}.cost_per_head", world.rows)
        assert found.value == labs.cost_per_head[0, row]
