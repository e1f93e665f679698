"""Does OpenAI reach its plan for 2028, and what if it does not?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.framework.columns import ratio
from experiments.studies.pictures import series
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    below,
    relative_change,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.figures import Figure

YEAR = "2028-01/2028-12"
PLAN = 100e9
"""USD in 2028 [openai-rev-2028-level]."""
AFTER = "2027-01/2029-12"
"""The miss, and two years for what it sets off."""


def reached(runs: StudyRuns) -> Floats:
    """OpenAI's revenue of 2028 over its plan, (runs,)."""
    outcome = runs["as it is"]
    year = outcome.window(YEAR)
    found: Floats = outcome.agents("labs", "revenue", "openai")[:, year].sum(axis=(1, 2)) / PLAN
    return found


def flow(runs: StudyRuns, case: str, column: str, *fleets: str) -> Floats:
    """What flowed in fleets, of groups or all, from the miss on, (runs,)."""
    outcome = runs[case]
    found: Floats = outcome.agents("fleets", column, *fleets)[:, outcome.window(AFTER)].sum((1, 2))
    return found


def share_of_neoclouds(runs: StudyRuns, case: str) -> Floats:
    """Part of neoclouds in the capital spending of all operators, (runs,)."""
    return ratio(flow(runs, case, "capex", "neocloud"), flow(runs, case, "capex"))


def failures(outcome: CaseRuns) -> Floats:
    """Agents that left because they could not pay, (runs,)."""
    return outcome.sum("insolvencies", AFTER)


def figure(runs: StudyRuns) -> Figure:
    """OpenAI's revenue with and without the miss."""

    def yearly(outcome: CaseRuns) -> Floats:
        found: Floats = 12.0 * outcome.agents("labs", "revenue", "openai").sum(axis=2)
        return found

    return series("Annualised revenue of OpenAI", "USD/year", runs, yearly)


STUDY = Study(
    number=10,
    question="Does OpenAI earn its planned 100e9 USD in 2028, and what does a miss set off?",
    cases={"as it is": Case(months=60), "missed": Case("revenue_miss", months=60)},
    parts=(
        StudyPart(
            "reached",
            f"revenue of OpenAI over the planned 100e9 USD, sum of {YEAR}",
            "1",
            reached,
            below("probably missed", 1.0),
            ("openai-rev-2028-level",),
        ),
        StudyPart(
            "orders",
            f"change of chips ordered by operators if two fifths of its demand fail, {AFTER}",
            "fraction",
            lambda runs: relative_change(
                flow(runs, "missed", "ordered"), flow(runs, "as it is", "ordered")
            ),
            below("fewer", 0.0),
            ("miss-second-order",),
        ),
        StudyPart(
            "neoclouds",
            f"change of neoclouds' share in the capital spending of operators, {AFTER}",
            "fraction",
            lambda runs: share_of_neoclouds(runs, "missed") - share_of_neoclouds(runs, "as it is"),
            below("who builds on debt loses more", 0.0),
            ("miss-second-order", "dc-neocloud-fragility"),
        ),
        StudyPart(
            "failures",
            f"insolvencies with the miss less those without, {AFTER}",
            "agent",
            lambda runs: failures(runs["missed"]) - failures(runs["as it is"]),
            ExpectedRange("it may cascade: one more at least", low=1.0),
            ("miss-second-order",),
        ),
    ),
    turn=Turn("customers.spend_ceiling", 0.18),
    keep=(("labs", "revenue"), ("fleets", "ordered"), ("fleets", "capex")),
    figure=figure,
    why="""\
The plan comes from outside the model: its labs know no 100e9. A miss is two fifths of a year's \
demand, which comes back when the year is over. Labs re-make plans within a year and call hours \
off at no cost, others may take them at a lower rent, and most compute is not the labs' at all: \
each of these would soften a miss. Interest does not rise with debt, so the accelerator of the \
sources has no spring here.""",
)
