"""The world: what a file says is what is loaded, and what is shipped can be loaded."""

import pickle
import shutil
from dataclasses import FrozenInstanceError

import pytest

from agents.supply.data_center import SITE_MONTHS
from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.world.entries import EdgeEntry, Sourced
from sim.config.world.reader import list_worlds, load_world
from sim.config.world.schema import INITIAL, POPULATIONS


@pytest.fixture
def tiny(shelf):
    return load_world("tiny")


def test_a_world_says_what_its_file_says(tiny, shelf):
    assert (tiny.name, tiny.title, tiny.about) == ("tiny", "A tiny world", "Two zones")
    assert (tiny.start, tiny.months) == ("2025-01", 24)
    assert tiny.file == shelf / "worlds" / "tiny.toml"
    assert [f"{agent.population}.{agent.name}" for agent in tiny.agents] == [
        "regions.us",
        "regions.asia",
        "regions.china",
        "inputs.memory",
        "fabs.nvidia",
        "fabs.amd",
        "fleets.azure",
        "labs.openai",
        "labs.mistral",
        "labs.deepseek",
        "customers.consumer_us",
        "elsewhere.cloud",
        "elsewhere.state",
        "capital.market",
        "outside.rest",
    ]


def test_an_agent_has_what_applies_to_its_population(tiny):
    us, asia, china = tiny.of("regions")
    assert (us.zone, asia.zone, china.zone) == ("world", "world", "china")
    assert (us.title, asia.title) == ("US", "asia")
    assert (us.region, us.operator, us.group, us.dormant) == ("", "", "", False)
    (azure,) = tiny.of("fleets")
    assert (azure.group, azure.region, azure.operator) == ("hyperscaler", "us", "microsoft")
    assert azure.initial["sites_due"] == Sourced(
        value=0.2, source="assumption: sites", months=14, growth=0.045
    )
    assert azure.initial["core_cash_flow"].single == -1e6
    nvidia = tiny.of("fabs")[0]
    assert nvidia.initial["output"] == Sourced(
        50.0, "obs:chip_stock/Nvidia/2024-12-31", low=40.0, high=60.0
    )
    assert list(nvidia.initial) == list(INITIAL["fabs"])
    assert [lab.dormant for lab in tiny.of("labs")] == [False, False, True]


def test_an_operator_is_the_fleet_itself_unless_named(shelf):
    file = shelf / "worlds" / "tiny.toml"
    file.write_text(file.read_text().replace('operator = "microsoft"\n', ""))
    assert load_world(file).of("fleets")[0].operator == "azure"


def test_all_chips_may_be_in_transit(shelf):
    file = shelf / "worlds" / "tiny.toml"
    file.write_text(file.read_text().replace("value = 30,", "value = 300,"))
    assert load_world(file).of("fleets")[0].initial["chips_in_transit"].single == 300.0


def test_rows_give_every_population_with_the_groups(tiny):
    assert list(tiny.rows) == list(POPULATIONS)
    assert tiny.rows["labs"] == {
        "openai": "frontier",
        "mistral": "compute_poor",
        "deepseek": "compute_poor",
    }
    assert tiny.rows["regions"] == {"us": "", "asia": "", "china": ""}


def test_edges_are_written_out_to_rows(tiny):
    half = Sourced(0.5, "assumption: halves")
    whole = Sourced(1.0, "assumption: one fleet")
    alike = Sourced(1.0, "assumption: alike")
    assert tiny.edges == (
        EdgeEntry("chips", "nvidia", "azure", half),
        EdgeEntry("chips", "amd", "azure", half),
        EdgeEntry("lease", "azure", "openai", whole),
        EdgeEntry("lease", "azure", "mistral", whole),
        EdgeEntry("lease", "azure", "deepseek", whole),
        EdgeEntry("tokens", "openai", "consumer_us", alike),
        EdgeEntry("tokens", "mistral", "consumer_us", alike),
        EdgeEntry("tokens", "deepseek", "consumer_us", alike),
    )


def test_history_is_a_series_of_36_months(tiny):
    series = tiny.history["chips_shipped"]
    assert series.value == tuple(float(month) for month in range(1, 37))
    with pytest.raises(TypeError):
        _ = series.single


def test_a_name_may_be_row_and_group_where_both_are_the_same_agents(shelf):
    file = shelf / "worlds" / "tiny.toml"
    alone = file.read_text().replace('group = "frontier"', 'group = "openai"')
    file.write_text(alone)
    assert load_world(file).rows["labs"]["openai"] == "openai"
    file.write_text(alone.replace('group = "compute_poor"', 'group = "openai"', 1))
    with pytest.raises(RequestError, match="a row with the name of a group"):
        load_world(file)


def test_a_world_does_not_change_and_goes_through_a_pickle(tiny):
    assert pickle.loads(pickle.dumps(tiny)) == tiny
    assert load_world("tiny") == tiny
    with pytest.raises(FrozenInstanceError):
        tiny.months = 3
    for mapping in (tiny.rows, tiny.rows["labs"], tiny.history, tiny.agents[0].initial):
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping["new"] = "x"


def test_a_world_is_loaded_by_name_and_by_path(tiny, shelf, monkeypatch):
    monkeypatch.chdir(shelf)
    assert load_world("worlds/tiny.toml").agents == tiny.agents
    assert load_world(shelf / "worlds" / "tiny.toml") == tiny
    assert list_worlds() == [("tiny", "A tiny world")]


def test_an_unknown_world_brings_the_nearest(shelf):
    with pytest.raises(RequestError) as caught:
        load_world("tinny")
    assert str(caught.value) == (
        'unknown world: "tinny"; allowed: tiny, or the path of a .toml file; did you mean tiny?'
    )


def test_too_many_agents_and_edges_are_refused(shelf, monkeypatch):
    monkeypatch.setattr("sim.config.world.reader.AGENTS_MAX", 15)
    monkeypatch.setattr("sim.config.world.reader.EDGES_MAX", 8)
    assert load_world("tiny")
    shutil.copy(shelf / "worlds" / "tiny.toml", shelf / "worlds" / "another.toml")
    monkeypatch.setattr("sim.config.world.reader.EDGES_MAX", 7)
    with pytest.raises(RequestError, match=r"too many edges: edges\[3\]; allowed: at most 7"):
        load_world("another")
    monkeypatch.setattr("sim.config.world.reader.AGENTS_MAX", 14)
    with pytest.raises(RequestError, match="too many agents; allowed: at most 14"):
        load_world("another")


def test_a_file_that_changes_is_read_again_and_one_that_does_not_is_not(shelf):
    file = shelf / "worlds" / "tiny.toml"
    assert load_world("tiny") is load_world("tiny")
    file.write_text(file.read_text().replace("A tiny world", "Another world"))
    assert load_world("tiny").title == "Another world"


def test_a_pipeline_is_no_longer_than_the_column_that_holds_it():
    assert INITIAL["fleets"]["sites_due"].dated == SITE_MONTHS


# ---- what is shipped -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped.names("world"))
def test_every_shipped_world_loads_and_has_a_title(name):
    world = load_world(name)
    assert world.name == name
    assert (name, world.title) in list_worlds()
    assert all(world.of(population) for population in POPULATIONS)


def test_worlds_and_scenarios_do_not_share_names():
    assert not [name for name in shipped.names("world") if name in shipped.names("scenario")]
