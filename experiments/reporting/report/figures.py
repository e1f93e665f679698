"""Which figures a report has, and of which numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.reporting.report import tables
from experiments.reporting.sampled_runs import (
    by_point,
    points_in_words,
    runs_in_words,
    runs_read_in_words,
)
from sim.base.number_format import amount, many, span
from sim.config.parameter_path import ParameterPath
from sim.figures import Figure, fan, hours, lines, money, scatter, supply_graph, tornado
from sim.results.results import Results
from sim.results.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd

HEADLINES = {
    "token_value_to_cost": "Worth of a token over its cost",
    "token_cost_usd_per_mtok": "Cost of a token",
    "price_fixed_capability_usd_per_mtok": "Price of fixed capability",
    "frontier_capability": "Frontier capability",
    "capability_lag_months": "Followers behind",
    "compute_stock_h100e": "Compute installed",
    "rental_price_usd_per_h100e_hour": "Rent of an H100",
    "capex_usd": "AI capital spending",
    "lab_revenue_annualised_usd": "Revenue of all labs",
    "lab_gross_margin": "Gross margin of labs",
}
"""The ten metrics that are drawn over time, with the words for them."""
OUTCOMES = ("token_value_to_cost", "capability_lag_months", "compute_stock_h100e")
"""Of a sweep: whose tornado is drawn, over the mean of the last twelve months."""
PARAMETERS, SCATTERS = 15, 2
"""Parameters in a tornado, and how many of them have their points drawn."""
KEEP = {
    True: 'were not kept: write tables = ["agents", "flows", "payments"] in the sweep file',
    False: "were not kept: add --tables agents,flows,payments to drawbridge run",
}
"""How to have what is not there, of a sweep and of runs."""


@dataclass(frozen=True)
class ReportSection:
    """Figures under a heading; missing: what is not there, and how to have it."""

    heading: str
    about: str
    figures: tuple[Figure, ...]
    missing: str = ""


def sections(results: Results) -> list[ReportSection]:
    """All figures of a report, in order."""
    parts = [fans(results)]
    if isinstance(results, Sweep):
        parts.append(sensitivities(results))
    return [*parts, lab_race(results), circulation(results), graph(results)]


def headline_table(results: Results) -> pd.DataFrame:
    """Every metric in the first and the last month: median, and bands of the last over runs."""
    import pandas as pd

    units, rows = units_of(), []
    for name in [*HEADLINES, *(n for n in results.names if n not in HEADLINES)]:
        if name not in results.names:
            continue
        values = results.series(name)
        first = float(np.median(values[:, 0]))
        ends = np.percentile(values[:, -1], (5.0, 25.0, 50.0, 75.0, 95.0))
        rows.append((name, HEADLINES.get(name, ""), units[name], first, *ends, len(values)))
    names = ["metric", "title", "unit", "first_median", "p5", "p25", "median", "p75", "p95", "n"]
    return pd.DataFrame(rows, columns=names)


def spoken(row: pd.Series) -> dict[str, str]:
    """A row of the headline table as people read it."""
    return {
        "metric": str(row["metric"]),
        "title": str(row["title"]) or str(row["metric"]),
        "unit": "ratio" if row["unit"] == "1" else str(row["unit"]),
        "first": amount(row["first_median"]),
        "median": amount(row["median"]),
        "half": span(row["p25"], row["p75"], amount, " to "),
        "most": span(row["p5"], row["p95"], amount, " to "),
        "n": f"{row['n']:,}",
    }


def units_of() -> dict[str, str]:
    """The unit of every metric."""
    from sim.results.metrics.all_metrics import METRICS, RESIDUALS

    return {m.name: m.unit for m in METRICS} | {name: unit for name, unit, _ in RESIDUALS}


def fans(results: Results) -> ReportSection:
    """A fan a headline metric."""
    units = units_of()
    drawn = (
        fan(
            f"fan-{_dashed(name)}",
            title,
            units[name],
            results.calendar.labels(),
            results.series(name),
            runs_in_words(results),
        )
        for name, title in HEADLINES.items()
        if name in results.names
    )
    about = "Point at a month for its figures."
    return ReportSection("Over time", about, tuple(drawn))


def sensitivities(results: Results) -> ReportSection:
    """A tornado an outcome, and the points behind its longest bars."""
    units, found, design = units_of(), list[Figure](), results.design
    varied = [path for path in design.columns if design[path].nunique() > 1]
    sample = f"n = {points_in_words(results)}"
    months = min(tables.YEAR, results.calendar.months)
    for name in OUTCOMES if varied else ():
        outcome = by_point(results, name, months)
        effects = tables.tornado_effects(design[varied], outcome)
        reach = np.abs(effects[["at_low", "at_high"]].to_numpy(dtype=np.float64)).max(axis=1)
        effects = effects.iloc[np.argsort(-reach, kind="stable")[:PARAMETERS]]
        title = f"What moves: {HEADLINES[name].lower()}"
        found.append(tornado(f"tornado-{_dashed(name)}", title, units[name], effects, sample))
        for path in effects["parameter"][:SCATTERS]:
            found.append(
                scatter(
                    f"scatter-{_dashed(name)}-{_dashed(path)}",
                    f"{HEADLINES[name]} by {path}",
                    (path, unit_of(path), design[path].to_numpy(dtype=np.float64)),
                    (HEADLINES[name], units[name], outcome),
                    sample,
                )
            )
    about = (
        f"Outcomes are means of the last {many(months, 'month')} and of all replications. Bars "
        "compare the fifth of the design with the lowest value of a parameter to the fifth with "
        "the highest; they are no indices: drawbridge sensitivity estimates those."
    )
    return ReportSection("What moves the outcome", about, tuple(found))


def lab_race(results: Results) -> ReportSection:
    """A line a lab: what its flagship can do, and its revenue."""
    heading, about = "Lab race", "Medians over runs; a gap where a lab sells no flagship."
    if "agents" not in results.tables:
        return ReportSection(heading, "", (), f"Agents {_keep(results)}.")
    held = tables.lab_lines(results)
    told = results.calendar.labels(), runs_read_in_words(results)
    title = "Capability of flagships"
    return ReportSection(
        heading,
        about,
        (
            lines("labs-capability", title, "OOM", told[0], held["capability"], told[1]),
            lines("labs-revenue", "Revenue of labs", "USD/year", told[0], held["revenue"], told[1]),
        ),
    )


def circulation(results: Results) -> ReportSection:
    """Money between sectors, and hours from fleets to their uses."""
    figures, missing, sample = list[Figure](), list[str](), runs_read_in_words(results)
    months = many(min(tables.YEAR, results.calendar.months), "month")
    if "payments" in results.tables:
        paid = tables.payments(results)
        figures.append(money("money", "Payments between sectors", paid, sample))
    else:
        missing.append("payments")
    if "flows" in results.tables:
        moved = tables.flows(results)
        used = tables.hours_used(results) if "agents" in results.tables else None
        supply, kinds = tables.supply_of_hours(results.scenario, moved, used)
        figures.append(hours("hours", "Use of compute", supply, kinds, sample))
    else:
        missing.append("flows")
    words = f"{' and '.join(missing).capitalize()} {_keep(results)}." if missing else ""
    about = f"The last {months}, mean over runs." if figures else ""
    return ReportSection("Money and compute", about, tuple(figures), words)


def graph(results: Results) -> ReportSection:
    """The supply graph."""
    heading, scenario = "The supply graph", results.scenario
    nodes = tables.graph_nodes(scenario)
    if len(nodes) > tables.AGENTS_MAX:
        return ReportSection(heading, "", (), f"{len(nodes):,} agents are too many to draw.")
    known = "flows" in results.tables
    edges = tables.graph_edges(scenario, tables.flows(results) if known else None)
    sample = (
        runs_read_in_words(results) if known else f"n = {many(len(nodes), 'agent')} at the start"
    )
    about = (
        "Money of the last year, mean over runs."
        if known
        else f"Who may supply whom, at the start. Flows {_keep(results)}."
    )
    return ReportSection(
        heading,
        f"{about} Links within a population are in the CSV only.",
        (supply_graph("graph", "Supply graph", nodes, edges, sample),),
    )


def unit_of(path: str) -> str:
    """The unit of a path that a design varies; months for the timing of an event."""
    from sim.config.registry import load_registry

    if path.startswith("events."):
        return "month"
    at = ParameterPath.of(path)
    entry = load_registry().columns(at.population).get(at.column)
    return "" if entry is None else entry.unit


def _keep(results: Results) -> str:
    return KEEP[isinstance(results, Sweep)]


def _dashed(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())
