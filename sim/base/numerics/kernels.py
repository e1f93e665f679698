"""Compiled kernels: total, proportional, priority and choice.

All add up in index order, one run after the other, so a run's bits do not depend on its block.
Arrays are float64 in C order, indices uint32. `kernel.py_func` is the same code, uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats

Index = NDArray[np.uint32]


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile with a cache on disk, or without one where no folder is writable."""
    try:
        return numba.njit(cache=True)(function)
    except RuntimeError:
        return numba.njit(function)


@_compiled
def add_rows(values: Floats, out: Floats) -> None:
    """out[i] = values[i, 0] + values[i, 1] + ..., in that order; values (rows, n), out (rows,)."""
    for row in range(values.shape[0]):
        added = 0.0
        for column in range(values.shape[1]):
            added += values[row, column]
        out[row] = added


def total(values: Floats) -> Floats:
    """Sum over the last axis in index order: (..., n) -> (...)."""
    out = np.zeros(values.shape[:-1])
    rows = np.ascontiguousarray(values)
    if values.ndim == 2:
        add_rows(rows, out)
    elif values.size:
        add_rows(rows.reshape(-1, values.shape[-1]), out.reshape(-1))
    return out


@_compiled
def put_due(due: Floats, units: Floats, lead: Floats) -> None:
    """due[i, lead[i] - 1] += units[i], the lead rounded and kept within the pipeline; due (rows,
    depth), units and lead (rows,)."""
    for row in range(due.shape[0]):
        months = min(max(int(np.rint(lead[row])), 1), due.shape[1])
        due[row, months - 1] += units[row]


@_compiled
def blend_due(mean: Floats, due: Floats, units: Floats, value: Floats, lead: Floats) -> None:
    """Mean over what is due in the slot that units[i] will enter, as in `put_due`, and over them,
    whose own is value[i], by units; mean and due (rows, depth), all others (rows,)."""
    for row in range(due.shape[0]):
        if units[row] > 0.0:
            slot = min(max(int(np.rint(lead[row])), 1), due.shape[1]) - 1
            there, added = due[row, slot], units[row]
            mean[row, slot] = (there * mean[row, slot] + added * value[row]) / (there + added)


@_compiled
def spread_due(due: Floats, units: Floats, lead: Floats, months: Floats) -> None:
    """Add units[i] in months[i] equal parts, the first after lead[i] months, both rounded and kept
    within the pipeline; due (rows, depth), all others (rows,)."""
    for row in range(due.shape[0]):
        first = min(max(int(np.rint(lead[row])), 1), due.shape[1])
        parts = min(max(int(np.rint(months[row])), 1), due.shape[1] - first + 1)
        for ahead in range(first - 1, first - 1 + parts):
            due[row, ahead] += units[row] / parts


@_compiled
def add_due(due: Floats, months: Floats, out: Floats) -> None:
    """out[i] = what of due[i], by months ahead, comes within months[i]; a month in part counts in
    part. due (rows, depth), months and out (rows,)."""
    for row in range(due.shape[0]):
        added = 0.0
        for ahead in range(due.shape[1]):
            share = min(max(months[row] - ahead, 0.0), 1.0)
            if share == 0.0:
                break
            added += due[row, ahead] * share
        out[row] = added


@_compiled
def merit_order(chips: Floats, power: Floats, limit: Floats, newest: int, out: Floats) -> None:
    """Run chips newest first while power lasts: out[i] = chips running, and the power they draw.

    chips and power per chip (rows, vintages) with ages rising backwards (cyclically) from vintage
    `newest`, limit of power (rows,), out (rows, 2).
    """
    for row in range(chips.shape[0]):
        left, running = limit[row], 0.0
        for age in range(chips.shape[1]):
            vintage = (newest - age) % chips.shape[1]
            needed = chips[row, vintage] * power[row, vintage]
            if needed > 0.0:
                share = min(left / needed, 1.0)
                running += chips[row, vintage] * share
                left = max(left - needed, 0.0)
            else:
                running += chips[row, vintage]
        out[row, 0] = running
        out[row, 1] = limit[row] - left


@_compiled
def total_by(values: Floats, group: Index, groups: int) -> Floats:
    """Sum of values, (runs, n), over the members of each group, (n,): (runs, groups)."""
    out = np.zeros((values.shape[0], groups))
    for run in range(values.shape[0]):
        for place in range(values.shape[1]):
            out[run, group[place]] += values[run, place]
    return out


@_compiled
def proportional(supply: Floats, demand: Floats, seller: Index, quantum: float) -> Floats:
    """The amount of each edge when every seller serves its edges in the same proportion.

    supply (runs, sellers), demand (runs, edges), seller (edges,). Returns (runs, edges): demand
    where supply covers it, else demand x supply / all demand, rounded down to `quantum`.
    """
    granted = np.zeros(demand.shape)
    asked = np.zeros(supply.shape[1])
    for run in range(demand.shape[0]):
        asked[:] = 0.0
        for edge in range(demand.shape[1]):
            asked[seller[edge]] += demand[run, edge]
        for edge in range(demand.shape[1]):
            have, want = supply[run, seller[edge]], asked[seller[edge]]
            if want > 0.0 and have > 0.0:
                share = 1.0 if have >= want else have / want
                granted[run, edge] = np.floor(demand[run, edge] * share / quantum) * quantum
    return granted


@_compiled
def priority(
    supply: Floats, demand: Floats, seller: Index, price: Floats, quantum: float
) -> Floats:
    """The amount of each edge when every seller serves the highest price first, equal prices alike.

    supply (runs, sellers), demand and price (runs, edges), seller (edges,). Returns (runs, edges),
    rounded down to `quantum`.
    """
    granted = np.zeros(demand.shape)
    asked = np.zeros(supply.shape[1])
    for run in range(demand.shape[0]):
        left = supply[run].copy()
        order = np.argsort(-price[run], kind="mergesort")
        first = 0
        while first < len(order):
            last = first + 1  # a price that is no number equals nothing, itself included
            while last < len(order) and price[run, order[last]] == price[run, order[first]]:
                last += 1
            equals = order[first:last]
            for edge in equals:
                asked[seller[edge]] = 0.0
            for edge in equals:
                asked[seller[edge]] += demand[run, edge]
            for edge in equals:
                have, want = left[seller[edge]], asked[seller[edge]]
                if want > 0.0 and have > 0.0:
                    share = min(have / want, 1.0)
                    granted[run, edge] = np.floor(demand[run, edge] * share / quantum) * quantum
            for edge in equals:
                left[seller[edge]] -= granted[run, edge]
            first = last
    return granted


@_compiled
def choice(utility: Floats, chooser: Index, choosers: int) -> Floats:
    """Logit shares of each chooser's edges: exp(u) over the sum of exp(u) of its edges.

    utility (runs, edges), -inf for an edge that is closed; chooser (edges,). Returns (runs, edges)
    that add up to 1 per chooser, or to 0 where all its edges are closed.
    """
    runs, edges = utility.shape
    shares = np.zeros((runs, edges))
    for run in range(runs):
        best = np.full(choosers, -np.inf)
        added = np.zeros(choosers)
        for edge in range(edges):
            best[chooser[edge]] = max(best[chooser[edge]], utility[run, edge])
        for edge in range(edges):
            if utility[run, edge] > -np.inf:
                shares[run, edge] = np.exp(utility[run, edge] - best[chooser[edge]])
            added[chooser[edge]] += shares[run, edge]
        for edge in range(edges):
            if added[chooser[edge]] > 0.0:
                shares[run, edge] /= added[chooser[edge]]
    return shares
