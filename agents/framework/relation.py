"""Relation: the edges of one kind between two populations, as columns of shape (runs, edges)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.framework.column_table import ColumnTable
from agents.framework.columns import Column, Floats, Quantity, ratio
from agents.framework.population import Population


class Relation(ColumnTable):
    """Edges from rows of `origin` to rows of `goal`, sorted by (target, source).

    `source` and `target` are uint32 arrays of shape (edges,), columns are (runs, edges).
    `open_edges()` tells which edges connect two agents that are both alive.
    """

    origin: Population[Any]
    goal: Population[Any]
    source: NDArray[np.uint32]
    target: NDArray[np.uint32]
    _rows: tuple[NDArray[np.intp], NDArray[np.intp]]
    _flat: tuple[NDArray[np.intp], NDArray[np.intp]]

    def __init__(
        self,
        name: str,
        origin: Population[Any],
        goal: Population[Any],
        pairs: Sequence[tuple[int, int]] | NDArray[np.uint32],
        declared: dict[str, Column],
    ) -> None:
        ends = np.asarray(pairs, dtype=np.uint32).reshape(-1, 2)
        order = edge_order(ends)
        source, target = ends[order, 0], ends[order, 1]
        rows = source.astype(np.intp), target.astype(np.intp)
        flat = _flat(rows[0], origin.runs, len(origin)), _flat(rows[1], origin.runs, len(goal))
        self.hold(name=name, origin=origin, goal=goal, source=source, target=target)
        self.hold(_rows=rows, _flat=flat)
        self.hold_columns(declared, (origin.runs, len(ends)))

    def __len__(self) -> int:
        return len(self.source)

    def from_source(self, values: Floats) -> Floats:
        """Values of the origin's rows, (runs, rows), gathered along the edges, (runs, edges)."""
        return values.take(self._rows[0], axis=1)

    def from_target(self, values: Floats) -> Floats:
        """Values of the goal's rows, (runs, rows), gathered along the edges, (runs, edges)."""
        return values.take(self._rows[1], axis=1)

    def to_source(self, values: Floats) -> Floats:
        """Edge values, (runs, edges), added up by source in edge order: (runs, origin rows)."""
        return _scatter(values, self._flat[0], self.origin.alive.shape)

    def parts(self, pull: Floats) -> Floats:
        """Each edge's part of its source, (runs, edges), in proportion to its pull; 0 for none."""
        return ratio(pull, self.from_source(self.to_source(pull)))

    def to_target(self, values: Floats) -> Floats:
        """Edge values, (runs, edges), added up by target in edge order: (runs, goal rows)."""
        return _scatter(values, self._flat[1], self.goal.alive.shape)

    def decide(self, rule: Callable[[Any, Any], Quantity], *, by_target: bool = False) -> Floats:
        """The decisions of each source (or target) about the agent at the other end by a two-sided
        rule, a method of its kind that takes the other: (runs, edges). Classes of this package are
        asked once with both ends read along the edges, any other class edge by edge."""
        mine, theirs = (self.goal, self.origin) if by_target else (self.origin, self.goal)
        my_end, their_end = (self.target, self.source) if by_target else (self.source, self.target)
        decided = np.empty((self.origin.runs, len(self)))
        for rows, ours in mine.spans:
            if rows.start == rows.stop:
                continue
            kind = mine.members[rows.start].kind
            edges = np.flatnonzero((my_end >= rows.start) & (my_end < rows.stop))
            if ours:
                one = kind.over(mine, my_end[edges])
                other = theirs.kind.over(theirs, their_end[edges])
                decided[:, edges] = getattr(one, rule.__name__)(other)
                continue
            for run, edge in product(range(self.origin.runs), edges.tolist()):
                one = kind.over(mine, int(my_end[edge]), run)
                other = theirs.kind.over(theirs, int(their_end[edge]), run)
                decided[run, edge] = getattr(one, rule.__name__)(other)
        return decided

    def open_edges(self) -> Floats:
        """1.0 where both ends are alive, else 0.0; shape (runs, edges)."""
        both = self.origin.alive.take(self._rows[0], axis=1)
        both &= self.goal.alive.take(self._rows[1], axis=1)
        return both.astype(np.float64)


def edge_order(ends: NDArray[np.uint32]) -> NDArray[np.intp]:
    """The permutation that puts edges, (edges, 2) of source and target, in a relation's order."""
    return np.lexsort((ends[:, 0], ends[:, 1]))


def _flat(rows: NDArray[np.intp], runs: int, count: int) -> NDArray[np.intp]:
    offsets = np.arange(runs, dtype=np.intp)[:, None] * count
    return np.ascontiguousarray((offsets + rows).ravel())


def _scatter(values: Floats, flat: NDArray[np.intp], shape: tuple[int, int]) -> Floats:
    added = np.bincount(flat, values.ravel(), shape[0] * shape[1])
    return added.reshape(shape).astype(np.float64, copy=False)
