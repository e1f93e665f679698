"""Regions: gas shocks reach the power price through exposure and pass-through; supply grows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.supply.region import Region

shares = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("loss", "exposure", "index"),
    [
        (0.0, 1.0, 1.0),
        (0.2, 1.0, 1.7),  # a fifth of LNG lost: gas 70 % dearer [gas-price-flexibility]
        (0.2, 0.0, 1.0),  # the US neither burns LNG nor pays its price [us-gas-price-shock]
        (0.1, 0.5, 1.175),
    ],
)
def test_gas_price_follows_the_lng_that_is_lost(agent_of, loss, exposure, index):
    region = agent_of(
        Region, gas_price_flexibility=3.5, lng_supply_loss=loss, lng_exposure=exposure
    )
    assert region.set_gas_price() == pytest.approx(index)


@pytest.mark.parametrize(
    ("gas", "pass_through", "price"),
    [
        (1.0, 0.6, 0.11),
        (1.7, 0.6, 0.1562),  # 0.11 x (1 + 0.6 x 0.7)
        (1.7, 0.03, 0.11231),  # China burns little gas [gas-share-power-china]
        (1.7, 1.0, 0.187),  # gas sets the price of all power
    ],
)
def test_power_price_follows_gas(agent_of, gas, pass_through, price):
    region = agent_of(
        Region, power_price_start=0.11, gas_price_index=gas, gas_pass_through=pass_through
    )
    assert region.set_power_price() == pytest.approx(price)


@given(loss=shares, exposure=shares, pass_through=shares, flexibility=st.floats(0.0, 50.0))
def test_power_never_rises_by_more_than_gas(agent_of, loss, exposure, pass_through, flexibility):
    gas = agent_of(
        Region, gas_price_flexibility=flexibility, lng_supply_loss=loss, lng_exposure=exposure
    ).set_gas_price()
    power = agent_of(
        Region, power_price_start=1.0, gas_price_index=gas, gas_pass_through=pass_through
    ).set_power_price()
    assert 1.0 <= power <= gas + 1e-12


def test_new_power_grows_by_its_yearly_rate(agent_of):
    scale = 1.0
    for _ in range(12):
        region = agent_of(Region, power_supply_scale=scale, new_power_growth=0.1)
        scale = float(region.grow_power_supply())
    assert scale == pytest.approx(math.exp(0.1))
