"""Series of labs from what the live run recorded: capability, revenue, worth and cost of tokens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.framework.columns import ratio
from sim.figures.figure import DASHES, PALETTE
from sim.figures.stacked_axes import AxesRow, Line
from sim.page.charts.view import ShownRuns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.framework.columns import Floats
    from sim.model import EconomyModel

NAMED = 8
"""Labs that are drawn by name; the others stand in the table."""
TABLED = 48
"""Labs that stand in a table at most, the largest."""
YEAR = 12
MILLION = 1e6


@dataclass(frozen=True)
class LabStyle:
    """The style of a lab, the same in every panel: its row, its title, its colour and dash."""

    row: int
    title: str
    colour: str
    dash: str


def by_size(model: EconomyModel) -> list[int]:
    """Rows of labs, those with the largest revenue over the last twelve months first, at most
    TABLED; before the first month, and among those without revenue, in the world's order."""
    done = model.record.months
    recent = model.record.agents["labs", "revenue"][0, max(0, done - YEAR) : done]
    order: list[int] = np.argsort(-recent.sum(axis=0), kind="stable").tolist()
    return order[:TABLED]


def styles(model: EconomyModel, rows: list[int]) -> list[LabStyle]:
    """Style of labs, in the order of the world.

    A lab's colour and dash follow from its place in the world while there are enough of both, so
    that they stay when others grow past it.
    """
    titles = titles_of(model)
    kinds = len(PALETTE) * len(DASHES)
    found = []
    for place, row in enumerate(sorted(rows)):
        style = row if len(titles) <= kinds else place
        colour = PALETTE[style % len(PALETTE)]
        dash = DASHES[style // len(PALETTE) % len(DASHES)]
        found.append(LabStyle(row, titles[row], colour, dash))
    return found


def titles_of(model: EconomyModel) -> list[str]:
    """Titles of labs in the order of the world; a title that two have comes with the name."""
    roster = model.scenario.world.roster("labs")
    titles = [roster.title(place) for place in range(len(roster))]
    times = Counter(titles)
    return [
        title if times[title] == 1 else f"{title} ({name})"
        for title, name in zip(titles, roster.names, strict=True)
    ]


def lab_row(
    shown: ShownRuns,
    words: str,
    unit: str,
    values: Floats,
    *,
    log: bool = False,
    dots: NDArray[np.bool_] | None = None,
    share: float = 1.0,
) -> AxesRow:
    """A line for each of the largest labs; values, dots: (months, labs) of the live run."""
    largest = by_size(shown.live)
    drawn = styles(shown.live, largest[:NAMED])
    titles = titles_of(shown.live)
    lines = tuple(
        Line(
            lab.title,
            values[:, lab.row],
            lab.colour,
            lab.dash,
            column=f"{words}: {lab.title}",
            dots=None if dots is None else dots[:, lab.row],
        )
        for lab in drawn
    )
    also = {f"{words}: {titles[row]} [{unit}]": values[:, row] for row in largest[NAMED:]}
    return AxesRow(words, unit, lines, log=log, share=share, also=also)


def left_out(shown: ShownRuns, *, tabled: bool = True) -> str:
    """The note on labs that are not drawn; empty if all are. tabled: True if the table has them."""
    labs = len(shown.live.economy.labs)
    if labs <= NAMED:
        return ""
    words = f"the {NAMED} labs with the largest revenue of {labs:,}"
    if not tabled:
        return words
    return f"{words}; the table has {'all' if labs <= TABLED else TABLED}"


def capability(model: EconomyModel) -> Floats:
    """Capability of flagships in OOM, (months, labs); NaN while a lab has none on sale."""
    done, record = model.record.months, model.record
    flagship = model.economy.slots["flagship"]
    on_sale = record.agents["models", "on_sale"][0, :done, flagship] > 0.0
    return np.where(on_sale, record.models["capability"][0, :done], np.nan)


def released(model: EconomyModel) -> NDArray[np.bool_]:
    """In which months which lab released a flagship, (months, labs)."""
    found: NDArray[np.bool_] = model.record.released[0, : model.record.months] > 0.0
    return found


def revenue(model: EconomyModel) -> Floats:
    """Revenue in USD a year, (months, labs); NaN while a lab has none."""
    kept = model.record.agents["labs", "revenue"][0, : model.record.months]
    return np.where(kept > 0.0, 12.0 * kept, np.nan)


def worth_and_cost(model: EconomyModel, row: int) -> tuple[Floats, Floats]:
    """Worth and cost of a lab's tokens in USD/Mtok, (months,); NaN in months without tokens.

    Worth is that to its customers, `customers.token_value`, mean over the tokens it served them;
    cost is that of hours kept for serving and of hours given away, over the same tokens.
    """
    done, record, edges = model.record.months, model.record, model.economy.tokens
    own = np.flatnonzero(edges.source == row)
    served = record.flows["tokens", "units"][0, :done][:, own]
    value = record.agents["customers", "token_value"][0, :done][:, edges.target[own]]
    tokens = served.sum(axis=1)
    paid = sum(
        record.agents["labs", column][0, :done, row]
        for column in ("cost_of_revenue", "allowance_paid")
    )
    gap = np.where(tokens > 0.0, 0.0, np.nan)
    worth = ratio((served * value).sum(axis=1), tokens)
    return worth + gap, ratio(MILLION * paid, tokens) + gap
