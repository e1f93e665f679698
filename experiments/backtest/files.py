"""What a backtest leaves in a folder: backtest.json, scores.csv, points.csv and backtest.md, and
the manifest and metadata of all results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from experiments.backtest.backtest import AS_IS, NAME, WITHOUT, Backtest, Point, identity
from experiments.backtest.naive_forecasts import RIVALS
from experiments.backtest.pooled_scores import PooledScore, pooled_scores, rival_scores
from experiments.backtest.scores import BANDS
from experiments.backtest.sections import sections, verdicts
from experiments.reporting.csv_table import csv_text
from sim.base.files import check_writable
from sim.results.files import manifest, ro_crate

PERCENTILES = (5, 25, 50, 75, 95)
SHARES = tuple(f"inside_{100 * band:.0f}" for band in BANDS)
SCORE_COLUMNS = (
    *("forecaster", "on", "level", "name", "points", "bias", "rmse", "crps"),
    *(*SHARES, "meets_90"),
)
"""Of scores.csv. on: of which rival the points are, empty for all."""
POINT_COLUMNS = (
    *("series", "entity", "date", "unit", "confidence", "family", "observed", "low", "high"),
    *("runs", *(f"p{p}" for p in PERCENTILES), "error", "crps"),
    *(f"without_look_ahead_p{p}" for p in PERCENTILES),
    *(rival.replace(" ", "_") for rival in RIVALS),
)
"""Of points.csv; empty where there is none. error, crps: of the model, in natural logarithms."""


def text(test: Backtest) -> str:
    """Everything for the terminal."""
    return "\n\n".join(section.text() for section in sections(test))


def markdown(test: Backtest) -> str:
    """Everything for a document, without its title."""
    told = [section.markdown() for section in sections(test)]
    return "\n\n".join(told) + "\n"


def facts(test: Backtest) -> dict[str, Any]:
    """Everything as plain values."""
    known = test.knowledge
    return {
        "version": manifest.package_version(),
        "scenario": test.scenario.name,
        "digest": test.scenario.digest,
        "runs": test.runs,
        "seed": test.seed,
        "verdicts": verdicts(test),
        "scores": [_score_row(pooled) for pooled in pooled_scores(test)],
        "rivals": [
            {
                "rival": scored.rival,
                "series_won": list(scored.won),
                "series_lost": list(scored.lost),
                "rmse": scored.other.rmse,
                "model_rmse": scored.model.rmse,
            }
            for scored in rival_scores(test)
        ],
        "points": [_point_row(point) for point in test.points],
        "not_scored": dict(test.left_out),
        "failed": {name: dict(runs) for name, runs in test.failed.items()},
        "vintage": {
            "name": known.vintage.name,
            "known": known.vintage.known.isoformat(),
            "parameters": {
                path: {
                    "value": entry.value,
                    "low": entry.low,
                    "high": entry.high,
                    "known": known.vintage.since[path].isoformat(),
                    "source": entry.source,
                }
                for path, entry in known.vintage.parameters.items()
            },
        },
        "look_ahead": [
            {
                "path": late.parameter.path,
                "kind": late.parameter.kind,
                "later": {o.reference: o.day and o.day.isoformat() for o in late.later},
            }
            for late in known.late
        ],
        "dated_before": known.dated,
        "undated_assumptions": known.undated,
        "initial_values": known.values,
        "initial_values_look_ahead": known.late_values,
    }


def check_folder(folder: Path) -> None:
    """Refuse a folder that could not be written or holds other results, before anything is run."""
    check_writable(folder)
    manifest.refuse_other(folder, {"kind": manifest.BACKTEST, "name": NAME}, ("kind", "name"))


def write(test: Backtest, folder: Path) -> None:
    """Write the four files with a manifest, all of them or none.

    The folder may hold another backtest; RequestError for other results.
    """
    check_folder(folder)
    contents = {
        "backtest.json": json.dumps(facts(test), indent=2) + "\n",
        "scores.csv": csv_text(SCORE_COLUMNS, map(_score_row, pooled_scores(test))),
        "points.csv": csv_text(POINT_COLUMNS, map(_point_row, test.points)),
        "backtest.md": markdown(test),
    }
    known = identity(test.scenario, test.runs, test.seed)
    known |= {
        "title": test.scenario.title,
        "complete": not any(test.failed.values()),
        **manifest.provenance(),
    }
    ro_crate.publish(folder, known, {name: text.encode() for name, text in contents.items()})


def _score_row(pooled: PooledScore) -> dict[str, Any]:
    score = pooled.score
    return {
        "forecaster": pooled.forecaster,
        "on": pooled.on,
        "level": pooled.level,
        "name": pooled.name,
        "points": score.points,
        "bias": score.bias,
        "rmse": score.rmse,
        "crps": score.crps,
        **dict(zip(SHARES, score.coverage, strict=True)),
        "meets_90": score.meets,
    }


def _point_row(point: Point) -> dict[str, Any]:
    row, model = point.row, point.forecasts[AS_IS]
    return {
        "series": row.series,
        "entity": row.entity,
        "date": row.period_end.isoformat(),
        "unit": row.unit,
        "confidence": row.confidence,
        "family": point.family,
        "observed": row.value,
        "low": row.low,
        "high": row.high,
        "runs": len(model.runs),
        **_percentiles(model.runs, "p"),
        "error": model.score.error,
        "crps": model.score.crps,
        **_percentiles(point.forecasts[WITHOUT].runs, "without_look_ahead_p"),
        **{
            rival.replace(" ", "_"): float(point.forecasts[rival].runs[0])
            for rival in RIVALS
            if rival in point.forecasts
        },
    }


def _percentiles(runs: np.ndarray[Any, np.dtype[np.float64]], name: str) -> dict[str, float]:
    found = np.percentile(runs, PERCENTILES)
    return {f"{name}{p}": float(value) for p, value in zip(PERCENTILES, found, strict=True)}
