"""Liquidation of data centers: their chips and sites go to others, and the rest is written off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.framework.columns import Floats, ratio
from sim.base.numerics.kernels import total, total_by
from sim.economy.accounts.quanta import whole_chips
from sim.economy.economy import Economy
from sim.month.failure import liquidation
from sim.month.markets import forward_contracts


@dataclass(frozen=True)
class Successors:
    """The fleets that stay in a region take over what those that leave it have, in proportion to
    their connected power. gone, share: (runs, fleets)."""

    economy: Economy
    gone: Floats
    share: Floats

    @classmethod
    def of(cls, economy: Economy, gone: Floats) -> Successors:
        """The fleets that take over from those for which `gone` is 1."""
        fleets, power = economy.fleets, economy.fleet_power
        stays = fleets.alive * (1.0 - gone)
        weight = stays * np.maximum(fleets.connected_gw, 1e-6)
        of_region = power.from_source(power.to_source(weight))
        return cls(economy, gone, ratio(weight, of_region))

    def take(self, stock: Floats) -> Floats:
        """The part of a stock that each successor takes over, (runs, fleets) or (runs, fleets,
        depth)."""
        power = self.economy.fleet_power
        left = (stock * _deep(self.gone, stock)).reshape(*self.gone.shape, -1)
        pooled = [power.from_source(power.to_source(left[:, :, i])) for i in range(left.shape[2])]
        return np.stack(pooled, axis=2).reshape(stock.shape) * _deep(self.share, stock)

    def keep(self, stock: Floats) -> Floats:
        """The stock that the staying fleets had before."""
        return stock * _deep(1.0 - self.gone, stock)


def _deep(rows: Floats, like: Floats) -> Floats:
    """Values by row, with the third axis of `like`."""
    return rows.reshape(rows.shape + (1,) * (like.ndim - 2))


def wind_up_fleets(economy: Economy, gone: Floats) -> None:
    """Chips and sites go to the fleets left in the region, at a discount on book; orders are
    cancelled and deposits kept by the vendor; own workloads move to the cloud, and leases end."""
    fleets, chips, lease, ledger = economy.fleets, economy.chips, economy.lease, economy.ledger
    successors = Successors.of(economy, gone)
    before = total(fleets.chips) + total(fleets.transit)
    hand_over_chips(economy, successors)
    hand_over_transit(economy, successors)
    after = total(fleets.chips) + total(fleets.transit)
    fleets.scrapped = liquidation.scrap(economy, before, after, gone, "chips handed over")
    hand_over_sites(economy, successors)

    kept = chips.deposit * chips.from_target(gone)
    chips.deposit = chips.deposit - ledger.forgive(
        "prepayments", kept, economy.fabs, fleets, along=chips, loss="write_offs"
    )
    chips.on_order = chips.on_order * chips.from_target(1.0 - gone)
    liquidation.settle_claims(economy, fleets, gone, economy.fleet_funding, trade=chips)
    for edges in (economy.gulf_sites, economy.fleet_funding):
        liquidation.lose_shares(economy, edges, gone)
    lease.hours = lease.hours * lease.from_source(1.0 - gone)
    forward_contracts.cancel(economy, lease.from_source(gone)[:, :, None])
    move_workloads(economy, gone)


def hand_over_chips(economy: Economy, successors: Successors) -> None:
    """Installed chips, vintage by vintage, with what is not yet worn of their cost."""
    fleets = economy.fleets
    price = (1.0 - fleets.fire_sale_discount)[..., None]
    sell(economy, successors, fleets.chip_worth, "chips_book")
    for column in (fleets.chip_cost, fleets.chip_worth):
        np.copyto(column, successors.keep(column) + successors.take(column) * price)

    coming = successors.take(fleets.chips)
    taken = whole_chips(coming)
    kept = successors.keep(fleets.chips)
    watts = fleets.chips * fleets.chip_power
    mixed = ratio(
        successors.keep(watts) + successors.take(watts) * ratio(taken, coming), kept + taken
    )
    fleets.chip_power = np.where(taken > 0.0, mixed, fleets.chip_power)
    fleets.chips = kept + taken


def hand_over_transit(economy: Economy, successors: Successors) -> None:
    """Chips that are shipped and not yet running, with their power and cost."""
    fleets = economy.fleets
    price = 1.0 - fleets.fire_sale_discount
    cost = fleets.transit_cost
    sell(economy, successors, cost, "chips_book")
    fleets.transit_cost = successors.keep(cost) + successors.take(cost) * price[..., None]
    fleets.transit_gw = successors.keep(fleets.transit_gw) + successors.take(fleets.transit_gw)
    fleets.transit = successors.keep(fleets.transit) + whole_chips(successors.take(fleets.transit))


def hand_over_sites(economy: Economy, successors: Successors) -> None:
    """Connected power, and projects with the cost index at which they began."""
    fleets = economy.fleets
    sell(economy, successors, fleets.sites_book, "sites_book")
    fleets.connected_gw = successors.keep(fleets.connected_gw) + successors.take(
        fleets.connected_gw
    )
    index = fleets.site_cost_at_start
    kept, coming = successors.keep(fleets.sites), successors.take(fleets.sites)
    mixed = ratio(kept * index + successors.take(fleets.sites * index), kept + coming)
    fleets.site_cost_at_start = np.where(coming > 0.0, mixed, index)
    fleets.sites = kept + coming


def sell(economy: Economy, successors: Successors, book: Floats, account: str) -> None:
    """Successors pay for a share of what stands in the books, (runs, fleets) or by vintage, at
    their discount."""
    fleets = economy.fleets
    worth = total(book) if book.ndim == 3 else book
    price = successors.take(worth) * (1.0 - fleets.fire_sale_discount)
    liquidation.pay_proceeds(economy, fleets, price, worth * successors.gone, account)


def move_workloads(economy: Economy, gone: Floats) -> None:
    """Own workloads of fleets that leave become demand from elsewhere in their market."""
    fleets, elsewhere, places = economy.fleets, economy.elsewhere, economy.places
    base = total_by(elsewhere.base_demand, places.zone_of_elsewhere, places.zones)
    moving = total_by(fleets.own_demand * gone, places.zone_of_fleet, places.zones)
    coming = np.take(ratio(moving, base), places.zone_of_elsewhere, axis=1)
    elsewhere.base_demand = elsewhere.base_demand * (1.0 + coming)
