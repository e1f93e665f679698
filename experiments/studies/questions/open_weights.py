"""What decides how far models with open weights trail the best: compute, or who opens?"""

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

WINDOW = "2026-07/2030-12"
"""From half a year after the shipped wave of openness, when most labs have released once."""
OPEN = 8.0
"""Log odds at which a lab opens whatever it releases, as in the shipped wave."""


def behind(outcome: CaseRuns) -> Floats:
    """Mean of open_lag_months, (runs,)."""
    return outcome.mean("open_lag_months", WINDOW)


def gap(outcome: CaseRuns) -> Floats:
    """OOM from the best model whose weights anybody ever published to the best on sale, (runs,)."""
    published = [i for i, n in enumerate(outcome.names["models"]) if n.endswith("_published")]
    best = outcome.columns["models", "capability"][:, outcome.window(WINDOW)][..., published].max(2)
    frontier = outcome.metrics["frontier_capability"][:, outcome.window(WINDOW)]
    found: Floats = (frontier - best).mean(axis=1)
    return found


def drift(outcome: CaseRuns) -> Floats:
    """Slope of open_lag_months over the window by least squares, months a year, (runs,)."""
    lags = outcome.metrics["open_lag_months"][:, outcome.window(WINDOW)]
    years = np.arange(lags.shape[1]) / 12.0
    years -= years.mean()
    found: Floats = ((lags * years).sum(axis=1)) / (years * years).sum()
    return found


def openers_less_compute(runs: StudyRuns) -> Floats:
    """Months that all labs' opening takes off the lag, less those that compute does, (runs,)."""
    return behind(runs["poor get compute"]) - behind(runs["all open"])


STUDY = Study(
    number=21,
    question="Is it who opens, or compute, that decides how far open models trail?",
    cases={
        "as it is": Case(),
        "OpenAI opens": Case("baseline", {"labs.openai.openness": OPEN}),
        "Meta opens": Case("baseline", {"labs.meta.openness": OPEN}),
        "all open": Case("open_weights_wave"),
        "poor get compute": Case("compute_gap_ten_to_one"),
    },
    parts=(
        StudyPart(
            "meta_opens",
            f"change of open_lag_months when Meta opens all it makes, mean of {WINDOW}",
            "month",
            lambda runs: behind(runs["Meta opens"]) - behind(runs["as it is"]),
            below("shorter, at the same compute", 0.0),
            ("open-model-lag", "open-closed-flips"),
        ),
        StudyPart(
            "leader_opens",
            f"change of open_lag_months when OpenAI opens all it makes, mean of {WINDOW}",
            "month",
            lambda runs: behind(runs["OpenAI opens"]) - behind(runs["as it is"]),
            below("shorter, at the same compute", 0.0),
            ("open-model-lag", "open-closed-flips"),
        ),
        StudyPart(
            "leader_opens_oom",
            f"change of the open models' distance to the best model, same cases, {WINDOW}",
            "OOM",
            lambda runs: gap(runs["OpenAI opens"]) - gap(runs["as it is"]),
            below("smaller", 0.0),
            ("open-model-lag",),
        ),
        StudyPart(
            "which_lab",
            "months that OpenAI's opening takes off the lag, less those that Meta's does",
            "month",
            lambda runs: behind(runs["Meta opens"]) - behind(runs["OpenAI opens"]),
            above("which lab opens decides: more by one that leads", 0.0),
            ("open-model-lag",),
        ),
        StudyPart(
            "who_or_compute",
            "months that all labs' opening takes off the lag, less those that a compute gap of "
            "ten to one does",
            "month",
            openers_less_compute,
            above("who opens counts for more than compute", 0.0),
            ("open-model-lag", "open-closed-flips"),
        ),
        StudyPart(
            "constant",
            f"slope of open_lag_months while policies stay, {WINDOW}",
            "month/year",
            lambda runs: drift(runs["as it is"]),
            ExpectedRange(
                "roughly constant, read as less than a month a year either way", -1.0, 1.0
            ),
            ("open-model-lag",),
        ),
    ),
    turn=Turn("labs.meta.openness", -4.0),
    figure=over_time("open_lag_months", "How far open models trail"),
    keep=(("models", "capability"),),
    why="""\
The main answer is Meta's, as it was asked before any run: a rich lab that opened and drifts to \
closed. OpenAI's was added when that one was known, to tell which lab it is from whether any does. \
That everybody's opening ends the lag is nearly arithmetic; set against it is what it does to hold \
the compute gap of those who open today at ten to one. One lab's opening can help only as far as \
that lab leads what others have opened. Weights once published stay.""",
)
