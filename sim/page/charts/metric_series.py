"""Rows of metrics: the live run with its band, and a line for each run that is compared."""

from __future__ import annotations

from collections.abc import Sequence

from sim.figures.figure import DASHES, PALETTE, Figure
from sim.figures.stacked_axes import AxesRow, Line, Ribbon, stacked
from sim.page.charts.metric_words import WORDS, units
from sim.page.charts.view import ShownRuns

LIVE, OTHER = 2.2, 1.5
"""Widths of the live run's line and of the others'."""


def metric_row(
    shown: ShownRuns,
    *metrics: str,
    words: str = "",
    each: Sequence[str] = (),
    log: bool = False,
    level: float | None = None,
) -> AxesRow:
    """A row of one metric, or of several with the same unit; words: the axis, if not the metric;
    each: what each of several is called beside these words.

    Alone, a run has a colour a metric. Compared, a colour is a scenario, and so is the dash in a
    row of one metric; where there are several, the dash is the metric.
    """
    lines = tuple(
        _line(shown, metrics, number, place)
        for number in range(len(shown.models))
        for place in range(len(metrics))
    )
    ribbons = tuple(
        band
        for place, metric in enumerate(metrics)
        for band in ribbon(shown, metric, PALETTE[place % len(PALETTE) if shown.alone else 0])
    )
    axis = words or WORDS[metrics[0]]
    if len(metrics) > 1 and not shown.alone:
        parts = (
            f"{d} {e}"
            for d, e in zip(DASHES, each or [*map(WORDS.__getitem__, metrics)], strict=False)
        )
        axis = f"{axis} ({', '.join(parts)})"
    return AxesRow(axis, units()[metrics[0]], lines, ribbons, log=log, level=level)


def _line(shown: ShownRuns, metrics: Sequence[str], number: int, place: int) -> Line:
    """A metric of one of the runs. The legend of compared runs names each once."""
    metric, name = metrics[place], shown.names[number]
    values = shown.metric(metric, shown.models[number])
    width = OTHER if number else LIVE
    if shown.alone:
        return Line(
            WORDS[metric], values, PALETTE[place % len(PALETTE)], width=width, column=metric
        )
    dash = DASHES[(place if len(metrics) > 1 else number) % len(DASHES)]
    return Line(
        f"{name}: {WORDS[metric]}" if place else name,
        values,
        PALETTE[number % len(PALETTE)],
        dash,
        width,
        f"{name}: {metric}",
        listed=place == 0,
    )


def ribbon(shown: ShownRuns, metric: str, colour: str) -> list[Ribbon]:
    """The band of a metric, if there is one."""
    band = shown.band
    if band is None or not band.months or metric not in band.quantiles:
        return []
    low, middle, high = band.quantiles[metric][:, : band.months]
    return [Ribbon("band", f"band of {metric}", low, middle, high, colour)]


def figure(
    shown: ShownRuns,
    name: str,
    title: str,
    rows: Sequence[AxesRow],
    note: str = "",
    *,
    labs: bool = False,
) -> Figure:
    """Rows as a figure, with how to read them. labs: whether some are of the live run only."""
    said = [note] if note else []
    if any(row.ribbons for row in rows):
        said.append("band: 5 to 95 % of runs, dotted their median")
    if labs and not shown.alone:
        said.append(f"rows by lab or source: {shown.names[0]} only")
    sample = shown.sample(compared=True, banded=any(row.ribbons for row in rows))
    return stacked(name, title, sample, shown.months, rows, shown.changes, "; ".join(said))
