"""Phase 2: gas and power prices by region, and the scarce inputs of chip making."""

from __future__ import annotations

import numpy as np

from agents.supply.chip_fab import ChipFab
from agents.supply.inputs import Input
from agents.supply.region import Region
from sim.base.numerics.kernels import priority
from sim.economy.economy import Economy
from sim.month.perceive import supply as perceive_supply

INPUT_QUANTUM = 2.0**-24
"""Quantum of inputs, in their own unit; exact up to 2.7e8 units of one input a month."""


def set_prices(economy: Economy) -> None:
    """Gas, then power, by region."""
    regions = economy.regions
    regions.gas_price_index = regions.decide(Region.set_gas_price)
    regions.power_price = regions.decide(Region.set_power_price)
    perceive_supply.power_prices(economy)


def share_inputs(economy: Economy) -> None:
    """Inputs go to the highest margins first: fabs, in order of their margin over cost, then all
    other users [helium-outbid-rule]. What a fab receives joins its stock; it pays on delivery."""
    inputs, fabs, supplies, ledger = (
        economy.inputs,
        economy.fabs,
        economy.supplies,
        economy.ledger,
    )
    perceive_supply.input_demand(economy)
    inputs.supply = inputs.decide(Input.produce)
    inputs.calm_price = inputs.decide(Input.set_calm_price)
    inputs.price = inputs.decide(Input.set_price)
    perceive_supply.input_costs(economy)

    margin = fabs.decide(ChipFab.margin)
    supplies.units = priority(
        inputs.supply, supplies.wanted, supplies.source, supplies.from_target(margin), INPUT_QUANTUM
    )
    supplies.stock = supplies.stock + supplies.units
    inputs.sold_to_fabs = supplies.to_source(supplies.units)
    unsold = np.maximum(inputs.supply - inputs.sold_to_fabs, 0.0)
    inputs.sold_to_others = np.minimum(unsold, inputs.other_demand)

    bill = supplies.units * supplies.from_source(inputs.price)
    supplies.usd = ledger.pay("inputs", bill, fabs, inputs, along=supplies, for_="inventory_book")
    ledger.pay("fuel and wages", supplies.to_source(supplies.usd), inputs, economy.outside)
    inputs.capacity = inputs.decide(Input.expand)


def use_inputs(economy: Economy) -> None:
    """Chips made this month take their inputs out of the fabs' stocks."""
    supplies = economy.supplies
    per_chip = supplies.from_source(economy.inputs.need_per_h100e) * supplies.open_edges()
    supplies.used = supplies.from_target(economy.fabs.produced) * per_chip
    supplies.stock = np.maximum(supplies.stock - supplies.used, 0.0)
