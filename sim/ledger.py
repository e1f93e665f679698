"""The ledger: every payment has a payer and a payee, and both sides of each are posted.

Amounts are rounded to a binary quantum, so sums of postings are exact in float64 and do not depend
on their order, and a residual of exactly zero is a meaningful test. One dollar is exact up to
4.5e15 USD, some forty times the world's yearly product, and far below any price times any volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from agents.columns import Floats
from agents.population import Population
from agents.relation import Relation
from sim.errors import InvariantError
from sim.kernels import total

Agents = Population[Any]
EXPENSE = "equity"
INCOME = "equity"


class Ledger:
    """Balance sheets of all populations, and this month's flows by instrument and sector.

    An agent's accounts are columns of its population that declare a side (asset, liability or
    equity). Equity only moves by what is posted to it; it is never the remainder, or the identity
    assets = liabilities + equity could not fail.
    """

    def __init__(self, populations: Sequence[Agents], quantum: float = 1.0) -> None:
        self.populations = tuple(populations)
        self.quantum = quantum
        self.limit = quantum * 2.0**52
        self.month = "opening"
        self.paid: dict[str, dict[str, Floats]] = {}
        self.received: dict[str, dict[str, Floats]] = {}
        self._opening_cash: Floats | None = None

    def open(self, population: Agents, account: str, amount: Floats | float) -> None:
        """Put `amount` on an account before the first month, against equity.

        Raises InvariantError if a month has begun.
        """
        if self._opening_cash is not None:
            self._refuse(f"{population.name}.{account}", 0.0, 0, "opened after the first month")
        rounded = np.broadcast_to(self.rounded(amount), population.cash.shape)
        self._move(population, account, rounded, 1.0)
        sign = 1.0 if population.declared[account].side == "asset" else -1.0
        np.add(population.equity, sign * rounded, out=population.equity)

    def begin_month(self, label: str) -> None:
        """Start a month: its flows are empty, and the first month fixes the money in existence."""
        if self._opening_cash is None:
            self._opening_cash = self._all_cash()
        self.month = label
        self.paid = {}
        self.received = {}

    def rounded(self, amount: Floats | float) -> Floats:
        """The amount in whole quanta."""
        return np.rint(np.asarray(amount) / self.quantum) * self.quantum

    def pay(
        self,
        instrument: str,
        amount: Floats,
        payer: Agents,
        payee: Agents,
        *,
        along: Relation | None = None,
        for_: str = EXPENSE,
        by: str = INCOME,
    ) -> Floats:
        """Post a payment and return it rounded.

        amount: USD, not negative; (runs, edges) with `along`, else (runs, rows), where payer or
        payee has that many rows and the other as many or one.
        Along a relation money moves from goal to origin, against the goods, or the other way where
        the origin pays; within one population it moves against the goods.
        for_: the payer's account that the payment changes: an asset rises (what it buys), a debt
        falls (what it repays), equity falls (an expense). by: the payee's account: equity rises
        (income, or shares issued), a debt rises (a loan taken), an asset falls (what it sells).
        Raises InvariantError for an amount that is negative or not finite.
        """
        rounded = self.rounded(amount)
        self._check_amount(instrument, rounded)
        if along is None:
            out, into = _by_row(rounded, payer), _by_row(rounded, payee)
        elif payer is along.goal:
            out, into = along.to_target(rounded), along.to_source(rounded)
        else:
            out, into = along.to_source(rounded), along.to_target(rounded)
        np.subtract(payer.cash, out, out=payer.cash)
        np.add(payee.cash, into, out=payee.cash)
        self._move(payer, for_, out, 1.0 if payer.declared[for_].side == "asset" else -1.0)
        self._move(payee, by, into, -1.0 if payee.declared[by].side == "asset" else 1.0)
        self._note(self.paid, instrument, payer, out)
        self._note(self.received, instrument, payee, into)
        return rounded

    def write_off(self, population: Agents, account: str, amount: Floats) -> Floats:
        """Lower an asset against equity without a payment (depreciation, losses)."""
        rounded = self.rounded(amount)
        self._check_amount(f"write-off of {account}", rounded)
        self._move(population, account, rounded, -1.0)
        np.subtract(population.equity, rounded, out=population.equity)
        return rounded

    def residual(self) -> Floats:
        """Largest violation of an identity this month in USD, (runs,): balance sheets, money in
        existence, and payers against payees of every instrument. Exactly 0 if the books are right.
        """
        assert self._opening_cash is not None, "no month has begun"
        worst = np.abs(self._all_cash() - self._opening_cash)
        for population in self.populations:
            worst = np.maximum(worst, np.abs(self.imbalance(population)).max(axis=1, initial=0.0))
        for instrument, payers in self.paid.items():
            gap = _added(payers) - _added(self.received[instrument])
            worst = np.maximum(worst, np.abs(gap))
        return worst

    def check(self) -> Floats:
        """The residual, after naming the first account that is out of balance.

        Raises InvariantError with the month, the account, the amount and the run.
        """
        worst = self.residual()
        if not worst.any() and np.isfinite(worst).all():
            return worst
        for population in self.populations:
            gap = self.imbalance(population)
            if gap.any():
                run, row = (int(i) for i in np.argwhere(gap)[0])
                name = f"{population.name}.{population.names[row]}"
                self._refuse(name, gap[run, row], run, "assets - liabilities - equity")
        run = int(np.flatnonzero(worst)[0])
        self._refuse("all cash", worst[run], run, "money is not conserved")

    def imbalance(self, population: Agents) -> Floats:
        """assets - liabilities - equity of every agent in USD, (runs, rows)."""
        gap = np.zeros_like(population.cash)
        for column in population.declared.values():
            if column.side is not None:
                sign = 1.0 if column.side == "asset" else -1.0
                gap += sign * population.columns[column.name]
        return gap

    def _all_cash(self) -> Floats:
        added = np.zeros(self.populations[0].runs)
        for population in self.populations:
            added = added + total(population.cash)
        return added

    def _move(self, population: Agents, account: str, amount: Floats, sign: float) -> None:
        values = population.columns[account]
        np.add(values, sign * amount, out=values)
        if np.abs(values).max(initial=0.0) > self.limit:
            run, row = (int(i) for i in np.argwhere(np.abs(values) > self.limit)[0])
            name = f"{population.name}.{population.names[row]} {account}"
            self._refuse(name, values[run, row], run, "too large to be exact")

    def _check_amount(self, instrument: str, amount: Floats) -> None:
        least = amount.min(initial=0.0)
        if not least >= 0.0 or not amount.max(initial=0.0) <= self.limit:
            bad = ~((amount >= 0.0) & (amount <= self.limit))
            run, place = (int(i) for i in np.argwhere(bad)[0])
            self._refuse(instrument, amount[run, place], run, "not a payable amount")

    def _refuse(self, account: str, amount: float, run: int, why: str) -> NoReturn:
        raise InvariantError(self.month, account, float(amount), "USD", run, why)

    @staticmethod
    def _note(
        book: dict[str, dict[str, Floats]], instrument: str, population: Agents, amount: Floats
    ) -> None:
        sectors = book.setdefault(instrument, {})
        sectors[population.name] = sectors.get(population.name, 0.0) + total(amount)


def _by_row(amount: Floats, population: Agents) -> Floats:
    """Amounts by row of a population: as they are, or all of them on its only row."""
    return amount if amount.shape[1] == len(population) else total(amount)[:, None]


def _added(sectors: dict[str, Floats]) -> Floats:
    added: Floats = np.zeros(1)
    for amount in sectors.values():
        added = added + amount
    return added
