"""One agent of a live run: its books, what it saw and decided this month, and its neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from agents.framework.columns import Column
from agents.framework.population import Population
from agents.framework.statements import Item, chart_of_accounts, filled
from sim.base.errors import RequestError, nearest, one_of
from sim.base.number_format import amount, exact
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.figures import Figure, lines
from sim.figures.stacked_axes import Marks, mark_lines
from sim.model import EconomyModel
from sim.month.perceive.labs import NOTHING
from sim.page.network.names import names
from sim.results.statements import check_agent

Row = dict[str, Any]
"""Plain data: texts, finite numbers, truths and None."""
Agents = Population[Any]
DECIDED: dict[str, tuple[str, ...]] = {
    "regions": ("power_price",),
    "inputs": ("price",),
    "fabs": ("price", "produced", "expansion"),
    "fleets": ("capex_plan", "ordered", "started_gw", "cancelled_gw", "own_wanted", "offered"),
    "labs": (
        "compute_wanted",
        "research_wanted",
        "staff_wanted",
        "inference_hours",
        "pre_training_hours",
        "post_training_hours",
        "experiment_hours",
        "synthetic_hours",
        "agent_hours",
        "evaluating_hours",
        "focus",
        "thinking",
        "tasks_bought",
        "lessons_bought",
        "released",
        "asked",
    ),
    "models": ("price", "open_weights"),
    "customers": ("adopted", "spend_share", "budget", "tokens"),
    "elsewhere": ("hours_wanted",),
    "gulf": ("pledged_now", "sold"),
    "parents": (),
    "capital": ("pool",),
    "outside": (),
}
"""Of every population, the columns that this month's decisions wrote; all others of its state are
what came of them."""
SUMMED = ("GW", "H100e", "H100e/month", "USD")
"""Units in which a pipeline adds up; of others the mean of what is not 0 is shown."""
BARE = ("1", "fraction", "0/1")
"""Units that are not said."""
STATEMENTS = {
    "balance": "Balance sheet at the end of the month, USD",
    "income": "Income of the month, USD",
    "cash": "Cash flow of the month, USD",
}
NEIGHBOURS, FOUND = 50, 20
"""Most neighbours on a sheet, and most agents that a search finds."""


def sheet(model: EconomyModel, agent: str) -> Row:
    """All there is to say of an agent ("labs.openai") at the end of the month just closed.

    Keys: `agent`, `title`, `words`, `kind`, `group`, `region`, `alive` and `status`; `statements`,
    three of them, each with a title and rows; `saw`, `decided`, `is` and `parameters`, rows of a
    column each; `neighbours`, the largest first, and `neighbours_in_all`; `columns`, those with a
    series. A row has `text` for people beside its number. RequestError for an unknown agent.
    """
    population, row = _find(model, agent)
    known = names(model)
    place = known.place[agent]
    seats = {name: f"regions.{name}" for name in model.economy.regions.names}
    region = seats.get(known.regions[place], "")
    region = known.titles[known.place[region]] if region else ""
    status = _status(population, row)
    kind, group = known.kinds[place], known.groups[place]
    decided = DECIDED[population.name]
    roles = {name: c.role for name, c in population.declared.items() if not c.posted and not c.line}
    is_now = [n for n, role in roles.items() if role in ("state", "pipeline") and n not in decided]
    series = [name for p, name in model.record.agents if p == population.name]

    def rows(columns: Iterable[str]) -> list[Row]:
        return [_row(population, row, column, column in series) for column in columns]

    neighbours = _neighbours(model, population, row)
    return {
        "agent": agent,
        "title": known.titles[place],
        "words": ", ".join(word for word in (kind, group, region, status) if word),
        "kind": kind,
        "group": group,
        "region": region,
        "alive": bool(population.alive[0, row]),
        "status": status,
        "statements": _statements(population, row),
        "saw": rows(name for name, role in roles.items() if role == "perceived"),
        "decided": rows(decided),
        "is": rows(is_now),
        "parameters": [
            _row(population, row, name, False) | {"event": _disturbed(model, population, row, name)}
            for name, role in roles.items()
            if role == "parameter"
        ],
        "neighbours": neighbours[:NEIGHBOURS],
        "neighbours_in_all": len(neighbours),
        "columns": [_said(name, population.declared[name]) for name in series],
    }


def series(model: EconomyModel, agent: str, column: str, marks: Marks = ()) -> Figure:
    """A column of an agent over the months done, with what was changed in them. RequestError
    if its months are not kept."""
    population, row = _find(model, agent)
    kept = {
        name: values for (p, name), values in model.record.agents.items() if p == population.name
    }
    if column not in kept:
        raise RequestError(
            "no series of this column",
            value=column,
            allowed=one_of(kept),
            nearest=nearest(column, kept),
        )
    known, months = names(model), model.record.months
    title = f"{known.titles[known.place[agent]]}: {_words(column)}"
    labels = [model.economy.calendar.label(month) for month in range(months)]
    unit = population.declared[column].unit
    values = {_words(column): kept[column][0, :months, row]}
    figure = lines("series", title, unit, labels, values, "n = 1 run")
    figure.option["series"][0]["id"] = "series"
    figure.option["legend"]["show"] = False
    figure.option["series"][0]["markLine"] = mark_lines(labels, marks, None, 1.0, words=True)
    figure.option["grid"] |= {"right": 24, "top": 34}
    return figure


def find(model: EconomyModel, words: str) -> list[Row]:
    """Agents in whose title, name, kind or group all of the words occur, those whose title begins
    with them first; at most 20, none for no words."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    known, ranked = names(model), []
    texts = zip(known.ids, known.titles, known.kinds, known.groups, strict=True)
    for place, (agent, *others) in enumerate(texts):
        text = " ".join((agent, *others)).casefold()
        if all(word in text for word in wanted):
            title = others[0].casefold()
            rank = 2 - title.startswith(wanted[0]) - all(word in title for word in wanted)
            ranked.append((rank, place))
    return [
        {
            "agent": known.ids[place],
            "title": known.titles[place],
            "words": ", ".join(w for w in (known.kinds[place], known.groups[place]) if w),
            "kind": known.kinds[place],
        }
        for _, place in sorted(ranked)[:FOUND]
    ]


def _find(model: EconomyModel, agent: str) -> tuple[Agents, int]:
    check_agent(agent, names(model).place)
    name, _, row = agent.partition(".")
    population = model.economy.populations[name]
    return population, population.index[row]


def _status(population: Agents, row: int) -> str:
    if population.alive[0, row]:
        return ""
    closed = "closed" in population.declared and population.columns["closed"][0, row] > 0.0
    return "closed" if closed else "not founded yet"


def _statements(population: Agents, row: int) -> list[Row]:
    """The three statements, all totals as they add up from the lines above them."""

    def read(column: str) -> float:
        return float(population.columns[column][0, row])

    found = chart_of_accounts(population.declared)._asdict()
    return [
        {"name": name, "title": title, "rows": _lines(found[name], filled(found[name], read))}
        for name, title in STATEMENTS.items()
    ]


def _lines(items: tuple[Item, ...], usd: dict[str, Any]) -> list[Row]:
    return [
        {
            "line": item.name,
            "words": _words(item.name),
            "part": item.part,
            "usd": _finite(usd[item.name]),
            "text": amount(float(usd[item.name])),
            "meaning": item.meaning,
            "total": item.part == "total",
        }
        for item in items
    ]


def _row(population: Agents, row: int, column: str, kept: bool) -> Row:
    """A column in words, with its value; a pipeline as the sum, or the mean, over its months."""
    declared = population.declared[column]
    value, note = population.columns[column][0, row], ""
    if declared.depth:
        added = declared.unit in SUMMED
        held = value if added else value[value != 0.0]
        value = held.sum() if added else held.mean() if len(held) else 0.0
        note = f"; {'sum' if added else 'mean'} over its months"
    said = _said(column, declared)
    unit = "1" if declared.unit in BARE else declared.unit
    chosen = declared.role == "parameter"
    text = exact(float(value), unit) if chosen else f"{amount(float(value))} {unit}"
    if declared.unit == "OOM" and value == NOTHING:
        text = "none"
    return said | {
        "meaning": said["meaning"] + note,
        "value": _finite(value),
        "text": text.removesuffix(" 1"),
        "series": kept,
    }


def _said(column: str, declared: Column) -> Row:
    return {
        "column": column,
        "words": _words(column),
        "unit": declared.unit,
        "meaning": declared.meaning,
    }


def _disturbed(model: EconomyModel, population: Agents, row: int, column: str) -> bool:
    """True if an event holds a parameter away from its undisturbed value."""
    base = model.economy.parameters.base[population.name, column]
    return bool(base[0, row] != population.columns[column][0, row])


def _neighbours(model: EconomyModel, population: Agents, row: int) -> list[Row]:
    """The partners of an agent: first those with flows this month, by money, then by units, then
    those with an open edge and no flow."""
    known, ranked = names(model), list[tuple[float, float, int, Row]]()
    for relation in model.economy.relations.values():
        ends = (relation.origin, relation.source), (relation.goal, relation.target)
        open_now = relation.open_edges()[0]
        for way, (mine, my_end), (theirs, their_end) in (("to", *ends), ("from", *ends[::-1])):
            if mine is not population:
                continue
            for edge in np.flatnonzero(my_end == row).tolist():
                units, usd = (
                    float(relation.columns[c][0, edge]) if c in relation.declared else 0.0
                    for c in ("units", "usd")
                )
                if not (units or usd or open_now[edge]):
                    continue
                other = f"{theirs.name}.{theirs.names[their_end[edge]]}"
                unit = relation.declared["units"].unit if "units" in relation.declared else ""
                neighbour = {
                    "way": way,
                    "agent": other,
                    "title": known.titles[known.place[other]],
                    "relation": RELATION_KINDS[relation.name].label,
                    "units": f"{amount(units)} {unit}" if unit else "",
                    "usd": amount(usd) if "usd" in relation.declared else "",
                    "unit": unit,
                    "amount": _finite(units) if unit else None,
                    "money": _finite(usd) if "usd" in relation.declared else None,
                }
                ranked.append((-usd, -units, len(ranked), neighbour))
    return [neighbour for *_, neighbour in sorted(ranked, key=lambda found: found[:3])]


def _words(column: str) -> str:
    return column.replace("_", " ")


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
