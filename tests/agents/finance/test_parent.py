"""Parents: what they may pledge to labs, what they call up, and what they pass on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.finance.parent import Parent


@pytest.mark.parametrize(
    ("outside", "fleets", "budget"),
    [
        (0.0, 120.0, 3.0),  # 0.3 of 120 a year
        (240.0, 120.0, 9.0),
        (240.0, -500.0, 6.0),  # losses of fleets do not eat the rest of the business
        (0.0, -1.0, 0.0),
    ],
)
def test_its_budget_is_a_share_of_its_cash_flow(agent_of, outside, fleets, budget):
    parent = agent_of(Parent, cash_flow=outside, fleets_cash_flow=fleets, lab_budget_share=0.3)
    assert parent.lab_budget() == pytest.approx(budget)


@pytest.mark.parametrize(
    ("cash", "due", "called", "passed_on"),
    [(0.0, 70.0, 70.0, 0.0), (50.0, 70.0, 20.0, 0.0), (90.0, 70.0, 0.0, 20.0)],
)
def test_it_calls_up_what_is_missing_and_passes_on_what_is_not_due(
    agent_of, cash, due, called, passed_on
):
    parent = agent_of(Parent, cash=cash, pledges_due=due)
    assert (parent.call_up(), parent.pay_on()) == (called, passed_on)


@given(cash=st.floats(0.0, 1e12), due=st.floats(0.0, 1e12))
def test_it_never_calls_up_money_that_it_passes_on(agent_of, cash, due):
    parent = agent_of(Parent, cash=cash, pledges_due=due)
    assert min(parent.call_up(), parent.pay_on()) == 0.0
    assert cash + parent.call_up() >= due - 1e-3


def test_its_outside_business_grows_by_its_yearly_rate_in_twelve_months(agent_of):
    flow = 400.0
    for _ in range(12):
        parent = agent_of(Parent, cash_flow=flow, cash_flow_growth=0.05)
        flow = float(parent.grow_cash_flow())
    assert flow == pytest.approx(420.0)
