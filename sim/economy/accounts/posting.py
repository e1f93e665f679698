"""Postings: the accounts, lines and parts of the cash flow that rise, and those that fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from agents.framework.columns import Column, Floats
from agents.framework.population import Population

Means = Literal["cash", "account", "deposit", "shares"]
MEANS: dict[Means, tuple[tuple[str, float], tuple[str, float]]] = {
    "cash": (("cash", -1.0), ("cash", 1.0)),
    "account": (("payables", 1.0), ("receivables", 1.0)),
    "deposit": (("prepayments", -1.0), ("advances", -1.0)),
    "shares": (("paid_in", 1.0), ("shares", 1.0)),
}
"""The means of a payment: an account of the payer, an account of the payee, and the sign of
each."""
ACTIVITIES = ("operating_cash", "investing_cash", "financing_cash")
"""The parts of the cash-flow statement, for populations that have one."""


class Posting(NamedTuple):
    """Columns of a population that an amount is added to, and those that it is taken from."""

    rise: tuple[str, ...]
    fall: tuple[str, ...]

    def write(self, population: Population[Any], amount: Floats) -> None:
        """Post an amount in USD, (runs, rows)."""
        for name in self.rise:
            held = population.columns[name]
            np.add(held, amount, out=held)
        for name in self.fall:
            held = population.columns[name]
            np.subtract(held, amount, out=held)

    def balance(self, population: Population[Any]) -> Floats:
        """All that rises less all that falls, (runs, rows) in USD."""
        added = np.zeros(population.alive.shape)
        for name in self.rise:
            added += population.columns[name]
        for name in self.fall:
            added -= population.columns[name]
        return added


class LedgerColumns(NamedTuple):
    """The columns of a population that the ledger writes.

    sheet: assets rise, liabilities and equity fall; they balance at 0. statement: what raises
    equity, and what lowers it. month: what starts every month at 0.
    """

    sheet: Posting
    statement: Posting
    month: tuple[str, ...]

    @property
    def accounts(self) -> tuple[str, ...]:
        """All accounts."""
        return self.sheet.rise + self.sheet.fall


def ledger_columns(declared: Mapping[str, Column]) -> LedgerColumns:
    """The chart of a population with such columns."""
    sided = {name: column.side for name, column in declared.items() if column.side is not None}
    lines = {name: column.line for name, column in declared.items() if column.line is not None}
    raising = tuple(name for name, line in lines.items() if line in ("income", "paid_in"))
    assets = tuple(name for name, side in sided.items() if side == "asset")
    return LedgerColumns(
        Posting(assets, tuple(name for name in sided if name not in assets)),
        Posting(raising, tuple(name for name in lines if name not in raising)),
        (*lines, *(name for name in ACTIVITIES if name in declared)),
    )


def purpose(declared: Mapping[str, Column], name: str, *, giving: bool) -> Posting:
    """The purpose of an amount, for the payer or the payee: an account, or a line and with it
    equity."""
    column = declared[name]
    if column.line is not None:
        return Posting((name,), ("equity",)) if giving else Posting((name, "equity"), ())
    rises = (column.side == "asset") == giving
    return Posting((name,), ()) if rises else Posting((), (name,))


def payment(declared: Mapping[str, Column], name: str, means: Means, *, giving: bool) -> Posting:
    """One side of a payment: its purpose, what it is paid or got with, and cash under the activity
    of its purpose."""
    given, got = MEANS[means]
    account, sign = given if giving else got
    moved = [account]
    if declared[account].line is not None:
        moved.append("equity")
    activity = f"{declared[name].activity}_cash"
    if means == "cash" and activity in declared:
        moved.append(activity)
    rise, fall = purpose(declared, name, giving=giving)
    return Posting((*rise, *moved), fall) if sign > 0.0 else Posting(rise, (*fall, *moved))
