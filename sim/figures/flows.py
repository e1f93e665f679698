"""Who gave how much to whom, as Sankey diagrams: money between sectors, and hours of compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.figures.figure import GREY, HEAD, POPULATIONS, Figure, Option, scale_of, short

if TYPE_CHECKING:
    import pandas as pd

PAYS, PAID, FLEETS = " pays", " is paid", " fleets"
"""What nodes of one name are told apart by."""
SHOWN = 10
"""Origins of hours, and labs, that are drawn by name; the others are put together."""
OTHERS = "all others"


def money(name: str, title: str, payments: pd.DataFrame, sample: str) -> Figure:
    """Payers on the left, payees on the right, a band a pair of sectors.

    payments: columns instrument, payer, payee, usd; a sector that pays and is paid stands on both
    sides, since a Sankey diagram has no circles. The table keeps the instruments apart.
    """
    moved = payments[payments["usd"] > 0.0]
    table = moved.sort_values("usd", ascending=False, kind="stable").reset_index(drop=True)
    pairs = table.groupby(["payer", "payee"], sort=True)["usd"].sum().reset_index()
    links = pairs.assign(source=pairs["payer"] + PAYS, target=pairs["payee"] + PAID)
    colours = {s: POPULATIONS.get(s.removesuffix(PAYS), GREY) for s in links["source"]}
    colours |= {t: POPULATIONS.get(t.removesuffix(PAID), GREY) for t in links["target"]}
    note = "payers left, payees right; a band is as thick as the money"
    option = _sankey(title, sample, note, "USD", links.rename(columns={"usd": "value"}), colours)
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
    drawn = table
    for population in ("fleets", "labs"):
        drawn = _lumped(drawn, [k for k, kind in kinds.items() if kind == population], population)
    links = drawn.groupby(["source", "target"], sort=True)["hours"].sum().reset_index()
    ends = dict.fromkeys([*links["source"], *links["target"]])
    colours = {end: POPULATIONS.get(_kind(end, kinds), GREY) for end in ends}
    note = "fleets left, what the hours were used for right; the smallest are drawn together"
    renamed = links.rename(columns={"hours": "value"})
    option = _sankey(title, sample, note, "H100e-hour", renamed, colours)
    return Figure(name, "sankey", title, sample, option, table, note)


def _lumped(links: pd.DataFrame, members: list[str], population: str) -> pd.DataFrame:
    """Links in which all but the largest members of a population go by one name."""
    import pandas as pd

    inside = links[links["source"].isin(members)]
    sizes = inside.groupby("source")["hours"].sum().sort_values(ascending=False, kind="stable")
    received = links[links["target"].isin(members)]["target"]
    small = set(sizes.index[SHOWN:]) | (set(received) - set(sizes.index[:SHOWN]))
    if len(small) < 2:
        return links
    name = _others(population)
    renamed = {end: links[end].where(~links[end].isin(small), name) for end in ("source", "target")}
    return pd.DataFrame({**renamed, "hours": links["hours"]})


def _others(population: str) -> str:
    return f"{OTHERS} ({population})"


def _kind(end: str, kinds: Mapping[str, str]) -> str:
    known = {_others(population): population for population in ("fleets", "labs")}
    return kinds.get(end, known.get(end, ""))


def _bare(end: str) -> str:
    """The name of a node without what keeps it apart from one of the same name."""
    for apart in (PAYS, PAID, FLEETS):
        end = end.removesuffix(apart)
    return end


def _sankey(
    title: str, sample: str, note: str, unit: str, links: pd.DataFrame, colours: Mapping[str, str]
) -> Option:
    """The option; links: columns source, target, value."""
    # One thousand finer than the whole, so that thin bands have digits.
    factor, label = scale_of([float(links["value"].sum()) / 1e3], unit)
    nodes = [
        {
            "name": end,
            "label": {"formatter": _bare(end)},
            "itemStyle": {"color": colour},
        }
        for end, colour in colours.items()
    ]
    rows = zip(links["source"], links["target"], links["value"], strict=True)
    return {
        "title": {"text": f"{title} ({sample})", "subtext": f"{label}; {note}"},
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "name": label,
                "top": HEAD + 16,
                "left": 16,
                "right": 150,
                "data": nodes,
                "links": [
                    {"source": s, "target": t, "value": short(float(v) / factor)}
                    for s, t, v in rows
                ],
                "lineStyle": {"color": "source", "opacity": 0.4},
                "emphasis": {"focus": "adjacency"},
            }
        ],
    }
