"""Demand for compute from elsewhere: it grows, hears news, and answers to the rent."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.demand.elsewhere import Elsewhere

DEMAND = {
    "base_demand": 1000.0,
    "rent": 2.2,
    "start_rent": 2.2,
    "price_elasticity": 1.1,
    "news": 0.0,
    "demand_loss": 0.0,
}


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, 1000.0),
        ({"rent": 4.4}, 466.5),  # 2^-1.1
        ({"rent": 1.1}, 2143.5),  # 2^1.1
        ({"price_elasticity": 0.0, "rent": 9.9}, 1000.0),
        ({"news": math.log(1.2)}, 1200.0),
        ({"demand_loss": 0.6}, 400.0),
        ({"demand_loss": 1.0}, 0.0),
    ],
)
def test_hours_wanted(agent_of, change, wanted):
    assert agent_of(Elsewhere, **{**DEMAND, **change}).want_hours() == pytest.approx(
        wanted, rel=1e-4
    )


@given(rent=st.floats(0.0, 100.0), more=st.floats(0.0, 100.0), elasticity=st.floats(0.0, 2.0))
def test_a_dearer_hour_is_never_wanted_more_and_demand_stays_finite(
    agent_of, rent, more, elasticity
):
    change = {**DEMAND, "price_elasticity": elasticity}
    low = agent_of(Elsewhere, **{**change, "rent": rent}).want_hours()
    high = agent_of(Elsewhere, **{**change, "rent": rent + more}).want_hours()
    assert 0.0 <= high <= low * (1 + 1e-12)
    assert math.isfinite(low)  # even where the rent is nothing


def test_base_demand_grows_by_the_yearly_rate(agent_of):
    elsewhere = agent_of(Elsewhere, base_demand=1000.0, growth=0.6)
    assert elsewhere.grow_demand() == pytest.approx(1000.0 * math.exp(0.05))


def test_growth_closes_the_gap_to_the_long_run_in_its_time(agent_of):
    growth = 0.95
    for _ in range(22):
        growth = float(
            agent_of(
                Elsewhere, growth=growth, growth_long_run=0.28, growth_decay_months=22.0
            ).slow_growth()
        )
    # (1 - 1/22)^22 = 0.359 of the gap is left.
    assert growth == pytest.approx(0.28 + 0.67 * 0.3594, abs=1e-3)


def test_news_last_and_fade(agent_of):
    listener = agent_of(
        Elsewhere, news=0.1, demand_memory=0.9, demand_volatility=0.01, luck_news=-2.0
    )
    assert listener.hear_news() == pytest.approx(0.07)  # 0.09 - 0.02
    calm = agent_of(Elsewhere, news=0.0, demand_memory=0.9, demand_volatility=0.0, luck_news=3.0)
    assert calm.hear_news() == 0.0
