"""Conservation: chips, compute and energy balance every month, as money does in the ledger.

Each identity is written with stocks taken before the month and after it, so a flow that is lost or
counted twice anywhere shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.framework.columns import Floats, Quantity, ratio
from agents.labs.lab import Lab
from agents.supply.data_center import HOURS
from sim.base.errors import InvariantError
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy

TOLERANCE = 1e-9
"""Largest residual as a share of the month's turnover."""


@dataclass(frozen=True)
class Stocks:
    """Stocks before a month: (runs, agents) each."""

    inventory: Floats
    transit: Floats
    installed: Floats
    inputs: Floats
    contracts: Floats
    """Hours signed ahead by edge, what has been called off this month before included."""


def take_stock(economy: Economy) -> Stocks:
    """Copy the stocks whose change the month must explain."""
    return Stocks(
        economy.fabs.inventory.copy(),
        total(economy.fleets.transit),
        total(economy.fleets.chips),
        economy.supplies.stock.copy(),
        total(economy.lease.forward) + economy.lease.called_off,
    )


def residuals(economy: Economy, before: Stocks) -> dict[str, Floats]:
    """Violations by account, each (runs, agents or edges) as a share of the month's turnover.

    Chips: made = shipped + change of inventory; shipped = arrived + change in transit; installed =
    before + arrived - retired. Inputs: delivered = used + change of stock. Compute: offered =
    leased + own + spot + idle, and bought = sold + contributed; contracts ahead: before + signed =
    taken up + called off + what waits; hours of a lab = the sum of their uses, evaluations among
    them, of which serving takes no more than was kept. Tokens: sold = served = used, and their FLOP
    is what models computed. Energy: drawn at most what is connected, and
    offered hours at most those of powered chips. No flow is negative.
    """
    fabs, fleets, chips, supplies = economy.fabs, economy.fleets, economy.chips, economy.supplies
    lease = economy.lease
    made, hours = _turnover(fabs.produced), _turnover(fleets.offered)
    transit = total(fleets.transit)
    bought = total(economy.labs.compute_used) + total(economy.elsewhere.hours_used)
    sold = total(fleets.leased_used) + total(fleets.spot_sold)
    sold = sold + total(economy.labs.contributed_hours)
    labs, models, tokens = economy.labs, economy.models, economy.tokens
    lessons = economy.teaching
    used = total(economy.customers.tokens) + total(labs.lessons_bought)
    sold_tokens = _turnover(models.tokens)
    served_hours = ratio(labs.inference_flop, labs.decide(Lab.flop_per_hour))
    over = np.maximum(fleets.draw_gw - fleets.connected_gw, 0.0)
    possible = total(fleets.chips) * HOURS
    return {
        "fabs chips": (before.inventory + fabs.produced - fabs.shipped - fabs.inventory) / made,
        "chips in transit": (before.transit + fleets.received - fleets.arrived - transit) / made,
        "chips shipped": (total(chips.units) - total(fabs.shipped))[:, None] / made,
        "fleets chips": (before.installed + fleets.arrived - fleets.retired - total(fleets.chips))
        / made,
        "inputs": (before.inputs + supplies.units - supplies.used - supplies.stock)
        / np.maximum(supplies.from_source(economy.inputs.supply), 1e-9),
        "fleets compute": (
            fleets.offered - fleets.leased_used - fleets.own_used - fleets.spot_sold - fleets.idle
        )
        / hours,
        "compute bought": (bought - sold)[:, None] / hours,
        "compute offered": np.maximum(fleets.offered - possible, 0.0) / hours,
        "contracts ahead": (
            before.contracts
            + lease.signed
            - lease.taken_up
            - lease.called_off
            - total(lease.forward)
        )
        / _turnover(lease.hours),
        "labs hours": (
            labs.compute_used
            - labs.inference_hours
            - labs.evaluating_hours
            - labs.experiment_hours
            - labs.synthetic_hours
            - labs.pre_training_hours
            - labs.post_training_hours
            - labs.agent_hours
        )
        / hours,
        "serving hours": np.maximum(served_hours - labs.inference_hours, 0.0) / hours,
        "tokens sold": (total(tokens.units) + total(lessons.units) - total(models.tokens))[:, None]
        / sold_tokens,
        "tokens used": (used - total(models.tokens))[:, None] / sold_tokens,
        "inference FLOP": (
            total(models.tokens * models.flop_per_token) - total(labs.inference_flop)
        )[:, None]
        / _turnover(labs.inference_flop),
        "negative tokens": _below_zero(
            tokens.units, tokens.small_units, lessons.units, models.tokens
        )
        / sold_tokens,
        "negative chips": _below_zero(fabs.produced, chips.ordered, chips.on_order, chips.units)
        / made,
        "negative hours": _below_zero(
            fleets.offered,
            fleets.leased_used,
            fleets.own_used,
            fleets.spot_sold,
            fleets.idle,
            lease.units,
            lease.hours,
            lease.forward.min(axis=2, initial=0.0),
            economy.spot.units,
            labs.inference_hours,
            labs.evaluating_hours,
            labs.experiment_hours,
            labs.synthetic_hours,
            labs.pre_training_hours,
            labs.post_training_hours,
            labs.agent_hours,
        )
        / hours,
        "fleets energy": over / _turnover(fleets.draw_gw),
    }


def check(economy: Economy, before: Stocks) -> Floats:
    """The largest physical residual of every run, (runs,), as a share of turnover.

    Raises InvariantError beyond the tolerance, with the month, the account, the amount and the run.
    """
    found = residuals(economy, before)
    worst: Floats = np.abs(np.concatenate([*found.values()], axis=1)).max(axis=1)
    if (worst <= TOLERANCE).all():
        return worst
    for account, gaps in found.items():
        if (bad := ~(np.abs(gaps) <= TOLERANCE)).any():
            run, place = (int(i) for i in np.argwhere(bad)[0])
            month = economy.calendar.label(economy.month)
            amount = float(gaps[run, place])
            raise InvariantError(month, account, amount, "of the month's turnover", run)
    raise AssertionError("a residual of no account")


def _below_zero(*flows: Floats) -> Floats:
    """The largest amount by which any of these falls below zero, (runs, 1)."""
    worst: Floats = -np.concatenate(flows, axis=1).min(axis=1, keepdims=True, initial=0.0)
    return worst


def _turnover(amount: Quantity) -> Floats:
    """The turnover of the month, (runs, 1), at least one unit."""
    return np.maximum(total(np.asarray(amount))[:, None], 1.0)
