"""The memory of the frontier: what led in which month, and what its capability costs since.

Only metrics read it; no agent does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats, ratio
from sim.base.calendar import Calendar
from sim.config.world.world import World

YEAR = 12
"""Months back to the capability whose price is followed."""
NOBODY = -1
"""The row of a lab where there is none."""
Rows = NDArray[np.intp]


class Frontier:
    """Best capability on sale by month, the world's history included, (runs, months), and the price
    of fixed capability: the cheapest price at which a lab sells what led a year before. The
    yardstick stays for a year, then the next one is linked to it: moved every month, it would count
    the entry of each cheap follower again and again."""

    def __init__(self, world: World, calendar: Calendar, runs: int) -> None:
        past = np.array(world.history["frontier_capability"].value, dtype=np.float64)
        self.past = len(past)
        self.lead = np.full((runs, self.past + calendar.months), np.nan)
        self.lead[:, : self.past] = past
        self.leader: Rows = np.full(runs, NOBODY)
        self.follower: Rows = np.full(runs, NOBODY)
        self.follower_capability = np.zeros(runs)
        self.lag_months = np.zeros(runs)
        self.open_lag_months = np.full(runs, np.nan)
        self.fixed_price = np.zeros(runs)
        self.yardstick = self.lead[:, self.past - YEAR]
        self.yardstick_price = np.zeros(runs)

    def lag(self, now: int, capability: Floats) -> Floats:
        """Months since the leader first had such a capability, (runs,), interpolated."""
        seen = self.lead[:, : now + 1]
        reached = seen >= capability[:, None]
        first, runs = reached.argmax(axis=1), np.arange(len(seen))
        before, after = seen[runs, np.maximum(first - 1, 0)], seen[runs, first]
        step = np.where(first > 0, ratio(capability - before, after - before), 1.0)
        when = first - 1.0 + np.clip(step, 0.0, 1.0)
        return np.where(reached.any(axis=1), now - when, 0.0)


def of_lab(values: Floats, lab: Rows) -> Floats:
    """The value of one lab of each run, (runs,), out of values (runs, labs); NaN where there is
    none."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    found = values[np.arange(len(values)), np.maximum(lab, 0)]
    return np.where(lab == NOBODY, np.nan, found)
