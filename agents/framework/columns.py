"""Columns: the quantities that a kind of agent holds and sees.

A column is a float64 array of shape (runs, agents), or (runs, agents, depth) for a pipeline. It is
declared once, on the class of its kind, with a role, a unit and a meaning; storage, parameter
registry, documentation and page all read that declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol, overload

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Quantity = Floats | float
"""What a rule reads and returns: an array over (runs, rows) of a class, or one row's number."""

Role = Literal["state", "parameter", "perceived", "luck", "pipeline"]
Side = Literal["asset", "liability", "equity"]
StatementLine = Literal["income", "expense", "paid_in", "paid_out"]
Activity = Literal["operating", "investing", "financing"]


class Reader(Protocol):
    """An object with columns: an agent, or all agents of a class."""

    def read(self, column: str) -> Floats:
        """The values of one column."""
        ...


@dataclass(eq=False)
class Column:
    """One quantity of one kind.

    role: who writes it. `state` the world, `parameter` the registry and its overlays, `perceived`
    the world before the phase that needs it, `luck` a draw before that phase, `pipeline` the world,
    with a third axis (months ahead, tranche or vintage).
    Typed as an array, though one row's column reads as a number: rules work on both.
    side: for money accounts, the side of the balance sheet it stands on. line: for flows of the
    month that change equity, income or expense, or what owners paid in and took out. activity: the
    part of the cash-flow statement that cash spent on it or earned by it belongs to. Only the
    ledger writes accounts and lines.
    """

    role: Role
    unit: str
    meaning: str
    depth: int = 0
    side: Side | None = None
    line: StatementLine | None = None
    activity: Activity | None = None
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def posted(self) -> bool:
        """Whether only the ledger writes it: an account, a line or a part of the cash flow."""
        return self.side is not None or self.activity is not None

    @overload
    def __get__(self, agent: None, owner: type) -> Column: ...
    @overload
    def __get__(self, agent: Reader, owner: type) -> Floats: ...
    def __get__(self, agent: Reader | None, owner: type) -> Column | Floats:
        return self if agent is None else agent.read(self.name)


def state(unit: str, meaning: str) -> Column:
    """A quantity the world writes."""
    return Column("state", unit, meaning)


def account(side: Side, meaning: str, activity: Activity = "operating") -> Column:
    """A balance in USD that only the ledger writes, and the activity that buys or repays it."""
    return Column("state", "USD", meaning, side=side, activity=activity)


def line(kind: StatementLine, meaning: str) -> Column:
    """A flow of the month in USD that changes equity; only the ledger writes it."""
    activity: Activity = "operating" if kind in ("income", "expense") else "financing"
    return Column("state", "USD", meaning, line=kind, activity=activity)


def moved_by(activity: Activity, meaning: str) -> Column:
    """Cash of the month by activity, a part of the cash-flow statement that the ledger writes."""
    return Column("state", "USD", meaning, activity=activity)


def parameter(unit: str, meaning: str) -> Column:
    """A number of the registry; an event or a design may overlay it."""
    return Column("parameter", unit, meaning)


def perceived(unit: str, meaning: str) -> Column:
    """What the agent can know at this point of the month; filled before its phase."""
    return Column("perceived", unit, meaning)


def luck(law: Literal["normal", "uniform"], meaning: str) -> Column:
    """A draw of this month: standard normal, or uniform on (0, 1)."""
    return Column("luck", law, meaning)


def pipeline(unit: str, meaning: str, depth: int) -> Column:
    """A quantity with a third axis of the given depth."""
    return Column("pipeline", unit, meaning, depth=depth)


def columns_of(kind: type) -> dict[str, Column]:
    """All columns of a kind by name, base classes first, in order of declaration."""
    found: dict[str, Column] = {}
    for owner in reversed(kind.__mro__):
        found |= {name: item for name, item in vars(owner).items() if isinstance(item, Column)}
    return found


def _ratio(numerator: float, denominator: float) -> float:
    divisor = denominator if denominator != 0.0 else 1.0
    return numerator / divisor if denominator != 0.0 else 0.0


@cache
def _compiled_ratio() -> Any:
    """`_ratio` compiled, for arrays of any broadcastable shapes; with a cache on disk, or without
    one where no folder is writable. At its first call: loading numba's types takes a while."""
    compiled: Any = numba.vectorize
    try:
        made = compiled(["float64(float64, float64)"], cache=True)(_ratio)
    except RuntimeError:
        made = compiled(["float64(float64, float64)"])(_ratio)
    return made.ufunc  # NumPy's own, without the search for a type that is always the same


def ratio(numerator: Quantity, denominator: Quantity) -> Floats:
    """numerator / denominator, and 0 where the denominator is 0; any broadcastable shapes."""
    quotient: Floats = _compiled_ratio()(numerator, denominator)
    return quotient
