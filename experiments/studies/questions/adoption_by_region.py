"""Who adopts next, and from whom?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
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

RICH = ("us", "europe", "east_asia", "gulf")
POORER = ("rest_of_world",)
"""China apart, where the services that the sources count are not offered."""
FROM, TO = "2025-12", "2030-12"
INCUMBENT, CHALLENGER = "openai", "google_deepmind"


def users(outcome: CaseRuns, *regions: str) -> Floats:
    """Weekly users in regions, (runs, months)."""
    cohorts = [
        name
        for name in outcome.names["customers"]
        if any(name.endswith(f"_{region}") for region in regions)
    ]
    people: Floats = outcome.agents("customers", "users", *cohorts).sum(axis=2)
    return people


def change(series: Floats, outcome: CaseRuns, first: str, last: str) -> Floats:
    """A series in a month less in an earlier one, (runs,)."""
    month = outcome.calendar.number
    found: Floats = series[:, month(last)] - series[:, month(first)]
    return found


def growth(runs: StudyRuns, first: str, last: str, *regions: str) -> Floats:
    """Growth of users between two months, as a fraction, (runs,)."""
    left = runs["reference"]
    return np.exp(change(np.log(users(left, *regions)), left, first, last)) - 1.0


def carried(runs: StudyRuns) -> Floats:
    """Share of poorer regions in new users, (runs,)."""
    left = runs["reference"]
    poorer, rich = (change(users(left, *regions), left, FROM, TO) for regions in (POORER, RICH))
    return poorer / np.maximum(poorer + rich, 1.0)


def revenue(outcome: CaseRuns, *labs: str) -> Floats:
    """Revenue of labs, (runs, months); of all without names."""
    earned: Floats = outcome.agents("labs", "revenue", *labs).sum(axis=2)
    return np.maximum(earned, 1.0)


def gain_of_challenger(runs: StudyRuns) -> Floats:
    """Rise of ln of the challenger's revenue over the incumbent's in a quarter, (runs,)."""
    left = runs["reference"]
    odds = np.log(revenue(left, CHALLENGER) / revenue(left, INCUMBENT))
    return change(odds, left, "2025-08", "2025-11")


def loss_of_incumbent(runs: StudyRuns) -> Floats:
    """Change of the incumbent's share in revenue of all labs, (runs,)."""
    left = runs["reference"]
    return change(revenue(left, INCUMBENT) / revenue(left), left, "2025-01", TO)


STUDY = Study(
    number=19,
    question="Do rich markets flatten while poorer ones grow, and does a challenger gain share?",
    cases={"reference": Case()},
    parts=(
        StudyPart(
            "us_flat",
            "growth of weekly users in the US, 2025-06 to 2025-11",
            "fraction",
            lambda runs: growth(runs, "2025-06", "2025-11", "us"),
            ExpectedRange("nearly flat: no more than in the surveys, 0.365 to 0.389", 0.0, 0.066),
            ("us-weekly-use-2025-07", "us-weekly-use-2025-11"),
        ),
        StudyPart(
            "carried",
            f"part of new weekly users from {FROM} to {TO}, outside China, who live in the poorer "
            "rest of the world",
            "fraction",
            carried,
            above("they carry growth: most new users", 0.5),
            ("india-growth", "adoption-logistic-rate"),
        ),
        StudyPart(
            "rich_slower",
            f"growth of weekly users in rich regions less that in the poorer, {FROM} to {TO}",
            "fraction",
            lambda runs: growth(runs, FROM, TO, *RICH) - growth(runs, FROM, TO, *POORER),
            below("slower where it is rich", 0.0),
            ("us-weekly-use-2025-11", "india-growth"),
        ),
        StudyPart(
            "challenger",
            "rise of ln of Google DeepMind's revenue over OpenAI's, 2025-08 to 2025-11",
            "1",
            gain_of_challenger,
            above("the challenger gains", 0.0),
            ("gemini-mau-growth", "chatgpt-mau-growth", "share-drift"),
        ),
        StudyPart(
            "incumbent",
            f"change of OpenAI's share in revenue of labs, 2025-01 to {TO}",
            "fraction",
            loss_of_incumbent,
            below("the incumbent loses share", 0.0),
            ("gemini-mau-growth", "share-drift"),
        ),
    ),
    turn=Turn("customers.adoption_rate", 0.07),
    figure=lambda runs: series(
        "Poorer regions' part of weekly users outside China",
        "fraction",
        runs,
        lambda left: users(left, *POORER) / users(left, *POORER, *RICH),
    ),
    keep=(("customers", "users"), ("labs", "revenue")),
    why="""\
Adoption is logistic toward one ceiling for all regions, which no source gives for poor ones; it \
was set with US surveys in view, so their level is no test and the draws are. That most new users \
are poor is nearly a count of the people left there, so the main answer is that of the US. Users \
of a lab are not kept apart, so its revenue stands for them: it swings with who has released last, \
and a quarter of it says little. Distribution by phones and search, which made the challenger, is \
only in the appeal with which it starts.""",
)
