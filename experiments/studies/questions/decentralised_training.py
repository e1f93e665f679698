"""Does training on contributed compute reach the frontier?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.lags import months_behind
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    above,
)
from sim.figures import Figure, cases

if TYPE_CHECKING:
    from agents.framework.columns import Floats

CASE, POOL = "network", "volunteer_network"
MONTHS = 84
DECADE, END = "2030-12", "2031-12"
TREND = ("2025-12", "2026-12")
"""The year whose trends are drawn on, from the date of the sources."""
QUARTER = 3
SLOWEST = 0.1
"""OOM a year: the slowest closing that is drawn on as if it closed at all."""


def hours(outcome: CaseRuns, *labs: str) -> Floats:
    """log10 of monthly pre-training hours of the lab of these with most, mean of the last three
    months, (runs, months); 0 where there are none."""
    most = outcome.agents("labs", "pre_training_hours", *labs).max(axis=2)
    summed = np.cumsum(np.pad(most, ((0, 0), (QUARTER, 0))), axis=1)
    mean = (summed[:, QUARTER:] - summed[:, :-QUARTER]) / QUARTER
    found: Floats = np.log10(np.maximum(mean, 1.0))
    return found


def compute_gap(outcome: CaseRuns, month: str) -> Floats:
    """OOM by which the network has fewer hours for runs than the frontier lab with most, (runs,);
    what slow links lose is not taken off."""
    behind = hours(outcome, "frontier") - hours(outcome, POOL)
    gap: Floats = behind[:, outcome.calendar.number(month)]
    return gap


def capability(outcome: CaseRuns) -> Floats:
    """Capability of the network's best model, OOM, (runs, months)."""
    found: Floats = outcome.agents("labs", "offer_capability", POOL)[:, :, 0]
    return found


def gap(runs: StudyRuns, month: str) -> Floats:
    """Frontier capability less that of the network, OOM, (runs,)."""
    left = runs[CASE]
    behind = left.metrics["frontier_capability"] - capability(left)
    found: Floats = behind[:, left.calendar.number(month)]
    return found


def years_to_catch_up(runs: StudyRuns) -> Floats:
    """Years from the first month of the trend until hours for runs are level, if both trends held:
    gap over the pace at which it closes, (runs,)."""
    first, later = (compute_gap(runs[CASE], month) for month in TREND)
    found: Floats = first / np.maximum(first - later, SLOWEST)
    return found


def lag(runs: StudyRuns) -> Floats:
    """Months since the frontier had what the network has at the end of the decade, (runs,)."""
    left = runs[CASE]
    frontier = left.metrics["frontier_capability"]
    return months_behind(capability(left), frontier, left.window(f"{DECADE}/{DECADE}"))


def picture(runs: StudyRuns) -> Figure:
    """Hours for runs of the frontier and of the network."""
    left = runs[CASE]
    months = left.calendar.labels()
    values = {"frontier": hours(left, "frontier"), "network": hours(left, POOL)}
    told = f"n = {len(left.released):,} runs"
    return cases("figure", "Hours for runs", "log10 H100e-hour/month", months, values, told)


STUDY = Study(
    number=17,
    question="Does decentralised training catch up with the frontier?",
    cases={CASE: Case("decentralised_training", months=MONTHS)},
    parts=(
        StudyPart(
            "gap",
            f"frontier capability less that of the network's model, {DECADE}",
            "OOM",
            lambda runs: gap(runs, DECADE),
            above("not in this decade", 0.0),
            ("decentralized-not-frontier",),
        ),
        StudyPart(
            "compute_gap",
            f"hours for runs of the frontier lab with most over the network's, {DECADE}",
            "OOM",
            lambda runs: compute_gap(runs[CASE], DECADE),
            above("fewer hours in this decade", 0.0),
            ("decentralized-not-frontier", "decentralized-expand"),
        ),
        StudyPart(
            "gap_later",
            f"the same gap of capability in {END}, past the years of the naive trend",
            "OOM",
            lambda runs: gap(runs, END),
            above("not level either: trends do not hold", 0.0),
            ("decentralized-catchup", "decentralized-growth-duration"),
        ),
        StudyPart(
            "naive_years",
            f"years from {TREND[0]} until hours for runs are level, if the trends of the year to "
            f"{TREND[1]} held",
            "year",
            years_to_catch_up,
            ExpectedRange("5.5 years, within a year", 4.5, 6.5),
            ("decentralized-catchup", "decentralized-growth", "decentralized-gap"),
        ),
        StudyPart(
            "lag",
            f"months since the frontier had what the network has in {DECADE}",
            "month",
            lag,
            above("behind", 0.0),
            ("decentralized-not-frontier",),
        ),
    ),
    turn=Turn("labs.pool_expansion", 3000.0),
    figure=picture,
    keep=(("labs", "pre_training_hours"), ("labs", "offer_capability")),
    why="""\
A network is founded in mid-2025 with a thousandth of a frontier lab's hours, and the pace at \
which others contribute is given: that part of the naive trend is not the model's, the frontier's \
is. How far the networks that contributors come from can grow is a parameter, and the answer \
should turn on it. Slow links widen the gap of capability beyond that of hours.""",
)
