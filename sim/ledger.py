"""The ledger: every posting has two sides, and both are posted.

Amounts are rounded to a binary quantum, so sums of postings are exact in float64 and do not depend
on their order, and a residual of exactly zero is a meaningful test. One dollar is exact up to
9e15 USD, some eighty times the world's yearly product, and far below any price times any volume.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NoReturn

import numpy as np

from agents.columns import Column, Floats
from agents.population import Population
from agents.relation import Relation
from sim.errors import InvariantError
from sim.kernels import total

Agents = Population[Any]
Means = Literal["cash", "account", "deposit", "shares"]
MEANS: dict[Means, tuple[tuple[str, float], tuple[str, float]]] = {
    "cash": (("cash", -1.0), ("cash", 1.0)),
    "account": (("payables", 1.0), ("receivables", 1.0)),
    "deposit": (("prepayments", -1.0), ("advances", -1.0)),
    "shares": (("paid_in", 1.0), ("shares", 1.0)),
}
"""What a payer pays with, and what the payee gets for it: an account of each, and which way it
moves."""
CLAIMS = (
    ("loans", "debt"),
    ("receivables", "payables"),
    ("prepayments", "advances"),
    ("portfolio", "portfolios"),
)
"""Accounts of claims, and the accounts of those who owe them: each pair adds up to the same."""
ACTIVITIES = ("operating_cash", "investing_cash", "financing_cash")
"""The parts of the cash-flow statement, for populations that have one."""
Flow = tuple[str, str, str]
"""Instrument, sector that pays, sector that is paid."""


class Ledger:
    """Balance sheets and statements of all populations, and the month's payments between sectors.

    An agent's accounts are columns of its population with a side of the balance sheet, its
    statement of the month columns with a line. Equity only moves by what is posted to a line; it is
    never the remainder, or the identity assets = liabilities + equity could not fail. `flows` holds
    the cash that moved this month by instrument and pair of sectors: what left the payers and what
    reached the payees, (runs,) each.
    """

    def __init__(self, populations: Sequence[Agents], quantum: float = 1.0) -> None:
        self.populations = tuple(populations)
        self.quantum = quantum
        self.limit = quantum * 2.0**53
        self.month = "opening"
        self.flows: dict[Flow, tuple[Floats, Floats]] = {}
        self._opening_cash: Floats | None = None
        self._before: dict[str, tuple[Floats, Floats]] = {}
        self._lines = {
            p.name: [c for c in p.declared.values() if c.line is not None] for p in populations
        }

    def open(self, population: Agents, account: str, amount: Floats | float) -> None:
        """Put `amount` on an account before the first month, against equity.

        Raises InvariantError if a month has begun.
        """
        if self._opening_cash is not None:
            self._refuse(f"{population.name}.{account}", 0.0, 0, "opened after the first month")
        rounded = np.broadcast_to(self.rounded(amount), population.cash.shape)
        sign = 1.0 if population.declared[account].side == "asset" else -1.0
        self._add(population, account, rounded)
        np.add(population.equity, sign * rounded, out=population.equity)

    def begin_month(self, label: str) -> None:
        """Start a month with empty statements; the first month fixes the money in existence."""
        if self._opening_cash is None:
            self._opening_cash = self._all_cash()
        self.month = label
        self.flows = {}
        for population in self.populations:
            for line in self._lines[population.name]:
                population.columns[line.name][:] = 0.0
            for activity in ACTIVITIES:
                if activity in population.declared:
                    population.columns[activity][:] = 0.0
            self._before[population.name] = (population.cash.copy(), population.equity.copy())

    def rounded(self, amount: Floats | float) -> Floats:
        """The amount in whole quanta."""
        return np.rint(np.asarray(amount) / self.quantum) * self.quantum

    def floored(self, amount: Floats) -> Floats:
        """The amount in whole quanta, not more than it is."""
        return np.floor(amount / self.quantum) * self.quantum

    def pay(
        self,
        instrument: str,
        amount: Floats,
        payer: Agents,
        payee: Agents,
        *,
        along: Relation | None = None,
        for_: str = "outlays",
        by: str = "income",
        means: Means = "cash",
    ) -> Floats:
        """Post a payment and return it rounded.

        amount: USD, not negative; (runs, edges) with `along`, else (runs, rows), where payer or
        payee has that many rows and the other as many or one.
        Along a relation money moves from goal to origin, against the goods, or the other way where
        the origin pays; within one population it moves against the goods.
        for_: what the payer pays for, an account or a line: an asset rises (what it buys), a
        liability falls (what it repays), a cost rises. by: what the payee is paid by: income or
        capital paid in rises, a liability rises (a loan taken), an asset falls (what it sells).
        means: in cash, on account (payables and receivables rise), out of a deposit (prepayments
        and advances fall), or in the payer's own new shares.
        Raises InvariantError for an amount that is negative or not finite.
        """
        rounded = self.rounded(amount)
        self._check_amount(instrument, rounded)
        out, into = _sides(rounded, payer, payee, along)
        given, got = MEANS[means]
        self._move(payer, for_, out, giving=True)
        self._move(payee, by, into, giving=False)
        self._settle(payer, given, out, payer.declared[for_], cash=means == "cash")
        self._settle(payee, got, into, payee.declared[by], cash=means == "cash")
        if means == "cash":
            self._note((instrument, payer.name, payee.name), total(out), total(into))
        return rounded

    def write_off(
        self, population: Agents, account: str, amount: Floats, line: str = "write_offs"
    ) -> Floats:
        """Lower an asset against a cost, without a payment (wear, losses)."""
        rounded = self.rounded(amount)
        self._check_amount(f"write-off of {account}", rounded)
        self._add(population, account, -rounded)
        self._move(population, line, rounded, giving=True)
        return rounded

    def forgive(
        self,
        claim: str,
        amount: Floats,
        debtor: Agents,
        creditor: Agents,
        *,
        along: Relation | None = None,
        loss: str = "losses",
        gain: str = "gains",
    ) -> Floats:
        """Strike out what a debtor owes: the creditor's claim (its account: loans, receivables or
        prepayments) and the debt fall together; a loss of the one is a gain of the other."""
        rounded = self.rounded(amount)
        self._check_amount(f"forgiven {claim}", rounded)
        owed, held = _sides(rounded, debtor, creditor, along)
        self._add(debtor, dict(CLAIMS)[claim], -owed)
        self._move(debtor, gain, owed, giving=False)
        self._add(creditor, claim, -held)
        self._move(creditor, loss, held, giving=True)
        return rounded

    def reclassify(self, population: Agents, line: str, to: str, amount: Floats) -> Floats:
        """Move a cost from one line to another; neither may fall below zero."""
        rounded = np.minimum(self.rounded(amount), population.columns[line])
        self._check_amount(f"{line} to {to}", rounded)
        self._add(population, line, -rounded)
        self._add(population, to, rounded)
        return rounded

    def residual(self) -> Floats:
        """Largest violation of an identity this month in USD, (runs,): balance sheets, statements
        against balance sheets, claims against debts, payers against payees, the flow matrix against
        cash, and money in existence. Exactly 0 if the books are right."""
        assert self._opening_cash is not None, "no month has begun"
        worst = np.abs(self._all_cash() - self._opening_cash)
        for population in self.populations:
            for gap in self.gaps(population).values():
                worst = np.maximum(worst, np.abs(gap).max(axis=1, initial=0.0))
        for paid, received in self.flows.values():
            worst = np.maximum(worst, np.abs(paid - received))
        for gap in (*self._claim_gaps().values(), *self._sector_gaps().values()):
            worst = np.maximum(worst, np.abs(gap))
        return worst

    def check(self) -> Floats:
        """The residual, after naming the first account that is out of balance.

        Raises InvariantError with the month, the account, the amount and the run.
        """
        for population in self.populations:
            self._check_size(population)
        worst = self.residual()
        if not worst.any() and np.isfinite(worst).all():
            return worst
        for population in self.populations:
            for identity, gap in self.gaps(population).items():
                if gap.any():
                    run, row = (int(i) for i in np.argwhere(gap)[0])
                    name = f"{population.name}.{population.names[row]}"
                    self._refuse(name, gap[run, row], run, identity)
        for name, gap in (self._claim_gaps() | self._sector_gaps()).items():
            if gap.any():
                run = int(np.flatnonzero(gap)[0])
                self._refuse(name, gap[run], run, "the two sides differ")
        run = int(np.flatnonzero(worst)[0])
        self._refuse("all cash", worst[run], run, "money is not conserved")

    def gaps(self, population: Agents) -> dict[str, Floats]:
        """Violations of the identities of every agent in USD, (runs, rows) by identity."""
        found = {"assets - liabilities - equity": self.imbalance(population)}
        if population.name in self._before:
            cash, equity = self._before[population.name]
            found["change of equity - statement"] = (
                population.equity - equity - self.result(population)
            )
            if ACTIVITIES[0] in population.declared:
                moved = population.cash - cash
                for activity in ACTIVITIES:
                    moved = moved - population.columns[activity]
                found["change of cash - cash flow"] = moved
        return found

    def imbalance(self, population: Agents) -> Floats:
        """assets - liabilities - equity of every agent in USD, (runs, rows)."""
        gap = np.zeros_like(population.cash)
        for column in population.declared.values():
            if column.side is not None:
                sign = 1.0 if column.side == "asset" else -1.0
                gap += sign * population.columns[column.name]
        return gap

    def result(self, population: Agents) -> Floats:
        """Profit of the month and what owners paid in less what they took out, (runs, rows)."""
        added = np.zeros_like(population.cash)
        for line in self._lines[population.name]:
            sign = 1.0 if line.line in ("income", "paid_in") else -1.0
            added += sign * population.columns[line.name]
        return added

    def matrix(self) -> Mapping[str, Mapping[str, Floats]]:
        """The transaction-flow matrix: instrument -> sector -> net cash received, (runs,).

        Every row adds up to zero, and every column to the change of the sector's cash.
        """
        return flow_matrix({flow: into for flow, (_, into) in self.flows.items()})

    def cash_moved(self) -> dict[str, Floats]:
        """Change of every sector's cash this month by its balance sheets, (runs,) by sector."""
        return {
            p.name: total(p.cash) - total(self._before[p.name][0])
            for p in self.populations
            if p.name in self._before
        }

    def _sector_gaps(self) -> dict[str, Floats]:
        """Change of a sector's cash less its column of the flow matrix, (runs,) by sector."""
        net: dict[str, Floats] = {}
        for (_, payer, payee), (paid, received) in self.flows.items():
            net[payer] = net.get(payer, 0.0) - paid
            net[payee] = net.get(payee, 0.0) + received
        return {
            f"cash of {sector}": moved - net.get(sector, 0.0)
            for sector, moved in self.cash_moved().items()
        }

    def _claim_gaps(self) -> dict[str, Floats]:
        """All claims of a kind less all debts of that kind, (runs,) by kind."""
        gaps = {}
        for claim, debt in CLAIMS:
            gap = np.zeros(self.populations[0].runs)
            for population in self.populations:
                if claim in population.declared:
                    gap = gap + total(population.columns[claim])
                if debt in population.declared:
                    gap = gap - total(population.columns[debt])
            gaps[f"{claim} and {debt}"] = gap
        return gaps

    def _all_cash(self) -> Floats:
        added = np.zeros(self.populations[0].runs)
        for population in self.populations:
            added = added + total(population.cash)
        return added

    def _move(self, population: Agents, name: str, amount: Floats, *, giving: bool) -> None:
        """Post what an amount is for (giving) or by: an account, or a line and with it equity."""
        column = population.declared[name]
        if column.line is not None:
            self._add(population, name, amount)
            sign = -1.0 if giving else 1.0
            np.add(population.equity, sign * amount, out=population.equity)
        else:
            sign = 1.0 if (column.side == "asset") == giving else -1.0
            self._add(population, name, sign * amount)

    def _settle(
        self,
        population: Agents,
        means: tuple[str, float],
        amount: Floats,
        purpose: Column,
        *,
        cash: bool,
    ) -> None:
        """Post what was paid or got with, and note cash under the activity of its purpose."""
        account, sign = means
        moved = sign * amount
        self._add(population, account, moved)
        if population.declared[account].line is not None:
            np.add(population.equity, moved, out=population.equity)
        activity = f"{purpose.activity}_cash"
        if cash and activity in population.declared:
            self._add(population, activity, moved)

    @staticmethod
    def _add(population: Agents, name: str, amount: Floats) -> None:
        values = population.columns[name]
        np.add(values, amount, out=values)

    def _check_size(self, population: Agents) -> None:
        """Refuse balances so large that their sums are no longer exact."""
        for column in population.declared.values():
            if column.side is not None:
                values = np.abs(population.columns[column.name])
                if values.max(initial=0.0) > self.limit:
                    run, row = (int(i) for i in np.argwhere(values > self.limit)[0])
                    name = f"{population.name}.{population.names[row]} {column.name}"
                    self._refuse(name, values[run, row], run, "too large to be exact")

    def _check_amount(self, instrument: str, amount: Floats) -> None:
        least = amount.min(initial=0.0)
        if not least >= 0.0 or not amount.max(initial=0.0) <= self.limit:
            bad = ~((amount >= 0.0) & (amount <= self.limit))
            run, place = (int(i) for i in np.argwhere(bad)[0])
            self._refuse(instrument, amount[run, place], run, "not a payable amount")

    def _refuse(self, account: str, amount: float, run: int, why: str) -> NoReturn:
        raise InvariantError(self.month, account, float(amount), "USD", run, why)

    def _note(self, flow: Flow, paid: Floats, received: Floats) -> None:
        before = self.flows.get(flow)
        self.flows[flow] = (
            (paid, received) if before is None else (before[0] + paid, before[1] + received)
        )


def flow_matrix(flows: Mapping[Flow, Floats]) -> dict[str, dict[str, Floats]]:
    """Instrument -> sector -> net cash received, of amounts by instrument, payer and payee."""
    matrix: dict[str, dict[str, Floats]] = {}
    for (instrument, payer, payee), amount in flows.items():
        row = matrix.setdefault(instrument, {})
        row[payer] = row.get(payer, 0.0) - amount
        row[payee] = row.get(payee, 0.0) + amount
    return matrix


def _sides(
    amount: Floats, giver: Agents, taker: Agents, along: Relation | None
) -> tuple[Floats, Floats]:
    """What each giver gives and each taker takes, (runs, rows) each; along a relation the giver is
    its goal, or else its origin."""
    if along is None:
        return _by_row(amount, giver), _by_row(amount, taker)
    if giver is along.goal:
        return along.to_target(amount), along.to_source(amount)
    return along.to_source(amount), along.to_target(amount)


def _by_row(amount: Floats, population: Agents) -> Floats:
    """Amounts by row of a population: as they are, or all of them on its only row."""
    return amount if amount.shape[1] == len(population) else total(amount)[:, None]
