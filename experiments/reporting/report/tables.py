"""The tables behind a report's figures, put together from what a folder holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.reporting.sampled_runs import frames
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.figures.sankey import HOURS_OF, RECEIVERS, hour_names, links_of_hours
from sim.results.results import Results

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario

YEAR = 12
"""Months at the end of a run that flows are added up over."""
AGENTS_MAX = 5000
"""Agents above which no graph is drawn: nobody could read it."""
FIFTH = 20.0
"""Percent of design points at either end of a parameter's range that are compared."""


def payments(results: Results) -> pd.DataFrame:
    """What sectors paid each other in the last year, USD, mean over the runs that are read."""
    keys = ["instrument", "payer", "payee"]
    return _mean_of_last_year(frames(results, "payments"), keys, ["usd"])


def flows(results: Results) -> pd.DataFrame:
    """What moved along edges in the last year, mean over the runs that are read."""
    keys = ["relation", "source", "target"]
    return _mean_of_last_year(frames(results, "flows"), keys, ["units", "usd"])


def hours_used(results: Results) -> pd.DataFrame:
    """Hours of the last year that agents used, by kind, name and quantity."""

    def parts() -> Iterable[pd.DataFrame]:
        for frame in frames(results, "agents"):
            kept = [
                (frame["kind"] == k) & frame["quantity"].isin(words)
                for k, words in HOURS_OF.items()
            ]
            yield frame[kept[0] | kept[1]]

    return _mean_of_last_year(parts(), ["kind", "name", "quantity"], ["value"])


def supply_of_hours(
    scenario: Scenario, moved: pd.DataFrame, used: pd.DataFrame | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Hours from operators' fleets to labs and others, and from labs to their uses.

    moved: `flows`. used: `hours_used`, without which uses are not known. Returns links (source,
    target, hours), and the population of each name.
    """
    names, part = hour_names(scenario.world), moved[moved["relation"].isin(RECEIVERS)]
    columns = (part[c].astype(str) for c in ("relation", "source", "target"))
    delivered = zip(*columns, part["units"].astype(float), strict=True)
    spent = None
    if used is not None:
        rows = zip(*(used[c] for c in ("kind", "name", "quantity", "value")), strict=True)
        spent = {(k, n, q): float(v) for k, n, q, v in rows}
    return links_of_hours(names, delivered, spent), {**names.kinds}


def graph_nodes(scenario: Scenario) -> pd.DataFrame:
    """Every agent of the world: population, agent, title, group."""
    from sim.config.world.schema import POPULATIONS

    rows = [
        (population, f"{population}.{entry.name}", entry.title or entry.name, entry.group)
        for population in POPULATIONS
        for entry in scenario.world.of(population)
    ]
    return pd.DataFrame(rows, columns=["population", "agent", "title", "group"])


def graph_edges(scenario: Scenario, moved: pd.DataFrame | None) -> pd.DataFrame:
    """Every edge: relation, source, target, usd; of a world whose flows were not kept without
    money, and without what links agents of one population."""
    if moved is None:
        moved = _edges_at_the_start(scenario)
    else:
        moved = moved[(moved["usd"].fillna(0.0) > 0.0) | (moved["units"].fillna(0.0) > 0.0)]
    relation = moved["relation"].astype(str)
    ends = [relation.map({n: k.ends[side] for n, k in RELATION_KINDS.items()}) for side in (0, 1)]
    return pd.DataFrame(
        {
            "relation": relation,
            "source": ends[0] + "." + moved["source"].astype(str),
            "target": ends[1] + "." + moved["target"].astype(str),
            "usd": moved["usd"].fillna(0.0),
        }
    )


def lab_lines(results: Results) -> dict[str, dict[str, Floats]]:
    """Of each lab, by title: what its flagship can do and its revenue a year, median over runs,
    (months,); NaN while it has none on sale in most runs."""
    capability, revenue = [], []
    for frame in frames(results, "agents"):
        flagship = frame["name"].astype(str).str.endswith("_flagship")
        models = frame[(frame["kind"] == "models") & flagship]
        wide = {q: _wide(models[models["quantity"] == q]) for q in ("capability", "on_sale")}
        capability.append(wide["capability"].where(wide["on_sale"] > 0.0))
        labs = frame[(frame["kind"] == "labs") & (frame["quantity"] == "revenue")]
        revenue.append(12.0 * _wide(labs))
    titles = {e.name: e.title for e in results.scenario.world.of("labs")}
    found: dict[str, dict[str, Floats]] = {"capability": {}, "revenue": {}}
    for key, parts, suffix in (("capability", capability, "_flagship"), ("revenue", revenue, "")):
        for name, title in titles.items():
            values = np.array([part[f"{name}{suffix}"].to_numpy() for part in parts])
            missing = np.isnan(values)
            held = np.where(missing.mean(axis=0) > 0.5, np.nan, _nanmedian(values, missing))
            if np.isfinite(held).any():
                found[key][title] = held
    return found


def tornado_effects(design: pd.DataFrame, outcome: Floats) -> pd.DataFrame:
    """How far an outcome lies from its mean where a parameter is low, and where it is high.

    Columns parameter, at_low, at_high, the points behind each, and the rank correlation. outcome:
    (points,), in the order of the design.
    """
    rows = []
    for path in design.columns:
        values = design[path].to_numpy(dtype=np.float64)
        ends = np.percentile(values, (FIFTH, 100.0 - FIFTH))
        low, high = values <= ends[0], values >= ends[1]
        row: dict[str, Any] = {
            "parameter": path,
            "at_low": float(outcome[low].mean() - outcome.mean()),
            "at_high": float(outcome[high].mean() - outcome.mean()),
            "points_low": int(low.sum()),
            "points_high": int(high.sum()),
            "rank_correlation": _rank_correlation(values, outcome),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _rank_correlation(values: Floats, outcome: Floats) -> float:
    """Spearman's; 0 where either never changes."""
    ranks = pd.DataFrame({"x": values, "y": outcome}).rank().to_numpy()
    x, y = (ranks - ranks.mean(axis=0)).T
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / size if size > 0.0 else 0.0


def _mean_of_last_year(
    parts: Iterable[pd.DataFrame], keys: list[str], values: list[str]
) -> pd.DataFrame:
    """Tables of single runs added up over their last months, mean over the tables; a row that a
    table lacks counts as 0 there. NaN stands where no run has a value."""
    sums, number = [], 0
    for part in parts:
        months = np.sort(part["month"].unique())[-YEAR:]
        last = part[part["month"].isin(months)].astype({key: str for key in keys})
        sums.append(last.groupby(keys, sort=False)[values].sum(min_count=1).reset_index())
        number += 1
    whole = pd.concat(sums).groupby(keys, sort=False)[values].sum(min_count=1) / number
    return whole.reset_index()


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    """Months down, names across."""
    named = frame.assign(name=frame["name"].astype(str))
    return named.pivot(index="month", columns="name", values="value")


def _nanmedian(values: Floats, missing: Floats) -> Floats:
    """Median over runs of those that there are; any number where there are none."""
    filled = np.where(missing.all(axis=0), 0.0, values)
    median: Floats = np.nanmedian(filled, axis=0)
    return median


def _edges_at_the_start(scenario: Scenario) -> pd.DataFrame:
    from sim.opening.opening import open_economy

    relations = open_economy(scenario, 1, [0]).relations
    rows = [
        (name, r.origin.names[r.source[edge]], r.goal.names[r.target[edge]], 0.0)
        for name, r in relations.items()
        if r.origin is not r.goal
        for edge in range(len(r.source))
    ]
    return pd.DataFrame(rows, columns=["relation", "source", "target", "usd"])
