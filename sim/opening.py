"""The opening: the economy as a world describes it, on the eve of its first month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.agent import EconomicAgent
from agents.ai_model import SLOTS, AIModel
from agents.columns import Floats, ratio
from agents.compute_poor_lab import ComputePoorLab
from agents.data_center import HOURS, VINTAGES, DataCenter
from agents.decentralised_pool import DecentralisedPool
from agents.frontier_lab import FrontierLab
from agents.lab import Lab
from agents.open_host import OpenHost
from agents.population import Member, Population
from agents.relation import Relation
from sim import perceive
from sim.classes import load_class, named_decisions
from sim.draws import Draws
from sim.economy import HOUR_QUANTUM, KINDS, Economy, Places, whole_chips
from sim.frontier import Frontier
from sim.graph import compile_relations
from sim.kernels import Index, proportional, total, total_by
from sim.ledger import Ledger
from sim.memory import keep_freed
from sim.opening_books import open_books
from sim.opening_labs import open_labs
from sim.parameters import Parameters
from sim.pipelines import enter
from sim.registry import load_registry
from sim.scenario import Scenario
from sim.world import World

if TYPE_CHECKING:
    from sim.roster import Roster

Agents = Population[Any]
QUANTUM, LONG_QUANTUM = 1.0, 64.0
LONG_RUN = 240
"""Months beyond which balances may outgrow what sums of single dollars keep exact."""
LAB_KINDS: dict[str, type[Lab]] = {
    "frontier": FrontierLab,
    "compute_poor": ComputePoorLab,
    "host": OpenHost,
    "pool": DecentralisedPool,
}
"""The class of a lab by its group; every other population has one class."""


def open_economy(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    design: Mapping[str, Floats] | None = None,
    quantum: float | None = None,
) -> Economy:
    """A block of runs ready for its first month.

    seed and replications key the draws; design overlays parameters per run, path -> (runs,).
    quantum: what money is rounded to, USD; by default one dollar, in very long runs 64, so that
    sums stay exact.
    """
    keep_freed()
    world, runs = scenario.world, len(replications)
    populations = {name: _population(scenario, name, runs) for name in KINDS if name != "models"}
    populations["models"] = _models(populations["labs"])
    parameters = Parameters(populations, load_registry(), scenario, design)
    relations = compile_relations(world, populations)
    agents_and_edges: dict[str, Any] = {**populations, **relations}
    if quantum is None:
        quantum = QUANTUM if scenario.months <= LONG_RUN else LONG_QUANTUM
    economy = Economy(
        world=world,
        calendar=scenario.calendar,
        draws=Draws(seed, replications),
        parameters=parameters,
        ledger=Ledger(list(populations.values()), quantum),
        places=_places(world, populations, relations),
        frontier=Frontier(world, scenario.calendar, runs),
        runs=runs,
        **agents_and_edges,
    )
    with named_decisions("the opening"):
        _open_regions(economy)
        _open_fabs(economy)
        _open_fleets(economy)
        _open_orders(economy)
        _open_inputs(economy)
        _open_hours(economy)
        open_labs(economy, _initial)
        open_books(economy, _initial)
        economy.frontier.open(economy)
    return economy


def _population(scenario: Scenario, name: str, runs: int) -> Agents:
    roster = scenario.world.roster(name)
    kinds = _kinds(scenario, roster)
    said = zip(roster.names, roster.groups, kinds, roster.regions, roster.likes, strict=True)
    population = Population(name, KINDS[name], [Member(*member) for member in said], runs)
    population.alive[:, population.given] = ~roster.dormant
    return population


def _models(labs: Agents) -> Agents:
    """The models of all labs, slot by slot in the order of labs, named `lab_slot`."""
    members = [
        Member(f"{lab.name}_{slot}", slot, AIModel, lab.region)
        for slot in SLOTS
        for lab in labs.members
    ]
    population = Population("models", AIModel, members, labs.runs)
    population.alive[:] = np.tile(labs.alive, len(SLOTS))
    return population


def _kinds(scenario: Scenario, roster: Roster) -> list[type[EconomicAgent]]:
    """The class of every agent, in the order of the world."""
    chosen = {selector for selector in scenario.classes if "." in selector}
    known: dict[tuple[str, str, str], type[EconomicAgent]] = {}
    kinds = []
    for name, like, group in zip(roster.names, roster.likes, roster.groups, strict=True):
        own = name if chosen and f"{roster.population}.{name}" in chosen else ""
        if (own, like, group) not in known:
            known[own, like, group] = _kind(scenario, roster.population, own, like, group)
        kinds.append(known[own, like, group])
    return kinds


def _kind(
    scenario: Scenario, population: str, name: str, like: str, group: str
) -> type[EconomicAgent]:
    """The agent's class: the scenario's narrowest choice for it, else its group's or kind's own."""
    for selector in (f"{population}.{name}", f"{population}.{like}", f"{population}.{group}"):
        if selector in scenario.classes:
            return load_class(scenario, selector, KINDS[population])
    if population in scenario.classes:
        return load_class(scenario, population, KINDS[population])
    return LAB_KINDS.get(group, Lab) if population == "labs" else KINDS[population]


def _places(
    world: World, populations: Mapping[str, Agents], relations: Mapping[str, Relation]
) -> Places:
    chips, lease = relations["chips"], relations["lease"]
    regions = populations["regions"]
    zone_names = list(dict.fromkeys(e.zone for e in world.of("regions")))
    zone = {e.name: zone_names.index(e.zone) for e in world.of("regions")}

    def seats(population: Agents) -> Index:
        return np.array([regions.index[m.region] for m in population.members], dtype=np.uint32)

    def zones(population: Agents) -> Index:
        return np.array([zone[m.region] for m in population.members], dtype=np.uint32)

    fabs, fleets = populations["fabs"], populations["fleets"]
    roster = world.roster("fleets")
    owner = dict(zip(roster.names, roster.operators, strict=True))
    operators = {name: place for place, name in enumerate(dict.fromkeys(owner.values()))}
    foreign = seats(fabs)[chips.source] != seats(fleets)[chips.target]
    tenants = seats(populations["labs"])[lease.target]
    abroad = seats(fleets)[lease.source] != tenants
    return Places(
        zones=len(zone_names),
        zone_of_region=np.array([zone[n] for n in regions.names], dtype=np.uint32),
        zone_of_fleet=zones(fleets),
        seat_of_elsewhere=seats(populations["elsewhere"]),
        zone_of_elsewhere=zones(populations["elsewhere"]),
        foreign_chips=foreign.astype(np.float64)[None, :],
        leases_abroad=abroad.astype(np.float64)[None, :],
        region_of_tenant=tenants,
        operators=len(operators),
        operator_of_fleet=np.array([operators[owner[n]] for n in fleets.names], dtype=np.uint32),
    )


def _initial(economy: Economy, population: Agents, key: str) -> Floats:
    """A world's initial values of one key, (runs, rows); 0 where the world gives none, and for
    agents that are dormant: they hold nothing until they enter."""
    roster, row = economy.world.roster(population.name), np.zeros(len(population))
    if key in roster.initial:
        given = roster.initial[key].value
        row[population.given] = np.where(np.isnan(given) | roster.dormant, 0.0, given)
    return np.repeat(row[None, :], economy.runs, axis=0)


def _open_regions(economy: Economy) -> None:
    regions = economy.regions
    regions.gas_price_index = 1.0
    regions.calm_power_price = regions.power_price_start
    regions.power_price = regions.power_price_start
    regions.power_supply_scale = 1.0
    regions.rental_price = regions.rent_start
    perceive.power_prices(economy)


def _open_fabs(economy: Economy) -> None:
    """Fabs run at capacity, with lines on order that grow their output month by month."""
    fabs = economy.fabs
    fabs.capacity = _initial(economy, fabs, "output")
    fabs.price = _initial(economy, fabs, "price")
    fabs.reference_price = fabs.price
    fabs.power_per_h100e = _initial(economy, fabs, "power_per_h100e")
    fabs.shipped_cumulative = _initial(economy, fabs, "shipped_cumulative")
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


def _open_fleets(economy: Economy) -> None:
    """Chips by month of arrival after the world's shipping history, transit and dated sites."""
    fleets = economy.fleets
    shipped = _initial(economy, fleets, "chips_shipped")
    moving = _initial(economy, fleets, "chips_in_transit")
    perceive.chip_offers(economy)
    for lag in range(1, int(np.rint(fleets.deploy_lag_months).max()) + 1):
        share = ratio(moving, np.rint(fleets.deploy_lag_months)) * (
            lag <= np.rint(fleets.deploy_lag_months)
        )
        units = whole_chips(share)
        month = np.full_like(units, float(lag))
        enter(fleets.transit, units, month)
        enter(fleets.transit_gw, units * fleets.new_chip_power * 1e-6, month)

    history = np.array(economy.world.history["chips_shipped"].value)
    trend = perceive.over_vendors(economy, economy.fabs.power_trend)
    for age, share in enumerate(history[::-1] / history.sum(), start=1):
        units = (shipped - moving) * share
        fleets.chips[:, :, -age % VINTAGES] = whole_chips(units)
        older = np.power(1.0 - trend, -age / 12.0)
        fleets.chip_power[:, :, -age % VINTAGES] = fleets.new_chip_power * older
    fleets.installed = total(fleets.chips)
    fleets.installed_gw = total(fleets.chips * fleets.chip_power) * 1e-6
    fleets.connected_gw = _initial(economy, fleets, "connected_gw")
    fleets.active, fleets.active_gw = fleets.installed, fleets.installed_gw
    fleets.core_cash_flow = _initial(economy, fleets, "core_cash_flow")
    fleets.core_growth = fleets.core_growth_start
    fleets.capex_plan = _initial(economy, fleets, "capex_run_rate") / 12.0
    fleets.expected_rent = economy.fleet_power.from_source(economy.regions.rent_start)

    _open_sites(economy)
    for place in range(fleets.site_luck.shape[2]):
        fleets.site_luck[:, :, place] = economy.draws.uniform(
            "fleets.luck_project", fleets.names, place - fleets.site_luck.shape[2]
        )
    perceive.site_pipelines(economy)
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


def _open_orders(economy: Economy) -> None:
    """Order books: months of output, split over a vendor's fleets by what they spend and prefer."""
    fabs, fleets, chips = economy.fabs, economy.fleets, economy.chips
    pull = chips.weight * chips.from_target(fleets.capex_plan) * chips.open_edges()
    share = ratio(pull, chips.from_source(chips.to_source(pull)))
    months = _initial(economy, fabs, "backlog_months")
    book = chips.from_source(months * fabs.capacity) * share
    chips.on_order = whole_chips(book)
    perceive.order_books(economy)
    perceive.chip_offers(economy)


def _open_inputs(economy: Economy) -> None:
    """Input makers run at capacity, and fabs hold the stock they aim at."""
    inputs, fabs, supplies = economy.inputs, economy.fabs, economy.supplies
    inputs.capacity = _initial(economy, inputs, "capacity")
    inputs.calm_price = inputs.unit_price_start
    inputs.price = inputs.calm_price
    per_chip = supplies.from_source(inputs.need_per_h100e)
    months = supplies.from_source(inputs.stock_target_months)
    supplies.stock = supplies.from_target(fabs.capacity) * per_chip * months
    fabs.input_cost_multiple = 1.0


def _open_hours(economy: Economy) -> None:
    """Leases, own workloads and demand from elsewhere that use all hours of the first month at the
    starting rent."""
    fleets, labs, elsewhere = economy.fleets, economy.labs, economy.elsewhere
    lease, places = economy.lease, economy.places
    running = (fleets.installed + fleets.transit[:, :, 0]) * fleets.alive
    fleets.offered = np.floor(running * HOURS * fleets.utilization_cap)
    compute = _initial(economy, labs, "compute")
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
    share = _initial(economy, elsewhere, "share")
    left = np.maximum(free - bursts, 0.0)
    elsewhere.base_demand = np.take(left, places.zone_of_elsewhere, axis=1) * share
    elsewhere.growth = elsewhere.growth_start
    perceive.rents(economy)
    elsewhere.start_rent = elsewhere.rent
    rented = fleets.offered - leased - fleets.own_demand
    income = rented * fleets.rent + lease.to_source(lease.hours * lease.price)
    energy = fleets.active_gw * HOURS * 1e6 * fleets.power_price
    fleets.rental_margin = 12.0 * (income - energy)
    # The world gives all operating cash flow, AI rental included.
    rental = np.clip(fleets.rental_margin, 0.0, np.maximum(fleets.core_cash_flow, 0.0))
    fleets.core_cash_flow = fleets.core_cash_flow - rental
