"""Small worlds for tests: a few agents of every kind with numbers of any plausible size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st

from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Event, Scenario
from sim.config.world.entries import AgentEntry, EdgeEntry, Sourced
from sim.config.world.generate import WORLD_SEED_MAX, GenerationPlan
from sim.config.world.world import World

BASELINE = load_scenario("baseline")
REGIONS = {"north": "open", "south": "open", "walled": "walled"}


def sourced(value: float | tuple[float, ...], **dated: float) -> Sourced:
    months = int(dated["months"]) if dated else None
    return Sourced(value, "assumption: test", months=months, growth=dated.get("growth"))


def agent(
    population: str, name: str, initial: Mapping[str, Sourced] | None = None, **where: str
) -> AgentEntry:
    blank = {"group": "", "region": "", "operator": "", "zone": "", "title": name} | where
    return AgentEntry(population, name, **blank, dormant=False, initial=initial or {})


def amounts(low: float, high: float) -> st.SearchStrategy[Sourced]:
    """Zero where allowed, else nothing too small to be an amount."""
    return st.one_of(st.just(low), st.floats(max(low, 1e-3), high)).map(sourced)


FAB = st.fixed_dictionaries(
    {
        "output": amounts(10.0, 1e6),
        "price": amounts(500.0, 5e4),
        "shipped_cumulative": amounts(0.0, 1e7),
        "power_per_h100e": amounts(0.2, 3.0),
        "backlog_months": amounts(0.0, 12.0),
        "cash": amounts(0.0, 1e11),
    }
)
FLEET = st.fixed_dictionaries(
    {
        "chips_shipped": amounts(1e4, 1e6),
        "chips_in_transit": amounts(0.0, 9e3),
        "connected_gw": amounts(0.0, 5.0),
        "sites_due": st.floats(0.0, 3.0).map(lambda gw: sourced(gw, months=12, growth=0.03)),
        "cash": amounts(0.0, 1e11),
        "debt": amounts(0.0, 1e11),
        "core_cash_flow": amounts(0.0, 1e11),
        "capex_run_rate": amounts(0.0, 5e10),
    }
)
LAB = st.fixed_dictionaries(
    {
        "compute": amounts(0.0, 5e3),
        "cash": amounts(0.0, 1e10),
        "staff": amounts(0.0, 5e3),
        "software": st.floats(0.01, 10.0).map(sourced),
        "flagship_flop": st.floats(1e21, 1e27).map(sourced),
        "capability": st.floats(-6.0, 3.0).map(sourced),
    }
)
LAB_GROUPS = st.sampled_from(["frontier", "compute_poor"])
FUND = st.fixed_dictionaries(
    {
        "assets": amounts(0.0, 1e12),
        "hydrocarbon_income": amounts(0.0, 1e11),
        "ai_flow": amounts(0.0, 1e10),
    }
)
PARENT = st.fixed_dictionaries({"cash_flow": amounts(0.0, 1e10)})
SHARE = amounts(0.0, 1.0)
USERS = {"people": amounts(0.0, 1e9), "adopted": SHARE}
BUDGET = {"spend_max": amounts(0.0, 1e12), "spend_share": SHARE}
CUSTOMER = st.one_of(
    *(
        st.fixed_dictionaries({"people": amounts(0.0, 1e9)} | given)
        for given in ({}, USERS, BUDGET, USERS | BUDGET)
    )
)
GROUPS = ("consumer", "developer", "enterprise", "government", "price_sensitive", "captive")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One to three fabs, two to four fleets, none to three labs, none to six cohorts of customers,
    none to two funds and parents, in three regions, two markets."""
    seats = st.sampled_from(sorted(REGIONS))
    agents = [agent("regions", name, zone=zone) for name, zone in REGIONS.items()]
    agents += [
        agent("inputs", name, {"capacity": draw(amounts(1e4, 1e7))}) for name in ("helium", "hbm")
    ]
    fabs = [
        agent("fabs", f"fab_{i}", draw(FAB), region=draw(seats))
        for i in range(draw(st.integers(1, 3)))
    ]
    fleets = [
        agent(
            "fleets", f"fleet_{i}", draw(FLEET), region=region, operator=draw(st.sampled_from("ab"))
        )
        for i, region in enumerate(["north", "walled", *draw(st.lists(seats, max_size=2))])
    ]
    labs = [
        agent("labs", f"lab_{i}", draw(LAB), region=draw(seats), group=group)
        for i, group in enumerate(draw(st.lists(LAB_GROUPS, max_size=3)))
    ]
    customers = [
        agent("customers", f"cohort_{i}", draw(CUSTOMER), region=draw(seats), group=group)
        for i, group in enumerate(draw(st.lists(st.sampled_from(GROUPS), max_size=6)))
    ]
    elsewhere = [
        agent("elsewhere", f"demand_{zone}", {"share": sourced(1.0)}, region=region)
        for region, zone in (("north", "open"), ("walled", "walled"))
    ]
    funds = [agent("gulf", f"fund_{i}", draw(FUND)) for i in range(draw(st.integers(0, 2)))]
    parents = [
        agent("parents", f"parent_{i}", draw(PARENT), operator=draw(st.sampled_from(["", "a"])))
        for i in range(draw(st.integers(0, 2)))
    ]
    if labs and draw(st.booleans()):
        labs[-1] = replace(labs[-1], dormant=True)
    closing = [agent("capital", "market"), agent("outside", "rest"), *funds, *parents]
    weights = st.floats(0.01, 1.0)
    edges = [
        EdgeEntry("chips", fab.name, fleet.name, sourced(draw(weights)))
        for fab in fabs
        for fleet in fleets
    ]
    edges += [
        EdgeEntry("lease", fleet.name, lab.name, sourced(1.0 / len(fleets)))
        for fleet in fleets
        for lab in labs
    ]
    edges += [
        EdgeEntry("tokens", lab.name, cohort.name, draw(amounts(0.0, 1.0)))
        for lab in labs
        for cohort in customers
        if draw(st.booleans())
    ]
    edges += [
        EdgeEntry(relation, fund.name, firm.name, draw(amounts(0.0, 1.0)))
        for relation, firms in (("gulf_labs", labs), ("gulf_sites", fleets))
        for fund in funds
        for firm in firms
        if draw(st.booleans())
    ]
    edges += [
        EdgeEntry("ownership", draw(st.sampled_from(parents)).name, lab.name, draw(SHARE))
        for lab in labs
        if parents and draw(st.booleans())
    ]
    history = {
        "chips_shipped": sourced(tuple(float(i) for i in range(1, 37))),
        "frontier_capability": sourced(tuple(0.08 * (i - 36) for i in range(1, 37))),
    }
    agents += [*fabs, *fleets, *labs, *customers, *elsewhere, *closing]
    return World(
        "test", "", "", "2025-01", 12, tuple(agents), tuple(edges), history, Path("test.toml")
    )


@st.composite
def disturbed(draw: st.DrawFn, world: World, months: int) -> Scenario:
    """A world, a few parameters anywhere in their sampled range, and up to four shocks."""
    broad = [p for p in load_registry().parameters.values() if not p.selector]
    chosen = draw(st.lists(st.sampled_from(broad), max_size=12, unique_by=lambda p: p.path))
    overlays = {p.path: draw(st.floats(p.low, p.high)) for p in chosen}
    losses = {
        "capital.lab_pool": 0.0,
        "customers.task_value": 0.01,
        "fleets.debt_limit_ebitda": 0.0,
        "gulf.assets_frozen": 1.0,
        "gulf.oil_volume_left": 0.0,
        "fabs.capacity_loss": 1.0,
        "inputs.supply_loss": 1.0,
        "elsewhere.demand_loss": 1.0,
        "regions.lng_supply_loss": 0.5,
        "regions.export_controlled": 1.0,
    }
    shocked = draw(st.lists(st.sampled_from(sorted(losses)), max_size=4, unique=True))
    events = tuple(
        Event(
            f"shock_{i}",
            draw(st.integers(0, months - 1)),
            draw(st.integers(1, 12)),
            {path: losses[path]},
            {},
        )
        for i, path in enumerate(shocked)
    )
    return replace(BASELINE, world=world, months=months, set=overlays, events=events)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A random world over a year, disturbed."""
    return draw(disturbed(draw(worlds()), 12))


@st.composite
def generated(draw: st.DrawFn, months: int = 36) -> Scenario:
    """A small world drawn after the shipped one, disturbed: sizes from one dominant firm to many
    alike, firms without suppliers or customers, markets without firms."""
    counts = {
        "labs": draw(st.integers(0, 8)),
        "fabs": draw(st.integers(1, 4)),
        "fleets": draw(st.integers(2, 12)),
        "customers": draw(st.integers(0, 20)),
    }
    degree, seed = draw(st.integers(1, 4)), draw(st.integers(0, WORLD_SEED_MAX))
    return draw(disturbed(GenerationPlan(BASELINE.world, counts, degree, seed).world(), months))
