"""The ledger: every posting has two sides, and both are posted.

Amounts are rounded to a binary quantum, so sums of postings are exact in float64 and do not depend
on their order, and a residual of exactly zero is a meaningful test. One dollar is exact up to
9e15 USD, some eighty times the world's yearly product, and far below any price times any volume.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from agents.framework.columns import Floats
from agents.framework.population import Population
from agents.framework.relation import Relation
from sim.base.errors import InvariantError
from sim.base.numerics.kernels import total
from sim.economy.accounts.posting import (
    ACTIVITIES,
    Means,
    Posting,
    ledger_columns,
    payment,
    purpose,
)

Agents = Population[Any]
CLAIMS = (
    ("loans", "debt"),
    ("receivables", "payables"),
    ("prepayments", "advances"),
    ("portfolio", "portfolios"),
)
"""Accounts of claims, and the debtors' accounts against them: both of a pair add up to the same."""
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
        self._charts = {p.name: ledger_columns(p.declared) for p in populations}
        self._payments: dict[tuple[str, str, Means, bool], Posting] = {}

    def open(self, population: Agents, account: str, amount: Floats | float) -> None:
        """Put `amount` on an account before the first month, against equity.

        Raises InvariantError if a month has begun.
        """
        if self._opening_cash is not None:
            self._refuse(f"{population.name}.{account}", 0.0, 0, "opened after the first month")
        rounded = np.broadcast_to(self.rounded(amount), population.cash.shape)
        asset = population.declared[account].side == "asset"
        opened = Posting((account, "equity"), ()) if asset else Posting((account,), ("equity",))
        opened.write(population, rounded)

    def begin_month(self, label: str) -> None:
        """Start a month with empty statements; the first month fixes the money in existence."""
        if self._opening_cash is None:
            self._opening_cash = self._all_cash()
        self.month = label
        self.flows = {}
        for population in self.populations:
            for name in self._charts[population.name].month:
                population.columns[name].fill(0.0)
            self._before[population.name] = (population.cash.copy(), population.equity.copy())

    def rounded(self, amount: Floats | float) -> Floats:
        """The amount in whole quanta."""
        if self.quantum == 1.0:
            return np.rint(amount)
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
        self._payment(payer, for_, means, giving=True).write(payer, out)
        self._payment(payee, by, means, giving=False).write(payee, into)
        if means == "cash":
            self._note((instrument, payer.name, payee.name), total(out), total(into))
        return rounded

    def write_off(
        self, population: Agents, account: str, amount: Floats, line: str = "write_offs"
    ) -> Floats:
        """Lower an asset against a cost, without a payment (wear, losses)."""
        rounded = self.rounded(amount)
        self._check_amount(f"write-off of {account}", rounded)
        Posting((), (account,)).write(population, rounded)
        purpose(population.declared, line, giving=True).write(population, rounded)
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
        Posting((), (dict(CLAIMS)[claim],)).write(debtor, owed)
        purpose(debtor.declared, gain, giving=False).write(debtor, owed)
        Posting((), (claim,)).write(creditor, held)
        purpose(creditor.declared, loss, giving=True).write(creditor, held)
        return rounded

    def reclassify(self, population: Agents, line: str, to: str, amount: Floats) -> Floats:
        """Move a cost from one line to another; neither may fall below zero."""
        rounded = np.minimum(self.rounded(amount), population.columns[line])
        self._check_amount(f"{line} to {to}", rounded)
        Posting((to,), (line,)).write(population, rounded)
        return rounded

    def residual(self) -> Floats:
        """Largest violation of an identity this month in USD, (runs,): balance sheets, statements
        against balance sheets, claims against debts, payers against payees, the flow matrix against
        cash, and money in existence. Exactly 0 if the books are right."""
        assert self._opening_cash is not None, "no month has begun"
        by_row = [gap for p in self.populations for gap in self.gaps(p).values()]
        of_all = [self._all_cash() - self._opening_cash]
        of_all += [paid - received for paid, received in self.flows.values()]
        of_all += [*self._claim_gaps().values(), *self._sector_gaps().values()]
        gaps = np.concatenate([*by_row, np.stack(of_all, axis=1)], axis=1)
        worst: Floats = np.abs(gaps).max(axis=1)
        return worst

    def check(self) -> Floats:
        """The residual, after naming the first account that is out of balance.

        Raises InvariantError with the month, the account, the amount and the run.
        """
        self._check_sizes()
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
        return self._charts[population.name].sheet.balance(population)

    def result(self, population: Agents) -> Floats:
        """Profit of the month and what owners paid in less what they took out, (runs, rows)."""
        return self._charts[population.name].statement.balance(population)

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

    def _payment(self, population: Agents, name: str, means: Means, *, giving: bool) -> Posting:
        key = population.name, name, means, giving
        if key not in self._payments:
            self._payments[key] = payment(population.declared, name, means, giving=giving)
        return self._payments[key]

    def _check_sizes(self) -> None:
        """Refuse balances so large that their sums are no longer exact."""
        held = [
            (population, name, population.columns[name])
            for population in self.populations
            for name in self._charts[population.name].accounts
        ]
        all_of_them = np.concatenate([values for _, _, values in held], axis=1)
        if np.abs(all_of_them).max(initial=0.0) <= self.limit:
            return
        for population, name, values in held:
            if (large := np.abs(values) > self.limit).any():
                run, row = (int(i) for i in np.argwhere(large)[0])
                place = f"{population.name}.{population.names[row]} {name}"
                self._refuse(place, abs(values[run, row]), run, "too large to be exact")

    def _check_amount(self, instrument: str, amount: Floats) -> None:
        least = np.minimum.reduce(amount, axis=None, initial=0.0)
        most = np.maximum.reduce(amount, axis=None, initial=0.0)
        if not (least >= 0.0 and most <= self.limit):
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
    """The amounts that givers give and takers take, (runs, rows) each; along a relation the giver
    is its goal, or else its origin."""
    if along is None:
        return _by_row(amount, giver), _by_row(amount, taker)
    if giver is along.goal:
        return along.to_target(amount), along.to_source(amount)
    return along.to_source(amount), along.to_target(amount)


def _by_row(amount: Floats, population: Agents) -> Floats:
    """Amounts by row of a population: as they are, or all of them on its only row."""
    return amount if amount.shape[1] == len(population) else total(amount)[:, None]
