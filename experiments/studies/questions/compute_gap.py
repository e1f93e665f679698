"""How much of a ten-fold gap in compute does distillation close?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import over_time
from experiments.studies.study import Case, ExpectedRange, Study, StudyPart, StudyRuns, Turn

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2027-01/2030-12"
USES = ("experiment", "synthetic", "agent", "pre_training", "post_training")
"""What labs spend research hours on."""
FIRST, LAST = "2027-01/2028-12", "2029-01/2030-12"
TENTH = {"labs.compute_poor.public_compute": 0.28}
"""Grants count by the mean frontier lab, and the largest has nearly three times its hours: with
that part of the mean, the poor have a tenth of the largest. A premise, which a test holds."""
WITHOUT = TENTH | {"labs.teacher_margin": 5.0}
"""No lesson brings a student within five orders of magnitude of its teacher, so none is bought; the
gain itself stays free to be drawn."""


def narrowing(runs: StudyRuns) -> Floats:
    """How many times smaller the gap in effective compute is with distillation, (runs,)."""
    metric = "capability_gap_oom"
    closed = runs["no distillation"].mean(metric, WINDOW) - runs["distillation"].mean(
        metric, WINDOW
    )
    found: Floats = np.power(10.0, closed)
    return found


def in_the_lead(runs: StudyRuns) -> Floats:
    """Share of months in which nobody is ahead of the best compute-poor lab, (runs,)."""
    outcome = runs["distillation"]
    gap = outcome.metrics["capability_gap_oom"][:, outcome.window(WINDOW)]
    found: Floats = np.asarray(gap <= 0.0, dtype=np.float64).mean(axis=1)
    return found


def drift(runs: StudyRuns) -> Floats:
    """Months by which the lag of the last two years exceeds that of the two before, (runs,)."""
    outcome = runs["distillation"]
    metric = "capability_lag_months"
    return outcome.mean(metric, LAST) - outcome.mean(metric, FIRST)


STUDY = Study(
    number=1,
    question="How much of a ten-fold gap in compute does distillation close?",
    cases={
        "distillation": Case("compute_gap_ten_to_one", TENTH),
        "no distillation": Case("compute_gap_ten_to_one", WITHOUT),
    },
    parts=(
        StudyPart(
            "narrowing",
            f"10^(fall of capability_gap_oom by distillation), mean of {WINDOW}",
            "x",
            narrowing,
            ExpectedRange("several-fold: two to eight", 2.0, 8.0),
            ("distill-cap-10x",),
        ),
        StudyPart(
            "lag_left",
            f"capability_lag_months with distillation, mean of {WINDOW}",
            "month",
            lambda runs: runs["distillation"].mean("capability_lag_months", WINDOW),
            ExpectedRange(
                "one to six months by the gap, half to seven to learn and three to train",
                4.5,
                16.0,
            ),
            (
                "lag-from-gap-distilled",
                "replication-reasoning-fast",
                "replication-alphafold",
                "follower-training-duration",
            ),
        ),
        StudyPart(
            "in_the_lead",
            f"share of months of {WINDOW} in which a compute-poor lab leads, with distillation",
            "fraction",
            in_the_lead,
            ExpectedRange("never leads", high=0.0),
            ("distill-cap-10x",),
        ),
        StudyPart(
            "drift",
            f"capability_lag_months with distillation, mean of {LAST} less mean of {FIRST}",
            "month",
            drift,
            ExpectedRange(
                "roughly constant, read as 2.5 months either way",
                -2.5,
                2.5,
            ),
            ("us-china-cap-gap", "lag-from-gap-distilled"),
        ),
    ),
    turn=Turn("labs.compute_poor.distillation_gain", 1.0),
    figure=over_time("capability_gap_oom", "How far labs with a tenth of the compute are behind"),
    why="""\
The public purse holds every compute-poor lab at a tenth of the hours of the largest lab in both \
cases: that is the premise, set and not found. Ideas and people flow in both, but without \
distillation nobody learns from weights or outputs. The gap is that between the best of each \
group. A lesson carries nobody past what its teacher was, and by the time of the student's release \
the best have moved on: probably that age, more than the gain of a lesson, is what limits the \
narrowing.""",
)
