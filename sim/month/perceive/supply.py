"""Perception of the supply side: posted prices, last month's outcomes, partners' plans.

Every function fills `perceived` columns only; decisions read nothing else of the world.
"""

from __future__ import annotations

import numpy as np

from agents.demand.elsewhere import Elsewhere
from agents.framework.columns import Floats, ratio
from agents.supply.data_center import HOURS, DataCenter
from agents.supply.region import TRANCHES
from sim.base.numerics.kernels import total, total_by
from sim.base.numerics.pipelines import within
from sim.economy.economy import Economy
from sim.month.perceive.labs import NOTHING

PLENTY = 1e18
"""H100e that an input allows a fab that does not need it: beyond any output."""


def power_prices(economy: Economy) -> None:
    """Region's power price, and its multiple of the undisturbed one, to fabs and fleets."""
    regions = economy.regions
    multiple = ratio(regions.power_price, regions.calm_power_price)
    economy.fabs.energy_multiple = economy.fab_power.from_source(multiple)
    economy.fleets.power_multiple = economy.fleet_power.from_source(multiple)
    economy.fleets.power_price = economy.fleet_power.from_source(regions.power_price)


def input_demand(economy: Economy) -> None:
    """To input makers: what fabs ask for now, and the need of their plans."""
    inputs, fabs, supplies = economy.inputs, economy.fabs, economy.supplies
    per_chip = supplies.from_source(inputs.need_per_h100e)
    need = supplies.from_target(fabs.capacity * (1.0 - fabs.capacity_loss)) * per_chip
    months = 1.0 + supplies.from_source(inputs.stock_target_months)
    supplies.wanted = np.maximum(need * months - supplies.stock, 0.0) * supplies.open_edges()
    inputs.needed = supplies.to_source(need * supplies.open_edges())

    horizon = supplies.from_source(inputs.plan_months)
    due = within(fabs.expansion, horizon, supplies.target)
    inputs.planned_need = supplies.to_source(
        (supplies.from_target(fabs.capacity) + due) * per_chip * supplies.open_edges()
    )


def input_costs(economy: Economy) -> None:
    """To fabs: the cost of scarce inputs beyond their cost without shortage, over the unit cost."""
    inputs, fabs, supplies = economy.inputs, economy.fabs, economy.supplies
    dearer = (inputs.price - inputs.calm_price) * inputs.need_per_h100e
    base = (1.0 - fabs.gross_margin) * fabs.reference_price
    fabs.input_cost_multiple = 1.0 + ratio(supplies.to_target(supplies.from_source(dearer)), base)


def output_limits(economy: Economy) -> None:
    """To fabs: the chips that the scarcest of their input stocks allows."""
    fabs, supplies = economy.fabs, economy.supplies
    per_chip = supplies.from_source(economy.inputs.need_per_h100e) * supplies.open_edges()
    chips = np.where(per_chip > 0.0, ratio(supplies.stock, per_chip), PLENTY)
    fabs.input_cover = np.reshape(chips, (economy.runs, len(fabs), len(economy.inputs))).min(axis=2)


def order_books(economy: Economy) -> None:
    """To fabs: what is ordered from them and not shipped."""
    economy.fabs.order_book = economy.chips.to_source(economy.chips.on_order)


def chip_offers(economy: Economy) -> None:
    """To fleets: price, power and lead time over their vendors, and what they have on order."""
    fabs, fleets, chips = economy.fabs, economy.fleets, economy.chips
    fleets.chip_price = over_vendors(economy, fabs.price) * (1.0 + fleets.chip_price_premium)
    fleets.new_chip_power = over_vendors(economy, fabs.power_per_h100e)
    lead = ratio(fabs.order_book, fabs.capacity)
    fleets.vendor_lead = over_vendors(economy, lead) + fleets.deploy_lag_months
    fleets.on_order = chips.to_target(chips.on_order)
    ordered_kw = chips.to_target(chips.on_order * chips.from_source(fabs.power_per_h100e))
    fleets.on_order_gw = ordered_kw * 1e-6 + total(fleets.transit_gw)


def site_pipelines(economy: Economy) -> None:
    """To fleets: their own sites due in time for chips ordered now, and in their plans; and what
    power costs and takes on last month's mix of connections in the region, up to the longest time
    planned on where its ceiling leaves no room."""
    fleets = economy.fleets
    fleets.power_due = within(fleets.sites, fleets.vendor_lead + fleets.order_power_cover_months)
    fleets.sites_due = within(fleets.sites, fleets.planning_months)
    premium = economy.fleet_power.from_source(_mean_over_tranches(economy, "premium"))
    fleets.new_site_cost = fleets.site_cost * (1.0 + premium)
    lead = economy.fleet_power.from_source(_mean_over_tranches(economy, "lead"))
    lead = np.where(lead > 0.0, lead, _fastest_lead(economy))
    full = 1.0 - economy.fleet_power.from_source(_room_for_a_month(economy))
    lead = lead + full * np.maximum(fleets.planning_months - lead, 0.0)
    fleets.power_lead = np.maximum(lead, fleets.build_lead_months)


def power_room(economy: Economy) -> Floats:
    """GW that may still be begun in each region under its ceiling, (runs, regions)."""
    fleets, regions = economy.fleets, economy.regions
    held = economy.fleet_power.to_source(fleets.connected_gw + total(fleets.sites))
    return np.maximum(regions.power_limit_gw - held, 0.0)


def rents(economy: Economy) -> None:
    """Posted spot rents to fleets and to demand from elsewhere."""
    rent = economy.regions.rental_price
    economy.fleets.rent = economy.fleet_power.from_source(rent)
    economy.elsewhere.rent = np.take(rent, economy.places.seat_of_elsewhere, axis=1)


def workloads(economy: Economy) -> None:
    """To fleets: how demand from elsewhere in their market responds to rent, and grows."""
    elsewhere, places = economy.elsewhere, economy.places
    zone = places.zone_of_elsewhere
    base = total_by(elsewhere.base_demand, zone, places.zones)
    wanted = total_by(elsewhere.decide(Elsewhere.want_hours), zone, places.zones)
    growing = total_by(elsewhere.base_demand * elsewhere.growth, zone, places.zones)
    response = np.where(base > 0.0, ratio(wanted, base), 1.0)
    growth = ratio(growing, base)
    economy.fleets.workload_response = np.take(response, places.zone_of_fleet, axis=1)
    economy.fleets.workload_growth = np.take(growth, places.zone_of_fleet, axis=1)


def leases(economy: Economy) -> None:
    """To labs and fleets: hours committed on leases."""
    economy.labs.leased_hours = economy.lease.to_target(economy.lease.hours)
    committed = economy.lease.to_source(economy.lease.hours)
    economy.fleets.uncommitted = np.maximum(economy.fleets.offered - committed, 0.0)


def contracts(economy: Economy) -> None:
    """To labs: leases that will still run at the end of what they contract ahead, and what they
    have contracted; to fleets: what is signed with them and at what price, what stood idle, and the
    hours of chips ordered and on the way."""
    labs, fleets, lease = economy.labs, economy.fleets, economy.lease
    stays = lease.from_source(1.0 - 1.0 / fleets.lease_term_months)
    running = lease.hours * np.power(stays, lease.from_target(labs.forward_months))
    booked = total(lease.forward)
    labs.running_hours = lease.to_target(running)
    labs.forward_hours = lease.to_target(booked)
    fleets.forward_hours = lease.to_source(booked)
    worth = lease.to_source(booked * lease.forward_price)
    fleets.forward_price = ratio(worth, fleets.forward_hours)
    fleets.idle_hours = fleets.idle
    coming = economy.chips.to_target(economy.chips.on_order) + total(fleets.transit)
    fleets.coming_hours = coming * HOURS * fleets.utilization_cap


def groups(economy: Economy) -> None:
    """To fleets: the cash flow of their operator, their part of its assets, and what its parent
    called up last."""
    fleets, places = economy.fleets, economy.places
    operator = places.operator_of_fleet
    flow = (fleets.core_cash_flow + fleets.rental_margin) * fleets.alive
    assets = (fleets.chips_book + fleets.sites_book) * fleets.alive
    fleets.called_up = economy.upstream.to_target(economy.upstream.usd)
    living = fleets.alive.astype(np.float64)
    count = np.take(total_by(living, operator, places.operators), operator, axis=1)
    of_group = np.take(total_by(assets, operator, places.operators), operator, axis=1)
    fleets.group_cash_flow = np.take(total_by(flow, operator, places.operators), operator, axis=1)
    equal = ratio(living, count)
    fleets.group_share = np.where(of_group > 0.0, ratio(assets, of_group), equal)


def investors(economy: Economy) -> None:
    """To labs: their distance to the best model, what they planned for research, what parents own
    of them and what is hoped of all labs; to parents: the cash flow of their operator's fleets."""
    labs, upstream = economy.labs, economy.upstream
    capability = economy.of_slot("capability", "flagship")
    sells = labs.alive & (economy.of_slot("on_sale", "flagship") > 0.0)
    best = np.where(sells, capability, NOTHING).max(axis=1, keepdims=True, initial=NOTHING)
    labs.gap_to_best = np.where(labs.alive, np.maximum(best - capability, 0.0), 0.0)
    hours = ratio(labs.research_wanted * labs.hour_price, labs.rnd_compute_share)
    labs.research_planned = hours * (1.0 - labs.rnd_staff_share) + labs.staff_cost
    labs.owned_share = economy.ownership.to_target(economy.ownership.stake)
    sales = total(labs.revenue)[:, None]
    hoped = ratio(total(labs.revenue * labs.growth_expected)[:, None], sales)
    labs.trade_growth = np.where(sales > 0.0, hoped, labs.growth_expected_start)
    flow = economy.fleets.decide(DataCenter.cash_flow)
    economy.parents.fleets_cash_flow = upstream.to_source(upstream.from_target(flow))


def _mean_over_tranches(economy: Economy, quantity: str) -> Floats:
    """Mean premium or lead of the power granted last month, (runs, regions); 0 if none."""
    regions = economy.regions
    added = np.zeros_like(regions.connected_gw)
    for place, tranche in enumerate(TRANCHES):
        of_tranche = regions.columns[f"{tranche}_{quantity}"]
        added = added + regions.connected_by_tranche[:, :, place] * of_tranche
    return ratio(added, regions.connected_gw)


def _room_for_a_month(economy: Economy) -> Floats:
    """Power that a region's ceiling leaves over what its tranches bring in a month, at most 1."""
    regions = economy.regions
    yearly = np.zeros_like(regions.power_limit_gw)
    for tranche in TRANCHES:
        yearly = yearly + regions.columns[f"{tranche}_gw_per_year"]
    monthly = yearly * regions.share_of_new_power * regions.power_supply_scale / 12.0
    room = power_room(economy)
    return ratio(np.minimum(room, monthly), monthly)


def _fastest_lead(economy: Economy) -> Floats:
    """Lead of the fastest tranche with any supply in the fleet's region, (runs, fleets); what is
    planned on at the longest where there is none."""
    fleets, regions, power = economy.fleets, economy.regions, economy.fleet_power
    fastest = fleets.planning_months.copy()
    for tranche in reversed(TRANCHES):
        supply = regions.columns[f"{tranche}_gw_per_year"] * regions.share_of_new_power
        lead = power.from_source(regions.columns[f"{tranche}_lead"])
        usable = (power.from_source(supply) > 0.0) & (lead <= fleets.planning_months)
        fastest = np.where(usable, np.minimum(fastest, lead), fastest)
    return fastest


def over_vendors(economy: Economy, offer: Floats) -> Floats:
    """Mean of what vendors offer, (runs, fabs), by each fleet's weights on them: (runs, fleets)."""
    chips = economy.chips
    weight = chips.weight * chips.open_edges()
    return ratio(chips.to_target(weight * chips.from_source(offer)), chips.to_target(weight))
