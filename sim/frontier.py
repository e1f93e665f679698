"""The memory of the frontier: what led in which month, and what its capability costs since.

Only metrics read it; no agent does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agents.columns import Floats, ratio
from agents.lab import Lab
from sim.calendar import Calendar
from sim.perceive_labs import NOTHING, open_capability
from sim.world import World

if TYPE_CHECKING:
    from sim.economy import Economy

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
        self._yardstick = self.lead[:, self.past - YEAR]
        self._yardstick_price = np.zeros(runs)

    def open(self, economy: Economy) -> None:
        """The price of fixed capability on the eve: of what led a year before it; 0 where no lab
        has it to sell."""
        self._yardstick = self.lead[:, self.past - YEAR]
        price = _cheapest(economy, self._yardstick)
        self.fixed_price = np.where(np.isfinite(price), price, 0.0)
        self._yardstick_price = price

    def note(self, economy: Economy) -> None:
        """Write the month: leader, best follower, its lag, and the price of fixed capability."""
        now = self.past + economy.month
        labs = economy.labs
        poor = np.array([group == "compute_poor" for group in labs.group_of], dtype=np.bool_)
        self.leader = _best_lab(economy, labs.alive)
        self.follower = _best_lab(economy, labs.alive & poor)
        capability = economy.of_slot("capability", "flagship")
        best = of_lab(capability, self.leader)
        self.lead[:, now] = np.where(np.isnan(best), self.lead[:, now - 1], best)
        behind = of_lab(capability, self.follower)
        self.follower_capability = np.where(np.isnan(behind), self.lead[:, now], behind)
        self.lag_months = self._lag(now, self.follower_capability)
        published = open_capability(economy).max(axis=1, initial=NOTHING)
        lag = self._lag(now, published)
        self.open_lag_months = np.where(published > NOTHING, lag, np.nan)

        price = _cheapest(economy, self._yardstick)
        known = np.isfinite(price) & np.isfinite(self._yardstick_price)
        fall = ratio(np.where(known, price, 1.0), np.where(known, self._yardstick_price, 1.0))
        self.fixed_price = self.fixed_price * fall
        if (economy.month + 1) % YEAR == 0:
            self._yardstick = self.lead[:, now - YEAR + 1]
            price = _cheapest(economy, self._yardstick)
        self._yardstick_price = price

    def _lag(self, now: int, capability: Floats) -> Floats:
        """Months since the leader first had such a capability, (runs,), interpolated."""
        seen = self.lead[:, : now + 1]
        reached = seen >= capability[:, None]
        first, runs = reached.argmax(axis=1), np.arange(len(seen))
        before, after = seen[runs, np.maximum(first - 1, 0)], seen[runs, first]
        step = np.where(first > 0, ratio(capability - before, after - before), 1.0)
        when = first - 1.0 + np.clip(step, 0.0, 1.0)
        return np.where(reached.any(axis=1), now - when, 0.0)


def of_lab(values: Floats, lab: Rows) -> Floats:
    """What one lab of each run has, (runs,), of values (runs, labs); NaN where there is none."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    found = values[np.arange(len(values)), np.maximum(lab, 0)]
    return np.where(lab == NOBODY, np.nan, found)


def _best_lab(economy: Economy, among: NDArray[np.bool_]) -> Rows:
    """Row of the lab whose flagship is the most capable among some labs, (runs,)."""
    if not len(economy.labs):
        return np.full(economy.runs, NOBODY)
    among = among & (economy.of_slot("on_sale", "flagship") > 0.0)
    capability = np.where(among, economy.of_slot("capability", "flagship"), -np.inf)
    return np.where(among.any(axis=1), capability.argmax(axis=1), NOBODY)


def _cheapest(economy: Economy, capability: Floats) -> Floats:
    """Lowest price at which any lab would sell a capability, (runs,); infinite where none can."""
    labs = economy.labs
    labs.asked_capability = capability[:, None]
    able = labs.alive & (labs.offer_capability >= labs.asked_capability)
    asked = labs.decide(Lab.price_for_less)
    # A price of 0 is none: who posts it sells no tokens.
    price = np.where(able & (asked > 0.0), asked, np.inf)
    cheapest: Floats = price.min(axis=1, initial=np.inf)
    return cheapest
