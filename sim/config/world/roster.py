"""A world as columns: the agents of a population and the edges of a relation, as arrays.

The opening reads worlds of any size this way. A world that a file lists is turned into columns; a
generated one is made of them, and its entries are made one by one when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from sim.base.frozen import FrozenDict
from sim.config.world.entries import AgentEntry, EdgeEntry, Sourced
from sim.config.world.schema import RELATIONS

Floats = NDArray[np.float64]
T = TypeVar("T")
WORDS = ("names", "groups", "regions", "operators", "zones", "likes")
"""Columns of a roster in words; together with its numbers they decide a run."""


class Columns(Sequence[T]):
    """Entries that are made when asked for; equal if they say the same."""

    def entry(self, place: int) -> T:
        """The entry in one place, from 0."""
        raise NotImplementedError

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...
    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        if isinstance(place, slice):
            return tuple(map(self.entry, range(len(self))[place]))
        return self.entry(range(len(self))[place])

    def __iter__(self) -> Iterator[T]:
        return map(self.entry, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Columns):
            return NotImplemented
        return _same(vars(self), vars(other))

    __hash__ = None  # type: ignore[assignment]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(
            one, other, equal_nan=one.dtype.kind == "f"
        )
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, Figures | Links):
        return _same(vars(one), vars(other))
    return bool(one == other)


@dataclass(frozen=True, eq=False)
class Figures:
    """The initial values of one key, (agents,) each: NaN where an agent has none.

    months: length of the pipeline over which the value is spread, 0 where it is one number; growth:
    from each of its months to the next, NaN where none is given.
    """

    value: Floats
    months: NDArray[np.intp]
    growth: Floats

    @classmethod
    def of(cls, given: Sequence[Sourced | None]) -> Figures:
        """The columns of entries, None where an agent has none."""
        return cls(
            np.array([np.nan if g is None else g.single for g in given]),
            np.array([0 if g is None else g.months or 0 for g in given], dtype=np.intp),
            np.array([np.nan if g is None or g.growth is None else g.growth for g in given]),
        )

    def entry(self, place: int, source: str) -> Sourced:
        """The value in one place, with the source that all of a generated world share."""
        months, growth = int(self.months[place]), float(self.growth[place])
        return Sourced(
            float(self.value[place]),
            source,
            months=months or None,
            growth=None if np.isnan(growth) else growth,
        )


@dataclass(frozen=True, eq=False)
class Roster(Columns[AgentEntry]):
    """All agents of a population in the order of the world; words are tuples of a text each.

    titles: title by `like`, or by name where an agent is drawn after none.
    """

    population: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    regions: tuple[str, ...]
    operators: tuple[str, ...]
    zones: tuple[str, ...]
    likes: tuple[str, ...]
    titles: Mapping[str, str]
    dormant: NDArray[np.bool_]
    initial: Mapping[str, Figures]
    source: str = ""

    @classmethod
    def of(cls, population: str, entries: Sequence[AgentEntry]) -> Roster:
        """The columns of entries."""
        keys = dict.fromkeys(chain.from_iterable(e.initial for e in entries))
        return cls(
            population=population,
            names=tuple(e.name for e in entries),
            groups=tuple(e.group for e in entries),
            regions=tuple(e.region for e in entries),
            operators=tuple(e.operator for e in entries),
            zones=tuple(e.zone for e in entries),
            likes=tuple(e.like for e in entries),
            titles={e.name: e.title for e in entries},
            dormant=np.array([e.dormant for e in entries], dtype=np.bool_),
            initial={key: Figures.of([e.initial.get(key) for e in entries]) for key in keys},
        )

    def __len__(self) -> int:
        return len(self.names)

    def title(self, place: int) -> str:
        """The title of the agent in one place."""
        name, like = self.names[place], self.likes[place]
        return f"{name}, like {self.titles[like]}" if like else self.titles[name]

    def entry(self, place: int) -> AgentEntry:
        """The agent in one place."""
        initial = {
            key: figures.entry(place, self.source)
            for key, figures in self.initial.items()
            if not np.isnan(figures.value[place])
        }
        return AgentEntry(
            population=self.population,
            name=self.names[place],
            group=self.groups[place],
            region=self.regions[place],
            operator=self.operators[place],
            zone=self.zones[place],
            title=self.title(place),
            dormant=bool(self.dormant[place]),
            initial=FrozenDict(initial),
            like=self.likes[place],
        )


@dataclass(frozen=True, eq=False)
class Links:
    """The edges of a relation: places in the rosters of its populations, and weights, (edges,)."""

    source: NDArray[np.uint32]
    target: NDArray[np.uint32]
    weight: Floats

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True, eq=False)
class Rosters(Columns[AgentEntry]):
    """All agents of a generated world, population by population."""

    of: Mapping[str, Roster]

    def __len__(self) -> int:
        return sum(map(len, self.of.values()))

    def __iter__(self) -> Iterator[AgentEntry]:
        return chain.from_iterable(self.of.values())

    def entry(self, place: int) -> AgentEntry:
        """The agent in one place."""
        for roster in self.of.values():
            if place < len(roster):
                return roster.entry(place)
            place -= len(roster)
        raise IndexError(place)


@dataclass(frozen=True, eq=False)
class Web(Columns[EdgeEntry]):
    """All edges of a generated world, relation by relation."""

    rosters: Mapping[str, Roster]
    of: Mapping[str, Links]
    source: str

    def __len__(self) -> int:
        return sum(map(len, self.of.values()))

    def entry(self, place: int) -> EdgeEntry:
        """The edge in one place."""
        for relation, links in self.of.items():
            if place < len(links):
                origin, goal = RELATIONS[relation]
                return EdgeEntry(
                    relation,
                    self.rosters[origin].names[links.source[place]],
                    self.rosters[goal].names[links.target[place]],
                    Sourced(float(links.weight[place]), self.source),
                )
            place -= len(links)
        raise IndexError(place)


def links_of(edges: Sequence[EdgeEntry], names: Mapping[str, Sequence[str]]) -> dict[str, Links]:
    """Edges as columns by relation; names: population -> its agents' names, in order."""
    place = {p: {name: row for row, name in enumerate(known)} for p, known in names.items()}
    found = {}
    for relation, (origin, goal) in RELATIONS.items():
        listed = [edge for edge in edges if edge.relation == relation]
        found[relation] = Links(
            np.array([place[origin][e.source] for e in listed], dtype=np.uint32),
            np.array([place[goal][e.target] for e in listed], dtype=np.uint32),
            np.array([e.weight.single for e in listed], dtype=np.float64),
        )
    return found


def fingerprint(rosters: Mapping[str, Roster], links: Mapping[str, Links]) -> str:
    """SHA-256 of what decides numbers in a world, apart from its history and months: agents in
    their order, what they hold, and edges in any order."""
    found = sha256()
    for population, roster in rosters.items():
        for words in WORDS:
            found.update("\x1f".join((population, words, *getattr(roster, words))).encode())
        found.update(roster.dormant.tobytes())
        for key in sorted(roster.initial):
            figures = roster.initial[key]
            found.update(key.encode())
            for numbers in (figures.value, figures.months.astype(np.int64), figures.growth):
                found.update(numbers.tobytes())
    for relation, listed in links.items():
        order = np.lexsort((listed.source, listed.target))
        found.update(relation.encode())
        for ends in (listed.source, listed.target, listed.weight):
            found.update(ends[order].tobytes())
    return found.hexdigest()
