"""Naive forecasts, by hand."""

from datetime import date

import pytest

from experiments.backtest.naive_forecasts import RIVALS, constant_growth, last_value, linear_trend

YEARS = [date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1)]


def test_the_last_value_stays():
    assert last_value(YEARS, [1.0, 2.0, 4.0], date(2030, 1, 1)) == 4.0


def test_growth_is_that_between_the_last_two():
    """Doubled in 365 days, so fourfold after 730 days more; the first value does not count."""
    assert constant_growth(YEARS, [9.0, 2.0, 4.0], date(2024, 12, 31)) == pytest.approx(16.0)


def test_the_line_goes_through_values_that_lie_on_one():
    found = linear_trend(YEARS, [1.0, 1.5, 2.0], date(2024, 1, 1))
    assert found == pytest.approx(2.5)


def test_the_line_is_that_of_least_squares():
    """1, 4, 4 at equal steps: mean 3, slope 1.5, so 6 one step on."""
    assert linear_trend(YEARS, [1.0, 4.0, 4.0], date(2024, 1, 1)) == pytest.approx(6.0)


def test_what_is_not_defined_is_not_forecast():
    day = date(2024, 1, 1)
    assert all(rule([], [], day) is None for rule in RIVALS.values())
    assert constant_growth(YEARS[:1], [1.0], day) is None
    assert linear_trend(YEARS[:1], [1.0], day) is None
    assert linear_trend(YEARS[:2], [3.0, 1.0], date(2025, 1, 1)) is None  # below zero by then
