"""Sensitivity of an outcome to the varied parameters: Sobol indices or Morris screening.

The outcome of a point of the design is its mean over replications; what the draws do besides is
told by `Luck`. Intervals hold 95 % of bootstrap resamples of base samples or of trajectories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.reporting.csv_table import write_csv
from experiments.reporting.text_table import aligned
from experiments.statistics.outcomes import Outcome
from sim.base.errors import RequestError
from sim.base.number_format import amount, many, percent, span

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.results.sweep import Sweep

Method = Literal["sobol", "morris"]
RESAMPLES = 500
CONFIDENCE = 0.95
ERRORS = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2.0)
"""Standard errors to either side that hold so much of a normal distribution."""
SEED = 1
"""Of the resampling; other seeds change the last digit of the intervals."""
LEVELS = 4
"""Of a Morris design whose manifest names no other number."""
FLAT = 1e-12
"""Spread of an outcome, as a share of its size, that is rounding and not an effect."""
LABELS = {
    "first": "first order",
    "total": "total order",
    "mu_star": "mu*",
    "mu": "mu",
    "sigma": "sigma",
}
COLUMNS = (
    *("outcome", "unit", "method", "points", "replications"),
    *("path", "statistic", "value", "low", "high"),
)
"""Of the table as CSV; low and high are empty where a statistic has no interval."""


@dataclass(frozen=True)
class Estimate:
    """A statistic of every path, (paths,), with the ends of its interval where it has one."""

    value: Floats
    low: Floats | None = None
    high: Floats | None = None


@dataclass(frozen=True)
class Luck:
    """What the draws do to an outcome, beside the parameters.

    common, own: shares of the variance over all runs: of what a draw does to all points alike, and
    of what it does to each differently. noise: share of the variance of the points' means that is
    left of the latter, which more replications lower.
    """

    common: float
    own: float
    noise: float


@dataclass(frozen=True)
class Sensitivity:
    """How an outcome depends on the varied parameters.

    statistics: of Sobol "first" and "total" order indices, shares of the variance over points; of
    Morris "mu_star", "mu" and "sigma": mean size, mean and standard deviation of the effect of a
    whole range, in the outcome's unit. mean, deviation: over the points.
    """

    outcome: str
    unit: str
    method: Method
    paths: tuple[str, ...]
    points: int
    replications: int
    mean: float
    deviation: float
    statistics: Mapping[str, Estimate]
    luck: Luck | None

    @property
    def order(self) -> list[int]:
        """Places of the paths, those that matter most first."""
        main = self.statistics["total" if self.method == "sobol" else "mu_star"].value
        return [int(place) for place in np.argsort(-main, kind="stable")]

    def rows(self) -> list[dict[str, Any]]:
        """A row per path and statistic, the paths that matter most first."""
        return [
            {
                "outcome": self.outcome,
                "unit": self.unit,
                "method": self.method,
                "points": self.points,
                "replications": self.replications,
                "path": self.paths[place],
                "statistic": name,
                "value": float(estimate.value[place]),
                "low": None if estimate.low is None else float(estimate.low[place]),
                "high": None if estimate.high is None else float(estimate.high[place]),
            }
            for place in self.order
            for name, estimate in self.statistics.items()
        ]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values, for `--json`."""
        keys = ("path", "statistic", "value", "low", "high")
        return {
            "outcome": self.outcome,
            "unit": self.unit,
            "method": self.method,
            "points": self.points,
            "replications": self.replications,
            "mean": self.mean,
            "standard_deviation": self.deviation,
            "luck": None if self.luck is None else dict(vars(self.luck)),
            "estimates": [{key: row[key] for key in keys} for row in self.rows()],
        }

    def text(self) -> str:
        """The table, the paths that matter most first."""
        form = _index if self.method == "sobol" else amount
        heads = ("Parameter", *(LABELS[name] for name in self.statistics))
        rows = [
            (self.paths[place], *(_cell(e, place, form) for e in self.statistics.values()))
            for place in self.order
        ]
        lines = [
            f"{self.outcome}, {self.unit}: {self.method.capitalize()}, {self.points:,} points x "
            f"{many(self.replications, 'replication')}",
            f"mean {amount(self.mean)}, standard deviation between points {amount(self.deviation)}",
            self._luck_text(),
            "",
            *aligned([heads, *rows]),
        ]
        if self.method == "sobol":
            first = float(np.sum(self.statistics["first"].value))
            lines.append(
                f"First orders add up to {_index(first)} of the variance; the rest is interactions "
                "and the error of the estimates"
            )
        else:
            lines.append("Effects of a parameter's whole range, in the outcome's unit")
        return "\n".join(lines)

    def _luck_text(self) -> str:
        if self.luck is None:
            return "draws: not told apart from the parameters with one replication"
        luck = self.luck
        return (
            f"draws make {percent(luck.common)} of the variance between runs in all points alike "
            f"and {percent(luck.own)} in each its own way;\n"
            f"of the latter {percent(luck.noise)} of the variance between points is left"
        )


def analyse(sweep: Sweep, outcome: Outcome, resamples: int = RESAMPLES) -> Sensitivity:
    """The sensitivity of one outcome of a sweep whose design is "sobol" or "morris".

    Raises RequestError for another design or another order of points, for a run that is missing or
    not finite (by its name), and for an outcome that does not vary.
    """
    design = str(sweep.manifest["sweep"]["design"])
    if design not in ("sobol", "morris"):
        raise RequestError(
            "not a design for sensitivity", key="design", value=design, allowed="sobol or morris"
        )
    values = outcome.values(sweep)
    levels = int(sweep.manifest["sweep"].get("levels", LEVELS))
    points = sweep.design[list(sweep.paths)].to_numpy(dtype=np.float64)
    means: Floats = np.mean(values, axis=1)
    refuse_flat(means, outcome)
    if design == "sobol":
        statistics = sobol(points, means, resamples)
    else:
        statistics = morris(points, means, resamples, levels)
    return Sensitivity(
        outcome=str(outcome),
        unit=unit_of(outcome.metric),
        method="sobol" if design == "sobol" else "morris",
        paths=tuple(sweep.paths),
        points=len(points),
        replications=sweep.replications,
        mean=float(np.mean(means)),
        deviation=float(np.std(means, ddof=1)),
        statistics=statistics,
        luck=luck_of(values),
    )


def sobol(points: Floats, values: Floats, resamples: int = RESAMPLES) -> dict[str, Estimate]:
    """First and total order indices of values (points,) of a design in Saltelli's layout: blocks of
    D + 2 rows, or of 2 D + 2 with those for the second order.

    The estimators are those of Saltelli et al. (2010). Raises RequestError for points that do not
    have this layout.
    """
    blocks = values.reshape(-1, _block_size(points)) - np.mean(values)
    samples, count = len(blocks), points.shape[1]
    drawn = np.random.default_rng(SEED).integers(samples, size=(samples, resamples))
    rows = np.column_stack((np.arange(samples), drawn))
    a, b = blocks[rows, 0], blocks[rows, -1]
    variance = np.var(np.concatenate((a, b)), axis=0)
    first, total = np.empty((2, count, 1 + resamples))
    for path in range(count):
        mixed = blocks[rows, 1 + path]
        first[path] = np.mean(b * (mixed - a), axis=0)
        total[path] = np.mean((a - mixed) ** 2, axis=0) / 2.0
    # Of a small design a resample may be constant; its indices are 0 then.
    varies = variance > FLAT * float(np.var(values))
    shares = {
        name: np.divide(part, variance, out=np.zeros_like(part), where=varies)
        for name, part in (("first", first), ("total", total))
    }
    return {name: Estimate(found[:, 0], *_interval(found[:, 1:])) for name, found in shares.items()}


def morris(
    points: Floats, values: Floats, resamples: int = RESAMPLES, levels: int = LEVELS
) -> dict[str, Estimate]:
    """mu*, mu and sigma of values (points,) of trajectories of D + 1 rows, each of which moves one
    parameter by half of `levels` / (levels - 1) of its range; mu* is that of Campolongo et al.
    (2007).

    Raises RequestError for points that are no such trajectories.
    """
    _check_trajectories(points)
    count = points.shape[1]
    moves = np.sign(np.diff(points.reshape(-1, count + 1, count), axis=1))
    changes = np.diff(values.reshape(-1, count + 1), axis=1)
    step = levels / (2.0 * (levels - 1.0))
    effects = np.sum(moves * changes[:, :, None], axis=1) / step
    sizes = np.abs(effects)
    rng = np.random.default_rng(SEED)
    half = np.empty(count)
    for path in range(count):
        drawn = rng.integers(len(sizes), size=(resamples, len(sizes)))
        half[path] = ERRORS * np.std(np.mean(sizes[drawn, path], axis=1), ddof=1)
    size = np.mean(sizes, axis=0)
    return {
        "mu_star": Estimate(size, np.maximum(size - half, 0.0), size + half),
        "mu": Estimate(np.mean(effects, axis=0)),
        "sigma": Estimate(np.std(effects, axis=0, ddof=1)),
    }


def luck_of(values: Floats) -> Luck | None:
    """The variance of values (points, replications) taken apart: points, draws, and both together.

    None with one replication, and where nothing varies.
    """
    points, replications = values.shape
    whole = float(np.var(values))
    if replications < 2 or points < 2 or whole == 0.0:
        return None
    of_points: Floats = np.mean(values, axis=1, keepdims=True)
    of_draws: Floats = np.mean(values, axis=0, keepdims=True)
    rest = values - of_points - of_draws + np.mean(values)
    scatter = float(np.sum(rest * rest)) / ((points - 1) * (replications - 1))
    between = float(np.var(of_points, ddof=1))
    noise = scatter / replications / between if between > 0.0 else np.inf
    return Luck(
        common=float(np.var(of_draws)) / whole,
        own=float(np.var(rest)) / whole,
        noise=min(noise, 1.0),
    )


def refuse_flat(values: Floats, outcome: Outcome) -> None:
    """Refuse an outcome that is the same at all points: there is nothing to explain."""
    if np.ptp(values) <= FLAT * float(np.max(np.abs(values))):
        raise RequestError(
            "is the same at every point of the design",
            key=str(outcome),
            value=float(values[0]),
            allowed="an outcome that the varied parameters move",
        )


def unit_of(metric: str) -> str:
    """The unit of a metric."""
    from sim.results.metrics.all_metrics import METRICS, RESIDUALS

    units = {m.name: m.unit for m in METRICS} | {name: unit for name, unit, _ in RESIDUALS}
    return units[metric]


def write_table(findings: list[Sensitivity], file: Path) -> None:
    """Write indices as CSV, a row per outcome, path and statistic, whole or not at all."""
    write_csv(file, COLUMNS, (row for found in findings for row in found.rows()))


def _interval(resampled: Floats) -> tuple[Floats, Floats]:
    tail = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.percentile(resampled, (tail, 100.0 - tail), axis=1)
    return low, high


def _block_size(points: Floats) -> int:
    """Rows of a block, in which row 1 + j is the first row with column j of the last; refuses
    points that are no such blocks."""
    rows, count = points.shape
    for size in (2 * count + 2, count + 2):
        if rows % size:
            continue
        blocks = points.reshape(-1, size, count)
        wanted = np.repeat(blocks[:, :1], count, axis=1)
        each = np.arange(count)
        wanted[:, each, each] = blocks[:, -1]
        if np.array_equal(blocks[:, 1 : count + 1], wanted):
            return int(size)
    raise RequestError(
        "not the points of a Sobol design",
        key="design.parquet",
        value=f"{rows} points of {count} paths",
        allowed=f"whole blocks of {count + 2} or {2 * count + 2} points in the order of the design",
    )


def _check_trajectories(points: Floats) -> None:
    """Refuse points that are not trajectories: each step moves one parameter, each of them once."""
    rows, count = points.shape
    if rows % (count + 1) == 0 and rows >= 2 * (count + 1):
        steps = np.diff(points.reshape(-1, count + 1, count), axis=1) != 0.0
        if np.all(np.sum(steps, axis=1) == 1) and np.all(np.sum(steps, axis=2) == 1):
            return
    raise RequestError(
        "not the points of a Morris design",
        key="design.parquet",
        value=f"{rows} points of {count} paths",
        allowed=f"two or more trajectories of {count + 1} points, a step moving one parameter",
    )


def _cell(estimate: Estimate, place: int, form: Callable[[float], str]) -> str:
    value = form(float(estimate.value[place]))
    if estimate.low is None or estimate.high is None:
        return value
    low, high = float(estimate.low[place]), float(estimate.high[place])
    return f"{value} ({span(low, high, form, ' to ')})"


def _index(share: float) -> str:
    return f"{share:.3f}"
