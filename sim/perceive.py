"""What agents can know before a phase: posted prices, last month's outcomes, partners' plans.

Every function fills `perceived` columns only; decisions read nothing else of the world.
"""

from __future__ import annotations

import numpy as np

from agents.columns import Floats, ratio
from agents.data_center import DataCenter
from agents.elsewhere import Elsewhere
from agents.region import TRANCHES
from agents.researcher import HISTORY
from sim.economy import Economy
from sim.kernels import total, total_by
from sim.pipelines import within

PLENTY = 1e18
"""H100e that an input allows a fab that does not need it: beyond any output."""
NOTHING = -99.0
"""Capability of a lab that sells nothing: below any other."""


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
    power costs and takes on last month's mix of connections in the region."""
    fleets = economy.fleets
    fleets.power_due = within(fleets.sites, fleets.vendor_lead + fleets.order_power_cover_months)
    fleets.sites_due = within(fleets.sites, fleets.planning_months)
    premium = economy.fleet_power.from_source(_mean_over_tranches(economy, "premium"))
    fleets.new_site_cost = fleets.site_cost * (1.0 + premium)
    lead = economy.fleet_power.from_source(_mean_over_tranches(economy, "lead"))
    lead = np.where(lead > 0.0, lead, _fastest_lead(economy))
    fleets.power_lead = np.maximum(lead, fleets.build_lead_months)


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


def technology(economy: Economy) -> None:
    """To labs: the best software that can have been copied, and the best serving."""
    labs = economy.labs
    best = labs.software_past.max(axis=1, keepdims=True, initial=0.0)
    best = np.broadcast_to(best, labs.software_past.shape)
    lag = np.clip(np.rint(labs.replication_lag), 1, HISTORY).astype(np.intp)[:, :, None] - 1
    labs.best_past = np.take_along_axis(best, lag, axis=2)[:, :, 0]
    serving = np.where(labs.alive, labs.serving_efficiency, 0.0)
    labs.best_serving = np.broadcast_to(
        serving.max(axis=1, keepdims=True, initial=0.0), serving.shape
    )


def cost_shares(economy: Economy) -> None:
    """To labs: their serving cost over revenue, of the month that closes."""
    labs = economy.labs
    share = np.where(labs.revenue > 0.0, ratio(labs.cost_of_revenue, labs.revenue), 1.0)
    labs.cost_share = np.minimum(share, 2.0)


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
    """To labs: their distance to the best model, what parents own of them and what is hoped of all
    labs; to parents: the cash flow of their operator's fleets."""
    labs, upstream = economy.labs, economy.upstream
    capability = economy.of_slot("capability", "flagship")
    seen = np.where(labs.alive, capability, NOTHING)
    best = seen.max(axis=1, keepdims=True, initial=NOTHING)
    labs.gap_to_best = np.where(labs.alive, best - seen, 0.0)
    labs.owned_share = economy.ownership.to_target(economy.ownership.stake)
    sales = total(labs.revenue)[:, None]
    hoped = ratio(total(labs.revenue * labs.growth_expected)[:, None], sales)
    labs.trade_growth = np.where(sales > 0.0, hoped, labs.growth_expected_start)
    flow = economy.fleets.decide(DataCenter.cash_flow)
    economy.parents.fleets_cash_flow = upstream.to_source(upstream.from_target(flow))


def runs(economy: Economy) -> None:
    """To labs: their own run and flagship, and the best model of any other lab."""
    labs = economy.labs
    labs.run_flop = economy.of_slot("training_flop", "training")
    labs.run_post_flop = economy.of_slot("post_training_flop", "training")
    labs.run_age = economy.of_slot("age", "training")
    labs.flagship_flop = economy.of_slot("training_flop", "flagship")
    on_sale = economy.of_slot("on_sale", "flagship") > 0.0
    capability = np.where(on_sale & labs.alive, economy.of_slot("capability", "flagship"), NOTHING)
    ranked = np.sort(np.concatenate([capability, np.full_like(capability[:, :1], NOTHING)], axis=1))
    best, second = ranked[:, -1:], ranked[:, -2:-1]
    labs.best_rival = np.where(capability == best, second, best)
    offers(economy)


def offers(economy: Economy) -> None:
    """To customers and to the labs themselves: what is on sale and at what price."""
    labs = economy.labs
    labs.offer_capability = economy.of_slot("capability", "flagship")
    labs.offer_small_capability = economy.of_slot("capability", "small")
    labs.offer_price = economy.of_slot("price", "flagship")
    labs.offer_small_price = economy.of_slot("price", "small")
    labs.token_flop = economy.of_slot("flop_per_token", "flagship")


def suppliers(economy: Economy) -> None:
    """To customers: capability and price of their suppliers, by share of their demand."""
    customers, labs, tokens = economy.customers, economy.labs, economy.tokens
    customers.months = float(economy.month)
    small = tokens.from_target(customers.small_share)
    offer = tokens.from_source(labs.offer_capability)
    customers.capability = tokens.to_target(tokens.share * offer)
    large, little = tokens.from_source(labs.offer_price), tokens.from_source(labs.offer_small_price)
    customers.price = tokens.to_target(tokens.share * (large + small * (little - large)))


def _mean_over_tranches(economy: Economy, quantity: str) -> Floats:
    """Mean premium or lead of the power granted last month, (runs, regions); 0 if none."""
    regions = economy.regions
    added = np.zeros_like(regions.connected_gw)
    for place, tranche in enumerate(TRANCHES):
        of_tranche = regions.columns[f"{tranche}_{quantity}"]
        added = added + regions.connected_by_tranche[:, :, place] * of_tranche
    return ratio(added, regions.connected_gw)


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
