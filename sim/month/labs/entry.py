"""Entry: dormant labs are founded with the market's money, and sell once they have a model."""

from __future__ import annotations

import numpy as np

from agents.demand.customer import Customer
from agents.finance.capital_market import CapitalMarket
from agents.framework.columns import Floats, ratio
from agents.labs.ai_model import SLOTS
from agents.labs.lab_training import REFERENCE_FLOP
from agents.supply.data_center import HOURS
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy
from sim.month.markets import funding as capital_markets
from sim.month.perceive import labs as perceive_labs


def found_labs(economy: Economy) -> None:
    """A dormant lab is founded with the chance of the month, while the pool of the month covers its
    first round, before any other; one a month at most, the luckiest. It brings staff and a part of
    the best software that can be copied, leases compute, and begins its first run; it has nothing
    to sell yet."""
    labs, capital = economy.labs, economy.capital
    round_ = opening(economy, "cash")
    drawn = (labs.luck_entry < labs.entry_hazard) & ~labs.alive & (labs.closed == 0.0)
    drawn &= (round_ > 0.0) & (round_ <= capital.decide(CapitalMarket.fill_pool))
    if not drawn.any():
        return
    luck = np.where(drawn, labs.luck_entry, 1.0)
    enters = drawn & (np.arange(len(labs)) == luck.argmin(axis=1)[:, None])
    labs.alive[:] = labs.alive | enters
    economy.models.alive[:] = economy.models.alive | np.tile(enters, len(SLOTS))
    new = enters.astype(np.float64)
    pay_first_round(economy, round_ * new)
    perceive_labs.technology(economy)
    begin(economy, enters)


def opening(economy: Economy, key: str) -> Floats:
    """A value of the world for labs that may enter, (1, labs); 0 for all others."""
    labs, roster = economy.labs, economy.world.roster("labs")
    row = np.zeros((1, len(labs)))
    if key in roster.initial:
        given = roster.initial[key].value
        row[0, labs.given] = np.where(roster.dormant & ~np.isnan(given), given, 0.0)
    return row


def pay_first_round(economy: Economy, amount: Floats) -> None:
    """The market buys the founders' first shares, out of its pool of this month."""
    market, capital = economy.lab_funding, economy.capital
    capital_markets.buy_shares(economy, market, market.from_target(amount))
    first = market.from_target(amount) > 0.0
    market.stake = np.where(first, market.from_target(economy.labs.max_dilution), market.stake)
    capital.pool = capital.pool - total(amount)[:, None]


def begin(economy: Economy, enters: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
    """Set what a new lab starts with; its yardstick is the small model that the world names."""
    labs, lease = economy.labs, economy.lease
    hours = opening(economy, "compute") * HOURS
    price = ratio(
        total(lease.hours * lease.price)[:, None], np.maximum(total(lease.hours)[:, None], 1.0)
    )
    software = np.maximum(opening(economy, "software") * labs.best_past, 1e-6)
    flop = opening(economy, "flagship_flop")
    size = labs.reference_flop_per_token * np.power(
        np.maximum(flop, 1.0) / REFERENCE_FLOP, labs.size_elasticity
    )
    start: dict[str, Floats | float] = {
        "staff": opening(economy, "staff"),
        "software": software,
        "serving_efficiency": np.maximum(labs.best_serving * opening(economy, "software"), 1.0),
        "compute_wanted": hours,
        "research_wanted": hours,
        "hour_price": price,
        "staff_wanted": opening(economy, "staff"),
        "paradigm": public_paradigm(economy),
        "thinking": labs.initial_thinking,
        "task_quality": economy.outside.task_quality_start,
        "growth_expected": labs.growth_expected_start,
        "plan_growth": np.minimum(labs.growth_expected_start, labs.plan_growth_max),
        "cost_effort": labs.reference_effort,
    }
    for column, values in start.items():
        np.copyto(labs.columns[column], values, where=enters)
    past = labs.software_past
    np.copyto(past, software[:, :, None] * np.ones_like(past), where=enters[:, :, None])
    for slot in ("flagship", "small"):
        np.copyto(economy.of_slot("training_flop", slot), flop, where=enters)
        np.copyto(economy.of_slot("capability", slot), opening(economy, "capability"), where=enters)
        np.copyto(economy.of_slot("flop_per_token", slot), size, where=enters)
        np.copyto(economy.of_slot("focus", slot), perceive_labs.EVEN_TASKS, where=enters)


def public_paradigm(economy: Economy) -> Floats:
    """The level of jumps that everybody can replicate, (runs, 1): that of the last lab at work."""
    labs = economy.labs
    at_work = labs.alive & (labs.experiment_hours > 0.0)
    least = np.where(at_work, labs.paradigm, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    return np.where(np.isfinite(least), least, 0.0)


def welcome(economy: Economy, first: Floats) -> None:
    """Labs that release their first model, 1 in `first` (runs, labs), begin with a small share s of
    each cohort that could buy from them, ln s / (1 - s) beside all suppliers together; what its
    offer does not explain of that is appeal, as for labs known from the start: nobody knows it."""
    tokens, labs = economy.tokens, economy.labs
    others = tokens.from_source(economy.of_slot("on_sale", "flagship") * (1.0 - first))
    others = others * tokens.open_edges() * (tokens.weight > 0.0)
    standing = tokens.to_target(np.exp(np.clip(tokens.log_odds, -500.0, 500.0)) * others)
    share = tokens.from_source(labs.entrant_share)
    start = np.log(np.maximum(tokens.from_target(standing), 1e-200)) + np.log(
        np.maximum(share, 1e-12) / (1.0 - share)
    )
    new = tokens.from_source(first) > 0.0
    unexplained = start - tokens.decide(Customer.prefer, by_target=True)
    tokens.log_odds = np.where(new, start, tokens.log_odds)
    tokens.appeal = np.where(new, unexplained, tokens.appeal)
