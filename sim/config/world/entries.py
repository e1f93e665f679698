"""Entries of a world file: a number, an agent, an edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sourced:
    """A number, or a series of them, and where it comes from.

    source: an evidence id, `obs:series/entity/date`, or `assumption: reason`. low, high: its range
    where one is known. months, growth: a total spread over so many months from the start, each
    larger than the one before by `growth`.
    """

    value: float | tuple[float, ...]
    source: str
    low: float | None = None
    high: float | None = None
    note: str = ""
    months: int | None = None
    growth: float | None = None

    @property
    def single(self) -> float:
        """The value where it is one number; TypeError for a series."""
        if isinstance(self.value, tuple):
            raise TypeError("a series, not one number")
        return self.value


@dataclass(frozen=True)
class AgentEntry:
    """One agent as the world describes it; what does not apply to its population is empty.

    like: the member of the pattern that a generated agent was drawn after, "" for all others.
    """

    population: str
    name: str
    group: str
    region: str
    operator: str
    zone: str
    title: str
    dormant: bool
    initial: Mapping[str, Sourced]
    like: str = ""


@dataclass(frozen=True)
class EdgeEntry:
    """One edge from row to row of the relation's two populations."""

    relation: str
    source: str
    target: str
    weight: Sourced
