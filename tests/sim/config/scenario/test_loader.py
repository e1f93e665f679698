"""Scenarios: what stands on what, what decides numbers, and what is shipped."""

import json
import pickle
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

import sim
from sim.base.calendar import Calendar
from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.metric_names import METRIC_NAMES
from sim.config.registry import load_registry
from sim.config.scenario.changes import with_event
from sim.config.scenario.claim import CLAIM_KEYS
from sim.config.scenario.loader import list_scenarios, load_scenario, reference_of
from sim.config.scenario.scenario import Event
from sim.config.scenario.schema import scenario_schema
from sim.results.metrics.all_metrics import NAMES

SHOCK = {
    "name": "outage",
    "start": "2025-04",
    "months": 3,
    "set": {"fabs.nvidia.capacity_loss": 0.5},
    "scale": {"labs.replication_lag": 2},
}


@pytest.fixture
def write(shelf):
    """Write a scenario file into the folder of shipped ones; returns its path."""

    def written(name, text):
        file = shelf / "scenarios" / f"{name}.toml"
        file.write_text(text)
        return file

    return written


@pytest.fixture
def outage(write):
    write(
        "outage",
        """
        title = "An outage"
        base = "baseline"
        months = 12
        about = "compute_stock_h100e"
        expect = "down"
        why = "No chips, no compute."
        [set]
        "labs.replication_lag" = 4
        "labs.mistral.replication_lag" = 8
        [[event]]
        name = "second"
        start = "2025-03"
        months = 2
        scale = { "labs.replication_lag" = 2 }
        [[event]]
        name = "first"
        start = "2025-06"
        months = 100
        set = { "fabs.merchant.capacity_loss" = 1 }
        [class]
        "labs.frontier" = "my.labs:Cautious"
        """,
    )
    return load_scenario("outage")


def test_a_scenario_says_what_its_file_says(outage, shelf):
    assert (outage.name, outage.title, outage.months) == ("outage", "An outage", 12)
    assert (outage.about, outage.expect) == ("compute_stock_h100e", "down")
    assert outage.why == "No chips, no compute."
    assert outage.set == {"labs.replication_lag": 4.0, "labs.mistral.replication_lag": 8.0}
    assert outage.events == (
        Event("first", 5, 100, {"fabs.merchant.capacity_loss": 1.0}, {}),
        Event("second", 2, 2, {}, {"labs.replication_lag": 2.0}),
    )
    assert outage.classes == {"labs.frontier": "my.labs:Cautious"}
    assert outage.bases == ("baseline", "tiny")
    assert outage.file == shelf / "scenarios" / "outage.toml"
    assert outage.world.name == "tiny"
    assert outage.rows is outage.world.rows
    assert outage.calendar == Calendar("2025-01", 12)


def test_a_scenario_that_says_nothing_is_its_world(shelf):
    baseline = load_scenario()
    assert (baseline.title, baseline.months) == ("Baseline", 24)
    assert (baseline.about, baseline.expect, baseline.why) == ("", "", "")
    assert (baseline.set, baseline.events, baseline.classes) == ({}, (), {})
    assert baseline.bases == ("tiny",)


def test_a_child_replaces_what_it_names_and_keeps_the_rest(outage, write):
    write(
        "milder",
        """
        title = "A milder outage"
        base = "outage"
        [set]
        "labs.replication_lag" = 5
        [[event]]
        name = "first"
        start = "2025-07"
        months = 1
        set = { "fabs.nvidia.capacity_loss" = 0.1 }
        [class]
        "labs.frontier" = "other:Cautious"
        "labs.openai" = "other:Bold"
        """,
    )
    milder = load_scenario("milder")
    assert milder.bases == ("outage", "baseline", "tiny")
    assert milder.months == 12
    assert milder.set == {"labs.replication_lag": 5.0, "labs.mistral.replication_lag": 8.0}
    assert milder.events == (
        Event("first", 6, 1, {"fabs.nvidia.capacity_loss": 0.1}, {}),
        outage.events[1],
    )
    assert milder.classes == {"labs.frontier": "other:Cautious", "labs.openai": "other:Bold"}
    assert (milder.about, milder.expect, milder.why) == ("", "", "")


def test_arguments_are_laid_over_the_file(outage):
    changed = load_scenario("outage", set={"labs.replication_lag": 7}, months=6)
    assert changed.set == {"labs.replication_lag": 7.0, "labs.mistral.replication_lag": 8.0}
    assert changed.months == 6
    assert changed.events == outage.events  # also those that a shorter run does not reach


def test_a_longer_run_has_room_for_later_events(write):
    write(
        "late",
        """
        title = "Late"
        base = "tiny"
        months = 36
        [[event]]
        name = "end"
        start = "2027-12"
        months = 1
        set = { "fabs.capacity_loss" = 1 }
        """,
    )
    assert load_scenario("late").events[0].start == 35


def test_a_base_may_be_a_file_beside(shelf, tmp_path, monkeypatch):
    folder = tmp_path / "mine" / "deep"
    folder.mkdir(parents=True)
    (folder / "world.toml").write_text((shelf / "worlds" / "tiny.toml").read_text())
    (folder / "a.toml").write_text('title = "A"\nbase = "world.toml"')
    (folder / "b.toml").write_text('title = "B"\nbase = "a.toml"')
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario("mine/deep/b.toml")
    assert scenario.name == "b"
    assert scenario.bases == ("a", "world")
    assert scenario.file == folder / "b.toml"
    assert scenario == load_scenario(Path("mine/deep/b.toml"))


# ---- events added while a run goes on ------------------------------------------------------------


def test_an_event_can_be_added(outage):
    shocked = with_event(outage, SHOCK)
    wanted = Event(
        "outage", 3, 3, {"fabs.nvidia.capacity_loss": 0.5}, {"labs.replication_lag": 2.0}
    )
    assert shocked.events == (outage.events[0], wanted, outage.events[1])
    assert shocked.digest != outage.digest
    assert with_event(shocked, SHOCK) == shocked


def test_an_event_of_the_same_name_is_replaced(outage):
    shocked = with_event(outage, SHOCK | {"name": "first"})
    assert [(e.name, e.start) for e in shocked.events] == [("first", 3), ("second", 2)]


# ---- identity ------------------------------------------------------------------------------------


def test_a_scenario_does_not_change_and_goes_through_a_pickle(outage):
    digest = outage.digest
    twin = pickle.loads(pickle.dumps(outage))
    assert twin == outage
    assert twin.digest == digest
    with pytest.raises(FrozenInstanceError):
        outage.months = 3
    for mapping in (outage.set, outage.classes, outage.events[0].set, outage.events[0].scale):
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping["new"] = 1.0
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping.update(new=1.0)


REORDERED = """
[class]
"labs.frontier" = "my.labs:Cautious"
[[event]]
scale = { "labs.replication_lag" = 2.0 }
months = 2
start = "2025-03"
name = "second"
[[event]]
months = 100
name = "first"
start = "2025-06"
set = { "fabs.merchant.capacity_loss" = 1.0 }
[set]
"labs.mistral.replication_lag" = 8.0
"labs.replication_lag" = 4.0
"""


def test_the_digest_does_not_depend_on_order_place_or_words(outage, shelf, tmp_path):
    elsewhere = tmp_path / "else.where"
    elsewhere.mkdir()
    world = (shelf / "worlds" / "tiny.toml").read_text()
    world = world.replace("A tiny world", "The same").replace("assumption: list", "helium")
    swapped = world.replace(
        'group = "merchant"\nregion = "asia"', 'region = "asia"\ngroup = "merchant"'
    )
    assert swapped != world
    (elsewhere / "w.toml").write_text(swapped)
    (elsewhere / "s.toml").write_text('months = 12\nbase = "w.toml"\ntitle = "Same"\n' + REORDERED)
    assert load_scenario(elsewhere / "s.toml").digest == outage.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scenarios/outage.toml", "months = 12", "months = 13"),
        ("scenarios/outage.toml", '_lag" = 4', '_lag" = 4.5'),
        ("scenarios/outage.toml", "2025-06", "2025-07"),
        ("scenarios/outage.toml", "months = 100", "months = 99"),
        ("scenarios/outage.toml", '_lag" = 2', '_lag" = 3'),
        ("scenarios/outage.toml", 'name = "first"', 'name = "third"'),
        ("scenarios/outage.toml", "my.labs:Cautious", "my.labs:Bold"),
        ("worlds/tiny.toml", "value = 28_000", "value = 28_001"),
        ("worlds/tiny.toml", "months = 14", "months = 15"),
        ("worlds/tiny.toml", "growth = 0.045", "growth = 0.046"),
        ("worlds/tiny.toml", "weight = { value = 0.5", "weight = { value = 0.4"),
        ("worlds/tiny.toml", '"china" }', '"world" }'),
        ("worlds/tiny.toml", 'group = "consumer"', 'group = "gamer"'),
        ("worlds/tiny.toml", "dormant = true", "dormant = false"),
        ("worlds/tiny.toml", "[1, 2", "[2, 2"),
        ("worlds/tiny.toml", 'start = "2025-01"', 'start = "2025-02"'),
        ("worlds/tiny.toml", 'operator = "microsoft"', 'operator = "msft"'),
    ],
)  # fmt: skip
def test_the_digest_depends_on_all_that_decides_numbers(outage, shelf, file, old, new):
    before = outage.digest
    text = (shelf / file).read_text()
    assert old in text
    (shelf / file).write_text(text.replace(old, new, 1))
    assert load_scenario("outage").digest != before


def test_the_digest_depends_on_the_registry(outage, monkeypatch):
    before = load_scenario("outage").digest
    entry = load_registry().parameters["regions.rent_start"]
    monkeypatch.setitem(vars(entry), "value", 2.3)
    assert load_scenario("outage").digest != before


def test_zero_has_one_digest(shelf):
    minus = load_scenario(set={"fabs.capacity_loss": -0.0})
    assert minus.digest == load_scenario(set={"fabs.capacity_loss": 0}).digest


def test_a_scenario_becomes_plain_data_in_the_shape_of_a_file(outage):
    data = outage.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["base"] == "tiny"
    assert data["bases"] == ["baseline", "tiny"]
    assert data["digest"] == outage.digest
    assert data["set"] == outage.set
    assert data["event"][0] == {
        "name": "first",
        "start": "2025-06",
        "months": 100,
        "set": {"fabs.merchant.capacity_loss": 1.0},
        "scale": {},
    }
    rebuilt = load_scenario(months=data["months"], set=data["set"])
    for event in data["event"]:
        rebuilt = with_event(rebuilt, event)
    assert rebuilt.events == outage.events
    assert rebuilt.set == outage.set


# ---- the claim -----------------------------------------------------------------------------------

CLAIM = 'about = "capex_usd"\nexpect = "down"\n'


def test_a_claim_may_say_against_what_and_when_and_decides_no_number(outage, write):
    file = write("claims", 'title = "Claims"\nbase = "outage"\n' + CLAIM)
    silent = load_scenario(file)
    assert (silent.against, silent.window) == ("", "")
    file.write_text(file.read_text() + 'against = "baseline"\nwindow = "2025-06/2025-12"\n')
    told = load_scenario(file)
    assert (told.against, told.window) == ("baseline", "2025-06/2025-12")
    assert (told.to_dict()["against"], told.to_dict()["window"]) == (told.against, told.window)
    assert told.digest == silent.digest == outage.digest
    assert (
        load_scenario(file, months=3).window == told.window
    )  # as events, which may not be reached


def test_the_reference_is_the_next_in_the_chain_or_the_bare_world(outage, write):
    """The world as it is, over as many months, and the base with all that it sets."""
    bare = reference_of(outage)
    assert (bare.name, bare.bases, bare.about) == ("baseline", ("tiny",), "")
    assert bare.digest == load_scenario("baseline", months=12).digest
    world = reference_of(load_scenario("baseline"))
    assert (world.name, world.set, world.events, world.classes) == ("tiny", {}, (), {})
    assert world.digest == load_scenario("baseline").digest
    write(
        "milder", 'title = "Milder"\nbase = "outage"\nmonths = 9\n[set]\n"fabs.capacity_loss" = 0'
    )
    base = reference_of(load_scenario("milder"))
    assert (base.name, base.set, base.months) == ("outage", outage.set, 9)


def test_the_reference_may_be_named(outage, write, tmp_path):
    named = CLAIM + 'against = "outage"'
    write("other", f'title = "Other"\nbase = "baseline"\n{named}')
    assert reference_of(load_scenario("other", months=5)) == load_scenario("outage", months=5)
    mine = tmp_path / "mine.toml"
    mine.write_text(f'title = "Mine"\nbase = "tiny"\n{CLAIM}against = "beside.toml"')
    beside = tmp_path / "beside.toml"
    beside.write_text('title = "Beside"\nbase = "tiny"\n[set]\n"fabs.capacity_loss" = 0.5')
    assert reference_of(load_scenario(mine)).set == {"fabs.capacity_loss": 0.5}


def test_a_reference_starts_when_the_scenario_does(shelf, write):
    later = (shelf / "worlds" / "tiny.toml").read_text().replace('"2025-01"', '"2025-02"')
    (shelf / "worlds" / "later.toml").write_text(later)
    write("other", f'title = "Other"\nbase = "later"\n{CLAIM}against = "baseline"')
    with pytest.raises(RequestError, match=r'against = "baseline"; allowed: .* starts in 2025-02'):
        reference_of(load_scenario("other"))


def test_a_scenario_without_a_file_has_no_reference(outage):
    with pytest.raises(RequestError, match="no file names its base"):
        reference_of(replace(outage, file=None))


def test_names_of_metrics_are_those_that_are_recorded():
    assert METRIC_NAMES == NAMES


# ---- the schema ----------------------------------------------------------------------------------


def test_the_schema_knows_the_keys_and_parameters_of_a_scenario_file(shelf):
    schema = scenario_schema()
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    assert set(schema["properties"]) == set(
        ("title", "base", "vintage", "months", *CLAIM_KEYS, "set", "event", "class")
    )
    assert schema["dependentRequired"]["window"] == ["about", "expect"]
    assert schema["properties"]["about"]["enum"] == list(NAMES)
    window = schema["properties"]["window"]["pattern"]
    assert re.search(window, "2025-03/2025-12")
    assert not re.search(window, "2025-03/2025-13")
    paths = schema["properties"]["set"]["properties"]
    assert paths["fabs.capacity_loss"] == {
        "type": "number",
        "minimum": 0.0,
        "maximum": 1.0,
        "default": 0.0,
        "description": "fraction; Lines out of action.",
    }
    event = schema["properties"]["event"]["items"]["properties"]
    assert "labs.compute_growth_start" in paths
    assert "labs.compute_growth_start" not in event["set"]["properties"]
    assert list(event["scale"]["properties"]) == list(event["set"]["properties"])


# ---- the package ---------------------------------------------------------------------------------


def test_the_root_hands_out_names_and_imports_nothing_heavy():
    code = (
        "import sys, sim; sim.load_scenario('baseline'); sim.list_scenarios(); "
        "print([m for m in ('mesa', 'numba', 'numpy', 'pandas', 'agents') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert sim.load_scenario is load_scenario
    assert sim.list_scenarios is list_scenarios
    with pytest.raises(AttributeError, match="no attribute 'load_scenarios'"):
        _ = sim.load_scenarios


# ---- what is shipped -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped.names("scenario"))
def test_every_shipped_scenario_loads_and_makes_its_claim(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert (name, scenario.title) in list_scenarios()
    assert scenario.about
    assert scenario.expect in {"up", "down", "none"}
    assert scenario.why


def test_shipped_scenarios_differ():
    digests = [load_scenario(name).digest for name in shipped.names("scenario")]
    assert len(digests) == len(dict.fromkeys(digests))
