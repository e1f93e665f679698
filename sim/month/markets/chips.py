"""Phase 4: fabs produce, fleets order, orders are filled, the order book moves the price."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from sim.base.numerics.kernels import choice, priority, proportional, total
from sim.base.numerics.pipelines import enter
from sim.economy.accounts.quanta import CHIP_QUANTUM, whole_chips
from sim.economy.economy import Economy
from sim.month import energy
from sim.month.perceive import supply as perceive_supply


def trade(economy: Economy) -> None:
    """The month of the chip market, from production to payment and the next price."""
    produce(economy)
    place_orders(economy)
    fill_orders(economy)
    settle(economy)
    fabs = economy.fabs
    perceive_supply.order_books(economy)
    fabs.price = fabs.decide(ChipFab.set_price)


def produce(economy: Economy) -> None:
    """Fabs make min(capacity, scarcest input) and put it into inventory."""
    fabs = economy.fabs
    perceive_supply.output_limits(economy)
    fabs.produced = whole_chips(fabs.decide(ChipFab.output))
    fabs.inventory = fabs.inventory + fabs.produced
    energy.use_inputs(economy)


def place_orders(economy: Economy) -> None:
    """Fleets order for power they can connect in time, and split orders over their vendors by
    weight and lead time; a controlled region's foreign orders stop at its licences and leaks. A
    part of the price is paid with the order."""
    fleets, fabs, chips = economy.fleets, economy.fabs, economy.chips
    perceive_supply.chip_offers(economy)
    perceive_supply.site_pipelines(economy)
    fleets.ordered = fleets.decide(DataCenter.order_chips)
    shares = choice(_preference(economy), chips.target, len(fleets))
    wished = whole_chips(chips.from_target(fleets.ordered) * shares)
    chips.ordered = _licensed(economy, wished)
    chips.on_order = chips.on_order + chips.ordered
    fabs.orders_received = chips.to_source(chips.ordered)
    down = chips.ordered * chips.from_source(fabs.price * fabs.deposit_share)
    chips.deposit = chips.deposit + economy.ledger.pay(
        "deposits", down, fleets, fabs, along=chips, for_="prepayments", by="advances"
    )


def fill_orders(economy: Economy) -> None:
    """Contracts first: a share of what is on hand goes pro rata to all orders; then the highest
    price. What a controlled region may not import waits in the order book."""
    fabs, chips = economy.fabs, economy.chips
    chips.price = chips.from_source(fabs.price) * (1.0 + _surcharge(economy))
    asked = _licensed(economy, chips.on_order)
    promised = whole_chips(fabs.inventory * fabs.contract_share)
    contracted = proportional(promised, asked, chips.source, CHIP_QUANTUM)
    rest = fabs.inventory - chips.to_source(contracted)
    dearest = priority(rest, asked - contracted, chips.source, chips.price, CHIP_QUANTUM)
    chips.units = contracted + dearest


def settle(economy: Economy) -> None:
    """Chips leave inventory for transit. Their price is taken from the deposit and billed, and
    invoices are paid over time, more of it where vendors carry a part; hosts and networks are paid
    on delivery [debt-vs-equity]."""
    fabs, fleets, chips, ledger = economy.fabs, economy.fleets, economy.chips, economy.ledger
    delivered = ratio(chips.units, chips.on_order)
    chips.on_order = chips.on_order - chips.units
    fabs.shipped = chips.to_source(chips.units)
    fabs.inventory = fabs.inventory - fabs.shipped
    fabs.shipped_cumulative = fabs.shipped_cumulative + fabs.shipped
    fleets.received = chips.to_target(chips.units)
    gw = chips.to_target(chips.units * chips.from_source(fabs.power_per_h100e)) * 1e-6
    enter(fleets.transit, fleets.received, fleets.deploy_lag_months)
    enter(fleets.transit_gw, gw, fleets.deploy_lag_months)

    price = ledger.rounded(chips.units * chips.price)
    ahead = np.minimum(ledger.floored(chips.deposit * delivered), price)
    ahead = ledger.pay(
        "chips", ahead, fleets, fabs, along=chips, for_="chips_book", by="revenue", means="deposit"
    )
    billed = ledger.pay(
        "chips",
        price - ahead,
        fleets,
        fabs,
        along=chips,
        for_="chips_book",
        by="revenue",
        means="account",
    )
    chips.deposit = chips.deposit - ahead
    chips.usd = ahead + billed
    perceive_supply.groups(economy)
    carried = chips.from_target(fleets.decide(DataCenter.delay_payment))
    longer = chips.from_source(fabs.vendor_credit_months) * carried
    months = chips.from_source(fabs.payment_months) * (1.0 - carried) + longer
    due = (chips.owed + billed) / (1.0 + months)
    paid = ledger.pay("invoices", due, fleets, fabs, along=chips, for_="payables", by="receivables")
    chips.owed = chips.owed + billed - paid
    around = chips.to_target(chips.usd) * (fleets.server_network_multiple - 1.0)
    servers = ledger.pay("servers", around, fleets, economy.outside, for_="chips_book")
    fleets.capex = chips.to_target(chips.usd) + servers
    enter(fleets.transit_cost, fleets.capex, fleets.deploy_lag_months)


def _preference(economy: Economy) -> Floats:
    """Utility of each vendor to each fleet: ln weight - aversion x months of order book -
    sensitivity x ln (list price over reference)."""
    fabs, fleets, chips = economy.fabs, economy.fleets, economy.chips
    buys = (chips.weight > 0.0) & (chips.open_edges() > 0.0)
    lead = chips.from_source(ratio(fabs.order_book, fabs.capacity))
    utility = np.log(np.where(buys, chips.weight, 1.0))
    utility = utility - chips.from_target(fleets.lead_time_aversion) * lead
    dear = chips.from_source(np.log(np.maximum(ratio(fabs.price, fabs.reference_price), 1e-3)))
    utility = utility - chips.from_target(fleets.vendor_price_sensitivity) * dear
    return np.where(buys, utility, -np.inf)


def _licensed(economy: Economy, asked: Floats) -> Floats:
    """The share of each edge's chips that export control lets through: everything at home and in
    regions that are not controlled; else what vendors make of classes below the threshold, then
    licences plus the leak [export-control-effect, smuggling-and-cloud], shared in proportion."""
    regions, chips, fabs = economy.regions, economy.chips, economy.fabs
    foreign = chips.from_target(economy.fleet_power.from_source(regions.export_controlled))
    foreign = foreign * economy.places.foreign_chips
    allowed = regions.legal_chip_imports + _leak(economy)
    held = np.where(foreign > 0.0, asked, 0.0)
    below = whole_chips(fabs.produced * (1.0 - fabs.controlled_share))
    free = proportional(below, held, chips.source, CHIP_QUANTUM)
    seat = np.take(economy.fleet_power.source, chips.target)
    licensed = proportional(whole_chips(allowed), held - free, seat, CHIP_QUANTUM)
    return np.where(foreign > 0.0, free + licensed, asked)


def _leak(economy: Economy) -> Floats:
    """H100e a month that evade control into each region: a share of foreign output."""
    made = economy.fabs.produced
    foreign = total(made)[:, None] - economy.fab_power.to_source(made)
    return economy.regions.smuggled_share * foreign


def _surcharge(economy: Economy) -> Floats:
    """The surcharge over list price, as a fraction by edge: its own offer, and in a controlled
    region the leak's premium on the share of imports that leaks."""
    regions, fleets, chips = economy.regions, economy.fleets, economy.chips
    leak = _leak(economy)
    leaked = ratio(leak, leak + regions.legal_chip_imports) * regions.export_controlled
    by_fleet = economy.fleet_power.from_source(leaked)
    premium = chips.from_source(economy.fabs.leak_premium) * economy.places.foreign_chips
    return chips.from_target(fleets.chip_price_premium) + chips.from_target(by_fleet) * premium
