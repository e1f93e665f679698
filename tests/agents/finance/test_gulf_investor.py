"""Sovereign funds: income, caution, what they pledge, and which assets they sell for it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.finance.gulf_investor import GulfInvestor
from sim.config.registry import load_registry

part = st.floats(0.0, 1.0)

# ---- income and risk -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("volume", "gain", "index"),
    [
        (1.0, 3.0, 1.0),
        (0.5, 3.0, 1.25),  # half the volume at 2.5 times the price
        (0.5, 0.0, 0.5),
        (0.1, 1.0, 0.19),
        (0.0, 3.0, 0.0),
        (1.2, 3.0, 1.2),  # more than the starting volume does not lower the price
    ],
)
def test_income_is_volume_times_the_price_that_its_loss_makes(agent_of, volume, gain, index):
    fund = agent_of(GulfInvestor, oil_volume_left=volume, oil_price_gain=gain)
    assert fund.earn() == pytest.approx(index)


def risk_after(agent_of, months, *, start, peace=0.05, decay=0.1, attacks=0.0):
    risk = start
    for _ in range(months):
        fund = agent_of(
            GulfInvestor, risk=risk, risk_peace=peace, risk_decay=decay, attacks=attacks
        )
        risk = float(fund.weigh_risk())
    return risk


def test_caution_after_an_attack_halves_in_about_seven_months(agent_of):
    # ln 2 / -ln 0.9 = 6.58 months.
    assert load_registry().columns("gulf")["risk_decay"].value == 0.1
    added = [risk_after(agent_of, months, start=0.45) - 0.05 for months in (6, 7, 14)]
    assert added[0] > 0.2 > added[1]
    assert added[2] == pytest.approx(0.4 * 0.9**14)


def test_attacks_add_to_it_at_once_and_never_beyond_everything(agent_of):
    assert risk_after(agent_of, 1, start=0.05, attacks=0.3) == pytest.approx(0.35)
    assert risk_after(agent_of, 9, start=0.05, attacks=0.3) == 1.0


@given(start=part, peace=part, decay=part)
def test_without_attacks_risk_moves_toward_that_of_peace(agent_of, start, peace, decay):
    after = risk_after(agent_of, 1, start=start, peace=peace, decay=decay)
    assert min(start, peace) - 1e-12 <= after <= max(start, peace) + 1e-12


# ---- pledges -------------------------------------------------------------------------------------

FUND = {
    "ai_flow": 24.0,
    "income_index": 1.0,
    "risk": 0.1,
    "risk_peace": 0.1,
    "portfolio": 1000.0,
    "assets_frozen": 0.0,
    "liquidation_max": 0.012,
    "distress": 0.0,
}
"""2 a month for AI; of 1,000 other assets it would sell 1 a month for it."""


@pytest.mark.parametrize(
    ("change", "pledged"),
    [
        ({}, 2.0),  # flow x income x (1 - risk) / (1 - risk of peace)
        ({"risk": 0.55}, 1.0),
        ({"risk": 1.0}, 0.0),
        ({"income_index": 1.5}, 3.0),
        ({"income_index": 0.8}, 2.0),  # the missing 0.4 comes from other assets
        ({"income_index": 0.2}, 1.4),  # of the missing 1.6 they give 1 at most
        ({"income_index": 0.2, "risk": 0.55}, 1.0),  # 1 wanted: 0.2, and 0.8 of assets
        ({"income_index": 0.2, "liquidation_max": 0.0}, 0.4),
        ({"income_index": 0.2, "assets_frozen": 0.5}, 0.9),
        ({"income_index": 0.2, "assets_frozen": 1.0}, 0.4),
        ({"distress": 1.0}, 0.0),
    ],
)
def test_pledges_by_hand(agent_of, change, pledged):
    assert agent_of(GulfInvestor, **{**FUND, **change}).pledge() == pytest.approx(pledged)


def test_the_calm_flow_is_what_it_pledges_in_peace_at_the_starting_income(agent_of):
    fund = agent_of(GulfInvestor, **FUND)
    assert fund.calm_flow() == fund.pledge() == 2.0


@given(
    income=st.floats(0.0, 1.0),
    risk=st.floats(0.1, 1.0),
    frozen=part,
    limit=st.floats(0.0, 0.5),
    worse=st.floats(0.0, 1.0),
)
def test_a_pledge_never_exceeds_the_calm_flow_nor_rises_with_risk(
    agent_of, income, risk, frozen, limit, worse
):
    state = {"income_index": income, "assets_frozen": frozen, "liquidation_max": limit}
    fund = agent_of(GulfInvestor, **{**FUND, **state, "risk": risk})
    assert 0.0 <= fund.pledge() <= fund.calm_flow() * (1 + 1e-12)
    # Beyond what income pays, sales of a month stay below their yearly limit over twelve.
    by_income = fund.calm_flow() * (1.0 - risk) / 0.9 * income
    assert fund.pledge() - by_income <= 1000.0 * (1.0 - frozen) * limit / 12.0 + 1e-9
    riskier = agent_of(GulfInvestor, **{**FUND, **state, "risk": min(risk + worse, 1.0)})
    assert riskier.pledge() <= fund.pledge() + 1e-12


# ---- cash and other assets -----------------------------------------------------------------------

CASH = {
    "cash": 50.0,
    "cash_months": 3.0,
    "budget": 96.0,
    "ai_flow": 24.0,
    "pledges_due": 5.0,
    "portfolio": 1000.0,
    "assets_frozen": 0.0,
}
"""Three months of 120 a year are 30, and 5 are due."""


@pytest.mark.parametrize(
    ("change", "sold", "bought"),
    [
        ({}, 0.0, 15.0),
        ({"cash": 35.0}, 0.0, 0.0),
        ({"cash": 10.0}, 25.0, 0.0),
        ({"cash": 10.0, "assets_frozen": 0.99}, 10.0, 0.0),
        ({"cash": 10.0, "assets_frozen": 1.0}, 0.0, 0.0),
        ({"cash": 0.0, "pledges_due": 400.0}, 430.0, 0.0),
    ],
)
def test_other_assets_are_sold_and_bought_around_the_cash_it_wants(agent_of, change, sold, bought):
    fund = agent_of(GulfInvestor, **{**CASH, **change})
    assert fund.cash_wanted() == 30.0 + fund.pledges_due
    assert fund.sell_assets() == pytest.approx(sold)
    assert fund.buy_assets() == pytest.approx(bought)


@given(cash=st.floats(0.0, 1e12), due=st.floats(0.0, 1e12), frozen=part)
def test_it_never_sells_more_than_it_may_nor_sells_and_buys_at_once(agent_of, cash, due, frozen):
    change = {"cash": cash, "pledges_due": due, "assets_frozen": frozen}
    fund = agent_of(GulfInvestor, **{**CASH, **change})
    assert min(fund.sell_assets(), fund.buy_assets()) == 0.0
    assert fund.sell_assets() <= fund.free_assets() <= 1000.0
    assert fund.buy_assets() <= cash


@pytest.mark.parametrize(
    ("rule", "level", "growth"),
    [("grow_flow", "ai_flow", "flow_growth"), ("grow_budget", "budget", "budget_growth")],
)
def test_flow_and_budget_grow_by_their_yearly_rate_in_twelve_months(agent_of, rule, level, growth):
    value = 100.0
    for _ in range(12):
        value = float(getattr(agent_of(GulfInvestor, **{level: value, growth: 0.2}), rule)())
    assert value == pytest.approx(120.0)
    assert math.isclose(getattr(agent_of(GulfInvestor, **{level: 0.0, growth: 0.2}), rule)(), 0.0)
