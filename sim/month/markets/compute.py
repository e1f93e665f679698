"""Phase 5: leases are delivered, operators take their own hours, the rest is sold spot."""

from __future__ import annotations

import numpy as np

from agents.demand.elsewhere import Elsewhere
from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from agents.supply.data_center import DataCenter
from sim.base.numerics.kernels import proportional, total_by
from sim.economy.accounts.quanta import HOUR_QUANTUM, whole_hours
from sim.economy.economy import Economy
from sim.month import capacity
from sim.month.markets import forward_contracts
from sim.month.perceive import supply as perceive_supply


def trade(economy: Economy) -> None:
    """The month of the compute market: hours, leases, own use, spot, and the next rent."""
    perceive_supply.rents(economy)
    capacity.offer_hours(economy)
    end_leases(economy)
    forward_contracts.take_up(economy)
    renew_leases(economy)
    deliver_leases(economy)
    take_own_hours(economy)
    clear_spot(economy)
    post_rents(economy)


def end_leases(economy: Economy) -> None:
    """A share 1/term of every lease book ends each month, and what export control forbids."""
    fleets, lease = economy.fleets, economy.lease
    ended = lease.hours * lease.from_source(1.0 / fleets.lease_term_months) * lease.open_edges()
    lease.hours = lease.hours - np.minimum(whole_hours(ended), lease.hours)
    lease.hours = forward_contracts.rentable(economy, lease.hours, np.zeros_like(lease.hours))


def renew_leases(economy: Economy) -> None:
    """Labs fill the gap to the hours they want on lease from what fleets offer, shared by weight
    and offer."""
    fleets, labs, lease = economy.fleets, economy.labs, economy.lease
    perceive_supply.leases(economy)
    offered = fleets.decide(DataCenter.offer_lease_hours)
    known = np.maximum(lease.weight, lease.from_target(labs.supplier_openness))
    pull = lease.from_source(offered) * known * lease.open_edges()
    asked = forward_contracts.ask(economy, pull, labs.decide(Lab.want_leases), lease.hours)
    new = proportional(offered, asked, lease.source, HOUR_QUANTUM)
    posted = lease.from_source(fleets.decide(DataCenter.set_lease_price))
    forward_contracts.add_hours(economy, new, posted)


def deliver_leases(economy: Economy) -> None:
    """Leased hours come first and are paid whether used or not; hours without power are not."""
    fleets, lease = economy.fleets, economy.lease
    committed = lease.hours * lease.open_edges()
    lease.delivered = proportional(fleets.offered, committed, lease.source, HOUR_QUANTUM)
    fleets.leased_used = lease.to_source(lease.delivered)


def take_own_hours(economy: Economy) -> None:
    """Operators' own workloads take what leases leave."""
    fleets = economy.fleets
    perceive_supply.workloads(economy)
    fleets.own_wanted = whole_hours(fleets.decide(DataCenter.want_own_hours))
    fleets.own_used = np.minimum(fleets.own_wanted, fleets.offered - fleets.leased_used)


def clear_spot(economy: Economy) -> None:
    """Sell the hours that are left at the posted rent; where a market falls short, labs and all
    others get the same share of what they want."""
    fleets, labs, elsewhere = economy.fleets, economy.labs, economy.elsewhere
    lease, spot, places = economy.lease, economy.spot, economy.places
    free = fleets.offered - fleets.leased_used - fleets.own_used
    missing = np.maximum(labs.compute_wanted - lease.to_target(lease.delivered), 0.0) * labs.alive
    elsewhere.hours_wanted = elsewhere.decide(Elsewhere.want_hours)

    pull = lease.from_source(free) * lease.open_edges()
    lab_asks = forward_contracts.ask(economy, pull, missing, lease.delivered)
    share = np.take(_served_share(economy, free, lab_asks), places.zone_of_fleet, axis=1)
    lab_asks = whole_hours(lab_asks * lease.from_source(share))
    lease.spot = proportional(free, lab_asks, lease.source, HOUR_QUANTUM)
    left = free - lease.to_source(lease.spot)
    spot_asks = forward_contracts.spread(
        spot, spot.from_source(left) * spot.open_edges(), elsewhere.hours_wanted
    )
    spot.units = proportional(left, spot_asks, spot.source, HOUR_QUANTUM)

    lease.units = lease.delivered + lease.spot
    fleets.spot_sold = lease.to_source(lease.spot) + spot.to_source(spot.units)
    fleets.idle = free - fleets.spot_sold
    labs.compute_used = lease.to_target(lease.units)
    elsewhere.hours_used = spot.to_target(spot.units)
    elsewhere.hours_refused = elsewhere.hours_wanted - elsewhere.hours_used


def _served_share(economy: Economy, free: Floats, lab_asks: Floats) -> Floats:
    """Hours free over hours asked in each market, at most 1, (runs, markets)."""
    places, wanted = economy.places, economy.elsewhere.hours_wanted
    supply = total_by(free, places.zone_of_fleet, places.zones)
    asked = total_by(economy.lease.to_source(lab_asks), places.zone_of_fleet, places.zones)
    asked = asked + total_by(wanted, places.zone_of_elsewhere, places.zones)
    return ratio(np.minimum(supply, asked), asked)


def post_rents(economy: Economy) -> None:
    """Next month's rent: ln P rises by the adjustment times excess demand over hours offered in
    the market, never by more than the swing; the adjustment times the elasticity of demand must
    stay below 1, or the rent zigzags [h100-rental-price]."""
    regions, fleets, labs, elsewhere = (
        economy.regions,
        economy.fleets,
        economy.labs,
        economy.elsewhere,
    )
    places, lease = economy.places, economy.lease
    used = fleets.offered - fleets.idle
    refused = fleets.own_wanted - fleets.own_used
    short = np.maximum(labs.compute_wanted - labs.compute_used, 0.0) * labs.alive
    unserved = lease.to_source(
        forward_contracts.spread(lease, lease.weight * lease.open_edges(), short)
    )
    demand = total_by(used + refused + unserved, places.zone_of_fleet, places.zones)
    demand = demand + total_by(elsewhere.hours_refused, places.zone_of_elsewhere, places.zones)
    supply = total_by(fleets.offered, places.zone_of_fleet, places.zones)
    excess = np.where(supply > 0.0, ratio(demand - supply, supply), np.sign(demand))
    excess = np.take(excess, places.zone_of_region, axis=1)
    excess = np.minimum(np.maximum(excess, -regions.rent_swing), regions.rent_swing)
    risen = regions.rental_price * np.exp(regions.rent_adjust * excess)
    regions.rental_price = np.minimum(risen, regions.rent_start * regions.rent_ceiling)
