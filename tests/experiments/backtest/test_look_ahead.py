"""Look-ahead: what is known too early is found by date, and what ignorance puts in its place."""

from datetime import date

import pytest

from experiments.backtest.look_ahead import UNDATED, knowledge, laws_with, laws_without, stretched
from experiments.runs.distributions import Law, in_force
from sim.config.evidence import origins
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.vintage import load_vintage


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("backtest_2023")


@pytest.fixture(scope="module")
def known(scenario):
    return knowledge(scenario, load_vintage("end_2022"))


def test_look_ahead_is_what_a_later_date_says(known):
    late = {one.parameter.path: one for one in known.late}
    assert late["regions.gas_price_flexibility"].year == "2026"
    assert late["regions.rent_ceiling"].later[0].day == date(2023, 6, 30)
    assert late["labs.thinking_share"].year == UNDATED
    assert "regions.rent_adjust" not in late  # an assumption
    for one in late.values():
        assert all(origin.after(date(2022, 12, 31)) for origin in one.later)


def test_every_parameter_in_force_is_counted_once(known, scenario):
    entries = [entry.path for entry in in_force(scenario)]
    assert len(known.late) + known.dated + known.undated == len(entries)
    assert {one.parameter.path for one in known.late} <= set(entries)


def test_what_the_vintage_gives_is_not_look_ahead(known):
    """The registry's rent is: its source is a row of 2024."""
    assert any(o.day == date(2024, 3, 31) for o in origins(source_of("regions.rent_start")))
    assert "regions.rent_start" not in {one.parameter.path for one in known.late}


def test_of_a_later_vintage_less_is_look_ahead(known):
    later = knowledge(load_scenario("backtest_2023"), load_vintage("end_2024"))
    paths, fewer = ({one.parameter.path for one in k.late} for k in (known, later))
    assert fewer < paths
    assert "regions.rent_ceiling" in paths - fewer


def test_initial_values_with_a_later_source_are_counted(known):
    assert 0 < known.late_values < known.values


def test_ignorance_is_three_times_as_wide_within_what_is_allowed():
    """Uniform: 3.5 in 2.5 to 5 becomes 0.5 to 8; a share in 0.2 to 0.8 about 0.4 becomes 0 to 1.
    In the logarithm, 0.1 in 0.05 to 0.2 becomes 0.1 / 8 to 0.8."""
    assert stretched(entry("regions.gas_price_flexibility")) == Law("uniform", 0.5, 8.0)
    assert stretched(entry("regions.gas_pass_through")) == Law("uniform", 0.0, 1.0)
    wide = stretched(entry("customers.value_capture"))
    assert wide.kind == "loguniform"
    assert (wide.low, wide.high) == pytest.approx((0.0125, 0.8))


def test_only_look_ahead_is_replaced(scenario, known):
    laws = laws_with(scenario, known.vintage)
    without = laws_without(laws, known.late)
    changed = {path for path, law in laws.items() if without[path] != law}
    late = {one.parameter.path for one in known.late}
    assert list(without) == list(laws)
    assert changed
    assert changed <= late
    assert set(known.vintage.parameters) & set(laws)
    assert not changed & set(known.vintage.parameters)


def test_the_law_of_a_parameter_of_the_vintage_has_its_range(scenario, known):
    law = laws_with(scenario, known.vintage)["fabs.expansion_cost"]
    assert (law.kind, law.low, law.high) == ("loguniform", 13_000.0, 40_000.0)


def entry(path):
    return load_registry().parameters[path]


def source_of(path):
    return entry(path).source
