"""Population: all agents of one kind, as columns of shape (runs, agents)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.column_table import ColumnTable
from agents.framework.columns import Column, Floats, Quantity, columns_of
from agents.framework.shared_rules import answer_alike

K = TypeVar("K", bound=EconomicAgent)
PACKAGE = __name__.partition(".")[0]


class DecisionError(Exception):
    """A decision of a class from outside the package failed: whose, which, and why."""

    def __init__(self, agent: str, kind: str, rule: str, why: str) -> None:
        super().__init__(agent, kind, rule, why)
        self.agent, self.kind, self.rule, self.why = agent, kind, rule, why


@dataclass(frozen=True, slots=True)
class Member:
    """One agent as the world describes it: its name, group, class and region, and the member of the
    pattern that it was drawn after, if it was generated."""

    name: str
    group: str
    kind: type[EconomicAgent]
    region: str = ""
    like: str = ""


class Population(ColumnTable, Generic[K]):
    """The rows of one kind, their columns, and the classes that decide for them.

    Members stand in contiguous slices by class; columns are float64 arrays of shape (runs, agents),
    in C order. `alive` masks agents that have entered and not left. `given` holds the row of each
    member in the order in which they were given.
    """

    kind: type[K]
    runs: int
    members: tuple[Member, ...]
    names: tuple[str, ...]
    group_of: tuple[str, ...]
    index: dict[str, int]
    given: np.ndarray[Any, np.dtype[np.intp]]
    alive: np.ndarray[Any, np.dtype[np.bool_]]
    _spans: list[tuple[slice, EconomicAgent | None]]
    _together: dict[str, list[tuple[slice, EconomicAgent | None]]]
    _selected: dict[str, list[int]]

    def __init__(self, name: str, kind: type[K], members: Sequence[Member], runs: int) -> None:
        rank = {k: place for place, k in enumerate(_classes(members))}
        ranks = np.array([rank[m.kind] for m in members], dtype=np.intp)
        placed = np.argsort(ranks, kind="stable")
        given = np.empty_like(placed)
        given[placed] = np.arange(len(members))
        order = [members[place] for place in placed.tolist()]
        shape = (runs, len(order))
        self.hold(
            name=name,
            kind=kind,
            runs=runs,
            members=tuple(order),
            names=tuple(m.name for m in order),
            group_of=tuple(m.group for m in order),
            index={m.name: row for row, m in enumerate(order)},
            given=given,
            alive=np.ones(shape, dtype=np.bool_),
        )
        self.hold_columns(_declared(kind, order), shape)
        self.hold(_spans=_spans(self, order), _together={}, _selected=_selected(order))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def spans(self) -> list[tuple[slice, bool]]:
        """Contiguous rows per class, and whether the class is one of this package."""
        return [(rows, view is not None) for rows, view in self._spans]

    def rows(self, selector: str) -> list[int]:
        """Row indices of one row, of a group, or of all drawn after a member of the pattern, by
        name; raises KeyError for an unknown one."""
        if selector in self.index:
            return [self.index[selector]]
        return self._selected[selector]

    def decide(self, rule: Callable[[K], Any]) -> Any:
        """The decisions of all agents by `rule`, a method of the kind: (runs, agents), 0 where not
        alive.

        A rule that returns a NamedTuple gives the same NamedTuple of arrays. Classes of this
        package are asked once for all their rows; any other class row by row, run by run.
        """
        name = rule.__name__
        spans = self._together.get(name)
        if spans is None:
            spans = self._together[name] = _merged(self, name)
        if len(spans) == 1 and spans[0][1] is not None:
            answer = getattr(spans[0][1], name)()
            if isinstance(answer, tuple):
                return type(answer)(*map(self._of_the_living, answer))
            return self._of_the_living(answer)
        parts = [(rows, self._ask(name, rows, view)) for rows, view in spans]
        first = parts[0][1]
        try:
            if isinstance(first, tuple):
                fields = ([(rows, part[i]) for rows, part in parts] for i in range(len(first)))
                return type(first)(*map(self._joined, fields))
            return self._joined(parts)
        except (ValueError, TypeError, IndexError) as failure:
            foreign = next((rows for rows, view in self._spans if view is None), None)
            if foreign is None:
                raise
            member = self.members[foreign.start]
            name = f"{self.name}.{member.name}"
            why = f"the answer has the wrong form: {failure}"
            raise DecisionError(name, member.kind.__name__, rule.__name__, why) from failure

    def _ask(self, rule: str, rows: slice, view: EconomicAgent | None) -> Any:
        if view is not None:
            return getattr(view, rule)()
        answers = [
            [self._ask_one(rule, row, run) for row in range(rows.start, rows.stop)]
            for run in range(self.runs)
        ]
        first = answers[0][0]
        if not isinstance(first, tuple):
            return np.array(answers, dtype=np.float64)
        fields = range(len(first))
        return type(first)(
            *(np.array([[one[i] for one in run] for run in answers]) for i in fields)
        )

    def _ask_one(self, rule: str, row: int, run: int) -> Any:
        """The answer of one agent of a class from outside this package, checked before use.

        Raises DecisionError if the rule fails or answers with anything but finite numbers.
        """
        member = self.members[row]
        name = f"{self.name}.{member.name}"
        try:
            answer = getattr(member.kind.over(self, row, run), rule)()
            parts = answer if isinstance(answer, tuple) else (answer,)
            finite = all(np.isfinite(np.asarray(part, dtype=np.float64)).all() for part in parts)
        except Exception as failure:
            why = f"{type(failure).__name__}: {failure}"
            raise DecisionError(name, member.kind.__name__, rule, why) from failure
        if not finite:
            raise DecisionError(name, member.kind.__name__, rule, "the answer is not finite")
        return answer

    def _of_the_living(self, answer: Quantity) -> Floats:
        """The answers of all rows, 0 where not alive."""
        deep = isinstance(answer, np.ndarray) and answer.ndim > self.alive.ndim
        alive = self.alive[:, :, None] if deep else self.alive
        return np.where(alive, answer, 0.0)

    def _joined(self, parts: list[tuple[slice, Quantity]]) -> Floats:
        joined = np.empty((*self.alive.shape, *np.shape(parts[0][1])[2:]))
        for rows, part in parts:
            joined[:, rows] = part
        return self._of_the_living(joined)


def _classes(members: Sequence[Member]) -> list[type[EconomicAgent]]:
    return list(dict.fromkeys(m.kind for m in members))


def _selected(members: Sequence[Member]) -> dict[str, list[int]]:
    """Rows by group, and by the member of the pattern they are like."""
    groups: dict[str, list[int]] = {}
    likes: dict[str, list[int]] = {}
    for row, member in enumerate(members):
        if member.group:
            groups.setdefault(member.group, []).append(row)
        if member.like:
            likes.setdefault(member.like, []).append(row)
    return likes | groups


def _declared(kind: type[EconomicAgent], members: Sequence[Member]) -> dict[str, Column]:
    declared = columns_of(kind)
    for member_kind in _classes(members):
        declared |= columns_of(member_kind)
    return declared


def _spans(
    population: Population[Any], members: Sequence[Member]
) -> list[tuple[slice, EconomicAgent | None]]:
    """Contiguous rows per class, with the view that answers for them, None if asked row by row."""
    if not members:
        return [(slice(0, 0), population.kind.over(population, slice(0, 0)))]
    spans: list[tuple[slice, EconomicAgent | None]] = []
    start = 0
    for kind in _classes(members):
        stop = start + sum(m.kind is kind for m in members)
        ours = kind.__module__.partition(".")[0] == PACKAGE
        rows = slice(start, stop)
        spans.append((rows, kind.over(population, rows) if ours else None))
        start = stop
    return spans


def _merged(population: Population[Any], rule: str) -> list[tuple[slice, EconomicAgent | None]]:
    """The spans that are asked for a rule: neighbours whose classes answer alike are one."""
    merged: list[tuple[slice, EconomicAgent | None]] = []
    for rows, view in population._spans:
        before, last = merged[-1] if merged else (slice(0, 0), None)
        kinds: tuple[Any, Any] = (type(last), type(view))
        if view is not None and last is not None and answer_alike(rule, *kinds):
            both = slice(before.start, rows.stop)
            merged[-1] = both, type(last).over(population, both)
        else:
            merged.append((rows, view))
    return merged


Agents = Population[Any]
