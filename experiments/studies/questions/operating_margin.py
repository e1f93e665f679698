"""What do labs earn before research?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.pictures import over_time
from experiments.studies.study import Case, CaseRuns, ExpectedRange, Study, StudyPart, Turn

if TYPE_CHECKING:
    from agents.framework.columns import Floats

YEAR = "2025-01/2025-12"
OPERATING_STAFF = 0.4
"""Part of pay that is for operating and not for research [gpt5-staff-cost]."""
SELLING = ("sales_cost", "administration_cost")


def over_revenue(outcome: CaseRuns, lab: str, *costs: str) -> Floats:
    """Costs of a lab over its revenue, sums of the year, (runs,)."""

    def year(column: str) -> Floats:
        found: Floats = outcome.agents("labs", column, lab)[:, outcome.window(YEAR)].sum((1, 2))
        return found

    found: Floats = sum(year(column) for column in costs) / year("revenue")
    return found


def gross_margin(outcome: CaseRuns, lab: str) -> Floats:
    """Revenue less cost of serving, over revenue, (runs,)."""
    return 1.0 - over_revenue(outcome, lab, "cost_of_revenue")


def operating_margin(outcome: CaseRuns, lab: str) -> Floats:
    """Gross margin less selling, administration and operating staff, before partners, (runs,)."""
    staff = OPERATING_STAFF * over_revenue(outcome, lab, "staff_cost")
    return gross_margin(outcome, lab) - over_revenue(outcome, lab, *SELLING) - staff


STUDY = Study(
    number=8,
    question="What do labs earn before research?",
    cases={"as it is": Case(months=36)},
    parts=(
        StudyPart(
            "openai",
            "OpenAI's revenue less serving, selling, administration and two fifths of pay, over"
            f" revenue, before partners, {YEAR}",
            "fraction",
            lambda runs: operating_margin(runs["as it is"], "openai"),
            ExpectedRange("near zero", -0.05, 0.05),
            ("operating-margin-openai", "gpt5-staff-cost", "msft-revenue-share"),
        ),
        StudyPart(
            "all_labs",
            f"lab_operating_margin_before_rnd, mean of {YEAR}",
            "fraction",
            lambda runs: runs["as it is"].mean("lab_operating_margin_before_rnd", YEAR),
            ExpectedRange("near zero", -0.05, 0.05),
            ("operating-margin-openai",),
        ),
        StudyPart(
            "gross",
            f"lab_gross_margin, mean of {YEAR}",
            "fraction",
            lambda runs: runs["as it is"].mean("lab_gross_margin", YEAR),
            ExpectedRange("30 to 40 %", 0.3, 0.4),
            ("gross-margin-openai", "gross-margin-anthropic"),
        ),
        StudyPart(
            "gross_openai",
            f"gross margin of OpenAI, {YEAR}",
            "fraction",
            lambda runs: gross_margin(runs["as it is"], "openai"),
            ExpectedRange("30 to 33 %", 0.3, 0.33),
            ("gross-margin-openai",),
        ),
    ),
    turn=Turn("labs.margin_target", 0.7),
    keep=tuple(
        ("labs", column) for column in ("revenue", "cost_of_revenue", "staff_cost", *SELLING)
    ),
    figure=over_time("lab_operating_margin_before_rnd", "What labs earn before research"),
    why="""\
Selling and administration are parts of revenue that the registry takes from the same accounts; \
what the model finds is the gross margin, from hours kept for serving and from prices. It begins \
at what OpenAI had in 2024, as the world's start was set. The model counts all staff as research, \
where the accounts put two fifths to operating: the estimate takes these off, the metric does not. \
Partners' share is left out for OpenAI, as in the source, and counted in the metric.""",
)
