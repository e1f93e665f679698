"""Statements of agents and the month's flow of money between sectors, as tables for people.

Both read the same charts and amounts whether a model is live or its results lie in a folder.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from agents.framework.columns import Column
from agents.framework.statements import Item, Statement, chart_of_accounts, filled
from sim.base.errors import RequestError, nearest, one_of
from sim.economy.accounts.ledger import Flow, flow_matrix

CHANGE, SUM = "change in cash", "sum"
"""The last rows of a flow matrix; the second is its last column too."""


@dataclass(frozen=True)
class Statements:
    """The statements of one agent in one month of one run.

    Each is indexed by line, with the columns part (asset, liability, equity, income, expense,
    paid_in, paid_out, activity, cash, total), usd and meaning; `income` and `cash` are of the
    month, `balance` is at its end. Costs and debts are positive.
    """

    agent: str
    month: str
    run: int
    income: pd.DataFrame
    balance: pd.DataFrame
    cash: pd.DataFrame


def statements(
    agent: str, month: str, run: int, declared: Mapping[str, Column], values: Mapping[str, float]
) -> Statements:
    """The statements of an agent by the columns of its kind and their values in a month, USD."""
    lines = chart_of_accounts(declared)
    return Statements(
        agent,
        month,
        run,
        *(_frame(items, filled(items, values.__getitem__)) for items in lines),
    )


def check_agent(agent: str, names: Collection[str]) -> None:
    """Refuse an agent that is not among `names`, all like `labs.openai`, with the nearest."""
    if agent in names:
        return
    kind = agent.partition(".")[0]
    alike = [name for name in names if name.partition(".")[0] == kind]
    kinds = dict.fromkeys(name.partition(".")[0] for name in names)
    raise RequestError(
        "unknown agent",
        value=agent,
        allowed=one_of(alike) if alike else f"a kind and a name; kinds: {one_of(kinds)}",
        nearest=nearest(agent, alike or names),
    )


def _frame(items: tuple[Item, ...], statement: Statement) -> pd.DataFrame:
    index = pd.Index([item.name for item in items], name="line")
    columns = {
        "part": [item.part for item in items],
        "usd": [float(statement[item.name]) for item in items],
        "meaning": [item.meaning for item in items],
    }
    return pd.DataFrame(columns, index=index)


def matrix(
    payments: Mapping[Flow, float],
    sectors: tuple[str, ...],
    moved: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The transaction-flow matrix of one month of one run: what each sector received, net, USD.

    payments: by instrument, payer and payee. sectors: their order. moved: the change of each
    sector's cash by its balance sheets; by the payments if not given. A row an instrument, the
    largest first, then the change in cash with its sign turned, so that every column adds to zero;
    the column and the row `sum` show that they do. What moved no money is left out.
    """
    paid = {flow: usd for flow, usd in payments.items() if usd != 0.0}
    gross: dict[str, float] = {}
    for (instrument, _, _), usd in paid.items():
        gross[instrument] = gross.get(instrument, 0.0) + usd
    order = sorted(gross, key=lambda instrument: (-gross[instrument], instrument))
    active = {sector for _, *pair in paid for sector in pair}
    if moved is not None:
        active |= {sector for sector, usd in moved.items() if usd != 0.0}
    kept = [sector for sector in sectors if sector in active]
    net = flow_matrix({flow: np.array(usd) for flow, usd in paid.items()})
    frame = pd.DataFrame(
        [[float(net[i].get(sector, 0.0)) for sector in kept] for i in order],
        index=pd.Index(order, name="instrument"),
        columns=pd.Index(kept, name="sector"),
        dtype=np.float64,
    )
    change = frame.sum() if moved is None else pd.Series(moved, dtype=np.float64)[kept]
    frame.loc[CHANGE] = 0.0 - change
    frame.loc[SUM] = frame.sum()
    frame[SUM] = frame.sum(axis=1)
    return frame
