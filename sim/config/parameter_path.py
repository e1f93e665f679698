"""The path of a parameter, `population.column` or `population.selector.column`.

A selector is the name of an agent, of a group or, in a generated world, of a member of the pattern,
which stands for all agents drawn after it. Several paths of a column may reach an agent, and the
narrowest with a value governs: that of its name, then of the member it was drawn after, then of its
group, then of the whole population. These paths, in this order, are the ladder of the agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.base.checks import NAME
from sim.base.frozen import FrozenDict

if TYPE_CHECKING:
    from agents.framework.population import Agents

FORM = "population.column or population.group_or_row.column"
_PATH = re.compile(rf"({NAME.pattern})\.(?:({NAME.pattern})\.)?({NAME.pattern})")
NOBODY, ALL, GROUP, LIKE, AGENT = range(-1, 4)
"""How narrow a path is: it reaches nobody, the whole population, a group, all agents drawn after a
member of the pattern, or one agent."""
Place = tuple[str, str]
"""A population's name and a column's."""
Rows = Mapping[str, Mapping[str, str]]
"""Of a world: population -> row -> the row's group, "" for none."""


class DrawnRows(FrozenDict[str, str]):
    """Row -> group of a population that was drawn after a pattern, whose members stand among the
    rows. likes: row -> the member it was drawn after, of the rows that have one."""

    def __init__(self, groups: Mapping[str, str], likes: Mapping[str, str]) -> None:
        super().__init__(groups)
        self.likes = likes

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self), self.likes)


class ParameterPath(NamedTuple):
    """A path in its parts; `selector` is "" for the whole population."""

    population: str
    selector: str
    column: str

    @classmethod
    def of(cls, text: object) -> ParameterPath:
        """The path that a text writes; ValueError for anything else."""
        found = _PATH.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"not a parameter path: {text!r}")
        return cls(*found.groups(""))

    def __str__(self) -> str:
        return f"{self.agents}.{self.column}"

    @property
    def agents(self) -> str:
        """The agents that it names, as text: `population` or `population.selector`."""
        return selected(self.population, self.selector)

    @property
    def place(self) -> Place:
        """Its population and column."""
        return self.population, self.column

    @property
    def whole(self) -> ParameterPath:
        """The path of its column for the whole population."""
        return self.narrowed("")

    def narrowed(self, selector: str) -> ParameterPath:
        """The path of its column with this selector."""
        return self._replace(selector=selector)

    def is_in(self, rows: Rows) -> bool:
        """Whether a world has the agents that it names."""
        members = rows.get(self.population, {})
        known = not self.selector or self.selector in members or self.selector in members.values()
        return bool(members) and known

    def ladder(self, rows: Rows) -> list[str]:
        """The paths that govern the agents it names, from narrow to broad, its own first."""
        found = _selectors(rows, self.population, self.selector)
        return [str(self.narrowed(selector)) for selector in found]

    def ladders(self, rows: Rows, paths: Iterable[str]) -> list[list[str]]:
        """The ladders of all rows of its column, made of the broad path and those among `paths`;
        rows that no path tells apart have one together."""
        known = {"", *narrowing(paths, self.place)}
        alike = dict.fromkeys(
            tuple(s for s in _selectors(rows, self.population, row) if s in known)
            for row in rows.get(self.population, {})
        )
        return [[str(self.narrowed(selector)) for selector in found] for found in alike]

    def rows(self, population: Agents) -> slice | list[int]:
        """The rows that it reaches in a population; KeyError for a selector that is not there."""
        return population.rows(self.selector) if self.selector else slice(None)

    def narrowness(self, population: Agents) -> int:
        """How narrow it is in a population, ALL to AGENT; NOBODY where it reaches none."""
        if not self.selector:
            return ALL
        if self.selector in population.index:
            return AGENT
        try:
            first = population.rows(self.selector)[0]
        except KeyError:
            return NOBODY
        return GROUP if population.group_of[first] == self.selector else LIKE


def selected(population: str, selector: str) -> str:
    """Agents as text: `population`, or `population.selector` for some of them."""
    return f"{population}.{selector}" if selector else population


def selectors(name: str, like: str, group: str) -> tuple[str, ...]:
    """The selectors of an agent, from narrow to broad: its name, the member of the pattern that it
    was drawn after, its group, and "" for the whole population. One that is not given is left out.
    """
    return (*dict.fromkeys(filter(None, (name, like, group))), "")


def narrowing(paths: Iterable[str], place: Place) -> set[str]:
    """The selectors by which paths narrow a column."""
    read = map(ParameterPath.of, paths)
    return {path.selector for path in read if path.place == place} - {""}


def _selectors(rows: Rows, population: str, row: str) -> tuple[str, ...]:
    members = rows.get(population, {})
    like = members.likes.get(row, "") if isinstance(members, DrawnRows) else ""
    return selectors(row, like, members.get(row, ""))
