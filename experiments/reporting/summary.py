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

from experiments.reporting.spread import Spread, changed
from experiments.reporting.text_table import WIDTH, aligned, cut
from sim.base.number_format import (
    BILLION_USD,
    MILLION_H100E,
    PERCENT,
    Scale,
    amount,
    figure,
    many,
    percent,
    seconds,
    span,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario
    from sim.results.runs import Runs

YEARS = 6
"""Years that fit beside the labels and a band; of a longer run some are left out."""


@dataclass(frozen=True)
class SummaryRow:
    """A metric of the yearly table, and how a year's months become one figure."""

    metric: str
    label: str
    over: Literal["end", "sum", "mean"]
    scale: Scale


ROWS = (
    SummaryRow("compute_stock_h100e", "Installed at year's end", "end", MILLION_H100E),
    SummaryRow("capex_usd", "AI capex", "sum", BILLION_USD),
    SummaryRow("rental_price_usd_per_h100e_hour", "Rent", "mean", Scale("USD per H100e-hour")),
    SummaryRow("compute_power_gw", "Power in use at year's end", "end", Scale("GW")),
    SummaryRow("frontier_capability", "Frontier at year's end", "end", Scale("OOM")),
    SummaryRow("capability_lag_months", "Followers behind", "mean", Scale("months")),
    SummaryRow("lab_revenue_annualised_usd", "Labs' revenue", "mean", BILLION_USD),
    SummaryRow("lab_gross_margin", "Gross margin", "mean", PERCENT),
    SummaryRow("rnd_spend_usd", "R&D", "sum", BILLION_USD),
    SummaryRow("lab_funding_usd", "Labs raise", "sum", BILLION_USD),
    SummaryRow("insolvencies", "Failures", "sum", Scale("number")),
    SummaryRow("token_value_usd_per_mtok", "A token's worth", "mean", Scale("USD/Mtok")),
    SummaryRow("token_cost_usd_per_mtok", "A token's cost", "mean", Scale("USD/Mtok")),
)
SPARED = ("insolvencies", "compute_power_gw")
"""Two rows for one line: failures where there are any, power in use where there are none."""
RESIDUALS = ("ledger_residual", "compute_residual")


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
    """What a run came to.

    first, last: every metric in the first and the last month. rise: the last over the first, of
    those that are positive in both. leaders, releases: as in `Runs`.
    """

    scenario: Scenario
    seed: int
    runs: int
    place: str
    seconds: float
    residuals: dict[str, float]
    first: dict[str, Spread]
    last: dict[str, Spread]
    rise: dict[str, Spread]
    leaders: dict[str, dict[str, dict[str, int]]]
    releases: int
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
            "leaders": self.leaders,
            "releases_per_run": self.releases / self.runs,
            "metrics": {
                name: {
                    "first": self.first[name].facts(),
                    "last": self.last[name].facts(),
                    "last_over_first": self.rise[name].facts() if name in self.rise else None,
                    "factor_a_year": yearly.facts() if (yearly := self._yearly(name)) else None,
                }
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
        """The screen: at most 30 lines of 100 columns."""
        parts = (self._head(), self._headlines(), self._table(), self._foot())
        return "\n\n".join("\n".join(part) for part in parts)

    def _head(self) -> list[str]:
        dates = self.scenario.calendar.dates()
        runs = many(self.runs, "run")
        bands = "" if self.runs == 1 else "; medians, 5–95 % of runs in brackets"
        period = f"{_month(dates[0])} to {_month(dates[-1])}"
        lines = [self.scenario.title[:WIDTH], f"{period}, {runs} with seed {self.seed}{bands}"]
        changes = changed(self.scenario)
        return [*lines, f"Changed: {changes}"] if changes else lines

    def _headlines(self) -> list[str]:
        path, last = self._path, self.last
        lag = path("capability_lag_months", band=False)
        gap = path("capability_gap_oom", band=False)
        worth, cost = "token_value_usd_per_mtok", "token_cost_usd_per_mtok"
        used = self._by(worth, "effectiveness", "lesser uses")
        made = self._by(cost, "scarcity", "efficiency")
        cheaper = self._yearly("price_fixed_capability_usd_per_mtok")
        fixed = f"; fixed capability {cheaper.inverse()()} times cheaper a year" if cheaper else ""
        lines = [
            f"Tokens    worth {path('token_value_to_cost')} times what they cost to serve",
            f"          worth {path(worth, band=False)}{used}, "
            f"cost {path(cost, band=False)}{made} USD/Mtok",
            f"Frontier  {self._who('leader')}; capability {path('frontier_capability')} OOM",
            f"Followers {self._who('follower')}; {lag} months, {gap} OOM behind",
            f"Models    {figure(self.releases / self.runs)} releases; a flagship sells for "
            f"{figure(last['flagship_tenure_months'].median)} months and earns "
            f"{figure(last['recoup_ratio'].median)} of its "
            "R&D",
            f"Labs      revenue USD {path('lab_revenue_annualised_usd', amount)} a year"
            f"{self._growing('lab_revenue_annualised_usd')}; HHI "
            f"{path('lab_revenue_hhi', band=False)}",
            f"Use       {path('active_users', amount)} weekly users, "
            f"{amount(last['paying_users'].median)} pay; "
            f"{path('tokens_per_day', amount, band=False)} tokens a day",
            f"Prices    frontier {path('price_frontier_usd_per_mtok', band=False)} USD/Mtok{fixed}",
            f"Compute   {path('compute_stock_h100e', amount)} H100e"
            f"{self._growing('compute_stock_h100e')}; a chip "
            f"{path('chip_price_usd_per_h100e', band=False)} USD/H100e",
        ]
        return [cut(line) for line in lines]

    def _path(self, metric: str, form: Callable[[float], str] = figure, band: bool = True) -> str:
        """A metric from the first month to the last."""
        last = self.last[metric]
        return f"{form(self.first[metric].median)} → {last(form) if band else form(last.median)}"

    def _by(self, metric: str, risen: str, fallen: str) -> str:
        """A metric's change as a factor, and what it is called when it has risen or fallen."""
        if metric not in self.rise or self.scenario.months == 1:
            return ""
        factor = self.rise[metric].median
        told = f"×{figure(factor)}" if factor >= 1.0 else f"÷{figure(1.0 / factor)}"
        return f" ({told}, {risen if factor >= 1.0 else fallen})"

    def _yearly(self, metric: str) -> Spread | None:
        """The factor by which a metric changes a year, None where it has none."""
        months = self.scenario.months - 1
        rise = self.rise.get(metric)
        return rise.to_power(12.0 / months) if rise and months else None

    def _growing(self, metric: str) -> str:
        yearly = self._yearly(metric)
        if yearly is None:
            return ""
        way = "up" if yearly.median >= 1.0 else "down"
        return f", {way} {percent(abs(yearly.median - 1.0))} a year"

    def _who(self, role: str) -> str:
        """The lab that most often is first in a role, in the first month and in the last."""
        titles = {entry.name: entry.title for entry in self.scenario.world.of("labs")}
        ends = [self.leaders[role][when] for when in ("first", "last")]
        if not all(ends):
            return "nobody"
        first, last = (titles[next(iter(labs))] for labs in ends)
        share = next(iter(ends[1].values())) / self.runs
        often = f" ({percent(share)} of runs)" if self.runs > 1 else ""
        return f"{first}{often}" if first == last else f"{first} → {last}{often}"

    def _table(self) -> list[str]:
        kept = np.unique(np.linspace(0, len(self.years) - 1, YEARS).round().astype(int))
        years = [self.years[i] for i in kept]
        part = " (* in part)" if any(year.months < 12 for year in years) else ""
        bands = [f"{years[-1].label}, 5–95 %"] if self.runs > 1 else []
        rows = [(f"By year{part}", *(year.label for year in years), *bands)]
        spared = SPARED[any(year.figures[SPARED[0]].high > 0.0 for year in self.years)]
        for row in (row for row in ROWS if row.metric != spared):
            figures = [year.figures[row.metric] for year in years]
            band = [span(figures[-1].low, figures[-1].high, row.scale)] if bands else []
            cells = (row.scale(f.median) for f in figures)
            rows.append((f"{row.label}, {row.scale.unit}", *cells, *band))
        return aligned(rows)

    def _foot(self) -> list[str]:
        money, physical = self.residuals["ledger_residual"], self.residuals["compute_residual"]
        return [
            f"Checks    largest gap: money {figure(money)} USD; chips, compute, inputs and energy "
            f"{figure(physical)} of turnover",
            f"Results   {self.place}, after {seconds(self.seconds)}",
        ]


def summarise(results: Runs, place: str, elapsed: float) -> Summary:
    """What results came to; place is where they are, elapsed the wall time in seconds."""
    arrays = {name: results.array(name) for name in results.names}
    shown = {name: values for name, values in arrays.items() if name not in RESIDUALS}
    grown = {n: v for n, v in shown.items() if (v[:, 0] > 0.0).all() and (v[:, -1] > 0.0).all()}
    scenario = results.scenario
    return Summary(
        scenario=scenario,
        seed=results.seed,
        runs=results.runs,
        place=place,
        seconds=elapsed,
        residuals=results.manifest["residuals"],
        first={name: Spread.of(values[:, 0]) for name, values in shown.items()},
        last={name: Spread.of(values[:, -1]) for name, values in shown.items()},
        rise={name: Spread.of(values[:, -1] / values[:, 0]) for name, values in grown.items()},
        leaders=results.leaders,
        releases=results.releases,
        years=_years(scenario.calendar.dates(), arrays),
    )


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


def _month(day: date) -> str:
    return f"{month_name[day.month]} {day.year}"
