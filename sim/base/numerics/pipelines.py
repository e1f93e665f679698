"""Pipelines: arrays (runs, rows, months ahead) whose first slot comes due next."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats
from sim.base.numerics.kernels import Index, add_due, blend_due, put_due, spread_due


def next_due(due: Floats) -> Floats:
    """Take off what is due now, (runs, rows), and move everything else up one month."""
    now = due[:, :, 0].copy()
    due[:, :, :-1] = due[:, :, 1:]
    due[:, :, -1] = 0.0
    return now


def slots(due: Floats, lead: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """The slot, (runs, rows, 1), in which something with this lead time in months comes due."""
    return np.clip(np.rint(lead), 1, due.shape[2]).astype(np.intp)[:, :, None] - 1


def enter(due: Floats, units: Floats, lead: Floats) -> None:
    """Add units, (runs, rows), that come due after `lead` months (rounded, within the pipeline)."""
    depth = due.shape[2]
    put_due(due.reshape(-1, depth), np.ascontiguousarray(units).ravel(), lead.ravel())


def blend(mean: Floats, due: Floats, units: Floats, value: Floats, lead: Floats) -> None:
    """Blend the value of units, (runs, rows), into the mean, by units, of the slot of `due` that
    they will enter after `lead` months."""
    depth = due.shape[2]
    flat = (np.ascontiguousarray(a).ravel() for a in (units, value, lead))
    blend_due(mean.reshape(-1, depth), due.reshape(-1, depth), *flat)


def enter_in_parts(due: Floats, units: Floats, lead: Floats, months: Floats) -> None:
    """Add units, (runs, rows), in equal parts over `months`, the first after `lead` months."""
    depth = due.shape[2]
    flat = (np.ascontiguousarray(a).ravel() for a in (units, lead, months))
    spread_due(due.reshape(-1, depth), *flat)


def within(due: Floats, months: Floats, rows: Index | None = None) -> Floats:
    """The amount that comes due within `months`, (runs, rows), or (runs, edges) with `rows` the
    pipeline's row of each edge; a month in part counts in part."""
    chosen = due if rows is None else np.take(due, rows, axis=1)
    out = np.empty(months.size)
    add_due(chosen.reshape(-1, due.shape[2]), months.ravel(), out)
    return out.reshape(months.shape)
