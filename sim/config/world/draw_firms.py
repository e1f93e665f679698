"""Firms drawn after the members of a pattern world.

Every firm is like one member of the pattern: it has the member's group and region, and a part of
its size. What a member holds in all (chips, power, cash, people) is split among the firms like it,
so totals stay the pattern's and the registry's values still fit; what it is like (price, software,
adoption) is drawn around its value, within the range that the pattern gives, with the same mean
over the firms like it. With one firm per member the world is the pattern under other names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.numerics.draws import series
from sim.config.registry import load_registry
from sim.config.world.roster import Figures, Roster
from sim.config.world.schema import INITIAL

if TYPE_CHECKING:
    from sim.config.world.world import World

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

NAMES: Mapping[str, str] = {
    "fabs": "fab",
    "fleets": "data_center",
    "labs": "lab",
    "customers": "customer",
}
"""Populations that are drawn, with the stem of their rows' names; all others are copied."""
SIZES: Mapping[str, tuple[str, ...]] = {
    "fabs": ("output",),
    "fleets": ("chips_shipped",),
    "labs": ("compute",),
    "customers": ("people", "spend_max"),
}
"""Totals that define the size of an agent: its mean share in them."""
HELD = ("H100e", "H100e/month", "GW", "USD", "USD/year", "person")
"""Units of what a firm holds in all, which is split; any other unit says what a firm is like."""
EITHER = "0/1"
"""Unit of what a firm is or is not, as its member."""
IN_PROPORTION = ("chips_in_transit", "connected_gw")
"""Keys held in proportion to size: power must fit the chips, and nobody has more chips in
transit than it owns."""

TAIL = 1.06
"""Exponent of the Pareto law of sizes within a member's firms. Firms of a country follow it closely
with exponents of 0.95 to 1.10 whatever is counted (employees, revenue), 1.059 for the United States
(Axtell, Science 293, 2001): near Zipf's law, where the largest of n firms has about 1/ln n of all.
"""
SPREAD = 0.2
"""Firms of one kind and size differ by up to this, in ln, where the pattern gives no range."""
FLOP_ELASTICITY = 0.63
"""Rise of ln training FLOP of the flagship per unit of ln compute, over the labs of world_2025."""


@dataclass(frozen=True)
class Firms:
    """A population of a generated world.

    like: place in the pattern's roster of the member that each agent is like, (agents,). share:
    its part of that member's size; those of the firms of a member add up to 1. size: its part of
    the whole population's.
    """

    roster: Roster
    like: Places
    share: Floats
    size: Floats
    drawn: bool

    def held(self, key: str) -> Floats:
        """The holding of every agent under one key, 0 where none is given, (agents,)."""
        return np.nan_to_num(self.roster.initial[key].value)


def copied(pattern: World, population: str) -> Firms:
    """A population that is as in the pattern."""
    roster = replace(pattern.roster(population), source=f"assumption: as in {pattern.name}")
    ones = np.ones(len(roster))
    return Firms(roster, np.arange(len(roster)), ones, ones / len(roster), drawn=False)


def draw_firms(pattern: World, population: str, count: int, seed: int) -> Firms:
    """So many firms after the members of one population of the pattern."""
    members = pattern.roster(population)
    zones = zones_of(pattern, members)
    size = _sizes(members)
    luck = series(len(members), "like", population, seed)
    counts = allot(count, size, zones, members.dormant, luck)
    like = np.repeat(np.arange(len(members)), counts)
    rank = np.arange(count) - (np.cumsum(counts) - counts)[like]
    share = pareto(rank, counts[like], series(count, "size", population, seed))
    share = share / _sum_by(like, share, len(members))[like]
    drawing = _Drawing(pattern, members, like, share, zones, seed)
    values = {key: drawing.values(key) for key in members.initial}
    if population == "fleets":
        _fit_transit(members, like, values)
    if population == "labs":
        _fit_models(members, like, share, values)
    roster = Roster(
        population=population,
        names=_names(NAMES[population], count),
        groups=_picked(members.groups, like),
        regions=_picked(members.regions, like),
        operators=_operators(members.operators, like, rank),
        zones=_picked(members.zones, like),
        likes=_picked(members.names, like),
        titles=members.titles,
        dormant=members.dormant[like],
        initial={key: _figures(members.initial[key], values[key], like) for key in values},
        source=f"assumption: drawn after {pattern.name}",
    )
    return Firms(roster, like, share, size[like] * share, drawn=True)


def zones_of(pattern: World, members: Roster) -> Places:
    """Number of the compute market in which every member stands, (members,)."""
    regions = pattern.roster("regions")
    zone_of = dict(zip(regions.names, regions.zones, strict=True))
    numbers = {zone: number for number, zone in enumerate(dict.fromkeys(regions.zones))}
    return np.array([numbers[zone_of[region]] for region in members.regions], dtype=np.intp)


def allot(
    count: int, size: Floats, zones: Places, dormant: NDArray[np.bool_], luck: Floats
) -> Places:
    """The number of firms drawn after each member, (members,), adding up to `count`.

    One after each and the rest in proportion to size. With fewer firms than members: one of every
    market, then others, all by chance in proportion to size, those that are dormant last.
    """
    members = len(size)
    if count >= members:
        wanted = (count - members) * size / size.sum()
        counts: Places = 1 + np.floor(wanted).astype(np.intp)
        left = count - int(counts.sum())
        counts[np.argsort(np.floor(wanted) - wanted, kind="stable")[:left]] += 1
        return counts
    waiting = np.lexsort((-np.log(luck) / size, dormant))
    leaders = [waiting[zones[waiting] == zone][0] for zone in np.unique(zones)]
    largest = _sum_by(zones, size, int(zones.max()) + 1)
    leaders.sort(key=lambda member: -largest[zones[member]])
    chosen = list(dict.fromkeys([*leaders, *waiting.tolist()]))[:count]
    return np.bincount(np.array(chosen, dtype=np.intp), minlength=members).astype(np.intp)


def pareto(rank: Places, firms: Places, luck: Floats) -> Floats:
    """Size of the firm of each rank, from 0 for the largest, among so many: the quantile of the
    Pareto law in its part of the distribution, so that no draw makes one firm of all."""
    return np.power((rank + 0.25 + 0.5 * luck) / np.maximum(firms, 1), -1.0 / TAIL)


@dataclass(frozen=True)
class _Drawing:
    """Draws the values of one population's firms, key by key."""

    pattern: World
    members: Roster
    like: Places
    share: Floats
    zones: Places
    seed: int

    def values(self, key: str) -> Floats:
        """The values of one key, (firms,); NaN for firms whose member has none."""
        held = self.members.initial[key].value
        schema = INITIAL[self.members.population][key]
        luck = 2.0 * series(len(self.like), key, self.members.population, self.seed) - 1.0
        if schema.unit == EITHER:
            return held[self.like]
        if schema.unit in HELD:
            return self._parts(key, luck) * (held * self._factor(held))[self.like]
        return np.clip(self._around(key, held, luck), schema.low, schema.high)

    def _parts(self, key: str, luck: Floats) -> Floats:
        """Part of its member's total that a firm holds: its size, and luck where that has a say."""
        if key in SIZES[self.members.population] or key in IN_PROPORTION:
            return self.share
        parts = self.share * np.exp(SPREAD * luck)
        return parts / _sum_by(self.like, parts, len(self.members))[self.like]

    def _factor(self, held: Floats) -> Floats:
        """The factor that makes up for members without firms, (members,): firms of the same market
        hold what they would, and all others together what a market without firms would."""
        chosen = np.bincount(self.like, minlength=len(held)) > 0
        factor = np.ones(len(held))
        if chosen.all():
            return factor
        held, awake = np.nan_to_num(held), ~self.members.dormant
        for zone in np.unique(self.zones):
            there = (self.zones == zone) & awake
            factor[there] = _ratio(held[there].sum(), held[there & chosen].sum())
        factor[awake] *= _ratio(held[awake].sum(), (held * factor)[awake & chosen].sum())
        return factor

    def _around(self, key: str, held: Floats, luck: Floats) -> Floats:
        """Values around those of the members, within their ranges, with the same mean by size."""
        entries = [entry.initial.get(key) for entry in self.pattern.of(self.members.population)]
        low = np.array([np.nan if e is None or e.low is None else e.low for e in entries])
        high = np.array([np.nan if e is None or e.high is None else e.high for e in entries])
        up, down = _log_room(held, high, SPREAD), _log_room(held, low, -SPREAD)
        factor = np.exp(np.abs(luck) * np.where(luck > 0.0, up[self.like], down[self.like]))
        mean = _sum_by(self.like, self.share * factor, len(held))
        around: Floats = held[self.like] * factor / mean[self.like]
        return around


def _log_room(value: Floats, end: Floats, default: float) -> Floats:
    """ln (end of the range / value), (members,); the default where no range is given."""
    known = (end > 0.0) & (value > 0.0)
    room = np.log(np.where(known, end, 1.0) / np.where(known, value, 1.0))
    return np.where(known, room, default)


def _fit_transit(members: Roster, like: Places, values: dict[str, Floats]) -> None:
    """Chips in transit, of what a fleet owns: as many in all, and nowhere more than all."""
    owned, moving = values["chips_shipped"], values["chips_in_transit"]
    if (moving <= owned).all():
        return
    held = {key: np.nan_to_num(members.initial[key].value) for key in values}
    share = _ratios(held["chips_in_transit"], held["chips_shipped"])
    usual, wanted = owned * share[like], min(moving.sum(), owned.sum())
    more = wanted - usual.sum()
    room = owned - usual if more > 0.0 else usual
    values["chips_in_transit"] = np.clip(usual + room * (more / room.sum()), 0.0, owned)


def _fit_models(members: Roster, like: Places, share: Floats, values: dict[str, Floats]) -> None:
    """Flagships of the size that a lab's compute allows, and their capability: its member's, with
    what FLOP and software bring more or less; all moved alike so that the best lab awake is as good
    as the pattern's best, from which history and registry count."""
    held = {key: np.nan_to_num(members.initial[key].value) for key in values}
    scale = load_registry().columns("labs")["scale_elasticity"].value
    whole = held["compute"][like]
    relative = np.where(whole > 0.0, _ratios(values["compute"], whole), share)
    flop = values["flagship_flop"] * np.power(relative, FLOP_ELASTICITY)
    gain = scale * _log10(flop, held["flagship_flop"][like])
    gain = gain + _log10(values["software"], held["software"][like])
    capability = held["capability"][like] + gain
    awake = ~members.dormant
    if awake[like].any():
        lead = held["capability"][awake].max() - capability[awake[like]].max()
        capability = capability + lead
        flop = flop * np.power(10.0, lead / scale)
    for key, fitted in (("flagship_flop", flop), ("capability", capability)):
        schema = INITIAL["labs"][key]
        values[key] = np.clip(fitted, schema.low, schema.high)


def _sizes(members: Roster) -> Floats:
    """Mean share of every member in the totals that its population's size is counted in; of one
    without any the smallest there is, so that it has firms too."""
    held = [np.nan_to_num(members.initial[key].value) for key in SIZES[members.population]]
    shares = [values / values.sum() for values in held if values.sum() > 0.0]
    size = np.mean(shares, axis=0) if shares else np.ones(len(members))
    return np.where(size > 0.0, size, size[size > 0.0].min(initial=1.0))


def _figures(member: Figures, value: Floats, like: Places) -> Figures:
    """The column of one key: new values, spread over time as those of the members."""
    return Figures(value, member.months[like], member.growth[like])


def _operators(operators: tuple[str, ...], like: Places, rank: Places) -> tuple[str, ...]:
    """The largest firms after the members of an operator belong to one operator, which keeps its
    name, the next largest to another: a few have fleets in several regions, most in one."""
    if not any(operators):
        return _picked(operators, like)
    return tuple(
        f"{operators[member]}_{place + 1:05d}" if place else operators[member]
        for member, place in zip(like.tolist(), rank.tolist(), strict=True)
    )


def _names(stem: str, count: int) -> tuple[str, ...]:
    width = max(5, len(str(count)))
    return tuple(f"{stem}_{number:0{width}d}" for number in range(1, count + 1))


def _picked(words: tuple[str, ...], like: Places) -> tuple[str, ...]:
    return tuple([words[member] for member in like.tolist()])


def _sum_by(group: Places, values: Floats, groups: int) -> Floats:
    added: Floats = np.bincount(group, weights=values, minlength=groups).astype(np.float64)
    return added


def _ratios(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator != 0.0)


def _ratio(numerator: float, denominator: float) -> float:
    """numerator / denominator where that is a factor above 0, else 1: nothing to make up for."""
    found = numerator / denominator if denominator else 0.0
    return float(found) if found > 0.0 else 1.0


def _log10(value: Floats, base: Floats) -> Floats:
    known = (value > 0.0) & (base > 0.0)
    return np.log10(np.where(known, value, 1.0) / np.where(known, base, 1.0))
