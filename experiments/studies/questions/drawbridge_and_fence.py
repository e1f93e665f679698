"""Do leads last longer where ideas or where compute decides what a token is worth over its cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import over_time
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    above,
    below,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2027-01/2030-12"
"""From two years on, when the model's own releases stand for all figures."""


def of_labs(outcome: CaseRuns, column: str) -> Floats:
    """A column of labs in the window, (runs, months, labs)."""
    return outcome.agents("labs", column)[:, outcome.window(WINDOW)]


def shares(values: Floats) -> Floats:
    """Parts of labs in what all of them have, (runs, months, labs)."""
    part: Floats = values / values.sum(axis=2, keepdims=True)
    return part


def turnover(outcome: CaseRuns) -> Floats:
    """Part of all gross profit that is in other labs' hands a year later, (runs,)."""
    profit = of_labs(outcome, "revenue") - of_labs(outcome, "cost_of_revenue")
    held = shares(np.maximum(profit, 0.0))
    moved = np.abs(held[:, 12:] - held[:, :-12]).sum(axis=2) / 2.0
    found: Floats = moved.mean(axis=1)
    return found


def away_from_compute(outcome: CaseRuns) -> Floats:
    """Part of revenue that would change hands if it lay where compute lies, (runs,)."""
    revenue, hours = (shares(of_labs(outcome, c)) for c in ("revenue", "compute_used"))
    found: Floats = (np.abs(revenue - hours).sum(axis=2) / 2.0).mean(axis=1)
    return found


def effort_on_cost(outcome: CaseRuns) -> Floats:
    """Effort on cost per token, mean over labs by revenue, (runs,)."""
    weight = shares(of_labs(outcome, "revenue"))
    found: Floats = (weight * of_labs(outcome, "cost_effort")).sum(axis=2).mean(axis=1)
    return found


def lag(outcome: CaseRuns) -> Floats:
    """Mean of capability_lag_months, (runs,)."""
    return outcome.mean("capability_lag_months", WINDOW)


def fence_less_drawbridge(runs: StudyRuns, metric: str) -> Floats:
    """Mean of a metric in the fence world less that in the drawbridge world, (runs,)."""
    return runs["fence"].mean(metric, WINDOW) - runs["drawbridge"].mean(metric, WINDOW)


STUDY = Study(
    number=24,
    question="Do leads last longer behind a fence of compute than behind a drawbridge of ideas?",
    cases={
        "reference": Case(),
        "drawbridge": Case("drawbridge_world"),
        "fence": Case("fence_world"),
        "poorer RL": Case("baseline", {"labs.post_training_elasticity": 0.1}),
    },
    parts=(
        StudyPart(
            "lag",
            f"capability_lag_months of the drawbridge world, mean of {WINDOW}",
            "month",
            lambda runs: lag(runs["drawbridge"]),
            ExpectedRange("within months of each jump: seven at most", high=7.0),
            ("drawbridge-fence", "replication-reasoning-typical"),
        ),
        StudyPart(
            "gap",
            f"capability_gap_oom of the fence world less that of the drawbridge world, {WINDOW}",
            "OOM",
            lambda runs: fence_less_drawbridge(runs, "capability_gap_oom"),
            above("followers are nearer in the drawbridge world", 0.0),
            ("drawbridge-fence",),
        ),
        StudyPart(
            "profit_lasts",
            "gross profit that other labs hold a year later, fence less drawbridge, " + WINDOW,
            "fraction",
            lambda runs: turnover(runs["fence"]) - turnover(runs["drawbridge"]),
            below("margins last longer in the fence world", 0.0),
            ("drawbridge-fence", "token-value-over-cost"),
        ),
        StudyPart(
            "follows_compute",
            "revenue that does not lie where compute lies, fence less drawbridge, " + WINDOW,
            "fraction",
            lambda runs: away_from_compute(runs["fence"]) - away_from_compute(runs["drawbridge"]),
            below("shares follow compute in the fence world", 0.0),
            ("drawbridge-fence",),
        ),
        StudyPart(
            "switch",
            "change of effort on cost per token when RL returns a third as much, " + WINDOW,
            "fraction",
            lambda runs: effort_on_cost(runs["poorer RL"]) - effort_on_cost(runs["reference"]),
            ExpectedRange("more on cost, read as a hundredth of effort at least", low=0.01),
            ("token-strategy-switch", "token-value-over-cost"),
        ),
    ),
    turn=Turn("labs.spillover_rate", 0.02),
    figure=over_time("capability_lag_months", "How far compute-poor labs are behind"),
    keep=tuple(
        ("labs", column) for column in ("revenue", "cost_of_revenue", "compute_used", "cost_effort")
    ),
    why="""\
The two worlds set how often ideas come and how fast ideas and efficiency spread; asked is how \
far behind followers then are, who earns and where effort goes. Followers copy software and not \
compute, so what is left of the lag is their gap in compute and the pace of releases. Compute is \
what labs can pay for, so in neither world is it given from outside. Effort is weighed by the \
growth of ideas and the cost share of revenue: no lab counts there what post-training returns.""",
)
