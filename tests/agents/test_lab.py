"""Labs: hours wanted, leases asked for and money raised."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.compute_poor_lab import ComputePoorLab
from agents.frontier_lab import FrontierLab

BOTH = pytest.mark.parametrize("kind", [FrontierLab, ComputePoorLab])


@BOTH
def test_wanted_hours_grow_by_the_yearly_rate(agent_of, kind):
    lab = agent_of(kind, compute_wanted=1000.0, compute_growth=1.2)
    assert lab.want_compute() == pytest.approx(1000.0 * math.exp(0.1))


@given(start=st.floats(0.0, 5.0), end=st.floats(0.0, 3.0), months=st.floats(1.0, 1200.0))
def test_growth_slides_to_its_long_run_value_and_not_beyond(agent_of, start, end, months):
    lab = agent_of(
        FrontierLab,
        compute_growth=start,
        compute_growth_long_run=end,
        compute_growth_decay_months=months,
    )
    after = lab.slow_growth()
    assert min(start, end) - 1e-12 <= after <= max(start, end) + 1e-12
    # The gap shrinks by 1 / months.
    assert after - end == pytest.approx((start - end) * (1.0 - 1.0 / months), abs=1e-9)


@pytest.mark.parametrize(
    ("leased", "asked"), [(0.0, 900.0), (700.0, 200.0), (900.0, 0.0), (2000.0, 0.0)]
)
def test_leases_fill_the_gap_to_the_share_held_on_lease(agent_of, leased, asked):
    lab = agent_of(FrontierLab, compute_wanted=1000.0, lease_share=0.9, leased_hours=leased)
    assert lab.want_leases() == asked


@pytest.mark.parametrize(
    ("cash", "raised"), [(0.0, 120.0), (50.0, 70.0), (120.0, 0.0), (500.0, 0.0), (-30.0, 150.0)]
)
def test_a_lab_raises_what_tops_cash_up_to_its_runway(agent_of, cash, raised):
    # 12 months of bills of 10.
    lab = agent_of(FrontierLab, compute_bill=10.0, runway_months=12.0, cash=cash)
    assert lab.raise_equity() == raised
