"""Chips, sites, orders, inputs and hours on the eve of the first month."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import ratio
from agents.supply.data_center import HOURS, VINTAGES, DataCenter
from sim.base.numerics.kernels import proportional, total, total_by
from sim.base.numerics.pipelines import enter
from sim.economy.accounts.quanta import HOUR_QUANTUM, whole_chips
from sim.economy.economy import Economy
from sim.month.perceive import supply as perceive_supply
from sim.opening.initial_values import initial_values


def open_regions(economy: Economy) -> None:
    """Regions start with calm prices of gas and power, and the rent of the start."""
    regions = economy.regions
    regions.gas_price_index = 1.0
    regions.calm_power_price = regions.power_price_start
    regions.power_price = regions.power_price_start
    regions.power_supply_scale = 1.0
    regions.rental_price = regions.rent_start
    perceive_supply.power_prices(economy)


def open_fabs(economy: Economy) -> None:
    """Fabs run at capacity, with lines on order that grow their output month by month."""
    fabs = economy.fabs
    fabs.capacity = initial_values(economy, fabs, "output")
    fabs.price = initial_values(economy, fabs, "price")
    fabs.reference_price = fabs.price
    fabs.power_per_h100e = initial_values(economy, fabs, "power_per_h100e")
    fabs.shipped_cumulative = initial_values(economy, fabs, "shipped_cumulative")
    fabs.revenue_smoothed = fabs.price * fabs.capacity
    fabs.overhead = fabs.overhead_share * fabs.revenue_smoothed
    growth = fabs.initial_pipeline_growth[:, :, None]
    ahead = np.arange(fabs.expansion.shape[2])
    ordered = ahead < np.rint(fabs.initial_pipeline_months)[:, :, None]
    fabs.expansion[:] = fabs.capacity[:, :, None] * growth * np.power(1.0 + growth, ahead) * ordered
    fabs.orders_level = fabs.capacity
    fabs.orders_growth = np.minimum(fabs.initial_pipeline_growth, fabs.growth_expected_max)
    fabs.orders_received = fabs.capacity
    fabs.line_cost = fabs.expansion_cost


def open_fleets(economy: Economy) -> None:
    """Chips by month of arrival after the world's shipping history, transit and dated sites."""
    fleets = economy.fleets
    shipped = initial_values(economy, fleets, "chips_shipped")
    moving = initial_values(economy, fleets, "chips_in_transit")
    perceive_supply.chip_offers(economy)
    for lag in range(1, int(np.rint(fleets.deploy_lag_months).max()) + 1):
        share = ratio(moving, np.rint(fleets.deploy_lag_months)) * (
            lag <= np.rint(fleets.deploy_lag_months)
        )
        units = whole_chips(share)
        month = np.full_like(units, float(lag))
        enter(fleets.transit, units, month)
        enter(fleets.transit_gw, units * fleets.new_chip_power * 1e-6, month)

    history = np.array(economy.world.history["chips_shipped"].value)
    trend = perceive_supply.over_vendors(economy, economy.fabs.power_trend)
    for age, share in enumerate(history[::-1] / history.sum(), start=1):
        units = (shipped - moving) * share
        fleets.chips[:, :, -age % VINTAGES] = whole_chips(units)
        older = np.power(1.0 - trend, -age / 12.0)
        fleets.chip_power[:, :, -age % VINTAGES] = fleets.new_chip_power * older
    fleets.installed = total(fleets.chips)
    fleets.installed_gw = total(fleets.chips * fleets.chip_power) * 1e-6
    fleets.connected_gw = initial_values(economy, fleets, "connected_gw")
    fleets.active, fleets.active_gw = fleets.installed, fleets.installed_gw
    fleets.core_cash_flow = initial_values(economy, fleets, "core_cash_flow")
    fleets.core_growth = fleets.core_growth_start
    fleets.capex_plan = initial_values(economy, fleets, "capex_run_rate") / 12.0
    fleets.expected_rent = economy.fleet_power.from_source(economy.regions.rent_start)

    _open_sites(economy)
    for place in range(fleets.site_luck.shape[2]):
        fleets.site_luck[:, :, place] = economy.draws.uniform(
            "fleets.luck_project", fleets.names, place - fleets.site_luck.shape[2]
        )
    perceive_supply.site_pipelines(economy)
    index = fleets.decide(DataCenter.cost_index)
    fleets.site_cost_at_start = np.where(fleets.sites > 0.0, index[:, :, None], 0.0)


def _open_sites(economy: Economy) -> None:
    """Sites under construction by month of power: each fleet's total, spread as the world says."""
    fleets, roster = economy.fleets, economy.world.roster("fleets")
    due = roster.initial["sites_due"]
    shapes: dict[tuple[int, float], list[int]] = {}
    for place, (length, growth) in enumerate(zip(due.months, due.growth, strict=True)):
        if length and not roster.dormant[place]:
            shapes.setdefault((int(length), float(np.nan_to_num(growth))), []).append(place)
    for (length, growth), places in shapes.items():
        shape = np.power(1.0 + growth, np.arange(length))
        gw = due.value[places][:, None] * shape / shape.sum()
        fleets.sites[:, fleets.given[places], :length] = gw


def open_orders(economy: Economy) -> None:
    """Order books: months of output, split over a vendor's fleets by what they spend and prefer."""
    fabs, fleets, chips = economy.fabs, economy.fleets, economy.chips
    pull = chips.weight * chips.from_target(fleets.capex_plan) * chips.open_edges()
    share = ratio(pull, chips.from_source(chips.to_source(pull)))
    months = initial_values(economy, fabs, "backlog_months")
    book = chips.from_source(months * fabs.capacity) * share
    chips.on_order = whole_chips(book)
    perceive_supply.order_books(economy)
    perceive_supply.chip_offers(economy)


def open_inputs(economy: Economy) -> None:
    """Input makers run at capacity, and fabs hold the stock they aim at."""
    inputs, fabs, supplies = economy.inputs, economy.fabs, economy.supplies
    inputs.capacity = initial_values(economy, inputs, "capacity")
    inputs.calm_price = inputs.unit_price_start
    inputs.price = inputs.calm_price
    per_chip = supplies.from_source(inputs.need_per_h100e)
    months = supplies.from_source(inputs.stock_target_months)
    supplies.stock = supplies.from_target(fabs.capacity) * per_chip * months
    fabs.input_cost_multiple = 1.0


def open_hours(economy: Economy) -> None:
    """Leases, own workloads and demand from elsewhere that use all hours of the first month at the
    starting rent."""
    fleets, labs, elsewhere = economy.fleets, economy.labs, economy.elsewhere
    lease, places = economy.lease, economy.places
    running = (fleets.installed + fleets.transit[:, :, 0]) * fleets.alive
    fleets.offered = np.floor(running * HOURS * fleets.utilization_cap)
    compute = initial_values(economy, labs, "compute")
    weight = lease.weight * lease.open_edges()
    offered = ratio(
        lease.to_target(weight * lease.from_source(fleets.utilization_cap)), lease.to_target(weight)
    )
    labs.compute_wanted = compute * HOURS * offered
    hours = lease.from_target(labs.compute_wanted * labs.lease_share) * weight
    lease.hours = proportional(fleets.offered, hours, lease.source, HOUR_QUANTUM)
    lease.price = lease.from_source(fleets.decide(DataCenter.set_lease_price))

    leased = lease.to_source(lease.hours)
    fleets.own_demand = np.maximum(fleets.offered - leased, 0.0) * fleets.initial_own_use_share
    bursts = total_by(
        lease.to_source(lease.from_target(labs.compute_wanted) * weight) - leased,
        places.zone_of_fleet,
        places.zones,
    )
    free = total_by(fleets.offered - leased - fleets.own_demand, places.zone_of_fleet, places.zones)
    share = initial_values(economy, elsewhere, "share")
    left = np.maximum(free - bursts, 0.0)
    elsewhere.base_demand = np.take(left, places.zone_of_elsewhere, axis=1) * share
    elsewhere.growth = elsewhere.growth_start
    perceive_supply.rents(economy)
    elsewhere.start_rent = elsewhere.rent
    rented = fleets.offered - leased - fleets.own_demand
    income = rented * fleets.rent + lease.to_source(lease.hours * lease.price)
    energy = fleets.active_gw * HOURS * 1e6 * fleets.power_price
    fleets.rental_margin = 12.0 * (income - energy)
    # The world gives all operating cash flow, AI rental included.
    rental = np.clip(fleets.rental_margin, 0.0, np.maximum(fleets.core_cash_flow, 0.0))
    fleets.core_cash_flow = fleets.core_cash_flow - rental
