"""What does a monthly budget of tokens for everybody do to users, research and prices?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
from experiments.studies.study import (
    Case,
    CaseRuns,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    above,
    below,
    relative_change,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

SHORT_RUN = "2026-01/2026-12"
"""The first year of the allowance."""
IN_TIME = "2028-01/2030-12"
WITHOUT, PURSE, LEVY = "no allowance", "public purse", "levy on labs"
WHO_PAYS = "outside.levy_share"
RESEARCH = (
    "experiment_hours",
    "synthetic_hours",
    "pre_training_hours",
    "post_training_hours",
    "agent_hours",
)
SEGMENTS = ("consumer", "price_sensitive", "captive")
"""Segments that have people."""
BUYERS = ("developer", "enterprise", "government")
"""Those who buy tokens out of a budget and get none of the allowance."""


def users(outcome: CaseRuns) -> Floats:
    """Weekly users in poorer regions, (runs, months)."""
    cohorts = (f"{segment}_rest_of_world" for segment in SEGMENTS)
    found: Floats = outcome.agents("customers", "users", *cohorts).sum(axis=2)
    return found


def users_in_time(outcome: CaseRuns) -> Floats:
    """Their mean over the later years, (runs,)."""
    found: Floats = users(outcome)[:, outcome.window(IN_TIME)].mean(axis=1)
    return found


def research(outcome: CaseRuns) -> Floats:
    """Research hours of all labs in the first year, (runs,)."""
    window = outcome.window(SHORT_RUN)
    hours = [outcome.agents("labs", column)[:, window].sum(axis=(1, 2)) for column in RESEARCH]
    found: Floats = np.sum(hours, axis=0)
    return found


def paid_price(outcome: CaseRuns) -> Floats:
    """Price that buyers with budgets pay in the first year, USD/Mtok by spending, (runs,)."""
    window = outcome.window(SHORT_RUN)
    price, spent = (
        outcome.agents("customers", column, *BUYERS)[:, window] for column in ("price", "spending")
    )
    found: Floats = (price * spent).sum(axis=(1, 2)) / spent.sum(axis=(1, 2))
    return found


def research_lost(runs: StudyRuns, case: str) -> Floats:
    """Change of research hours against no allowance, (runs,)."""
    return relative_change(research(runs[case]), research(runs[WITHOUT]))


STUDY = Study(
    number=27,
    question="What does a compute budget for everyone do to users in poorer regions, to research "
    "and to prices?",
    cases={
        WITHOUT: Case(),
        PURSE: Case("compute_budget_for_everyone", {WHO_PAYS: 0.0}),
        LEVY: Case("compute_budget_for_everyone", {WHO_PAYS: 1.0}),
    },
    parts=(
        StudyPart(
            "research_purse",
            f"change of research hours of all labs, public purse, sum of {SHORT_RUN}",
            "fraction",
            lambda runs: research_lost(runs, PURSE),
            below("serving crowds out research while compute is short", 0.0),
            ("scarce-goods-prices",),
        ),
        StudyPart(
            "poorer_regions",
            f"change of users in rest_of_world with a public purse, mean of {IN_TIME}",
            "fraction",
            lambda runs: relative_change(users_in_time(runs[PURSE]), users_in_time(runs[WITHOUT])),
            above("more", 0.0),
            ("adoption-logistic-rate", "scarce-goods-prices"),
        ),
        StudyPart(
            "research_levy",
            f"change of research hours of all labs, levy on labs, sum of {SHORT_RUN}",
            "fraction",
            lambda runs: research_lost(runs, LEVY),
            below("serving crowds out research while compute is short", 0.0),
            ("scarce-goods-prices",),
        ),
        StudyPart(
            "paid_price",
            f"change of the price that budgets pay, public purse, mean of {SHORT_RUN}",
            "fraction",
            lambda runs: relative_change(paid_price(runs[PURSE]), paid_price(runs[WITHOUT])),
            above("dearer in the short run", 0.0),
            ("scarce-goods-prices",),
        ),
    ),
    turn=Turn("customers.adoption_ceiling", 0.9),
    figure=lambda runs: series("Weekly users in poorer regions", "person", runs, users),
    keep=(
        ("customers", "users"),
        ("customers", "price"),
        ("customers", "spending"),
        *(("labs", column) for column in RESEARCH),
    ),
    why="""\
An allowance raises how many would ever use a service, by the part of a user's tokens that it \
covers, so that users come is the rule's own and the main answer is that of research. The tokens \
are served last, by small models, at cost, and asked for at once. Labs can rent more hours for \
them, so research need not give way; who comes may also subscribe.""",
)
