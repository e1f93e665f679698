"""Does a flagship repay the research before it while it is on sale?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.framework.columns import ratio
from experiments.studies.pictures import over_time
from experiments.studies.study import Case, CaseRuns, ExpectedRange, Study, StudyPart, Turn, below

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2026-01/2028-12"
"""Tenures that end in these months, of models that were released in the run: what those on sale at
the start earned and cost is assumed."""
MONTHS = 48
BREAK_EVEN = 10.0
"""Months in which gross profit repays the R&D before [break-even-tenure]."""


class Tenures(NamedTuple):
    """Flagships that have left, all together, (runs,) each: USD, and months on sale weighted by the
    R&D before."""

    earned: Floats
    spent: Floats
    months: Floats

    @property
    def recouped(self) -> Floats:
        """Gross profit over the R&D before."""
        return ratio(self.earned, self.spent)

    def repaid_within(self, months: float) -> Floats:
        """Gross profit of so many months at the pace of the tenures, over the R&D before."""
        return self.recouped * ratio(months, self.months)


def tenures(outcome: CaseRuns, *labs: str) -> Tenures:
    """Tenures of labs, by name or group, that ended in the window; their first releases of the run
    end tenures from before it, which do not count."""
    places = outcome.places("labs", *labs)
    models = outcome.names["models"]
    slots = [models.index(f"{outcome.names['labs'][place]}_flagship") for place in places]
    released = outcome.released[:, :, places]
    ended = released * (np.cumsum(released, axis=1) > 1.0)
    # What a flagship leaves stands in its slot until the month before its successor.
    ended = ended[:, 1:][:, _before(outcome)]
    left = {
        column: outcome.agents("models", column)[:, :-1][:, _before(outcome)][:, :, slots]
        for column in ("gross_profit", "rnd_before", "age")
    }
    earned, spent, months = (
        (ended * left[column] * weight).sum(axis=(1, 2))
        for column, weight in (
            ("gross_profit", 1.0),
            ("rnd_before", 1.0),
            ("age", left["rnd_before"]),
        )
    )
    return Tenures(earned, spent, ratio(months, spent))


def _before(outcome: CaseRuns) -> slice:
    """The window, a month earlier."""
    months = outcome.window(WINDOW)
    return slice(months.start - 1, months.stop - 1)


STUDY = Study(
    number=7,
    question="Does a flagship repay the research before it while it is on sale?",
    cases={
        "as it is": Case(months=MONTHS),
        "ten-month tenure": Case(
            set={"labs.run_min_months": BREAK_EVEN, "labs.run_max_months": 12.0}, months=MONTHS
        ),
        "software margins": Case(set={"labs.margin_target": 0.7}, months=MONTHS),
    },
    parts=(
        StudyPart(
            "ratio",
            f"gross profit in tenure over R&D before, OpenAI's flagships that left in {WINDOW}",
            "1",
            lambda runs: tenures(runs["as it is"], "openai").recouped,
            ExpectedRange("no: near 0.4, from GPT-5 to all that came until GPT-5.2", 0.34, 0.6),
            ("recoup-ratio-gpt5", "recoup-ratio-gpt52"),
        ),
        StudyPart(
            "all_frontier",
            "the same of all frontier labs together",
            "1",
            lambda runs: tenures(runs["as it is"], "frontier").recouped,
            below("not repaid", 1.0),
            ("recoup-ratio-gpt5", "unprofitable-model-useful"),
        ),
        StudyPart(
            "in_ten_months",
            "gross profit of ten months at the pace of a tenure, over R&D before, OpenAI",
            "1",
            lambda runs: tenures(runs["as it is"], "openai").repaid_within(BREAK_EVEN),
            ExpectedRange("just repaid: 10 months over 11.8 to 10 over 8.4", 0.847, 1.19),
            ("break-even-tenure",),
        ),
        StudyPart(
            "longer_tenure",
            "gross profit in tenure over R&D before where all flagships stay ten to twelve months,"
            " OpenAI",
            "1",
            lambda runs: tenures(runs["ten-month tenure"], "openai").recouped,
            ExpectedRange("repaid", low=1.0),
            ("break-even-tenure",),
        ),
        StudyPart(
            "oligopoly",
            "the same where list prices of all labs aim at the margin of software (0.7), OpenAI",
            "1",
            lambda runs: tenures(runs["software margins"], "openai").recouped,
            ExpectedRange("repaid with margins that an oligopoly or a niche would have", low=1.0),
            ("gross-margin-software", "gross-margin-trend"),
        ),
    ),
    turn=Turn("capital.lab_pool", 0.0),
    keep=(("models", "gross_profit"), ("models", "rnd_before"), ("models", "age")),
    figure=over_time("recoup_ratio", "Gross profit of a flagship over the research before it"),
    why="""\
The sources' figures are OpenAI's, and so is the estimate; all frontier labs together stand beside \
it. Research is whatever money there is, so what is repaid should hang on what investors give. \
Where all flagships stay longer, research goes on all the while and counts toward the next, where \
the source's sum holds it fixed. Nobody in the model has power over the mean margin, so an \
oligopoly can only be set, by what list prices aim at; labs then choose the size of models anew.""",
)
