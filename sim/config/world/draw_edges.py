"""Trade edges of a generated world.

A firm trades with firms like those that its own member of the pattern trades with. Its demand comes
in so many parts as it shall have suppliers, of sizes as unequal as firms; parts and suppliers are
laid along each other, so that every supplier gets the share of demand that its member has in the
pattern, split by size. A firm as large as several suppliers has several for one part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.base.numerics.draws import series
from sim.config.world.draw_firms import TAIL, Firms, Floats, Places, zones_of
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.config.world.roster import Links

if TYPE_CHECKING:
    from sim.config.world.world import World

LEASED_MOST = 0.5
"""Part of a fleet's running chips that labs lease together, unless more is leased in the pattern:
labs lease from large fleets, and leave room in them for leases to come."""
SPLIT_BY_SIZE = tuple(kind.name for kind in RELATION_KINDS.values() if kind.preferred)
"""Relations whose weight is the source's preference: firms like a member share what it has. Any
other weight is a part of the target, which every firm like a member has whole."""
WIDTH_MIN = 1e-6
"""Least width of a segment over the mean: a firm without demand has a supplier too."""

NONE: Places = np.zeros(0, dtype=np.intp)

Measure = Callable[[Firms], Floats]


def _running(fleets: Firms) -> Floats:
    """Chips that run, (agents,)."""
    return fleets.held("chips_shipped") - fleets.held("chips_in_transit")


def _size(firms: Firms) -> Floats:
    return firms.size


MEASURES: Mapping[str, tuple[Measure, Measure]] = {
    "chips": (lambda fabs: fabs.held("output"), lambda fleets: fleets.held("capex_run_rate")),
    "lease": (_running, lambda labs: labs.held("compute")),
    "tokens": (lambda labs: labs.held("compute"), _size),
}
"""Relation between drawn firms: what suppliers have to give, and what their customers want of it.
"""


def follow(pattern: World, relation: str, origin: Firms, goal: Firms) -> Links:
    """The pattern's edges, each from and to all agents that are like its ends."""
    links = pattern.links(relation)
    sources, targets = _members(origin), _members(goal)
    found: list[tuple[Places, Places, Floats]] = []
    for source, target, weight in zip(links.source, links.target, links.weight, strict=True):
        ends = np.meshgrid(sources.get(int(source), NONE), targets.get(int(target), NONE))
        part = goal.share[ends[1].ravel()] if relation in SPLIT_BY_SIZE else 1.0
        found.append((ends[0].ravel(), ends[1].ravel(), weight * part * np.ones(ends[0].size)))
    return _sorted(*(np.concatenate([f[i] for f in found] or [NONE]) for i in range(3)))


def trade(
    pattern: World, relation: str, origin: Firms, goal: Firms, degree: int, seed: int
) -> Links:
    """Edges between firms of two drawn populations; every target has about `degree` sources, and
    beyond them one like each member with whom its own has an edge without weight: no trade yet.

    Weights of a target add up to what those of its member add up to in the pattern.
    """
    key = (relation, seed)
    supply, demand = (
        _positive(m(f)) for m, f in zip(MEASURES[relation], (origin, goal), strict=True)
    )
    shares = _shares(pattern, relation, origin, goal, supply)
    source, target = _contacts(pattern, relation, origin, goal, supply, key)
    size = np.zeros(len(source))
    if shares.any():
        buyer, member, amount = _parts(shares, goal, demand, degree, key)
        order = np.lexsort((series(len(member), "place", *key), member))
        most = LEASED_MOST if relation == "lease" else None
        seller, width = _offers(origin.like, supply, member, amount, most, key)
        part, place, met = overlay(member[order], amount[order], origin.like[seller], width)
        source = np.concatenate([source, seller[place]])
        target = np.concatenate([target, buyer[order][part]])
        size = np.concatenate([size, met])
    links = pattern.links(relation)
    whole = np.bincount(links.target, weights=links.weight, minlength=len(shares.T))
    return _weighed(source, target, size, whole[goal.like].astype(np.float64))


def _parts(
    shares: Floats, goal: Firms, demand: Floats, degree: int, key: tuple[str, int]
) -> tuple[Places, Places, Floats]:
    """The demand of every buyer in parts: buyer, the member whose firms supply it, and amount."""
    buyers = np.flatnonzero(np.take(shares.max(axis=0), goal.like))
    parts = np.power(series(len(buyers) * degree, "part", *key), -1.0 / TAIL).reshape(-1, degree)
    parts = demand[buyers, None] * parts / parts.sum(axis=1, keepdims=True)
    buyer = np.tile(buyers, degree)
    block = goal.like[buyer] * degree + np.repeat(np.arange(degree), len(buyers))
    order = np.lexsort((series(len(block), "order", *key), block))
    member, served = np.nonzero(shares)
    first, second, amount = overlay(
        block[order],
        parts.T.ravel()[order],
        (served[:, None] * degree + np.arange(degree)).ravel(),
        np.repeat(shares[member, served], degree),
    )
    return buyer[order][first], np.repeat(member, degree)[second], amount


def _contacts(
    pattern: World,
    relation: str,
    origin: Firms,
    goal: Firms,
    supply: Floats,
    key: tuple[str, int],
) -> tuple[Places, Places]:
    """Edges without weight, as in the pattern: to one firm like the member at the other end, by
    chance in proportion to size."""
    links, sellers, buyers = pattern.links(relation), _members(origin), _members(goal)
    sources, targets = [NONE], [NONE]
    for place in np.flatnonzero(links.weight == 0.0).tolist():
        firms = sellers.get(int(links.source[place]), NONE)
        target = buyers.get(int(links.target[place]), NONE)
        if len(firms):
            ends = np.cumsum(supply[firms])
            luck = series(len(target), "contact", place, *key) * ends[-1]
            sources.append(firms[np.searchsorted(ends, luck)])
            targets.append(target)
    return np.concatenate(sources), np.concatenate(targets)


def overlay(
    block: Places, width: Floats, other_block: Places, other_width: Floats
) -> tuple[Places, Places, Floats]:
    """Two rows of segments laid along each other block by block: which two meet, and how long.

    The segments of a block are stretched to the length that `width` has there; both rows have the
    same blocks, sorted or not, and keep their order within a block. Returns positions in either row
    and lengths.
    """
    order, ends = _ends(block, width)
    other_order, other_ends = _ends(other_block, other_width)
    cuts = np.sort(np.concatenate([ends, other_ends]))
    starts = np.concatenate([[0.0], cuts[:-1]])
    met = cuts > starts
    middle = 0.5 * (starts[met] + cuts[met])
    one = order[np.searchsorted(ends, middle)]
    other = other_order[np.searchsorted(other_ends, middle)]
    whole = np.bincount(block, weights=width)
    return one, other, (cuts - starts)[met] * whole[block[one]]


def _ends(block: Places, width: Floats) -> tuple[Places, Floats]:
    """Segments by block, and where each ends when every block has the length 1."""
    order = np.argsort(block, kind="stable")
    number = np.unique(block[order], return_inverse=True)[1]
    width = width[order]
    mean = np.bincount(number, weights=width) / np.bincount(number)
    width = np.maximum(width, WIDTH_MIN * mean[number])
    whole = np.bincount(number, weights=width)
    along = np.cumsum(width / whole[number]) - number
    last = np.flatnonzero(np.diff(number, append=number[-1] + 1))
    along = np.clip(along, 0.0, 1.0)
    along[last] = 1.0
    return order, number + along


def _offers(
    like: Places,
    supply: Floats,
    member: Places,
    size: Floats,
    most: float | None,
    key: tuple[str, int],
) -> tuple[Places, Floats]:
    """Firms that supply what is asked of their members, and the width of each: all in proportion to
    size; or, where a supplier gives no more than `most` of what it has, as many as it takes, large
    ones first by chance in proportion to size."""
    members = int(like.max()) + 1
    asked = np.bincount(member, weights=size, minlength=members)
    luck = series(len(like), "supplier", *key)
    sellers = np.flatnonzero(asked[like] > 0.0)
    rank = -np.log(luck[sellers]) / supply[sellers]
    if most is None:
        rank = luck[sellers]
    sellers = sellers[np.lexsort((rank, like[sellers]))]
    if most is None:
        return sellers, supply[sellers]
    has = np.bincount(like, weights=supply, minlength=members)
    given = np.maximum(most, asked / np.where(has > 0.0, has, 1.0))[like[sellers]]
    offer = supply[sellers] * given
    before = np.cumsum(offer) - offer
    number = np.unique(like[sellers], return_index=True, return_inverse=True)
    before = before - before[number[1]][number[2]]
    width = np.clip(asked[like[sellers]] - before, 0.0, offer)
    used = (width > 0.0) | (before <= 0.0)
    return sellers[used], width[used]


def _shares(pattern: World, relation: str, origin: Firms, goal: Firms, supply: Floats) -> Floats:
    """Share of the demand of the members of `goal` that the members of `origin` supply, (members,
    members), 0 for members without firms. A member that has lost all its suppliers turns to those
    of the markets that supply its own in the pattern, by size."""
    links = pattern.links(relation)
    sellers, buyers = (
        pattern.roster(origin.roster.population),
        pattern.roster(goal.roster.population),
    )
    weight = np.zeros((len(sellers), len(buyers)))
    weight[links.source, links.target] = links.weight
    seller_zone, buyer_zone = zones_of(pattern, sellers), zones_of(pattern, buyers)
    size = np.bincount(origin.like, weights=supply, minlength=len(sellers))
    known = weight * (size > 0.0)[:, None]
    for buyer in np.flatnonzero(weight.any(axis=0) & ~known.any(axis=0)):
        of_zone = weight[:, buyer_zone == buyer_zone[buyer]].any(axis=1)
        allowed = np.isin(seller_zone, seller_zone[of_zone])
        known[:, buyer] = size * allowed
    known[:, np.bincount(goal.like, minlength=len(buyers)) == 0] = 0.0
    whole = known.sum(axis=0)
    return known / np.where(whole > 0.0, whole, 1.0)


def _weighed(source: Places, target: Places, size: Floats, whole: Floats) -> Links:
    """Edges from pieces of trade: one for each pair, with its part of the target's whole."""
    sources = int(source.max(initial=0)) + 1
    pair, piece = np.unique(target * sources + source, return_inverse=True)
    amount = np.bincount(piece, weights=size)
    target, source = pair // sources, pair % sources
    added = np.bincount(target, weights=amount, minlength=len(whole))
    return _sorted(source, target, amount * (whole / np.where(added > 0.0, added, 1.0))[target])


def _sorted(source: Places, target: Places, weight: Floats) -> Links:
    order = np.lexsort((source, target))
    ends = (source[order].astype(np.uint32), target[order].astype(np.uint32))
    return Links(*ends, np.asarray(weight, dtype=np.float64)[order])


def _members(firms: Firms) -> dict[int, Places]:
    """Firms by the member they are like."""
    order = np.argsort(firms.like, kind="stable")
    found, first = np.unique(firms.like[order], return_index=True)
    return dict(zip(found.tolist(), np.split(order, first)[1:], strict=True))


def _positive(amounts: Floats) -> Floats:
    """Amounts above 0, so that everybody has a place among suppliers and customers."""
    most = amounts.max(initial=0.0)
    return np.maximum(amounts, WIDTH_MIN * most if most > 0.0 else 1.0)
