"""What if Gulf capital alone stops, for three years?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.pictures import over_time
from experiments.studies.study import (
    Case,
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

STOPPED = "2026-06/2029-03"
"""From a quarter after the stop, since pledged money arrives late, to a month after its end."""
MONTHS = 54
FIRST_YEAR = "2026-03/2027-02"
PATH = "capital.gulf_substitution"
REPLACED = {"nothing replaced": 0.0, "half replaced": 0.5, "all replaced": 1.0}


def fall(runs: StudyRuns, metric: str, case: str) -> Floats:
    """Change of what flowed while the stop lasted, against no stop, (runs,)."""
    usual = runs["no stop"].sum(metric, STOPPED)
    return relative_change(runs[case].sum(metric, STOPPED), usual)


def lost_anchor(runs: StudyRuns) -> Floats:
    """What OpenAI and Anthropic raise less in the first year, half replaced, USD, (runs,)."""
    with_it, without = (
        runs[case]
        .agents("labs", "equity_raised", "openai", "anthropic")[:, runs[case].window(FIRST_YEAR)]
        .sum(axis=(1, 2))
        for case in ("half replaced", "no stop")
    )
    found: Floats = with_it - without
    return found


STUDY = Study(
    number=5,
    question="How much capital does the build-out lose if Gulf money stops?",
    cases={"no stop": Case(months=MONTHS)}
    | {name: Case("gulf_stop", {PATH: share}, months=MONTHS) for name, share in REPLACED.items()},
    parts=(
        StudyPart(
            "capex",
            f"change of capex_usd with half of Gulf money replaced, sum of {STOPPED}",
            "fraction",
            lambda runs: fall(runs, "capex_usd", "half replaced"),
            ExpectedRange("a few percent less: half of the Gulf's one to nine", -0.045, -0.005),
            ("gulf-share-of-capex",),
        ),
        StudyPart(
            "labs_more",
            "change of lab_funding_usd less that of capex_usd, nothing replaced, same months",
            "fraction",
            lambda runs: (
                fall(runs, "lab_funding_usd", "nothing replaced")
                - fall(runs, "capex_usd", "nothing replaced")
            ),
            below("labs' funding falls more than capex", 0.0),
            ("gulf-share-of-capex", "ipo-exposure"),
        ),
        StudyPart(
            "funding",
            f"change of lab_funding_usd with half replaced, sum of {STOPPED}",
            "fraction",
            lambda runs: fall(runs, "lab_funding_usd", "half replaced"),
            below("less", 0.0),
            ("ipo-exposure",),
        ),
        StudyPart(
            "anchor",
            f"change of what OpenAI and Anthropic raise with half replaced, sum of {FIRST_YEAR}",
            "USD",
            lost_anchor,
            ExpectedRange("billions less at first", high=-1e9),
            ("ipo-exposure",),
        ),
        StudyPart(
            "share",
            f"gulf_share_of_funding without a stop, mean of {STOPPED}",
            "fraction",
            lambda runs: runs["no stop"].mean("gulf_share_of_funding", STOPPED),
            ExpectedRange("a few percent: one to nine", 0.01, 0.09),
            ("gulf-share-of-capex",),
        ),
    ),
    turn=Turn(PATH, 0.9),
    keep=(("labs", "equity_raised"),),
    figure=over_time("lab_funding_usd", "What labs raise while Gulf money stops"),
    why="""\
How much others replace decides the size, and no source gives it: nothing, half and all are run \
side by side, and the middle one is the estimate.""",
)
