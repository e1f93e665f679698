"""How long after tests say that models are as good as experts does work change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.questions.digital_workers import WORKFORCE
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
)
from sim.figures import Figure, cases

if TYPE_CHECKING:
    from agents.framework.columns import Floats

MONTHS = 120
"""Until the end of 2034: what has not happened by then is counted as happening then."""
PARITY = 0.5
"""Score at which a model is thought as good as an expert: preferred every second time."""
FELT = 0.1
"""Part of the spending on tasks that goes to models at which statistics of labour would show it."""


def first(outcome: CaseRuns, metric: str, level: float) -> Floats:
    """The month in which a metric first reaches a level, or the end of the run, (runs,)."""
    reached = outcome.metrics[metric] >= level
    month = np.where(reached.any(axis=1), reached.argmax(axis=1), reached.shape[1])
    return np.asarray(month, dtype=np.float64)


def delay(runs: StudyRuns) -> Floats:
    """Months from parity on tests to work that is felt, (runs,)."""
    outcome = runs["as it goes"]
    return first(outcome, "task_value_automated_share", FELT) - first(
        outcome, "measured_score", PARITY
    )


def at_parity(outcome: CaseRuns, metric: str) -> Floats:
    """A metric in the month of parity, (runs,)."""
    values = outcome.metrics[metric]
    month = np.minimum(first(outcome, "measured_score", PARITY), values.shape[1] - 1)
    found: Floats = np.take_along_axis(values, month.astype(int)[:, None], axis=1)[:, 0]
    return found


def draw(runs: StudyRuns) -> Figure:
    """Scores beside the part of work that models are paid for."""
    outcome = runs["as it goes"]
    values = {
        "best score": outcome.metrics["measured_score"],
        "tasks paid for": outcome.metrics["task_value_automated_share"],
    }
    months = [outcome.calendar.label(month) for month in range(MONTHS)]
    note = f"n = {len(values['tasks paid for']):,} runs"
    return cases(
        "figure", "Scores, and work that models are paid for", "fraction", months, values, note
    )


STUDY = Study(
    number=23,
    question="How long after models score like experts does work change?",
    cases={"as it goes": Case("baseline", {}, MONTHS)},
    parts=(
        StudyPart(
            "delay",
            f"months from measured_score {PARITY} to task_value_automated_share {FELT}, "
            "what has not come by the end of 2034 as of then",
            "month",
            delay,
            ExpectedRange("years, read as two at least", low=24.0),
            ("gdpval-parity", "benchmark-vs-impact"),
        ),
        StudyPart(
            "muted",
            "digital_workers over 100 x 7 million, in the month of parity",
            "fraction",
            lambda runs: at_parity(runs["as it goes"], "digital_workers") / WORKFORCE,
            ExpectedRange("muted: one percent of the workforce or less", high=0.01),
            ("gdpval-parity", "digital-workers-vs-workforce"),
        ),
        StudyPart(
            "revenue",
            "lab_revenue_annualised_usd of 2026-01 over that of 2025-01",
            "x",
            lambda runs: (
                runs["as it goes"].at("lab_revenue_annualised_usd", "2026-01")
                / runs["as it goes"].at("lab_revenue_annualised_usd", "2025-01")
            ),
            ExpectedRange("more than forecasters thought, 16e9 on 6.4e9 USD", low=16.0 / 6.4),
            ("benchmark-vs-impact", "lab-revenue-forecast-2025", "lab-revenue-eoy2024"),
        ),
    ),
    turn=Turn("customers.spend_rate", 0.5),
    figure=draw,
    why="""\
The score is that of a hard benchmark, and half of it is taken for parity; the source's own test \
is another one. Work is the part of spending on tasks that pays models: diffusion, and the share \
of tasks that can be solved, hold it back. Nobody's job or wage outside labs is in the model, so \
labour itself is not measured. Revenue in a year is close to what diffusion was set from.""",
)
