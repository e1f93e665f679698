"""The capital market keeps its working balance: savers fill it and receive what is above."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.capital_market import CapitalMarket


@pytest.mark.parametrize(
    ("cash", "drawn", "paid"), [(70.0, 30.0, 0.0), (100.0, 0.0, 0.0), (160.0, 0.0, 60.0)]
)
def test_savings_and_incomes_close_the_gap(agent_of, cash, drawn, paid):
    market = agent_of(CapitalMarket, cash=cash, cash_target=100.0)
    assert (market.draw_savings(), market.pay_savers()) == (drawn, paid)


@given(cash=st.floats(-1e14, 1e14), target=st.floats(0.0, 1e14))
def test_the_balance_returns_to_its_target_and_never_moves_both_ways(agent_of, cash, target):
    market = agent_of(CapitalMarket, cash=cash, cash_target=target)
    drawn, paid = market.draw_savings(), market.pay_savers()
    assert min(drawn, paid) == 0.0
    assert cash + drawn - paid == pytest.approx(target, abs=0.1)
