"""Sankey diagrams: money between sectors, and hours of compute from fleets to their uses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.base.errors import one_line
from sim.base.number_format import amount
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.config.world.world import World
from sim.figures.figure import GREY, POPULATIONS, SECTORS, Figure, Option, plainly, scale_of, short

if TYPE_CHECKING:
    import pandas as pd

PAYS, PAID, FLEETS = " pays", " is paid", " fleets"
"""What nodes of one name are told apart by."""
SHOWN = 10
"""Origins of hours, and labs, that are drawn by name; the others are put together."""
OTHERS = "all others"
LABEL = 32
"""Longest name beside a node, in characters."""
LinkEnds = tuple[str, str]
"""Source and target of a link."""
Link = tuple[str, str, float]
"""Source, target and what went from one to the other."""


def money(name: str, title: str, payments: pd.DataFrame, sample: str) -> Figure:
    """Payers on the left, payees on the right, a band a pair of sectors that says its instruments.

    payments: columns instrument, payer, payee, usd; a sector that pays and is paid stands on both
    sides, since a Sankey diagram has no circles.
    """
    moved = payments[payments["usd"] > 0.0]
    table = moved.sort_values("usd", ascending=False, kind="stable").reset_index(drop=True)
    links, parts = dict[LinkEnds, float](), dict[LinkEnds, dict[str, float]]()
    for instrument, payer, payee, usd in zip(
        *(table[column] for column in ("instrument", "payer", "payee")),
        table["usd"].tolist(),
        strict=True,
    ):
        pair = (f"{payer}{PAYS}", f"{payee}{PAID}")
        links[pair] = links.get(pair, 0.0) + usd
        part = parts.setdefault(pair, {})
        part[instrument] = part.get(instrument, 0.0) + usd
    pairs = sorted(links)
    colours = {s: POPULATIONS.get(s.removesuffix(PAYS), GREY) for s, _ in pairs}
    colours |= {t: POPULATIONS.get(t.removesuffix(PAID), GREY) for _, t in pairs}
    total = amount(math.fsum(links.values()))
    note = f"{total} USD in all; payers left, payees right; a band is as thick as the money"
    option = _sankey(title, sample, note, "USD", links, colours, parts)
    return Figure(name, "sankey", title, sample, option, table, note)


def hours(
    name: str, title: str, supply: pd.DataFrame, kinds: Mapping[str, str], sample: str
) -> Figure:
    """Hours from those who have chips, through labs, to what they were used for.

    supply: columns source, target, hours; what a lab receives it hands on. kinds: the population of
    a source or target, for its colour; the smaller fleets and labs are drawn together.
    """
    table = supply[supply["hours"] > 0.0].sort_values("hours", ascending=False, kind="stable")
    table = table.reset_index(drop=True)
    rows = [*zip(table["source"], table["target"], table["hours"].tolist(), strict=True)]
    for population in ("fleets", "labs"):
        members = {end for end, kind in kinds.items() if kind == population}
        rows = _lumped(rows, members, _others(population))
    links = dict[LinkEnds, float]()
    for source, target, given in rows:
        links[source, target] = links.get((source, target), 0.0) + given
    pairs = sorted(links)
    ends = dict.fromkeys([*(source for source, _ in pairs), *(target for _, target in pairs)])
    colours = {end: POPULATIONS.get(_kind(end, kinds), GREY) for end in ends}
    note = "left: fleets; right: uses of their hours; the smallest are drawn together"
    option = _sankey(title, sample, note, "H100e-hour", links, colours, {})
    return Figure(name, "sankey", title, sample, option, table, note)


def _lumped(rows: list[Link], members: set[str], name: str) -> list[Link]:
    """Links in which all but the largest members of a population go by one name."""
    sizes = dict[str, float]()
    for source, _, hours in rows:
        if source in members:
            sizes[source] = sizes.get(source, 0.0) + hours
    largest = {*sorted(sizes, key=lambda end: -sizes[end])[:SHOWN]}
    small = ({*sizes} | {target for _, target, _ in rows if target in members}) - largest
    if len(small) < 2:
        return rows
    return [
        (name if source in small else source, name if target in small else target, hours)
        for source, target, hours in rows
    ]


def _others(population: str) -> str:
    return f"{OTHERS} ({population})"


def _kind(end: str, kinds: Mapping[str, str]) -> str:
    known = {_others(population): population for population in ("fleets", "labs")}
    return kinds.get(end, known.get(end, ""))


def _bare(end: str) -> str:
    """The name of a node without what keeps it apart from one of the same name."""
    for apart in (PAYS, PAID, FLEETS):
        end = end.removesuffix(apart)
    return SECTORS.get(end, end)


def _said(ends: LinkEnds, value: float, unit: str, parts: Mapping[str, float]) -> str:
    """A band in words, and a line a part of it."""
    lines = [f"{_bare(ends[0])} → {_bare(ends[1])}", f"{amount(value)} {unit}"]
    return plainly("\n".join([*lines, *(f"{name} {amount(part)}" for name, part in parts.items())]))


def _link(
    ends: LinkEnds, value: float, factor: float, unit: str, parts: Mapping[str, float]
) -> Option:
    """A band of the option; what its parts are called is drawn where a picture cannot be asked."""
    link: Option = {
        "source": ends[0],
        "target": ends[1],
        "value": short(value / factor),
        "tooltip": {"formatter": _said(ends, value, unit, parts)},
    }
    if parts:
        link["edgeLabel"] = {"show": False, "formatter": plainly(", ".join(parts))}
    return link


def _sankey(
    title: str,
    sample: str,
    note: str,
    unit: str,
    links: Mapping[LinkEnds, float],
    colours: Mapping[str, str],
    parts: Mapping[LinkEnds, Mapping[str, float]],
) -> Option:
    """The option; links: how much goes from a source to a target. parts: what it consists of, the
    largest first, where that is known."""
    # One thousand finer than the whole, so that thin bands have digits.
    factor, label = scale_of([math.fsum(links.values()) / 1e3], unit)
    through = dict.fromkeys(colours, 0.0)
    for side in (0, 1):
        one_way = dict.fromkeys(colours, 0.0)
        for ends, value in links.items():
            one_way[ends[side]] += value
        through = {end: max(through[end], one_way[end]) for end in colours}
    nodes = [
        {
            "name": end,
            "label": {"formatter": plainly(one_line(_bare(end), LABEL))},
            "tooltip": {"formatter": plainly(f"{_bare(end)}\n{amount(through[end])} {unit}")},
            "itemStyle": {"color": colour},
        }
        for end, colour in colours.items()
    ]
    return {
        "title": {"text": f"{title} ({sample})", "subtext": f"{label}; {note}"},
        "tooltip": {"trigger": "item", "renderMode": "richText"},
        "series": [
            {
                "id": "sankey",
                "type": "sankey",
                "name": label,
                "top": 16,
                "left": 16,
                "right": 150,
                "labelLayout": {"hideOverlap": True},
                # Nodes keep their order from month to month.
                "layoutIterations": 0,
                "data": nodes,
                "links": [
                    _link(ends, value, factor, unit, parts.get(ends, {}))
                    for ends, value in sorted(links.items())
                ],
                "lineStyle": {"color": "source", "opacity": 0.4},
                "emphasis": {"focus": "adjacency"},
            }
        ],
    }


RECEIVERS = {name: RELATION_KINDS[name].goal for name in ("lease", "spot")}
"""Relations along which hours are delivered, and to whom."""


OWN, IDLE, CONTRIBUTORS = "own workloads", "idle", "contributors"


USES = {
    "pre_training_hours": "pre-training",
    "post_training_hours": "post-training",
    "experiment_hours": "experiments",
    "synthetic_hours": "synthetic data",
    "agent_hours": "digital researchers",
    "evaluating_hours": "evaluations",
    "served": "serving",
    "reserve_hours": "kept for peaks",
}
"""What labs use hours for; serving is what inference takes less what is kept for its peaks."""


HOURS_OF = {
    "fleets": ("own_used", "idle"),
    "labs": (*(c for c in USES if c != "served"), "inference_hours", "contributed_hours"),
}
"""The columns that say what hours were used for."""


@dataclass(frozen=True)
class HourNames:
    """What a world's fleets and receivers are called in links of hours.

    fleets: operator, by name. receivers: title by relation and name, no two alike. kinds: the
    population of each.
    """

    fleets: Mapping[str, str]
    receivers: Mapping[tuple[str, str], str]
    kinds: Mapping[str, str]


def hour_names(world: World) -> HourNames:
    """The names of a world."""
    fleets = {e.name: _operator(e.title, e.operator or e.name) for e in world.roster("fleets")}
    kinds = dict.fromkeys(fleets.values(), "fleets") | {CONTRIBUTORS: "outside"}
    taken = {OWN, IDLE, *USES.values(), *kinds}
    titles = dict[tuple[str, str], str]()
    for relation, population in RECEIVERS.items():
        for entry in world.roster(population):
            title = entry.title
            # Of one name with another, hours would run in a circle.
            while title in taken:
                title = f"{title} ({entry.name})"
            taken.add(title)
            titles[relation, entry.name], kinds[title] = title, population
    return HourNames(fleets, titles, kinds)


def links_of_hours(
    names: HourNames,
    delivered: Iterable[tuple[str, str, str, float]],
    used: Mapping[tuple[str, str, str], float] | None,
) -> pd.DataFrame:
    """Hours from operators' fleets to labs and others, and from labs to their uses: columns
    source, target, hours.

    delivered: relation, source, target and hours of each edge. used: hours by population, name and
    column of `HOURS_OF`, None where they are not known.
    """
    import pandas as pd

    links = dict[LinkEnds, float]()

    def add(source: str, target: str, hours: float) -> None:
        links[source, target] = links.get((source, target), 0.0) + hours

    for relation, source, target, hours in delivered:
        add(names.fleets[source], names.receivers[relation, target], hours)
    if used is not None:
        for name, operator in names.fleets.items():
            add(operator, OWN, used["fleets", name, "own_used"])
            add(operator, IDLE, used["fleets", name, "idle"])
        for (relation, name), title in names.receivers.items():
            if relation == "lease":
                _add_uses(add, title, {q: used["labs", name, q] for q in HOURS_OF["labs"]})
    rows = [(*ends, hours) for ends, hours in links.items()]
    return pd.DataFrame(rows, columns=["source", "target", "hours"])


def _add_uses(add: Callable[[str, str, float], None], lab: str, used: Mapping[str, float]) -> None:
    """What a lab did with its hours, and those that others gave it."""
    for column, use in USES.items():
        serving = used["inference_hours"] - used["reserve_hours"]
        add(lab, use, serving if column == "served" else used[column])
    if used["contributed_hours"]:
        add(CONTRIBUTORS, lab, used["contributed_hours"])


def _operator(title: str, operator: str) -> str:
    """The name of a fleet's operator; a fleet is called "Microsoft, US"."""
    name, _, region = title.rpartition(", ")
    return f"{name if name and ')' not in region else title or operator}{FLEETS}"
