"""How much work could the tokens do that models serve?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.pictures import over_time
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

THEN = "2025-10/2025-10"
"""The month of the source's figures."""
WORKFORCE = 100 * 7e6
"""A hundred times the source's digital workers of one lab [digital-workers-vs-workforce]."""


def of_lab(outcome: CaseRuns, lab: str) -> Floats:
    """Digital workers of a lab in that month: all labs' by its part of all tokens, (runs,)."""
    tokens = outcome.columns["models", "tokens"][:, outcome.window(THEN)].sum(axis=1)
    mine = [i for i, name in enumerate(outcome.names["models"]) if name.startswith(f"{lab}_")]
    part: Floats = tokens[:, mine].sum(axis=1) / tokens.sum(axis=1)
    return part * outcome.mean("digital_workers", THEN)


def per_researcher(runs: StudyRuns) -> Floats:
    """Digital workers of OpenAI over the people of all labs in that month, (runs,)."""
    outcome = runs["as it goes"]
    staff = outcome.agents("labs", "staff")[:, outcome.window(THEN)].mean(axis=1)
    found: Floats = of_lab(outcome, "openai") / staff.sum(axis=1)
    return found


STUDY = Study(
    number=20,
    question="How many digital workers do the tokens that labs serve amount to?",
    cases={"as it goes": Case()},
    parts=(
        StudyPart(
            "openai",
            "digital_workers in 2025-10 x OpenAI's part of all tokens served",
            "worker",
            lambda runs: of_lab(runs["as it goes"], "openai"),
            ExpectedRange("seven million, nine parts in ten between 0.4 and 300 million", 4e5, 3e8),
            ("digital-workers",),
        ),
        StudyPart(
            "workforce",
            "digital_workers in 2025-10 over 100 x 7 million, the source's world workforce",
            "fraction",
            lambda runs: runs["as it goes"].mean("digital_workers", THEN) / WORKFORCE,
            ExpectedRange("one percent or less", high=0.01),
            ("digital-workers-vs-workforce", "digital-workers"),
        ),
        StudyPart(
            "researchers",
            "digital workers of OpenAI over the staff of all labs, 2025-10",
            "x",
            per_researcher,
            ExpectedRange(
                "hundreds to one: the source's interval over ten thousand people", 40.0, 3e4
            ),
            ("digital-workers-vs-researchers", "frontier-lab-staff", "digital-workers"),
        ),
    ),
    turn=Turn("customers.solvable_start", 0.07),
    figure=over_time("digital_workers", "Digital workers of all labs"),
    keep=(("labs", "staff"), ("models", "tokens")),
    why="""\
The source asks what a lab's serving could deploy, at the tokens of an hour-long task; here only \
tokens that customers use are counted, and of these the part of tasks that models solve. A \
hundred times seven million is a fifth of the people who work, so the second part is strict. To \
the end of the run the count grows past the source's workforce, of which the sources say \
nothing. The model has no workers who are replaced, and no wages outside its firms.""",
)
