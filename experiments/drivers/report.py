"""Drivers as files, a fragment of a document, and a screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.drivers.turning_points import TurningPoint
from experiments.reporting.csv_table import csv_text
from experiments.reporting.markdown import table
from experiments.reporting.svg import standalone
from experiments.reporting.text_table import aligned
from sim.base.files import Staging
from sim.base.number_format import amount, figure, percent, span
from sim.results.files.manifest import provenance

if TYPE_CHECKING:
    from experiments.drivers.drivers import Drivers
    from experiments.drivers.headlines import Driver, Headline
    from experiments.drivers.turning_points import TurningPoints

NAMED = 3
"""Parameters of a metric that a line of the overview names."""


def write(found: Drivers, folder: Path) -> None:
    """Write drivers.json, drivers.csv, drivers.md, hinges.csv and the tornados, whole or not at
    all."""
    import pandas as pd

    shares = pd.concat([headline.table() for headline in found.headlines])
    files = {
        "drivers.json": json.dumps(found.facts() | provenance(), indent=2, allow_nan=False) + "\n",
        "drivers.csv": shares.to_csv(index=False, lineterminator="\n"),
        "drivers.md": document(found),
        "hinges.csv": _turning_points_table(found.turning_points),
    }
    for headline in found.headlines:
        drawn = headline.figure()
        files[f"{drawn.name}.svg"] = standalone(drawn.option)
    with Staging(folder) as staging:
        for name, content in files.items():
            with staging.file(name) as file:
                file.write(content.encode())


def _turning_points_table(answers: Iterable[TurningPoints]) -> str:
    """A row a study and parameter."""
    names = [field.name for field in fields(TurningPoint)]
    rows = (
        {"study": answer.name, "statistic": answer.statistic} | vars(point)
        for answer in answers
        for point in answer.points
    )
    return csv_text(("study", "statistic", *names), rows)


def document(found: Drivers) -> str:
    """The fragment, in Markdown; figures are beside it."""
    parts = [
        "## Headline metrics",
        _method(found),
        _overview(found.headlines),
        *(_section(headline, found.replications) for headline in found.headlines),
        *([_conclusions(found.turning_points)] if found.turning_points else []),
    ]
    return "\n\n".join(parts) + "\n"


def screen(found: Drivers) -> str:
    """The overview, for a terminal."""
    lines = [
        "Drivers of the headline metrics",
        f"{found.points:,} points of a Latin hypercube over {found.parameters} parameters, "
        f"{found.repeats:,} of them twice, seed {found.seed}",
        "",
    ]
    heads = ("Share of the variance of ranks", "draws", "named", "pairs", "others alone", "rest")
    rows = [(headline.metric, *_shares(headline)) for headline in found.headlines]
    first, *others = aligned([heads, *rows])
    lines.append(first)
    for headline, row in zip(found.headlines, others, strict=True):
        lines.append(row)
        lines += [
            f"  {driver.path}: {percent(driver.total[0])}" for driver in _named(headline)
        ] or ["  no parameter stands out"]
    if found.turning_points:
        lines += ["", "Turning points: the values at which a study's verdict flips"]
    for answer in found.turning_points:
        lines.append(f"{answer.name}: holds in {percent(answer.held)} of the draws")
        for point in answer.points:
            *_, turn = _turning_point_cells(point, figure)
            lines.append(f"  {point.path}, {figure(point.value)}: {turn}")
    return "\n".join(lines)


def _method(found: Drivers) -> str:
    least = [headline.depends.least for headline in found.headlines]
    window, count = found.window.replace("/", " to "), found.parameters
    return " ".join(
        (
            f"{found.points:,} points of a Latin hypercube over the {count} parameters that the",
            f"registry does not hold fixed, each with draws of its own; {found.repeats:,} of them",
            f"once more with other draws. Seed {found.seed}. A metric is its mean over {window}.",
            "Shares are of the variance of its ranks: they are the same for a metric and its",
            "logarithm, and a few economies that collapse do not decide them. Indices come from a",
            "sparse polynomial chaos; a parameter is named if chance would name any of the",
            f"{count} in at most 5 % of samples. A parameter is found in half of such samples if",
            f"its share is {span(min(least), max(least), percent)}, by metric.",
        )
    )


def _overview(headlines: Sequence[Headline]) -> str:
    rows = [
        (
            f"`{headline.metric}`",
            "; ".join(f"`{d.path}` {percent(d.total[0])}" for d in _named(headline)) or "none",
            *_shares(headline),
            percent(headline.depends.predicted),
        )
        for headline in headlines
    ]
    head = (
        "metric",
        "parameters with the largest total share",
        "draws",
        "named alone",
        "named pairs",
        "others alone",
        "rest",
        "predicted",
    )
    note = (
        "*Draws*: luck. *Named alone*, *named pairs*: parameters distinguished from chance. "
        "*Others alone*: all other parameters together, with an interval of 95 %. *Rest*: "
        "interactions that were not found, and the errors of the others. *Predicted*: share of the "
        "variance, luck included, of points that were left out."
    )
    return f"{table(head, rows)}\n\n{note}"


def _section(headline: Headline, replications: int) -> str:
    drawn = headline.sample
    words = (
        f"Reference {amount(headline.reference.median)} {_unit(headline.unit)}; over the sample "
        f"{amount(drawn.median)}, 5 to 95 % {span(drawn.low, drawn.high, amount, ' to ')}. Changes "
        f"are those of one parameter alone at an end of its range, medians of {replications} pairs "
        "of runs with the same draws."
    )
    head = (
        "parameter",
        "reference",
        "range",
        "alone",
        "total",
        "change at low",
        "change at high",
    )
    name = f"tornado-{headline.metric.replace('_', '-')}.svg"
    rows = [_row(driver) for driver in headline.drivers]
    return "\n\n".join(
        (
            f"### {headline.title}",
            words,
            f"![What moves {headline.metric}]({name})",
            table(head, rows),
        )
    )


def _conclusions(answers: Sequence[TurningPoints]) -> str:
    """The table of turning points: a row a study and parameter."""
    head = (
        "study",
        "estimate",
        "expected",
        "holds in",
        "parameter",
        "reference",
        "range",
        "change at low",
        "change at high",
        "flips at",
    )
    rows = []
    for answer in answers:
        form = _percent if answer.unit == "fraction" else amount
        unit = "" if answer.unit == "fraction" else _unit(answer.unit)
        told = (
            f"{answer.number} `{answer.name}`",
            f"{_known(answer.estimate, form)} {unit}".strip(),
            f"{answer.expected}: {'yes' if answer.agrees else 'no'}",
            percent(answer.held),
        )
        for point in answer.points:
            rows.append((*told, *_turning_point_cells(point, form)))
            told = ("", "", "", "")
    words = " ".join(
        (
            f"Of every study the three parameters that move its main statistic most: a sample of "
            f"{answers[0].draws:,} draws of the registry ranks all of them, the best are run alone",
            f"at the ends of their ranges with {answers[0].pairs} pairs of runs. *Holds in*: share",
            "of the draws in which the statistic is where the sources expect it. *Flips at*: the",
            "nearest values, others at their reference, at which the median of pairs enters or",
            "leaves the expected range, among all allowed values. A change in brackets is",
            "no larger than twice its standard error: with so many parameters it may be chance.",
        )
    )
    return f"## Turning points of conclusions\n\n{words}\n\n{table(head, rows)}"


def _turning_point_cells(point: TurningPoint, form: Callable[[float], str]) -> tuple[str, ...]:
    changes = [
        _known(value, lambda v: f"{'+' if v > 0.0 else ''}{form(v)}")
        for value in (point.at_low, point.at_high)
    ]
    turns = [figure(value) for value in (point.below, point.above) if value is not None]
    return (
        f"`{point.path}`",
        f"{figure(point.value)} {_unit(point.unit)}".strip(),
        span(point.low, point.high, figure),
        *(change if point.clear else f"({change})" for change in changes),
        " and ".join(turns) or f"not within {span(point.least, point.most, figure)}",
    )


def _percent(value: float) -> str:
    """A fraction in percent, to three digits, however small."""
    return f"{figure(100.0 * value)} %"


def _known(value: float | None, form: Callable[[float], str]) -> str:
    return "no number" if value is None else form(value)


def _row(driver: Driver) -> tuple[str, ...]:
    bar = driver.bar
    first, total = ("not distinguished", "") if not driver.found else map(_share, _indices(driver))
    return (
        f"`{driver.path}`",
        f"{figure(driver.value)} {_unit(driver.unit)}".strip(),
        span(bar.low, bar.high, figure),
        first,
        total,
        _signed(bar.at_low.median),
        _signed(bar.at_high.median),
    )


def _signed(value: float) -> str:
    """A change with its sign; large ones in millions and billions."""
    return f"+{amount(value)}" if value > 0.0 else amount(value)


def _indices(driver: Driver) -> Iterable[tuple[float, float, float]]:
    return driver.first, driver.total


def _share(index: tuple[float, float, float]) -> str:
    value, low, high = index
    return f"{percent(value)} ({span(low, high, percent)})"


def _shares(headline: Headline) -> tuple[str, ...]:
    depends, small = headline.depends, headline.depends.small
    told = f"{percent(small.value)} ({span(small.low, small.high, percent)})"
    known = (depends.luck.value, depends.alone, depends.pairs)
    return *(percent(share) for share in known), told, percent(depends.rest)


def _named(headline: Headline) -> list[Driver]:
    return [driver for driver in headline.drivers if driver.found][:NAMED]


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit
