"""Panels of money: revenue and margins of labs, recoupment of models, and funding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.figures.bubbles import Dots, bubbles
from sim.figures.figure import GREY, PALETTE, Figure
from sim.figures.stacked_axes import AxesRow, Line
from sim.page.charts.lab_series import (
    NAMED,
    by_size,
    lab_row,
    left_out,
    revenue,
    styles,
    titles_of,
)
from sim.page.charts.metric_series import figure, metric_row
from sim.page.charts.view import ShownRuns
from sim.results.released_models import released_models

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.framework.columns import Floats
    from sim.model import EconomyModel


RECOUPED = (-0.5, 2.5)
"""Ends of the axis of recoupment."""
MODELS_MAX = 5000
"""Models in the table, and dots, at most: the last."""


def labs(shown: ShownRuns) -> Figure:
    """Revenue of the largest labs, and margins of all together."""
    margins = ("lab_gross_margin", "lab_operating_margin_before_rnd")
    rows = (
        lab_row(shown, "revenue", "USD/year", revenue(shown.live), log=True, share=1.4),
        metric_row(
            shown, *margins, words="margins, all labs", each=("gross", "operating before R&D")
        ),
    )
    note = "; ".join(filter(None, ("revenue on a logarithmic scale", left_out(shown))))
    return figure(shown, "labs", "Labs' revenue and margins", rows, note, labs=True)


def recoup(shown: ShownRuns) -> Figure:
    """A dot a flagship that was replaced: gross profit in its tenure over the R&D before it."""
    import pandas as pd

    model, months = shown.live, shown.months
    found = released_models(model.record, 0)
    done = np.flatnonzero(~found["current"])[-MODELS_MAX:]
    held = {name: values[done] for name, values in found.items()}
    known = np.isfinite(held["recoup_ratio"])
    titles = titles_of(model)
    named = styles(model, by_size(model)[:NAMED])

    def dots(title: str, chosen: NDArray[np.bool_], colour: str) -> Dots:
        there = np.flatnonzero(chosen & known)
        month, ratios = held["released"][there], held["recoup_ratio"][there]
        return Dots(title, month, ratios, held["rnd_before_usd"][there], colour)

    groups = [dots(lab.title, held["lab"] == lab.row, lab.colour) for lab in named]
    rest = ~np.isin(held["lab"], [lab.row for lab in named])
    if len(titles) > len(named):
        groups.insert(0, dots("other labs", rest, GREY))
    table = pd.DataFrame(
        {
            "lab": [titles[row] for row in held["lab"]],
            "released": [months[month] for month in held["released"]],
            "tenure [month]": held["tenure_months"],
            "R&D before [USD]": held["rnd_before_usd"],
            "gross profit in tenure [USD]": held["gross_profit_usd"],
            "recoupment [ratio]": held["recoup_ratio"],
        }
    )
    note = "dots as large as the R&D; triangles lie beyond the edge, the table has their numbers"
    if not shown.alone:
        note += f"; {shown.names[0]} only"
    return bubbles(
        "recoup",
        "Recoupment of models",
        shown.sample(),
        months,
        ("gross profit in tenure over R&D before", "1"),
        groups,
        table,
        ends=RECOUPED,
        level=1.0,
        marks=shown.changes,
        note=note,
    )


def capex(shown: ShownRuns) -> Figure:
    """Capital spending by source of money, and funding of labs."""
    rows = (
        metric_row(shown, "capex_usd"),
        _sources("for operators, by source", of_operators(shown.live)),
        _sources("for labs, by source", of_labs(shown.live)),
    )
    note = (
        "own money: spending less the money raised in the month; money raised ahead of spending "
        "counts when it arrives"
    )
    return figure(shown, "capex", "Capital spending and its funding", rows, note, labs=True)


OWNERS = {"shares of the market": "capital", "Gulf funds": "gulf", "parents": "parents"}
"""Buyers of new shares, and the words for their money."""
SOURCES = (
    "operators' own money",
    "loans, less repayments",
    *OWNERS,
)
"""Sources of money, each with a colour of its own."""


def _sources(words: str, money: Mapping[str, Floats]) -> AxesRow:
    """Areas that add up, a colour a source; what never gave anything is left out."""
    lines = tuple(
        Line(
            source,
            values,
            PALETTE[SOURCES.index(source)],
            width=0.8,
            column=f"{words}: {source}",
        )
        for source, values in money.items()
    )
    return AxesRow(words, "USD/month", lines, areas=True)


def of_operators(model: EconomyModel) -> dict[str, Floats]:
    """Money for AI capital spending of the month by source in USD, (months,) each.

    New shares by buyer, loans and arrears less repayments where that is positive, and what
    operators have themselves: capital spending less all of these, where that is positive. Money
    raised ahead of the spending is in the month in which it comes.
    """
    raised = _raised(model, "fleets")
    spent = model.record.metrics["capex_usd"][0, : model.record.months]
    own = np.maximum(spent - sum(raised.values(), np.zeros_like(spent)), 0.0)
    return {"operators' own money": own, **raised}


def of_labs(model: EconomyModel) -> dict[str, Floats]:
    """Money that labs raised in the month by source in USD, (months,) each."""
    return _raised(model, "labs")


def _raised(model: EconomyModel, firms: str) -> dict[str, Floats]:
    """Money that firms raised: loans less repayments, where positive, and shares by buyer."""
    lent = paid(model, "loans", "capital", firms) + paid(model, "arrears", "capital", firms)
    net = np.maximum(lent - paid(model, "repayments", firms, "capital"), 0.0)
    return {
        "loans, less repayments": net,
        **{words: paid(model, "shares", payer, firms) for words, payer in OWNERS.items()},
    }


def paid(model: EconomyModel, instrument: str, payer: str, payee: str) -> Floats:
    """The payments of a sector to another by an instrument in USD, (months,); 0 if it never did."""
    done = model.record.months
    flow = model.record.payments.get((instrument, payer, payee))
    return np.zeros(done) if flow is None else flow[0, :done]
