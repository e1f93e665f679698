"""Vintages: what a start knows, and that nothing in one is later than its day."""

from datetime import date

import pytest

from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.evidence import origins
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.vintage import load_vintage
from sim.config.world.reader import load_world

HEAD = """\
title = "A vintage"
known = "2022-12-31"
world = "world_2023"
"""
VALUE = """
[value."fabs.expansion_cost"]
value = 30_000
low = 20_000
high = 40_000
kind = "assumption"
known = "2022-06-30"
source = "assumption: a guess"
"""


def written(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", shipped.names("vintage"))
def test_nothing_in_a_vintage_is_later_than_its_day(name):
    vintage = load_vintage(name)
    assert all(day <= vintage.known for day in vintage.since.values())
    for entry in vintage.parameters.values():
        assert not any(origin.after(vintage.known) for origin in origins(entry.source))


def test_the_two_calibrations_describe_the_starts_of_their_worlds():
    early, late = load_vintage("end_2022"), load_vintage("end_2024")
    assert (early.known, early.world) == (date(2022, 12, 31), "world_2023")
    assert (late.known, late.world) == (date(2024, 12, 31), "world_2025")
    assert load_scenario("backtest_2023").set == early.set
    assert not late.set
    assert load_world(early.world).start == "2023-01"
    assert load_world(late.world).start == "2025-01"


def test_of_a_path_that_is_set_no_narrower_one_is_left_to_the_registry():
    """A broad value of a vintage would overrule the registry's narrow ones."""
    given = load_vintage("end_2022").parameters
    for entry in given.values():
        if not entry.selector:
            narrow = load_registry().narrow(entry.population, entry.column)
            assert all(n.path in given for n in narrow), entry.path


def test_an_entry_takes_the_registry_s_unit_bounds_and_law(tmp_path):
    entry = load_vintage(written(tmp_path, HEAD + VALUE)).parameters["fabs.expansion_cost"]
    usual = load_registry().parameters["fabs.expansion_cost"]
    assert (entry.value, entry.low, entry.high) == (30_000.0, 20_000.0, 40_000.0)
    assert (entry.unit, entry.min, entry.max) == (usual.unit, usual.min, usual.max)
    assert (entry.distribution, entry.note) == ("loguniform", usual.note)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('known = "2022-06-30"', 'known = "2023-01-01"', "later than the vintage"),
        ("assumption: a guess", "obs:h100_price/H100/2023-12-31", "later than the vintage"),
        ("assumption: a guess", "gas-price-flexibility", "later than the vintage"),
        ("assumption: a guess", "no-such-evidence", "unknown evidence"),
        ("low = 20_000", "low = 0", "no logarithm"),
        ("high = 40_000", "high = 10_000", "out of range"),
        ("fabs.expansion_cost", "fabs.expansion_cots", "fabs.expansion_cost?"),
        ('known = "2022-06-30"', 'known = "June"', "not a date"),
        ("kind =", "king =", "kind?"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, old, new, words):
    file = written(tmp_path, HEAD + VALUE.replace(old, new))
    with pytest.raises(RequestError) as error:
        load_vintage(file)
    assert words in str(error.value)
    assert f"{file}, line " in str(error.value)


def test_a_scenario_lays_its_own_values_over_those_of_its_vintage(tmp_path):
    text = 'title = "Mine"\nbase = "backtest_2023"\n[set]\n"regions.rent_start" = 4.0\n'
    found = load_scenario(written(tmp_path, text))
    assert found.set["regions.rent_start"] == 4.0
    assert found.set["labs.initial_tenure"] == 9.0


@pytest.mark.parametrize(
    ("base", "vintage", "words"),
    [
        ("world_2025", "end_2022", "another world"),
        ("world_2023", "end_2202", "unknown vintage"),
    ],
)
def test_a_scenario_is_refused_a_vintage_that_does_not_fit(tmp_path, base, vintage, words):
    text = f'title = "Mine"\nbase = "{base}"\nvintage = "{vintage}"\n'
    with pytest.raises(RequestError) as error:
        load_scenario(written(tmp_path, text))
    assert words in str(error.value)
    assert "line 3" in str(error.value)
