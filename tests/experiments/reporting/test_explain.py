from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from experiments.reporting.explain import LEAST, TOP, card, effects, effects_text, in_force
from sim import load_scenario
from sim.config.registry import load_registry

Ask = Callable[..., Any]


def test_the_card_says_where_a_value_comes_from(ask: Ask) -> None:
    answer = ask("explain", "regions.gas_pass_through", "--no-measure")
    assert (answer.code, answer.err) == (0, "")
    entry = load_registry().parameters["regions.gas_pass_through"]
    assert answer.out.startswith("regions.gas_pass_through = ")
    for word in (entry.source, entry.kind, entry.distribution, *entry.shown_in, "europe"):
        assert word in answer.out
    assert max(map(len, answer.out.splitlines())) <= 100


def test_it_measures_what_a_parameter_moves(ask: Ask) -> None:
    answer = ask("explain", "fleets.capex_share")
    assert answer.code == 0
    assert "16 runs a value, same draws" in answer.out
    assert "compute_stock_h100e" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 100


def test_effects_are_sorted_and_signed() -> None:
    found = effects(load_scenario("baseline", months=6), "fleets.capex_share")
    sizes = [effect.size for effect in found]
    assert sizes == sorted(sizes, reverse=True)
    capex = next(effect for effect in found if effect.metric == "capex_usd")
    assert capex.at_low < capex.at_high
    assert capex.low <= capex.change <= capex.high
    assert capex.change == pytest.approx(capex.at_high / capex.at_low - 1.0, rel=0.1)


@pytest.mark.parametrize("path", ["labs.size_elasticity", "customers.capability_slope"])
def test_parameters_of_labs_and_customers_are_measured(ask: Ask, path: str) -> None:
    answer = ask("explain", path)
    assert (answer.code, answer.err) == (0, "")
    assert "mean of the last 12 months" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 100
    assert "e+" not in answer.out
    assert "etn" not in answer.out


def test_a_parameter_of_the_start_is_measured_too() -> None:
    paths = [p.path for p in load_registry().parameters.values() if p.applies == "start"]
    path = next(p for p in paths if p.endswith("rent_start"))
    assert abs(effects(load_scenario("baseline", months=3), path)[0].change) > LEAST


def test_a_parameter_that_rests_in_the_baseline_is_shown_where_it_acts() -> None:
    text = effects_text(load_scenario("baseline"), "regions.gas_pass_through")
    assert load_scenario("hormuz_closure").title in text or "Nothing" in text
    assert len(text.splitlines()) <= TOP + 3


def test_a_parameter_that_the_event_sets_is_measured_in_the_baseline() -> None:
    text = effects_text(load_scenario("baseline"), "inputs.helium_gulf_loss")
    assert text.startswith('What it moves most in "Baseline"')


@pytest.mark.parametrize(
    ("overlay", "path", "why"),
    [
        ({}, "fleets.wacc", "the default"),
        ({}, "regions.us.power_price_start", "the default"),
        ({}, "fleets.microsoft_us.wacc", "the default of "),
        ({"fleets.wacc": 0.11}, "fleets.wacc", "set by"),
        ({"fleets.wacc": 0.11}, "fleets.microsoft_us.wacc", "through fleets.wacc"),
    ],
)
def test_the_narrowest_decides(overlay: dict[str, float], path: str, why: str) -> None:
    scenario = load_scenario("baseline", set=overlay)
    value, told = in_force(scenario, path)
    assert why in told
    assert value == (0.11 if overlay else load_registry().find(path, scenario.rows).value)


def test_a_value_of_its_own_is_an_exception() -> None:
    scenario = load_scenario("baseline", set={"fleets.microsoft_us.wacc": 0.123})
    assert "microsoft_us 0.123" in card(scenario, "fleets.wacc")
