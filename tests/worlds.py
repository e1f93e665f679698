"""Small worlds for tests: a few agents of every kind with numbers of any plausible size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st

from sim.registry import load_registry
from sim.scenario import Event, Scenario, load_scenario
from sim.world import AgentEntry, EdgeEntry, Sourced, World

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
    in three regions, two markets."""
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
    closing = [agent("capital", "market"), agent("outside", "rest")]
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
    history = {
        "chips_shipped": sourced(tuple(float(i) for i in range(1, 37))),
        "frontier_capability": sourced(tuple(0.08 * (i - 36) for i in range(1, 37))),
    }
    agents += [*fabs, *fleets, *labs, *customers, *elsewhere, *closing]
    return World(
        "test", "", "", "2025-01", 12, tuple(agents), tuple(edges), history, Path("test.toml")
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A random world, a few parameters anywhere in their sampled range, and up to two shocks."""
    broad = [p for p in load_registry().parameters.values() if not p.selector]
    chosen = draw(st.lists(st.sampled_from(broad), max_size=12, unique_by=lambda p: p.path))
    overlays = {p.path: draw(st.floats(p.low, p.high)) for p in chosen}
    losses = {
        "fabs.capacity_loss": 1.0,
        "inputs.supply_loss": 1.0,
        "elsewhere.demand_loss": 1.0,
        "regions.lng_supply_loss": 0.5,
        "regions.export_controlled": 1.0,
    }
    shocked = draw(st.lists(st.sampled_from(sorted(losses)), max_size=2, unique=True))
    events = tuple(
        Event(
            f"shock_{i}",
            draw(st.integers(0, 11)),
            draw(st.integers(1, 12)),
            {path: losses[path]},
            {},
        )
        for i, path in enumerate(shocked)
    )
    baseline = load_scenario("baseline", months=12)
    return replace(baseline, world=draw(worlds()), months=12, set=overlays, events=events)
