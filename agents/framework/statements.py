"""Statements: lines of the balance sheet, income statement and cash-flow statement of a kind.

The declarations of the columns decide it: the side of an account, the line of a flow, the activity
of cash. Live agents and results in a folder read the same chart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from agents.framework.columns import Column, Quantity

ItemPart = Literal[
    "asset",
    "liability",
    "equity",
    "income",
    "expense",
    "paid_in",
    "paid_out",
    "activity",
    "cash",
    "total",
]
Statement = dict[str, Quantity]
"""Line -> USD, in the order of the chart: a number for one agent, (runs, rows) for many."""
REST = ("income", "outlays")
"""Flows without a line of their own stand behind the others."""


class Item(NamedTuple):
    """One line of a statement: a column, or a total of the lines and columns named in `terms`, each
    with its sign. Costs, debts and what owners take out are positive, and their totals too."""

    name: str
    part: ItemPart
    meaning: str
    terms: tuple[tuple[str, float], ...] = ()


class ChartOfAccounts(NamedTuple):
    """The lines of the three statements of a kind, in order."""

    income: tuple[Item, ...]
    balance: tuple[Item, ...]
    cash: tuple[Item, ...]


def chart_of_accounts(declared: Mapping[str, Column]) -> ChartOfAccounts:
    """The chart of accounts of a kind, by its declared columns.

    A kind whose cash is not kept by activity has only its cash in the cash-flow statement.
    """
    columns = [*declared.values()]
    assets = [Item(c.name, "asset", c.meaning) for c in columns if c.side == "asset"]
    debts = [Item(c.name, "liability", c.meaning) for c in columns if c.side == "liability"]
    equity = [Item(c.name, "equity", c.meaning) for c in columns if c.side == "equity"]
    flows = [c for c in columns if c.line is not None]
    flows = [c for c in flows if c.name not in REST] + [c for c in flows if c.name in REST]
    earned = [Item(c.name, "income", c.meaning) for c in flows if c.line == "income"]
    spent = [Item(c.name, "expense", c.meaning) for c in flows if c.line == "expense"]
    paid_in = [Item(c.name, "paid_in", c.meaning) for c in flows if c.line == "paid_in"]
    paid_out = [Item(c.name, "paid_out", c.meaning) for c in flows if c.line == "paid_out"]
    moved = [
        Item(c.name, "activity", c.meaning)
        for c in columns
        if c.activity is not None and c.side is None and c.line is None
    ]
    cash = [Item(c.name, "cash", c.meaning) for c in columns if c.name == "cash"]
    return ChartOfAccounts(
        income=(
            *earned,
            Item("total_income", "total", "All income", _all(earned)),
            *spent,
            Item("total_expenses", "total", "All costs", _all(spent)),
            Item(
                "net_profit",
                "total",
                "Income less costs, after tax",
                (("total_income", 1.0), ("total_expenses", -1.0)),
            ),
            *paid_in,
            *paid_out,
            Item(
                "change_of_equity",
                "total",
                "Net profit and what owners paid in, less what they took out",
                (("net_profit", 1.0), *_all(paid_in), *_all(paid_out, -1.0)),
            ),
        ),
        balance=(
            *assets,
            Item("total_assets", "total", "All assets", _all(assets)),
            *debts,
            Item("total_liabilities", "total", "All liabilities", _all(debts)),
            *equity,
            Item(
                "liabilities_and_equity",
                "total",
                "Liabilities and equity: the same as all assets",
                (("total_liabilities", 1.0), *_all(equity)),
            ),
        ),
        cash=(
            *moved,
            *(
                [Item("change_of_cash", "total", "Cash from all activities", _all(moved))]
                if moved
                else []
            ),
            *cash,
        ),
    )


def filled(items: tuple[Item, ...], read: Callable[[str], Quantity]) -> Statement:
    """A statement: the lines as `read` gives their columns, and the totals of what stands above."""
    statement: Statement = {}
    for item in items:
        if item.part != "total":
            statement[item.name] = read(item.name)
            continue
        amount: Quantity = 0.0
        for name, sign in item.terms:
            amount = amount + sign * statement[name]
        statement[item.name] = amount
    return statement


def _all(items: list[Item], sign: float = 1.0) -> tuple[tuple[str, float], ...]:
    return tuple((item.name, sign) for item in items)
