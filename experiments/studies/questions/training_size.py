"""Are flagships trained on less while post-training is cheap, and on more again afterwards?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
from experiments.studies.study import (
    Case,
    CaseRuns,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    above,
    below,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

CHEAP = "2025-07/2027-06"
BEFORE, NEXT, END = "2025-06", "2026-12", "2030-12"
SOURCE = ("gpt6-more-compute",)


def flagships(outcome: CaseRuns) -> Floats:
    """log10 of all training FLOP of frontier labs' flagships on sale, (runs, months, labs)."""
    labs = outcome.places("labs", "frontier")
    slots = [
        outcome.names["models"].index(f"{outcome.names['labs'][lab]}_flagship") for lab in labs
    ]
    pre, post = (
        outcome.agents("models", column)[:, :, slots]
        for column in ("training_flop", "post_training_flop")
    )
    return np.log10(np.maximum(pre + post, 1.0))


def growth_at_release(outcome: CaseRuns) -> Floats:
    """OOM by which a flagship released this month was trained on more than the one before it,
    (runs, months, labs); NaN where none was released."""
    flop = flagships(outcome)
    out = outcome.released[:, :, outcome.places("labs", "frontier")] > 0.0
    grown = np.diff(flop, axis=1, prepend=flop[:, :1])
    out[:, 0] = False
    return np.where(out, grown, np.nan)


def smaller(runs: StudyRuns, case: str) -> Floats:
    """Share of the flagships released while post-training is cheap that were trained on less than
    the one before, (runs,); 0 where none was released."""
    left = runs[case]
    grown = growth_at_release(left)[:, left.window(CHEAP)]
    released = np.isfinite(grown).sum(axis=(1, 2))
    fewer: Floats = (grown < 0.0).sum(axis=(1, 2)) / np.maximum(released, 1)
    return fewer


def smallest(runs: StudyRuns) -> Floats:
    """FLOP of a flagship over that of the one before, of the release that grew least, (runs,)."""
    left = runs["cheap"]
    grown = growth_at_release(left)[:, left.window(CHEAP)]
    least = np.where(np.isfinite(grown), grown, np.inf).min(axis=(1, 2))
    return np.power(10.0, np.where(np.isfinite(least), least, 0.0))


def largest_by(outcome: CaseRuns, month: str) -> Floats:
    """log10 FLOP of the largest flagship of frontier labs on sale in a month, (runs,)."""
    found: Floats = flagships(outcome)[:, outcome.calendar.number(month)].max(axis=1)
    return found


def rebound(runs: StudyRuns) -> Floats:
    """Growth of the largest flagship after cheap post-training less that without it, (runs,)."""
    last = CHEAP.split("/")[1]
    cheap, usual = (
        largest_by(runs[case], END) - largest_by(runs[case], last) for case in ("cheap", "usual")
    )
    return cheap - usual


STUDY = Study(
    number=16,
    question="Is a flagship trained on less compute than its predecessor, and the next on more?",
    cases={"usual": Case(), "cheap": Case("cheap_post_training")},
    parts=(
        StudyPart(
            "dip",
            f"training FLOP of a frontier flagship over those of the one before, smallest in "
            f"{CHEAP}, post-training cheap",
            "1",
            smallest,
            below("less than its predecessor", 1.0),
            (*SOURCE, "posttrain-growth"),
        ),
        StudyPart(
            "smaller_more_often",
            "share of frontier flagships trained on less than the one before, post-training cheap, "
            "less that without",
            "fraction",
            lambda runs: smaller(runs, "cheap") - smaller(runs, "usual"),
            above("more of them than without", 0.0),
            (*SOURCE, "posttrain-growth"),
        ),
        StudyPart(
            "rebound",
            "growth of the largest flagship's training FLOP from mid-2027 to 2030 after cheap "
            "post-training, less that without",
            "OOM",
            rebound,
            above("catches up with the trend", 0.0),
            (*SOURCE, "posttrain-growth-stop"),
        ),
        StudyPart(
            "next_larger",
            "training FLOP of the largest flagship at the end of 2026 over that before the dip",
            "OOM",
            lambda runs: largest_by(runs["cheap"], NEXT) - largest_by(runs["cheap"], BEFORE),
            above("the next uses more than any before", 0.0),
            SOURCE,
        ),
    ),
    turn=Turn("labs.run_target_growth", 1.05),
    figure=lambda runs: series(
        "Training of the largest flagship on sale",
        "log10 FLOP",
        runs,
        lambda left: flagships(left).max(axis=2),
    ),
    keep=(("models", "training_flop"), ("models", "post_training_flop")),
    why="""\
No lab of the model chooses how large a flagship is to be: a run is released once its pre-training \
has grown by a target over the flagship, or at its longest, so a smaller one needs a lab that has \
lost compute. Cheap post-training draws its hours from all uses in proportion, so probably more \
from experiments than from pre-training. The dip of the sources was a choice of time and of \
people, which the model does not have. It turns on the target, of pre-training alone; post- \
training stands in the FLOP counted here.""",
)
