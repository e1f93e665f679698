"""How fast did the revenue of labs grow in 2025, and who saw it coming?"""

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
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.figures import Figure

LABS = ("openai", "anthropic", "xai")
END = "2025-12"


def yearly(outcome: CaseRuns) -> Floats:
    """Annualised revenue of each of the three labs in USD a year, (runs, months, labs)."""
    found: Floats = 12.0 * outcome.agents("labs", "revenue", *LABS)
    return found


def reached(runs: StudyRuns) -> Floats:
    """Annualised revenue of the three in December, (runs,)."""
    outcome = runs["as it is"]
    found: Floats = yearly(outcome)[:, outcome.calendar.number(END)].sum(axis=1)
    return found


def over_forecast(runs: StudyRuns, made: str) -> Floats:
    """Revenue in December over what the three expected of it in another month, (runs,): revenue of
    that month, at the growth then expected."""
    outcome = runs["as it is"]
    then, end = outcome.calendar.number(made), outcome.calendar.number(END)
    growth = outcome.agents("labs", "growth_expected", *LABS)[:, then]
    expected = (yearly(outcome)[:, then] * np.exp(growth * (end - then) / 12.0)).sum(axis=1)
    found: Floats = reached(runs) / expected
    return found


def figure(runs: StudyRuns) -> Figure:
    """The three together, as they grew."""
    return series(
        "Annualised revenue of OpenAI, Anthropic and xAI",
        "USD/year",
        runs,
        lambda outcome: yearly(outcome).sum(axis=2),
    )


STUDY = Study(
    number=9,
    question="What was the revenue of the three labs at the end of 2025, and who foresaw it?",
    cases={"as it is": Case(months=24)},
    parts=(
        StudyPart(
            "level",
            "annualised revenue of OpenAI, Anthropic and xAI in December 2025",
            "USD/year",
            reached,
            ExpectedRange("4.8 x 6.4e9, within the tenth by which counts differ", 27.4e9, 33.4e9),
            ("lab-revenue-eoy2025", "lab-revenue-growth-2025", "openai-revenue-growth-rate"),
        ),
        StudyPart(
            "missed_in_january",
            "that over what the three expected in January, by their growth expected then",
            "x",
            lambda runs: over_forecast(runs, "2025-01"),
            ExpectedRange("30.4 over 16: about twice", 1.5, 2.5),
            ("lab-revenue-forecast-2025", "lab-revenue-eoy2025"),
        ),
        StudyPart(
            "missed_in_june",
            "that over what they expected in June, after half a year of it",
            "x",
            lambda runs: over_forecast(runs, "2025-06"),
            above("who extrapolates still falls short", 1.0),
            ("forecast-extrapolation-rate", "lab-revenue-forecast-2025"),
        ),
    ),
    turn=Turn("customers.spend_rate", 0.12),
    keep=(("labs", "revenue"), ("labs", "growth_expected")),
    figure=figure,
    why="""\
No rule holds a lab's revenue, but how fast spending spreads was set with the growth of 2025 in \
view, so the level at the registry's values is no test. What labs expect in January still rests on \
the registry, which has it from the same forecasters: that part says how far they were outrun and \
not how they came to err. By June expectations are those that adapted to the run.""",
)
