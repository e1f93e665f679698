"""Lessors: what may still be signed ahead, and what contracts mean for plans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.supply.lessor import Lessor


@pytest.mark.parametrize(("signed", "left"), [(0.0, 150.0), (100.0, 50.0), (200.0, 0.0)])
def test_hours_signed_ahead_stay_below_a_multiple_of_those_offered(agent_of, signed, left):
    fleet = agent_of(Lessor, forward_limit=1.5, offered=100.0, forward_hours=signed)
    assert fleet.offer_forward_hours() == left


@pytest.mark.parametrize(
    ("signed", "coming", "part"), [(0.0, 0.0, 0.0), (3.0, 12.0, 0.25), (12.0, 3.0, 1.0)]
)
def test_the_next_hours_are_sold_ahead_as_far_as_signed(agent_of, signed, coming, part):
    fleet = agent_of(Lessor, forward_hours=signed, coming_hours=coming)
    assert fleet.sold_ahead() == pytest.approx(part)


CONTRACTS = {"forward_hours": 100.0, "idle_hours": 10.0, "coming_hours": 60.0, "called_off": 0.0}


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        ({}, 30.0),
        ({"coming_hours": 200.0}, 0.0),
        ({"called_off": 12.0}, 18.0),
        ({"coming_hours": 200.0, "called_off": 12.0}, -12.0),
    ],
)
def test_hours_to_build_are_signed_beyond_what_comes_less_those_called_off(agent_of, change, hours):
    assert agent_of(Lessor, **{**CONTRACTS, **change}).hours_to_build() == pytest.approx(hours)


@given(memory=st.floats(1.0, 120.0), hours=st.floats(0.0, 1e12))
def test_what_was_called_off_fades(agent_of, memory, hours):
    fleet = agent_of(Lessor, called_off=hours, call_off_memory_months=memory)
    assert fleet.remember_called_off() == pytest.approx(hours * (1.0 - 1.0 / memory))


def test_leases_offer_a_share_of_what_is_free_at_a_discount(agent_of):
    fleet = agent_of(
        Lessor, uncommitted=50.0, lease_offer_share=0.2, lease_discount=0.68, expected_rent=2.5
    )
    assert fleet.offer_lease_hours() == pytest.approx(10.0)
    assert fleet.set_lease_price() == pytest.approx(1.7)
