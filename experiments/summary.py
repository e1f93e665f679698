"""The summary of a run: one screen, for someone who has ten minutes.

Every figure is the median over runs, with the 5th and 95th percentile beside it when there are
several. `summarise` computes; `Summary.text` tells people and `Summary.facts` tells programs.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.wording import (
    BILLION_USD,
    MILLION_H100E,
    PERCENT,
    Scale,
    amount,
    exact,
    figure,
    percent,
    seconds,
    span,
)

if TYPE_CHECKING:
    from agents.columns import Floats
    from sim.results import Results
    from sim.scenario import Scenario

WIDTH = 100
LABEL, CELL = 34, 8
YEARS = 6
"""Years that fit beside the labels and a band; of a longer run some are left out."""


@dataclass(frozen=True)
class Row:
    """A metric of the yearly table, and how a year's months become one figure."""

    metric: str
    label: str
    over: Literal["end", "sum", "mean"]
    scale: Scale


ROWS = (
    Row("compute_stock_h100e", "Installed at year's end", "end", MILLION_H100E),
    Row("chips_shipped_h100e", "Shipped", "sum", MILLION_H100E),
    Row("capex_usd", "AI capex", "sum", BILLION_USD),
    Row("chip_price_usd_per_h100e", "Chip price", "mean", Scale("USD per H100e")),
    Row("rental_price_usd_per_h100e_hour", "Rent", "mean", Scale("USD per H100e-hour")),
    Row("utilization", "Utilization", "mean", PERCENT),
    Row("compute_power_gw", "Power in use at year's end", "end", Scale("GW")),
    Row("power_delay_months", "Wait for power", "mean", Scale("months")),
    Row("sites_cancelled_gw", "Sites cancelled", "sum", Scale("GW")),
)


@dataclass(frozen=True)
class Spread:
    """A figure over runs: its median, and the 5th and 95th percentile when there are several."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Floats) -> Spread:
        """The spread of one figure of every run, (runs,)."""
        low, median, high = np.percentile(values, (5.0, 50.0, 95.0))
        return cls(float(median), float(low), float(high), len(values))

    def __call__(self, form: Callable[[float], str] = figure) -> str:
        return f"{form(self.median)}{self.band(form)}"

    def band(self, form: Callable[[float], str] = figure) -> str:
        """The percentiles in brackets, after a space; nothing for a single run."""
        return f" ({span(self.low, self.high, form)})" if self.runs > 1 else ""

    def facts(self) -> dict[str, float]:
        """The spread for a program."""
        if self.runs == 1:
            return {"median": self.median}
        return {"median": self.median, "p5": self.low, "p95": self.high}


@dataclass(frozen=True)
class Year:
    """One calendar year of a run: its figures by metric; `months` under 12 if it is cut."""

    year: int
    months: int
    figures: dict[str, Spread]

    @property
    def label(self) -> str:
        """The year, starred when cut."""
        return f"{self.year}{'' if self.months == 12 else '*'}"


@dataclass(frozen=True)
class Summary:
    """What a run came to. first and last: every metric in the first and the last month."""

    scenario: Scenario
    seed: int
    runs: int
    place: str
    seconds: float
    residuals: dict[str, float]
    first: dict[str, Spread]
    last: dict[str, Spread]
    total: dict[str, Spread]
    growth: Spread | None
    years: tuple[Year, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values, for `--json`."""
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "digest": self.scenario.digest,
            "start": self.scenario.calendar.label(0),
            "months": self.scenario.months,
            "runs": self.runs,
            "seed": self.seed,
            "results": self.place,
            "seconds": self.seconds,
            "residuals": self.residuals,
            "compute_stock_growth_per_year": self.growth.facts() if self.growth else None,
            "metrics": {
                name: {"first": self.first[name].facts(), "last": self.last[name].facts()}
                for name in self.first
            },
            "years": {
                year.year: {
                    "months": year.months,
                    **{f"{r.metric}_{r.over}": year.figures[r.metric].facts() for r in ROWS},
                }
                for year in self.years
            },
        }

    def text(self) -> str:
        """The screen: at most 24 lines of 100 columns."""
        parts = (self._head(), self._headlines(), self._table(), self._foot())
        return "\n\n".join("\n".join(part) for part in parts)

    def _head(self) -> list[str]:
        dates = self.scenario.calendar.dates()
        runs = "1 run" if self.runs == 1 else f"{self.runs:,} runs"
        bands = "" if self.runs == 1 else "; medians, 5–95 % of runs in brackets"
        period = f"{_month(dates[0])} to {_month(dates[-1])}"
        lines = [self.scenario.title[:WIDTH], f"{period}, {runs} with seed {self.seed}{bands}"]
        changes = changed(self.scenario)
        return [*lines, f"Changed: {changes}"] if changes else lines

    def _headlines(self) -> list[str]:
        first, last, early, late = self.first, self.last, self.years[0], self.years[-1]

        def path(metric: str, form: Callable[[float], str] = figure) -> str:
            return f"{form(first[metric].median)} → {last[metric](form)}"

        def yearly(metric: str) -> str:
            told = f"{late.figures[metric](amount)} in {late.label}"
            if early is late:
                return told
            return f"{amount(early.figures[metric].median)} in {early.label}, {told}"

        growth = f", growing {self.growth(percent)} a year" if self.growth else ""
        rent = path("rental_price_usd_per_h100e_hour")
        wait = late.figures["power_delay_months"]()
        cancelled = self.total["sites_cancelled_gw"]()
        return [
            f"Compute   {path('compute_stock_h100e', amount)} H100e installed{growth}",
            f"Chips     H100e shipped: {yearly('chips_shipped_h100e')}",
            f"Price     {path('chip_price_usd_per_h100e')} USD per H100e",
            f"Rent      {rent} USD per H100e-hour, utilization {path('utilization', percent)}",
            f"Power     {path('compute_power_gw')} GW, {wait} months late; "
            f"{cancelled} GW cancelled",
            f"Capex     USD {yearly('capex_usd')}",
        ]

    def _table(self) -> list[str]:
        kept = np.unique(np.linspace(0, len(self.years) - 1, YEARS).round().astype(int))
        years = [self.years[i] for i in kept]
        cut = " (* in part)" if any(year.months < 12 for year in years) else ""
        bands = f"{years[-1].label}, 5–95 %" if self.runs > 1 else ""
        lines = [_line(f"By year{cut}", [y.label for y in years], bands)]
        for row in ROWS:
            figures = [year.figures[row.metric] for year in years]
            band = span(figures[-1].low, figures[-1].high, row.scale) if bands else ""
            cells = [row.scale(f.median) for f in figures]
            lines.append(_line(f"{row.label}, {row.scale.unit}", cells, band))
        return lines

    def _foot(self) -> list[str]:
        money, physical = self.residuals["ledger_residual"], self.residuals["compute_residual"]
        return [
            f"Checks    largest gap: money {figure(money)} USD; chips, compute, inputs and energy "
            f"{figure(physical)} of turnover",
            f"Results   {self.place}, after {seconds(self.seconds)}",
        ]


def summarise(results: Results, place: str, elapsed: float) -> Summary:
    """What results came to; place is where they are, elapsed the wall time in seconds."""
    arrays = {name: results.array(name) for name in results.names}
    shown = {n: a for n, a in arrays.items() if n not in ("ledger_residual", "compute_residual")}
    scenario, stock = results.scenario, arrays["compute_stock_h100e"]
    return Summary(
        scenario=scenario,
        seed=results.seed,
        runs=results.runs,
        place=place,
        seconds=elapsed,
        residuals=results.manifest["residuals"],
        first={name: Spread.of(values[:, 0]) for name, values in shown.items()},
        last={name: Spread.of(values[:, -1]) for name, values in shown.items()},
        total={row.metric: Spread.of(arrays[row.metric].sum(axis=1)) for row in ROWS},
        growth=_growth_a_year(stock),
        years=_years(scenario.calendar.dates(), arrays),
    )


def changed(scenario: Scenario, limit: int = WIDTH - 10) -> str:
    """What a scenario changes in its world, in one line of at most `limit` characters."""
    parts = [f"{path} = {exact(value)}" for path, value in scenario.set.items()]
    for event in scenario.events:
        months = "1 month" if event.months == 1 else f"{event.months} months"
        parts.append(f"{event.name} from {scenario.calendar.label(event.start)} for {months}")
    text = "; ".join(parts)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _years(dates: list[date], arrays: dict[str, Floats]) -> tuple[Year, ...]:
    numbers = np.array([d.year for d in dates])
    labels, starts, counts = np.unique(numbers, return_index=True, return_counts=True)
    by_row = {}
    for row in ROWS:
        values = arrays[row.metric]
        sums = np.add.reduceat(values, starts, axis=1)
        ends = values[:, starts + counts - 1]
        by_row[row.metric] = {"sum": sums, "mean": sums / counts, "end": ends}[row.over]
    return tuple(
        Year(int(year), int(months), {name: Spread.of(v[:, i]) for name, v in by_row.items()})
        for i, (year, months) in enumerate(zip(labels, counts, strict=True))
    )


def _growth_a_year(stock: Floats) -> Spread | None:
    """Growth of a stock a year between the first and the last month; None where there is none."""
    months = stock.shape[1] - 1
    if months == 0 or not np.all(stock[:, 0] > 0.0):
        return None
    return Spread.of(np.power(stock[:, -1] / stock[:, 0], 12.0 / months) - 1.0)


def _month(day: date) -> str:
    return f"{month_name[day.month]} {day.year}"


def _line(label: str, cells: list[str], band: str) -> str:
    return f"{label:<{LABEL}}{''.join(f'{c:>{CELL}}' for c in cells)}{band:>18}".rstrip()
