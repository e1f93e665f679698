"""Statements follow from the columns' declarations, whatever the kind declares."""

import numpy as np
import pytest

import agents
from agents.framework.agent import EconomicAgent
from agents.framework.columns import account, columns_of, line
from agents.framework.statements import chart_of_accounts

KINDS = [getattr(agents, name) for name in agents.__all__]
METHODS = ("income_statement", "balance_sheet", "cash_flow_statement")


class Shop(EconomicAgent):
    """A kind of its own with every side and line."""

    population_name = "shops"

    stock = account("asset", "Goods at cost")
    debt = account("liability", "Money borrowed", "financing")
    sales = line("income", "Goods sold")
    rent = line("expense", "Rent paid")
    paid_in = line("paid_in", "Money from owners")
    paid_out = line("paid_out", "Money to owners")


def test_every_line_stands_where_its_column_says(agent_of):
    shop = agent_of(
        Shop,
        **{"cash": 5.0, "stock": 7.0, "debt": 4.0, "equity": 8.0},
        **{"income": 1.0, "outlays": 2.0, "sales": 10.0, "rent": 6.0},
        **{"paid_in": 3.0, "paid_out": 0.5},
    )
    assert list(shop.balance_sheet().items()) == [
        *(("cash", 5.0), ("stock", 7.0), ("total_assets", 12.0)),
        *(("debt", 4.0), ("total_liabilities", 4.0)),
        *(("equity", 8.0), ("liabilities_and_equity", 12.0)),
    ]
    assert list(shop.income_statement().items()) == [
        *(("sales", 10.0), ("income", 1.0), ("total_income", 11.0)),
        *(("rent", 6.0), ("outlays", 2.0), ("total_expenses", 8.0), ("net_profit", 3.0)),
        *(("paid_in", 3.0), ("paid_out", 0.5), ("change_of_equity", 5.5)),
    ]
    assert shop.cash_flow_statement() == {"cash": 5.0}


def test_a_view_of_many_rows_has_a_column_of_amounts_a_line(population_of):
    shops = population_of(Shop, runs=2, cash=[1.0, 2.0], stock=3.0, debt=1.0, equity=[3.0, 4.0])
    sheet = Shop.over(shops, slice(None)).balance_sheet()
    assert sheet["total_assets"].tolist() == [[4.0, 5.0]] * 2
    assert sheet["liabilities_and_equity"].tolist() == [[4.0, 5.0]] * 2
    one = Shop.over(shops, 1, run=0).balance_sheet()
    assert one == {name: np.broadcast_to(usd, (2, 2))[0, 1] for name, usd in sheet.items()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_chart_holds_every_account_and_line_once(kind):
    declared = columns_of(kind)
    lines = chart_of_accounts(declared)
    for items in lines:
        names = [item.name for item in items]
        assert len(set(names)) == len(names)
        assert all(item.meaning for item in items)
        for place, item in enumerate(items):  # a total adds up what stands above it
            assert bool(item.terms) <= (item.part == "total")
            assert {name for name, _ in item.terms} <= set(names[:place])
    told = {item.name: item for items in lines for item in items if item.part != "total"}
    money = {c.name for c in declared.values() if c.side or c.line or c.activity}
    assert set(told) == money
    for name, item in told.items():
        if name != "cash":
            assert item.part == (declared[name].side or declared[name].line or "activity")
            assert item.meaning == declared[name].meaning


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_kind_hides_a_statement_behind_a_rule(kind):
    for name in METHODS:
        assert getattr(kind, name) is getattr(EconomicAgent, name)
