"""Which of three observations keeps capital spending growing?"""

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
    above,
    below,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

START = "2025-01/2025-12"
FIRST, MIDDLE, LAST = "2026-01/2026-12", "2028-01/2028-12", "2030-01/2030-12"
DROPPED = {
    "little for compute": {"labs.scale_elasticity": 0.1, "labs.post_training_elasticity": 0.0},
    "no better serving": {"labs.serving_progress": 0.0},
    "value in line": {"customers.solvable_slope": 0.25},
}
"""What is set to drop each: hardly any capability for more compute; no progress in serving; a share
of solvable tasks that rises about in line with capability over the eight OOM of a run."""


def acceleration(outcome: CaseRuns) -> Floats:
    """By how much more capex rises over two years than over the two before, in capex of the first
    year of all, (runs,)."""
    first, middle, last = (outcome.sum("capex_usd", year) for year in (FIRST, MIDDLE, LAST))
    return (last - 2.0 * middle + first) / outcome.sum("capex_usd", START)


def growth(outcome: CaseRuns) -> Floats:
    """Yearly growth of capex over five years; -1 where nothing is left to build with, (runs,)."""
    multiple = outcome.sum("capex_usd", LAST) / outcome.sum("capex_usd", START)
    yearly: Floats = multiple**0.2 - 1.0
    return yearly


def slower(runs: StudyRuns, dropped: str) -> Floats:
    """Change of that growth when an observation is dropped, (runs,)."""
    return growth(runs[dropped]) - growth(runs["all three"])


def fall_of_price(outcome: CaseRuns) -> Floats:
    """By what factor a fixed capability gets cheaper in a year, from 2026 to 2030, (runs,)."""
    before, after = (
        outcome.mean("price_fixed_capability_usd_per_mtok", year) for year in (FIRST, LAST)
    )
    yearly: Floats = (before / after) ** 0.25
    return yearly


STUDY = Study(
    number=25,
    question="Does capital spending keep accelerating, and which observation does that hang on?",
    cases={"all three": Case()} | {name: Case("baseline", to) for name, to in DROPPED.items()},
    parts=(
        StudyPart(
            "acceleration",
            "rise of capex_usd from 2028 to 2030 less that from 2026 to 2028, over that of 2025",
            "x",
            lambda runs: acceleration(runs["all three"]),
            above("it keeps accelerating", 0.0),
            ("value-superlinear", "capability-log-resources", "cost-fall-altman"),
        ),
        StudyPart(
            "without_log",
            "change of the yearly growth of capex_usd from 2025 to 2030 if resources buy little "
            "capability",
            "1/year",
            lambda runs: slower(runs, "little for compute"),
            below("slower", 0.0),
            ("capability-log-resources",),
        ),
        StudyPart(
            "without_fall",
            "the same if labs get no better at serving",
            "1/year",
            lambda runs: slower(runs, "no better serving"),
            below("slower", 0.0),
            ("cost-fall-altman",),
        ),
        StudyPart(
            "without_value",
            "the same if value rises in line with capability",
            "1/year",
            lambda runs: slower(runs, "value in line"),
            below("slower", 0.0),
            ("value-superlinear",),
        ),
        StudyPart(
            "premise",
            "yearly fall of price_fixed_capability_usd_per_mtok in the reference, 2026 to 2030",
            "x/year",
            lambda runs: fall_of_price(runs["all three"]),
            ExpectedRange("about tenfold, five at least", 5.0, 10.0),
            ("cost-fall-altman", "cost-fall-per-capability"),
        ),
    ),
    turn=Turn("elsewhere.growth_long_run", 0.05),
    figure=over_time("capex_usd", "Capital spending with an observation dropped"),
    why="""\
Labs buy a part of the world's compute; the rest is wanted elsewhere, on a path of its own, and \
what operators spend is a share of what their whole business earns. What is observed of labs \
reaches capital spending by rents and contracts only.""",
)
