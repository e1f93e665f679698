"""The runs from which it is told what drives what, and the metrics that are asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.runs.designs import sample
from experiments.runs.distributions import Law
from experiments.runs.progress import sweep_bar
from experiments.runs.sweep import run_sweep
from experiments.runs.sweep_plan import SweepPlan
from experiments.statistics.outcomes import Outcome
from sim.base.errors import Interrupted
from sim.config.registry import load_registry
from sim.results.files.manifest import commit, package_version
from sim.results.open import open_sweep
from sim.results.sweep import Sweep

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario

HEADLINES = {
    "compute_stock_h100e": "Compute installed",
    "rental_price_usd_per_h100e_hour": "Rent of an H100",
    "capex_usd": "AI capital spending",
    "frontier_capability": "Frontier capability",
    "capability_lag_months": "Followers behind",
    "lab_revenue_annualised_usd": "Revenue of all labs",
    "lab_gross_margin": "Gross margin of labs",
    "recoup_ratio": "What flagships earn of their R&D",
    "price_fixed_capability_usd_per_mtok": "Price of fixed capability",
    "token_value_to_cost": "Worth of a token over its cost",
}
"""The metrics that are asked, with the words for them."""
YEAR = 12
"""Months at the end of a run over which a metric is averaged."""
MARK, DIRTY = 8, "-dirty"
"""Letters of a commit that name its folder, and how the name ends of one with changes."""
REPEATED = 0.1
"""Share of the points that are run again with other draws."""
REPEATS_MIN = 100


def outcome(metric: str, scenario: Scenario) -> Outcome:
    """A metric's mean over the last year of a run."""
    first = max(0, scenario.months - YEAR)
    last = scenario.calendar.label(scenario.months - 1)
    return Outcome(metric, "mean", f"{scenario.calendar.label(first)}/{last}")


def sample_plan(
    scenario: Scenario, laws: Mapping[str, Law], points: int, seed: int, name: str = "sample"
) -> SweepPlan:
    """A Latin hypercube over the laws, and its first points once more; every run has draws of its
    own."""
    values = sample("lhs", points, laws, seed)
    repeats = min(points, max(REPEATS_MIN, round(REPEATED * points)))
    return SweepPlan(
        name=name,
        title=f"{scenario.title}: all parameters at once",
        scenario=scenario,
        seed=seed,
        design="lhs",
        samples=points,
        replications=1,
        laws=laws,
        tables=("metrics",),
        paths=tuple(laws),
        values=np.concatenate([values, values[:repeats]]),
        own_draws=True,
    )


def moving(laws: Mapping[str, Law]) -> list[str]:
    """The paths that do vary."""
    return [path for path, law in laws.items() if law.low < law.high]


def reference_of(scenario: Scenario, path: str) -> float:
    """The value of a parameter in a scenario without a design."""
    return float(scenario.set.get(path, load_registry().find(path, scenario.rows).value))


def evenly(values: Floats) -> Floats:
    """Ranks of values along the first axis, between 0 and 1; ties share theirs."""
    from scipy.stats import rankdata

    found: Floats = (rankdata(values, axis=0) - 0.5) / len(values)
    return found


def runs_folder(folder: Path) -> Path:
    """Where runs of this commit are kept: those of another one may differ, and are not taken."""
    made = commit() or package_version()
    return folder / f"runs-{made[:MARK]}{DIRTY if made.endswith(DIRTY) else ''}"


def run_plan(plan: SweepPlan, folder: Path, workers: int | None) -> Sweep:
    """The runs of a plan, made as far as they are not in the folder.

    Raises Interrupted on Ctrl-C: what is done stays there.
    """
    with sweep_bar(plan.title, plan.runs) as progress:
        done = run_sweep(plan, folder, workers=workers, resume=True, progress=progress)
    if done.interrupted:
        raise Interrupted(
            f"interrupted; {done.done:,} of {plan.runs:,} runs are kept in {folder}, "
            "the same command continues"
        )
    return open_sweep(folder)
