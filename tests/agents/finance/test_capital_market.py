"""The capital market: savers close its accounts, and its pool for labs fills month by month."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.finance.capital_market import CapitalMarket


@pytest.mark.parametrize(
    ("cash", "drawn", "paid"), [(-30.0, 30.0, 0.0), (0.0, 0.0, 0.0), (60.0, 0.0, 60.0)]
)
def test_savings_and_incomes_close_the_gap(agent_of, cash, drawn, paid):
    market = agent_of(CapitalMarket, cash=cash)
    assert (market.draw_savings(), market.pay_savers()) == (drawn, paid)


@given(cash=st.floats(-1e14, 1e14))
def test_nothing_stays_with_the_market_and_money_never_moves_both_ways(agent_of, cash):
    market = agent_of(CapitalMarket, cash=cash)
    drawn, paid = market.draw_savings(), market.pay_savers()
    assert min(drawn, paid) == 0.0
    assert cash + drawn - paid == 0.0


# ---- the pool ------------------------------------------------------------------------------------

POOL = {
    "lab_pool": 120.0,
    "pool_scale": 2.0,
    "pool_memory_months": 12.0,
    "pool": 50.0,
    "replaced": 0.5,
    "gulf_missing": 8.0,
}
"""Twice 120 a year is 20 a month, of which at most 240 wait."""


@pytest.mark.parametrize(
    ("change", "pool"),
    [
        ({}, 74.0),  # 50 + 20, and half of 8
        ({"pool": 230.0}, 244.0),  # at most a year of it waits; what replaces comes on top
        ({"pool": 900.0, "replaced": 0.0}, 240.0),
        ({"lab_pool": 0.0}, 4.0),
        ({"pool_memory_months": 1.0, "pool": 900.0, "gulf_missing": 0.0}, 20.0),
    ],
)
def test_what_is_not_placed_waits_up_to_its_memory(agent_of, change, pool):
    assert agent_of(CapitalMarket, **{**POOL, **change}).fill_pool() == pytest.approx(pool)


def test_the_pool_grows_by_its_yearly_rate_in_twelve_months(agent_of):
    scale = 1.0
    for _ in range(12):
        market = agent_of(CapitalMarket, pool_scale=scale, lab_pool_growth=0.4)
        scale = float(market.grow_pool())
    assert scale == pytest.approx(1.4)


# ---- what replaces the money of the Gulf ---------------------------------------------------------


def replaced_after(agent_of, months, *, start=0.0, missing=1.0, share=0.8, constant=6.0):
    part = start
    for _ in range(months):
        market = agent_of(
            CapitalMarket,
            replaced=part,
            gulf_missing=missing,
            gulf_substitution=share,
            substitution_months=constant,
        )
        part = float(market.replace_gulf())
    return part


def test_others_replace_missing_money_with_a_time_constant(agent_of):
    # A sixth of the gap to 0.8 closes each month: 0.8 (1 - (5/6)^n).
    for months in (1, 6, 24):
        expected = 0.8 * (1.0 - (5.0 / 6.0) ** months)
        assert replaced_after(agent_of, months) == pytest.approx(expected)


def test_replacement_ends_when_the_money_flows_again(agent_of):
    left = replaced_after(agent_of, 12, start=0.8, missing=0.0)
    assert left == pytest.approx(0.8 * (5.0 / 6.0) ** 12)
    assert replaced_after(agent_of, 12, missing=0.0) == 0.0


@given(
    start=st.floats(0.0, 1.0),
    share=st.floats(0.0, 1.0),
    constant=st.floats(0.0, 60.0),
    missing=st.sampled_from([0.0, 5.0]),
)
def test_the_part_replaced_stays_between_where_it_was_and_where_it_goes(
    agent_of, start, share, constant, missing
):
    goal = share if missing else 0.0
    after = replaced_after(
        agent_of, 1, start=start, missing=missing, share=share, constant=constant
    )
    assert min(start, goal) - 1e-12 <= after <= max(start, goal) + 1e-12
    assert math.isfinite(after)
