"""Does measuring what models can do take ever more compute beside people?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
from experiments.studies.study import Case, CaseRuns, ExpectedRange, Study, StudyPart, Turn, above

if TYPE_CHECKING:
    from agents.framework.columns import Floats

FIRST, LAST = "2026-01/2026-12", "2030-01/2030-12"
YEARS = 4.0
DEAR = "dear evaluations"


def hold(outcome: CaseRuns, column: str) -> Floats:
    """A column of labs, (runs, months, labs)."""
    return outcome.agents("labs", column)


def bill(outcome: CaseRuns) -> Floats:
    """What hours of evaluations cost all labs, USD a month, (runs, months)."""
    cost: Floats = (hold(outcome, "evaluating_hours") * hold(outcome, "hour_price")).sum(axis=2)
    return cost


def per_wages(outcome: CaseRuns) -> Floats:
    """That cost over the wages of all labs, (runs, months)."""
    found: Floats = bill(outcome) / hold(outcome, "staff_cost").sum(axis=2)
    return found


def of_research(outcome: CaseRuns, year: str) -> Floats:
    """That cost over all research spending of a year, (runs,)."""
    spent = outcome.sum("rnd_spend_usd", year)
    found: Floats = bill(outcome)[:, outcome.window(year)].sum(axis=1) / spent
    return found


def growth_of_hours(outcome: CaseRuns) -> Floats:
    """Growth of hours of evaluations less that of people, ln a year, (runs,)."""

    def grown(column: str) -> Floats:
        values = hold(outcome, column).sum(axis=2)
        first, last = (values[:, outcome.window(year)].mean(axis=1) for year in (FIRST, LAST))
        found: Floats = np.log(last / first) / YEARS
        return found

    return grown("evaluating_hours") - grown("staff")


def runs_far_out(outcome: CaseRuns) -> Floats:
    """Part of all evaluation runs that go far out, by their hours, (runs,)."""
    deep = hold(outcome, "elicitation_hours")
    far = deep / hold(outcome, "evaluation_depth")
    near = hold(outcome, "evaluating_hours") - deep
    found: Floats = far.sum(axis=(1, 2)) / (far + near).sum(axis=(1, 2))
    return found


STUDY = Study(
    number=26,
    question="Does compute take a rising part of what it costs to evaluate models?",
    cases={DEAR: Case("evaluation_costs_rising")},
    parts=(
        StudyPart(
            "hours_per_head",
            "growth of evaluation hours less that of labs' staff, ln a year from 2026 to 2030",
            "1/year",
            lambda runs: growth_of_hours(runs[DEAR]),
            above("compute grows faster than people", 0.0),
            ("ord-eval-compute",),
        ),
        StudyPart(
            "over_wages",
            "cost of evaluation hours over labs' wages in 2030, over that of 2026",
            "x",
            lambda runs: (
                per_wages(runs[DEAR])[:, runs[DEAR].window(LAST)].mean(axis=1)
                / per_wages(runs[DEAR])[:, runs[DEAR].window(FIRST)].mean(axis=1)
            ),
            above("a rising part", 1.0),
            ("ord-eval-compute",),
        ),
        StudyPart(
            "of_research",
            "cost of evaluation hours over rnd_spend_usd, 2030 less 2026",
            "fraction",
            lambda runs: of_research(runs[DEAR], LAST) - of_research(runs[DEAR], FIRST),
            above("a rising part", 0.0),
            ("ord-eval-compute",),
        ),
        StudyPart(
            "few_far_out",
            "part of evaluation runs that go far out, all months",
            "fraction",
            lambda runs: runs_far_out(runs[DEAR]),
            ExpectedRange("a few far out, read as less than one in ten, and many near", 0.0, 0.1),
            ("ord-eval-compute", "fm-doubling-gain"),
        ),
    ),
    turn=Turn("labs.horizon_doublings", 0.2),
    figure=lambda runs: series(
        "Evaluation compute beside wages of labs", "x", {DEAR: runs[DEAR]}, per_wages
    ),
    keep=tuple(
        ("labs", column)
        for column in (
            "evaluating_hours",
            "elicitation_hours",
            "evaluation_depth",
            "hour_price",
            "staff",
            "staff_cost",
        )
    ),
    why="""\
The model has no people who evaluate: labs' whole staff stands for them, so what is measured is \
hours against heads and not the split of an evaluation budget. How long a run takes follows the \
tasks that a model can do, against better serving; what all of it costs is an assumption, and \
the dearer it is, the sooner labs meet the share of research that they give to it at most, and \
the slower it grows. That a mix of both kinds is cheapest is arithmetic of the rule, at spreads \
that nobody has published.""",
)
