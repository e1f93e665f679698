"""The registry: what governs a path, what a value may be, and what an entry must say."""

import pickle
from dataclasses import replace

import pytest

from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.registry import load_registry

ROWS = {
    "regions": {"us": "", "china": ""},
    "fabs": {"nvidia": "merchant"},
    "labs": {"openai": "frontier", "mistral": "compute_poor"},
    "elsewhere": {},
}


@pytest.fixture
def registry(shelf):
    return load_registry()


def refusal(call, *arguments):
    with pytest.raises(RequestError) as caught:
        call(*arguments)
    return str(caught.value)


def test_entries_stand_in_the_order_of_the_file(registry):
    assert list(registry.parameters)[:3] == [
        "regions.rent_adjust",
        "regions.rent_start",
        "elsewhere.price_elasticity",
    ]
    entry = registry.parameters["fabs.capacity_loss"]
    assert (entry.population, entry.selector, entry.column) == ("fabs", "", "capacity_loss")
    assert (entry.value, entry.low, entry.high, entry.min, entry.max) == (0.0, 0.0, 0.1, 0.0, 1.0)
    assert (entry.unit, entry.distribution, entry.applies) == ("fraction", "fixed", "month")
    assert (entry.kind, entry.note) == ("assumption", "Lines out of action.")
    assert entry.shown_in == ("outage",)


def test_a_narrow_entry_inherits_what_it_may_not_repeat(registry):
    narrow = registry.parameters["labs.compute_poor.replication_lag"]
    broad = registry.parameters["labs.replication_lag"]
    assert narrow == replace(
        broad,
        path=narrow.path,
        selector="compute_poor",
        value=9.0,
        low=6.0,
        high=15.0,
        kind="derived",
        source="replication-lag; assumption: half again",
        note="With less compute it takes longer.",
    )


def test_columns_are_broad_and_narrow_entries_stand_apart(registry):
    assert list(registry.columns("labs")) == [
        "replication_lag",
        "compute_growth_start",
        "compute_growth_long_run",
    ]
    assert registry.columns("nobody") == {}
    assert [p.selector for p in registry.narrow("labs", "replication_lag")] == [
        "compute_poor",
        "nowhere",
    ]
    assert registry.narrow("fabs", "capacity_loss") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("labs.replication_lag", 6.0),
        ("labs.compute_poor.replication_lag", 9.0),
        ("labs.mistral.replication_lag", 9.0),
        ("labs.openai.replication_lag", 6.0),
        ("labs.frontier.replication_lag", 6.0),
    ],
)
def test_the_narrowest_entry_governs_a_path(registry, path, value):
    entry = registry.find(path, ROWS)
    assert entry.value == value
    assert entry.path == path
    assert entry.selector == (path.split(".")[1] if path.count(".") == 2 else "")


def test_without_a_world_any_row_is_taken(registry):
    assert registry.find("labs.someone.replication_lag").value == 6.0
    assert registry.find("labs.nowhere.replication_lag").value == 8.0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "labs.replicaton_lag",
            "unknown parameter: labs.replicaton_lag; allowed: a parameter of labs; "
            "did you mean labs.replication_lag?",
        ),
        (
            "labs.openai.replicaton_lag",
            "unknown parameter: labs.openai.replicaton_lag; allowed: a parameter of labs; "
            "did you mean labs.openai.replication_lag?",
        ),
        (
            "labs.capacity_loss",
            "unknown parameter: labs.capacity_loss; allowed: a parameter of labs; "
            "did you mean fabs.capacity_loss?",
        ),
        (
            "lab.replication_lag",
            "unknown parameter: lab.replication_lag; allowed: a parameter of "
            "regions, elsewhere, fabs, labs; did you mean labs.replication_lag?",
        ),
        (
            "labs.mistrall.replication_lag",
            "unknown group or row: labs.mistrall.replication_lag; allowed: a group or row of labs: "
            "frontier, compute_poor, openai, mistral; did you mean labs.mistral.replication_lag?",
        ),
        (
            "labs.nowhere.replication_lag",
            "unknown group or row: labs.nowhere.replication_lag; allowed: a group or row of labs: "
            "frontier, compute_poor, openai, mistral",
        ),
        (
            "elsewhere.cloud.price_elasticity",
            "unknown group or row: elsewhere.cloud.price_elasticity; "
            "allowed: a group or row of elsewhere: none",
        ),
        (
            "replication_lag",
            "not a parameter path: replication_lag; "
            "allowed: population.column or population.group_or_row.column; "
            "did you mean labs.replication_lag?",
        ),
    ],
)
def test_a_path_that_names_nothing_brings_the_nearest(registry, path, message):
    assert refusal(registry.find, path, ROWS) == message


@pytest.mark.parametrize("path", ["", ".", "labs.", "a.b.c.d", "labs..replication_lag", "Labs.x"])
def test_what_is_no_path_is_refused(registry, path):
    assert "not a parameter path" in refusal(registry.find, path, ROWS)


def test_a_value_is_a_number_within_the_limits(registry):
    assert registry.check("labs.replication_lag", 60, ROWS) == 60.0
    assert isinstance(registry.check("labs.replication_lag", 0, ROWS), float)
    message = refusal(registry.check, "labs.mistral.replication_lag", 60.5, ROWS)
    assert message == (
        "out of range: labs.mistral.replication_lag = 60.5; allowed: a number from 0 to 60 (month)"
    )


@pytest.mark.parametrize("value", ["6", True, None, [6], {"value": 6}, 6j])
def test_what_is_no_number_is_refused(registry, value):
    assert "not a number" in refusal(registry.check, "labs.replication_lag", value, ROWS)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_what_is_not_finite_is_refused(registry, value):
    assert "not a finite number" in refusal(registry.check, "labs.replication_lag", value, ROWS)


def test_a_monthly_parameter_is_found_for_one_that_acts_at_the_start(registry):
    def instead(path):
        return registry.monthly_instead(registry.parameters[path])

    assert instead("regions.rent_start") == "regions.rent_adjust"  # its note says so
    assert instead("labs.compute_growth_start") == "labs.compute_growth_long_run"  # same words
    lonely = replace(registry.parameters["regions.rent_start"], note="Nothing like it.")
    assert registry.monthly_instead(lonely) is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value = 0.25", "value = 3", 'line 3: out of range: "regions.rent_adjust".value = 3; '
         "allowed: a number from 0 to 2 (1/month)"),
        ("low = 0.1\n", "low = 0.3\n", "allowed: a number from 0 to 0.25 (1/month)"),
        ("high = 0.4", "high = 0.2", "allowed: a number from 0.25 to 2 (1/month)"),
        ("max = 2.0", "max = inf", "line 8: not a finite number"),
        ("min = 0.0", "min = 2.5", "line 8: out of range"),
        ("min = 0.0", 'min = "0"', "allowed: a number, finite"),
        ("low = 1.8", "low = 0.5", None),
        ('"uniform"', '"normal"', "allowed: fixed, uniform, loguniform, triangular"),
        ('applies = "month"', 'applies = "monthly"', "did you mean month?"),
        ('"assumption"', '"guess"', "allowed: evidence, observation, assumption, derived"),
        ("low = 1.8", "low = 0.0", "out of range"),
        ("min = 0.1\n", "min = 0\n", None),
        ("low = 1.8\nhigh = 2.6\nmin = 0.1", "low = 0\nhigh = 2.6\nmin = 0",
         'line 18: no logarithm: "regions.rent_start".low = 0.0; allowed: above 0 for loguniform'),
        ('unit = "1/month"\n', "", 'missing key: "regions.rent_adjust".unit; allowed: text'),
        ('"assumptions:compute.spot_price_adjust"', '"me"', None),
        ('"assumptions:compute.spot_price_adjust"', '"Me and you"', "not a source"),
        ('"assumptions:compute.spot_price_adjust"', '"assumption:"', "not a source"),
        ('"assumptions:compute.spot_price_adjust"', '"obs:series/entity"', "not a source"),
        ('note = "Lines', 'not = "Lines', "did you mean note?"),
        ('shown_in = "outage"', 'shown_in = ["a", "b"]', None),
        ('shown_in = "outage"', "shown_in = [1]", "not a text"),
        ("value = 9\n", 'value = 9\nunit = "month"\n', "line 70: unknown key"),
        ("poor.replication_lag", "poor.replication_lg", "did you mean labs.replication_lag?"),
        ('["labs.nowhere', '["Labs.nowhere', "not a parameter path"),
        ('["regions.rent_adjust"]', "[regions.rent_adjust]", "line 2: not a parameter path"),
    ],
)  # fmt: skip
def test_an_entry_must_say_all_and_say_it_right(shelf, old, new, message):
    file = shelf / "parameters.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    if message is None:
        assert load_registry(file).parameters
    else:
        assert message in refusal(load_registry, file)


def test_a_registry_goes_through_a_pickle(registry):
    assert pickle.loads(pickle.dumps(registry)) == registry
    with pytest.raises(TypeError):
        registry.parameters["new"] = None


def test_the_shipped_registry_is_read_once():
    assert load_registry() is load_registry()


def test_scenarios_in_which_a_parameter_shows_are_shipped():
    known = shipped.names("scenario")
    for entry in load_registry().parameters.values():
        assert [name for name in entry.shown_in if name not in known] == []
