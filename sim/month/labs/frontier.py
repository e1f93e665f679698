"""The leader and the best follower of the month, and the price of fixed capability, for metrics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from sim.economy.economy import Economy
from sim.economy.frontier import NOBODY, YEAR, Rows, of_lab
from sim.month.perceive.labs import NOTHING, open_capability


def open_frontier(economy: Economy) -> None:
    """The price of fixed capability on the eve: of what led a year before it; 0 where no lab
    has it to sell."""
    frontier = economy.frontier
    frontier.yardstick = frontier.lead[:, frontier.past - YEAR]
    price = _cheapest(economy, frontier.yardstick)
    frontier.fixed_price = np.where(np.isfinite(price), price, 0.0)
    frontier.yardstick_price = price


def note_frontier(economy: Economy) -> None:
    """Write the month: leader, best follower, its lag, and the price of fixed capability."""
    frontier = economy.frontier
    now = frontier.past + economy.month
    labs = economy.labs
    poor = np.array([group == "compute_poor" for group in labs.group_of], dtype=np.bool_)
    frontier.leader = _best_lab(economy, labs.alive)
    frontier.follower = _best_lab(economy, labs.alive & poor)
    capability = economy.of_slot("capability", "flagship")
    best = of_lab(capability, frontier.leader)
    frontier.lead[:, now] = np.where(np.isnan(best), frontier.lead[:, now - 1], best)
    behind = of_lab(capability, frontier.follower)
    frontier.follower_capability = np.where(np.isnan(behind), frontier.lead[:, now], behind)
    frontier.lag_months = frontier.lag(now, frontier.follower_capability)
    published = open_capability(economy).max(axis=1, initial=NOTHING)
    lag = frontier.lag(now, published)
    frontier.open_lag_months = np.where(published > NOTHING, lag, np.nan)

    price = _cheapest(economy, frontier.yardstick)
    known = np.isfinite(price) & np.isfinite(frontier.yardstick_price)
    fall = ratio(np.where(known, price, 1.0), np.where(known, frontier.yardstick_price, 1.0))
    frontier.fixed_price = frontier.fixed_price * fall
    if (economy.month + 1) % YEAR == 0:
        frontier.yardstick = frontier.lead[:, now - YEAR + 1]
        price = _cheapest(economy, frontier.yardstick)
    frontier.yardstick_price = price


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
