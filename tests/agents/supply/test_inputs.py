"""Inputs of chip making: what is made, what it costs in a shortage, and how fast makers expand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.supply.inputs import Input

HELIUM = {
    "supply": 1.0,
    "needed": 0.02,
    "other_demand": 0.98,
    "other_elasticity": 0.3,
    "calm_price": 100.0,
    "shortage_price_max": 10.0,
}
"""Chips take 2 % of a supply that covers all."""


@pytest.mark.parametrize(
    ("gulf_loss", "other_loss", "supply"),
    [(0.0, 0.0, 1.0), (1.0, 0.0, 0.67), (0.5, 0.0, 0.835), (1.0, 0.1, 0.603), (0.0, 1.0, 0.0)],
)
def test_supply_loses_the_gulfs_share_and_any_other(agent_of, gulf_loss, other_loss, supply):
    # The Gulf makes a third of the world's helium [helium-gulf-share].
    maker = agent_of(
        Input,
        capacity=1.0,
        gulf_share=0.33,
        helium_gulf_loss=gulf_loss,
        supply_loss=other_loss,
    )
    assert maker.produce() == pytest.approx(supply)


@pytest.mark.parametrize(
    ("change", "price"),
    [
        ({}, 100.0),
        ({"needed": 0.0}, 100.0),  # never below the calm price
        # 0.67 - 0.02 = 0.65 left for a demand of 0.98: (0.98 / 0.65)^(1 / 0.3) = 3.93.
        ({"supply": 0.67}, 393.0),
        ({"supply": 0.5}, 1000.0),  # (0.98 / 0.48)^(3.33) = 10.8: the highest price holds
        ({"supply": 0.01}, 1000.0),  # not even fabs are served
        ({"supply": 0.0}, 1000.0),
        ({"supply": 0.01, "other_demand": 0.0}, 100.0),  # nobody else to outbid
    ],
)
def test_price_is_what_makes_other_users_leave(agent_of, change, price):
    assert agent_of(Input, **{**HELIUM, **change}).set_price() == pytest.approx(price, rel=1e-3)


@given(supply=st.floats(1e-6, 2.0), less=st.floats(0.0, 1.0), needed=st.floats(0.0, 2.0))
def test_a_shortage_never_makes_the_input_cheaper(agent_of, supply, less, needed):
    plenty = agent_of(Input, **{**HELIUM, "supply": supply, "needed": needed}).set_price()
    short = agent_of(
        Input, **{**HELIUM, "supply": supply * (1.0 - less), "needed": needed}
    ).set_price()
    assert 100.0 <= plenty <= short <= 1000.0


def test_users_leave_until_what_is_left_suffices(agent_of):
    # Below the ceiling, demand at the posted price, 0.98 x (p / p0)^-0.3, is just what is left.
    maker = agent_of(Input, **{**HELIUM, "supply": 0.8})
    assert 0.98 * (float(maker.set_price()) / 100.0) ** -0.3 == pytest.approx(0.78)


def test_the_calm_price_falls_by_its_yearly_trend(agent_of):
    price = 1500.0
    for _ in range(12):
        price = float(agent_of(Input, calm_price=price, price_trend=0.2).set_calm_price())
    assert price == pytest.approx(1200.0)


@pytest.mark.parametrize(
    ("planned", "others", "capacity"),
    [
        (900.0, 0.0, 1000.0),  # 900 x 1.1 = 990: nothing is torn down
        (940.0, 0.0, 1034.0),  # 940 x 1.1
        (900.0, 60.0, 1056.0),  # (900 + 60) x 1.1
        (2000.0, 0.0, 1070.0),  # at most 7 % a month
    ],
)
def test_makers_expand_towards_plans_and_never_shrink(agent_of, planned, others, capacity):
    maker = agent_of(
        Input,
        capacity=1000.0,
        planned_need=planned,
        other_demand=others,
        spare_share=0.1,
        expansion_max_per_month=0.07,
    )
    assert maker.expand() == pytest.approx(capacity)
