"""Relation: the edges of one kind between two populations, as columns of shape (runs, edges)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.columns import Column, Floats, Quantity
from agents.population import Population


class Relation:
    """Edges from rows of `origin` to rows of `goal`, sorted by (target, source).

    `source` and `target` are uint32 arrays of shape (edges,). `relation.shipped` reads the column
    `shipped`, shape (runs, edges); `relation.shipped = values` writes it in place. `open_edges()`
    tells which edges connect two agents that are both alive.
    """

    name: str
    origin: Population[Any]
    goal: Population[Any]
    source: NDArray[np.uint32]
    target: NDArray[np.uint32]
    declared: dict[str, Column]
    columns: dict[str, Floats]
    _flat: dict[str, NDArray[np.intp]]

    def __init__(
        self,
        name: str,
        origin: Population[Any],
        goal: Population[Any],
        pairs: Sequence[tuple[int, int]],
        declared: dict[str, Column],
    ) -> None:
        set_slot = object.__setattr__
        ordered = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
        ends = np.array(ordered, dtype=np.uint32).reshape(-1, 2)
        runs = origin.runs
        set_slot(self, "name", name)
        set_slot(self, "origin", origin)
        set_slot(self, "goal", goal)
        set_slot(self, "source", np.ascontiguousarray(ends[:, 0]))
        set_slot(self, "target", np.ascontiguousarray(ends[:, 1]))
        set_slot(self, "declared", declared)
        set_slot(self, "columns", {c: np.zeros((runs, len(ordered))) for c in declared})
        set_slot(
            self,
            "_flat",
            {
                "source": _flat(self.source, runs, len(origin)),
                "target": _flat(self.target, runs, len(goal)),
            },
        )

    def __len__(self) -> int:
        return len(self.source)

    def __getattr__(self, column: str) -> Floats:
        columns: dict[str, Floats] = self.__dict__.get(
            "columns", {}
        )  # empty while a copy is being made
        if column in columns:
            return columns[column]
        raise AttributeError(f"{self.__dict__.get('name', 'relation')} has no column {column!r}")

    def __setattr__(self, column: str, values: Quantity) -> None:
        if column not in self.columns:
            raise AttributeError(f"{self.name} has no column {column!r}")
        np.copyto(self.columns[column], values)

    def from_source(self, values: Floats) -> Floats:
        """Values of the origin's rows, (runs, rows), gathered along the edges, (runs, edges)."""
        return np.take(values, self.source, axis=1)

    def from_target(self, values: Floats) -> Floats:
        """Values of the goal's rows, (runs, rows), gathered along the edges, (runs, edges)."""
        return np.take(values, self.target, axis=1)

    def to_source(self, values: Floats) -> Floats:
        """Edge values, (runs, edges), added up by source in edge order: (runs, origin rows)."""
        return _scatter(values, self._flat["source"], self.origin.runs, len(self.origin))

    def to_target(self, values: Floats) -> Floats:
        """Edge values, (runs, edges), added up by target in edge order: (runs, goal rows)."""
        return _scatter(values, self._flat["target"], self.origin.runs, len(self.goal))

    def decide(self, rule: Callable[[Any, Any], Quantity]) -> Floats:
        """What each source decides about its target by a two-sided rule, a method of the origin's
        kind that takes the other agent: (runs, edges). Classes of this package are asked once with
        both ends read along the edges, any other class edge by edge."""
        decided = np.empty((self.origin.runs, len(self)))
        for rows, ours in self.origin.spans:
            if rows.start == rows.stop:
                continue
            kind = self.origin.members[rows.start].kind
            edges = np.flatnonzero((self.source >= rows.start) & (self.source < rows.stop))
            if ours:
                one = kind.over(self.origin, self.source[edges])
                other = self.goal.kind.over(self.goal, self.target[edges])
                decided[:, edges] = getattr(one, rule.__name__)(other)
                continue
            for run, edge in product(range(self.origin.runs), edges.tolist()):
                one = kind.over(self.origin, int(self.source[edge]), run)
                other = self.goal.kind.over(self.goal, int(self.target[edge]), run)
                decided[run, edge] = getattr(one, rule.__name__)(other)
        return decided

    def open_edges(self) -> Floats:
        """1.0 where both ends are alive, else 0.0; shape (runs, edges)."""
        both = np.take(self.origin.alive, self.source, axis=1) & np.take(
            self.goal.alive, self.target, axis=1
        )
        return both.astype(np.float64)


def _flat(ends: NDArray[np.uint32], runs: int, rows: int) -> NDArray[np.intp]:
    offsets = np.arange(runs, dtype=np.intp)[:, None] * rows
    return np.ascontiguousarray((offsets + ends.astype(np.intp)).ravel())


def _scatter(values: Floats, flat: NDArray[np.intp], runs: int, rows: int) -> Floats:
    added = np.bincount(flat, weights=values.ravel(), minlength=runs * rows)
    return added.reshape(runs, rows).astype(np.float64, copy=False)
