"""Places of agents: regions, compute markets, operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agents.framework.columns import Floats
from agents.framework.population import Agents
from agents.framework.relation import Relation
from sim.base.numerics.kernels import Index
from sim.config.world.world import World


@dataclass(frozen=True)
class Places:
    """Places of agents: the row of their region, their compute market (zone), and the operator of
    each fleet."""

    zones: int
    zone_of_region: Index
    zone_of_fleet: Index
    seat_of_elsewhere: Index
    zone_of_elsewhere: Index
    foreign_chips: Floats
    """1 for an edge of the chips relation that crosses a border, (1, edges)."""
    leases_abroad: Floats
    """1 for a lease from a fleet outside the lab's region, (1, edges)."""
    region_of_tenant: Index
    """Row of the lab's region, for every lease."""
    operators: int
    operator_of_fleet: Index


def places_of(
    world: World, populations: Mapping[str, Agents], relations: Mapping[str, Relation]
) -> Places:
    """The places of a world's agents."""
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
