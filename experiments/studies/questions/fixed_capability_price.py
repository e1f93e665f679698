"""How fast does the price of the same capability fall, and that of the best there is?"""

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
    below,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

FIRST, LATER, ALL = ("2025-01", "2027-12"), ("2027-12", "2030-12"), ("2025-01", "2030-12")
FIXED, BEST = "price_fixed_capability_usd_per_mtok", "price_frontier_usd_per_mtok"
CONSUMERS = "consumer"


def fall_a_year(series: Floats, outcome: CaseRuns, between: tuple[str, str]) -> Floats:
    """Factor by which a positive series falls in a year, between two months, (runs,)."""
    begin, end = (outcome.calendar.number(month) for month in between)
    fallen = np.log(series[:, begin] / series[:, end])
    found: Floats = np.exp(fallen * 12.0 / (end - begin))
    return found


def fixed(runs: StudyRuns, between: tuple[str, str]) -> Floats:
    """The factor for capability that led a year before."""
    left = runs["reference"]
    return fall_a_year(left.metrics[FIXED], left, between)


def price_of_a_message(outcome: CaseRuns) -> Floats:
    """Price of the best model's tokens for a consumer's message, the first month's index x its
    USD per Mtok, (runs, months): price x tokens over users and messages."""
    tokens, users, messages = (
        outcome.agents("customers", column, CONSUMERS) for column in ("tokens", "users", "messages")
    )
    length = tokens.sum(axis=2) / (users * messages).sum(axis=2)
    price: Floats = outcome.metrics[BEST] * length / length[:, :1]
    return price


def launch(runs: StudyRuns) -> Floats:
    """Fall a year of what a message costs on the best model."""
    left = runs["reference"]
    return fall_a_year(price_of_a_message(left), left, ALL)


STUDY = Study(
    number=14,
    question="By which factor does the price of fixed capability fall in a year?",
    cases={"reference": Case()},
    parts=(
        StudyPart(
            "fall",
            f"yearly fall of {FIXED}, {FIRST[0]} to {FIRST[1]}",
            "x/year",
            lambda runs: fixed(runs, FIRST),
            ExpectedRange("five- to ten-fold", 5.0, 10.0),
            ("cost-fall-per-capability", "cost-fall-altman", "frontiermath-cost-fall"),
        ),
        StudyPart(
            "slower_later",
            f"the same, {LATER[0]} to {LATER[1]}, over that of the first three years",
            "1",
            lambda runs: fixed(runs, LATER) / fixed(runs, FIRST),
            ExpectedRange("slower, if at all different, as models meet a floor of size", high=1.0),
            ("distilled-floor",),
        ),
        StudyPart(
            "launch",
            f"yearly fall of the price of a message on the best model there is, {ALL[0]} to "
            f"{ALL[1]}, over that of fixed capability",
            "1",
            lambda runs: launch(runs) / fixed(runs, ALL),
            below("use stays dear at launch: a slower fall", 1.0),
            ("inference-cost-transient",),
        ),
    ),
    turn=Turn("labs.serving_progress", 0.405),
    figure=lambda runs: series(
        "Price of what led twelve months before",
        "log10 USD/Mtok",
        runs,
        lambda left: np.log10(left.metrics[FIXED]),
    ),
    keep=tuple(("customers", column) for column in ("tokens", "users", "messages")),
    why="""\
Four things make the fall: serving that costs less, smaller models for the same capability, \
cheaper hours, and software that needs less training for it. The first is at the top of its range \
because this fall was seen to be small, so the registry's draws and not its value are the test. A \
message is one of consumers, whose answers grow longer with capability; a list price counts and \
not what a subscription hides. The measure asks the cheapest lab for a model just large enough, \
where observers compare models that were in fact on sale.""",
)
