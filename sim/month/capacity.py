"""Phase 3: what was begun comes due, chips age; and sites begun, dropped and moved."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import HOURS, MONTHS_AHEAD, VINTAGES, DataCenter
from agents.supply.region import TRANCHES, Region
from sim.base.numerics.kernels import merit_order, total
from sim.base.numerics.pipelines import blend, enter, next_due
from sim.economy.accounts.quanta import whole_chips
from sim.economy.economy import Economy
from sim.month.perceive import supply as perceive_supply

AGES = np.arange(VINTAGES)


def mature(economy: Economy) -> None:
    """Lines, sites and chips in transit come due; chips fail and retire; techniques improve."""
    fabs, regions = economy.fabs, economy.regions
    fabs.capacity = fabs.capacity + next_due(fabs.expansion)
    fabs.reference_price = fabs.decide(ChipFab.set_reference_price)
    fabs.line_cost = fabs.decide(ChipFab.set_line_cost)
    fabs.power_per_h100e = fabs.decide(ChipFab.set_power_per_h100e)
    regions.power_supply_scale = regions.decide(Region.grow_power_supply)
    _open_sites(economy)
    _age_chips(economy)


def _open_sites(economy: Economy) -> None:
    fleets = economy.fleets
    next_due(fleets.site_cost_at_start)
    next_due(fleets.site_luck)
    fleets.site_luck[:, :, -1] = fleets.luck_project
    fleets.opened_gw = next_due(fleets.sites)
    fleets.connected_gw = fleets.connected_gw + fleets.opened_gw


def _age_chips(economy: Economy) -> None:
    """Chips leave by failure and age, then what was in transit arrives as this month's vintage."""
    fleets = economy.fleets
    slot = economy.month % VINTAGES
    fleets.chip_age = np.broadcast_to((economy.month - AGES) % VINTAGES, fleets.chips.shape)
    fleets.chip_age[:, :, slot] = VINTAGES
    leaving = whole_chips(fleets.chips * fleets.decide(DataCenter.retire_chips))
    fleets.retired = total(leaving)
    lose_chips(economy, ratio(leaving, fleets.chips))
    fleets.chips = fleets.chips - leaving

    fleets.arrived = next_due(fleets.transit)
    arrived_gw = next_due(fleets.transit_gw)
    fleets.chip_age[:, :, slot] = 0.0
    fleets.chips[:, :, slot] = fleets.arrived
    fleets.chip_power[:, :, slot] = ratio(arrived_gw * 1e6, fleets.arrived)
    fleets.chip_cost[:, :, slot] = next_due(fleets.transit_cost)
    fleets.chip_worth[:, :, slot] = fleets.chip_cost[:, :, slot]
    count_installed(economy)


def lose_chips(economy: Economy, share: Floats) -> None:
    """Take a share of every vintage, (runs, fleets, vintages), out of the books: what is not yet
    worn of it is lost."""
    fleets = economy.fleets
    lost = np.minimum(total(fleets.chip_worth * share), fleets.chips_book)
    economy.ledger.write_off(fleets, "chips_book", lost)
    fleets.chip_cost = fleets.chip_cost * (1.0 - share)
    fleets.chip_worth = fleets.chip_worth * (1.0 - share)


def count_installed(economy: Economy) -> None:
    """Chips installed and the power they need, over vintages."""
    fleets = economy.fleets
    fleets.installed = total(fleets.chips)
    fleets.installed_gw = total(fleets.chips * fleets.chip_power) * 1e-6


def offer_hours(economy: Economy) -> None:
    """Fleets run the vintages that pay their energy, the newest first, as far as connected power
    reaches: new chips do most with a kilowatt."""
    fleets = economy.fleets
    paying = fleets.chips * fleets.decide(DataCenter.keep_running)
    runs_and_draws = np.empty((fleets.installed.size, 2))
    merit_order(
        paying.reshape(-1, VINTAGES),
        fleets.chip_power.reshape(-1, VINTAGES),
        fleets.connected_gw.ravel() * 1e6,
        economy.month % VINTAGES,
        runs_and_draws,
    )
    fleets.active = runs_and_draws[:, 0].reshape(fleets.installed.shape) * fleets.alive
    fleets.active_gw = runs_and_draws[:, 1].reshape(fleets.installed.shape) * fleets.alive * 1e-6
    fleets.offered = np.floor(fleets.active * HOURS * fleets.utilization_cap)


def drop_projects(economy: Economy) -> None:
    """Projects that no longer pay are dropped; a share moves to the operator's other regions."""
    fleets, relocation = economy.fleets, economy.relocation
    share = fleets.decide(DataCenter.drop_projects)
    dropped = fleets.sites * share
    fleets.sites = fleets.sites - dropped
    fleets.cancelled_gw = total(dropped)
    per_gw = fleets.site_cost / fleets.build_lead_months
    months_built = np.maximum(fleets.build_lead_months[:, :, None] - MONTHS_AHEAD, 0.0)
    sunk = total(dropped * months_built) * per_gw
    economy.ledger.write_off(fleets, "sites_book", np.minimum(sunk, fleets.sites_book))

    moving = relocation.from_source(fleets.cancelled_gw * fleets.relocation_share)
    dear = fleets.decide(DataCenter.cost_index)
    cheaper = relocation.from_target(dear) < relocation.from_source(dear)
    weight = relocation.from_target(fleets.connected_gw) * cheaper * relocation.open_edges()
    total_weight = relocation.from_source(relocation.to_source(weight))
    relocation.units = moving * ratio(weight, total_weight)
    fleets.relocated_gw = relocation.to_target(relocation.units)


def move_plans(economy: Economy) -> None:
    """Operators move spending plans to their regions with the shorter time to power."""
    fleets, relocation = economy.fleets, economy.relocation
    share = relocation.decide(DataCenter.wish_to_move) * relocation.open_edges()
    share = share / np.maximum(relocation.from_source(relocation.to_source(share)), 1.0)
    moved = relocation.from_source(fleets.capex_plan) * share
    leaving, coming = relocation.to_source(moved), relocation.to_target(moved)
    fleets.capex_plan = fleets.capex_plan - leaving + coming


def begin_sites(economy: Economy) -> None:
    """New sites get power in merit order of time to power: each region's fastest tranche first,
    shared in proportion among its fleets, the rest in the next [demand-response-025,
    lead-simple-cycle, microgrid-lead, lead-combined-cycle, grid-connection-lag]. What would come
    later than operators plan for is not begun, nor what lies above a region's ceiling
    [power-not-binding]. A fleet has one power edge, so its rows and the edges are the same."""
    fleets, regions, power = economy.fleets, economy.regions, economy.fleet_power
    perceive_supply.site_pipelines(economy)
    wanted = fleets.decide(DataCenter.start_sites) + fleets.relocated_gw
    index = fleets.decide(DataCenter.cost_index)
    fleets.started_gw = 0.0
    fleets.power_wait = 0.0
    extras = np.zeros_like(wanted)
    room = perceive_supply.power_room(economy)
    for place, tranche in enumerate(TRANCHES):
        yearly = regions.columns[f"{tranche}_gw_per_year"] * regions.share_of_new_power
        supply = np.minimum(yearly * regions.power_supply_scale / 12.0, room)
        lead = power.from_source(regions.columns[f"{tranche}_lead"])
        useful = np.where(lead <= fleets.planning_months, wanted, 0.0)
        asked = power.to_source(useful)
        begun = useful * power.from_source(ratio(np.minimum(supply, asked), asked))
        regions.connected_by_tranche[:, :, place] = np.minimum(asked, supply)
        room = np.maximum(room - regions.connected_by_tranche[:, :, place], 0.0)
        lead = np.maximum(np.rint(lead), np.rint(fleets.build_lead_months))
        blend(fleets.site_cost_at_start, fleets.sites, begun, index, lead)
        enter(fleets.sites, begun, lead)
        premium = power.from_source(regions.columns[f"{tranche}_premium"])
        extras = extras + begun * premium * fleets.site_cost
        fleets.started_gw = fleets.started_gw + begun
        fleets.power_wait = fleets.power_wait + begun * (lead - np.rint(fleets.build_lead_months))
        wanted = wanted - begun
    fleets.refused_gw = wanted
    regions.connected_gw = total(regions.connected_by_tranche)
    fleets.site_extras = extras
