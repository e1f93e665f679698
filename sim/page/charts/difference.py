"""The difference between the live run and each run it is compared with."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats, ratio
from sim.figures.figure import DASHES, PALETTE, Figure
from sim.figures.stacked_axes import ALONE, AxesRow, Line, stacked
from sim.page.charts.metric_words import WORDS, units
from sim.page.charts.view import ShownRuns


def difference(shown: ShownRuns, metric: str) -> Figure:
    """The live run less each of the others, month by month; the table has it in percent too.

    All runs have the same draws, so what differs is what was set. Raises KeyError for a metric
    there is not.
    """
    words, unit = WORDS[metric], units()[metric]
    live = shown.metric(metric)
    lines, percent = list[Line](), dict[str, Floats]()
    for number, (model, name) in enumerate(zip(shown.models[1:], shown.names[1:], strict=True), 1):
        other = _as_long(shown.metric(metric, model), len(live))
        apart = live - other
        lines.append(
            Line(
                f"less {name}",
                apart,
                PALETTE[number % len(PALETTE)],
                DASHES[number % len(DASHES)],
                column=f"{metric}: {shown.names[0]} less {name}",
            )
        )
        share = np.where(other != 0.0, 100.0 * ratio(apart, np.abs(other)), np.nan)
        percent[f"{metric}: {shown.names[0]} less {name} [percent]"] = share
    row = AxesRow(f"{words}, difference", unit, tuple(lines), level=0.0, share=ALONE, also=percent)
    sample = shown.sample(compared=True)
    note = (
        f"{shown.names[0]} less each of the others; the same draws in all"
        if lines
        else "no scenario is compared"
    )
    title = f"Difference: {words}"
    return stacked("difference", title, sample, shown.months, (row,), shown.changes, note)


def _as_long(values: Floats, months: int) -> Floats:
    """Values over so many months; a gap where there are none."""
    missing = months - len(values)
    return np.append(values[:months], np.full(max(0, missing), np.nan))
