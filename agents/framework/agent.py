"""The economic agent: a balance sheet, a row (or all rows) of its population, and its decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self, cast

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Column, Floats, account, columns_of, line
from agents.framework.statements import ChartOfAccounts, Statement, chart_of_accounts, filled

Rows = slice | int | NDArray[np.uint32]
ALLOWED = frozenset({"model", "unique_id", "pos"})


class Holder(Protocol):
    """The part of a population that an agent reads its columns from."""

    @property
    def name(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def group_of(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Mapping[str, Floats]: ...
    @property
    def declared(self) -> Mapping[str, Column]: ...


class EconomicAgent(mesa.Agent):
    """Base of every kind. `self` spans all rows of its class, or one row of one run.

    Rules have no arguments: they read the agent's own columns and return a `Quantity`, an array of
    shape (runs, rows) for the class and a number for one row. Rules never sum, never assign and
    never move money or goods.
    """

    population_name: ClassVar[str] = ""
    label: ClassVar[str] = ""

    cash = account("asset", "Money at hand; negative for an institution that issues it")
    equity = account("equity", "Net worth: opening capital, issues and accumulated income")
    income = line("income", "Income of the month that has no line of its own")
    outlays = line("expense", "Costs of the month that have no line of their own")

    _population: Holder
    _rows: Rows
    _run: int | slice

    @classmethod
    def over(cls, population: Holder, rows: Rows, run: int | slice = slice(None)) -> Self:
        """A real instance that sees `rows` of `population`, without a model behind it.

        rows: a slice of agents or an index array along edges (attributes are arrays), or one index
        (attributes are numbers when `run` is one index too).
        """
        view = object.__new__(cls)
        vars(view).update(_population=population, _rows=rows, _run=run)
        return view

    @classmethod
    def of_row(cls, model: Any, population: Holder, row: int) -> Self:
        """The Mesa agent of one row of a model with one run; registered with the model."""
        agent = cls(model)
        agent._population, agent._rows, agent._run = population, row, 0
        return agent

    @property
    def name(self) -> str:
        """The row's name, or the population's for a view of many rows."""
        if isinstance(self._rows, int):
            return self._population.names[self._rows]
        return self._population.name

    @property
    def group(self) -> str:
        """The group of the row (a name that parameters and studies use), or an empty text."""
        return self._population.group_of[self._rows] if isinstance(self._rows, int) else ""

    def read(self, column: str) -> Floats:
        """The values of one column seen from here: a number for one row, else a read-only view."""
        values = self._population.columns[column]
        if isinstance(self._rows, np.ndarray):
            return values.take(self._rows, axis=1)
        seen = values[self._run, self._rows]
        if seen.ndim == 0:
            return cast(Floats, seen.item())
        seen.flags.writeable = False
        if isinstance(self._rows, slice):
            # Columns are written in place, so a view stays true and need not be taken again.
            vars(self)[column] = seen
        return seen

    @property
    def chart(self) -> ChartOfAccounts:
        """The lines of its statements, with what each means."""
        return chart_of_accounts(self._population.declared)

    def income_statement(self) -> Statement:
        """Income, costs, net profit and change of equity of the month just closed: line -> USD."""
        return filled(self.chart.income, self.read)

    def balance_sheet(self) -> Statement:
        """Assets, liabilities and equity at the end of the month just closed: line -> USD."""
        return filled(self.chart.balance, self.read)

    def cash_flow_statement(self) -> Statement:
        """Cash by activity of the month just closed, its change, and cash at the end: line -> USD.

        Only cash for a kind whose cash is not kept by activity (customers, institutions).
        """
        return filled(self.chart.cash, self.read)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied or pickled: not the views seen so far, whose copies would go stale."""
        seen = columns_of(type(self))
        return {name: value for name, value in vars(self).items() if name not in seen}

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("_") or name in ALLOWED:
            super().__setattr__(name, value)
            return
        known = columns_of(type(self))
        if name in known:
            raise AttributeError(
                f"{type(self).__name__}.{name} cannot be assigned: a decision returns its value, "
                "money moves by a posting and a parameter by model.apply"
            )
        raise AttributeError(
            f"{type(self).__name__} has no column {name!r}; declare it on the class, "
            f"known columns: {', '.join(known)}"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"
