"""Hours contracted ahead: labs sign them, fleets deliver them when due, and labs may call them off.

What is signed is taken up, called off, or waits: in the book by months ahead, what is overdue in
the next month's place. Hours are whole, so nothing is lost on the way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats, ratio
from agents.framework.relation import Relation
from agents.labs.lab import Lab
from agents.supply.data_center import DataCenter
from sim.base.numerics.kernels import proportional, total, total_by
from sim.base.numerics.pipelines import enter, next_due
from sim.economy.accounts.quanta import HOUR_QUANTUM, whole_hours
from sim.economy.economy import Economy
from sim.month.perceive import supply as perceive_supply


def begin(economy: Economy) -> None:
    """A month in which nothing has been signed, taken up or called off yet."""
    economy.lease.signed = 0.0
    economy.lease.taken_up = 0.0
    economy.lease.called_off = 0.0


def take_up(economy: Economy) -> None:
    """Hours that are due become leases at the price they were signed at, as far as fleets have
    hours without a lease; what the law forbids by then is off, the rest waits."""
    fleets, lease = economy.fleets, economy.lease
    due = next_due(lease.forward)
    allowed = rentable(economy, due * lease.open_edges(), lease.hours)
    free = np.maximum(fleets.offered - lease.to_source(lease.hours), 0.0)
    lease.taken_up = proportional(free, allowed, lease.source, HOUR_QUANTUM)
    lease.called_off = lease.called_off + (due - allowed)
    lease.forward[:, :, 0] += allowed - lease.taken_up
    add_hours(economy, lease.taken_up, lease.forward_price)


def add_hours(economy: Economy, hours: Floats, price: Floats) -> None:
    """New hours join the lease book; its price is the mean of what its hours were signed at."""
    lease = economy.lease
    held = lease.hours + hours
    mixed = ratio(lease.hours * lease.price + hours * price, held)
    lease.price = np.where(held > 0.0, mixed, lease.price)
    lease.hours = held


def revise(economy: Economy) -> None:
    """Labs compare revenue with their plan, re-make it, call off what it no longer bears, and sign
    for the time ahead; fleets remember what was called off."""
    labs, lease, fleets = economy.labs, economy.lease, economy.fleets
    news = (labs.revenue - labs.revenue_smoothed) / labs.income_memory_months
    labs.revenue_smoothed = labs.revenue_smoothed + news
    labs.missed_plan = labs.decide(Lab.miss_plan)
    plan = labs.decide(Lab.plan_revenue)
    labs.revenue_plan, labs.plan_growth = plan.revenue, plan.growth
    cancel(economy, np.take(labs.decide(Lab.call_off), lease.target, axis=1))
    sign(economy)
    lost = lease.to_source(lease.called_off)
    fleets.called_off = fleets.decide(DataCenter.remember_called_off) + lost


def sign(economy: Economy) -> None:
    """Spread the hours that labs want ahead over fleets, by what each may still sign and by known
    partners, and enter them in the books at today's lease price."""
    fleets, labs, lease = economy.fleets, economy.labs, economy.lease
    perceive_supply.contracts(economy)
    offered = fleets.decide(DataCenter.offer_forward_hours)
    known = np.maximum(lease.weight, lease.from_target(labs.supplier_openness))
    pull = lease.from_source(offered) * known * lease.open_edges()
    wanted = labs.decide(Lab.want_forward)
    booked = total(lease.forward)
    asked = ask(economy, pull, wanted, lease.hours + booked)
    lease.signed = proportional(offered, asked, lease.source, HOUR_QUANTUM)
    posted = lease.from_source(fleets.decide(DataCenter.set_lease_price))
    book = booked + lease.signed
    mixed = booked * lease.forward_price + lease.signed * posted
    lease.forward_price = ratio(mixed, book)
    enter(lease.forward, lease.signed, lease.from_target(labs.forward_months))


def cancel(economy: Economy, share: Floats) -> None:
    """Take a share of forward hours, (runs, edges, months ahead), out of the books."""
    lease = economy.lease
    gone = np.minimum(whole_hours(lease.forward * share), lease.forward)
    lease.forward = lease.forward - gone
    lease.called_off = lease.called_off + total(gone)


def spread(relation: Relation, pull: Floats, wanted: Floats) -> Floats:
    """Wishes of the relation's targets, (runs, targets), split over their edges by pull."""
    share = ratio(pull, relation.from_target(relation.to_target(pull)))
    return whole_hours(relation.from_target(wanted) * share)


def ask(economy: Economy, pull: Floats, wanted: Floats, held: Floats) -> Floats:
    """Wishes of labs, (runs, labs), split over fleets by pull as far as the law allows on top of
    what they hold, (runs, edges); what it refuses abroad they ask for where they are free to."""
    lease = economy.lease
    asked = spread(lease, pull, wanted)
    allowed = rentable(economy, asked, held)
    refused = lease.to_target(asked - allowed)
    free = np.where(bound_abroad(economy), 0.0, pull)
    return allowed + spread(lease, free, refused)


def bound_abroad(economy: Economy) -> NDArray[np.bool_]:
    """Edges to fleets abroad of labs seated under export control, (runs, edges)."""
    places = economy.places
    controlled = economy.regions.export_controlled.take(places.region_of_tenant, axis=1)
    return controlled * places.leases_abroad > 0.0


def rentable(economy: Economy, wanted: Floats, held: Floats) -> Floats:
    """The part of the hours wanted, (runs, edges), that the law allows on top of those held: labs
    seated in a region under export control may rent a share of the hours that fleets abroad offer;
    all others are free [smuggling-and-cloud, export-control-effect]."""
    regions, places = economy.regions, economy.places
    seat = places.region_of_tenant
    bound = bound_abroad(economy)
    home = economy.fleet_power.to_source(economy.fleets.offered)
    abroad = total(economy.fleets.offered)[:, None] - home
    rented = total_by(np.where(bound, held, 0.0), seat, len(regions))
    left = np.maximum(regions.foreign_rental_share * abroad - rented, 0.0)
    granted = proportional(left, np.where(bound, wanted, 0.0), seat, HOUR_QUANTUM)
    return np.where(bound, granted, wanted)
