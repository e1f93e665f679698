"""Does training on contributed compute reach the frontier?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
from experiments.studies.study import Case, Outcome, Outcomes, Part, Range, Study, Turn

if TYPE_CHECKING:
    from agents.columns import Floats

POOL = "volunteer_network"
DECADE, END = "2030-12", "2031-12"
TREND = ("2025-12", "2026-12")
"""The year from which the sources' trends count."""
MONTHS = 84
WITH, WITHOUT = "with a network", "without"


def hours(outcome: Outcome, *labs: str) -> Floats:
    """log10 of pre-training hours of the lab with most of them, slow links apart, (runs, months);
    smoothed over a year."""
    spent = outcome.agents("labs", "pre_training_hours", *labs)
    whole = np.cumsum(np.pad(spent, ((0, 0), (12, 0), (0, 0))), axis=1)
    year = whole[:, 12:] - whole[:, :-12]
    return np.log10(np.maximum(year.max(axis=2), 1.0))


def gap_of_hours(outcome: Outcome, month: str) -> Floats:
    """OOM by which the network trains less than the frontier lab that trains most, (runs,)."""
    now = outcome.calendar.number(month)
    gap: Floats = (hours(outcome, "frontier") - hours(outcome, POOL))[:, now]
    return gap


def gap_of_capability(outcome: Outcome, month: str) -> Floats:
    """Frontier capability less that of the network's model, OOM, (runs,)."""
    now = outcome.calendar.number(month)
    own = outcome.agents("labs", "offer_capability", POOL)[:, now, 0]
    gap: Floats = outcome.metrics["frontier_capability"][:, now] - own
    return gap
