"""Firms: what profit is made of, what is taxed, and that every account has a place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.finance.firm import Firm
from agents.framework.columns import columns_of
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter

COSTS = (
    *("cost_of_revenue", "research_cost", "staff_cost", "stock_pay", "sales_cost"),
    *("administration_cost", "partner_share", "interest_cost", "depreciation", "write_offs"),
    "outlays",
)
"""Every cost before tax."""
CALM = dict.fromkeys(COSTS, 0.0) | {"revenue": 100.0, "gains": 0.0, "tax_rate": 0.2}


def test_costs_before_tax_are_all_expenses_but_taxes():
    expenses = {name for name, c in columns_of(Firm).items() if c.line == "expense"}
    assert expenses == {*COSTS, "taxes"}


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_lowers_profit_by_its_amount(agent_of, cost):
    assert agent_of(Firm, **{**CALM, cost: 7.0}).profit() == 93.0


def test_gains_are_profit_and_income_that_comes_taxed_is_not(agent_of):
    assert agent_of(Firm, **CALM, income=1e9).profit() == 100.0
    assert agent_of(Firm, **{**CALM, "gains": 25.0}).profit() == 125.0


@pytest.mark.parametrize(("loss", "tax"), [(0.0, 20.0), (50.0, 10.0), (100.0, 0.0), (900.0, 0.0)])
def test_profit_is_taxed_and_a_loss_is_not_paid_for(agent_of, loss, tax):
    assert agent_of(Firm, **{**CALM, "write_offs": loss}).pay_taxes() == pytest.approx(tax)


@given(revenue=st.floats(0.0, 1e12), cost=st.floats(0.0, 1e12), rate=st.floats(0.0, 1.0))
def test_tax_never_exceeds_profit(agent_of, revenue, cost, rate):
    firm = agent_of(Firm, **{**CALM, "revenue": revenue, "staff_cost": cost, "tax_rate": rate})
    assert 0.0 <= firm.pay_taxes() <= max(firm.profit(), 0.0)


@pytest.mark.parametrize("kind", [Lab, ChipFab, DataCenter])
def test_claims_and_debts_of_every_firm_stand_on_their_side(kind):
    side = {name: column.side for name, column in columns_of(kind).items()}
    assets = {name for name, s in side.items() if s == "asset"}
    assert {"cash", "receivables", "prepayments"} <= assets
    owed = {name for name, s in side.items() if s == "liability"}
    assert owed == {"payables", "advances", "debt"}


def test_lasting_assets_are_investments_and_stocks_of_trade_are_not():
    activity = {
        name: column.activity
        for kind in (DataCenter, ChipFab)
        for name, column in columns_of(kind).items()
        if name.endswith("_book") and column.posted
    }
    assert activity == {
        **dict.fromkeys(("chips_book", "sites_book", "plant_book"), "investing"),
        "inventory_book": "operating",
    }
