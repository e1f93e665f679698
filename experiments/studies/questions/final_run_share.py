"""How much of research compute goes to final runs, lab by lab?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.study import Case, ExpectedRange, Study, StudyPart, StudyRuns, Turn, above
from sim.figures import Figure, cases

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2025-01/2025-12"
"""The sources count 2024 and most of 2025."""
FINAL = ("pre_training_hours", "post_training_hours")
OTHER = ("experiment_hours", "synthetic_hours", "agent_hours")
MINORITY = ("final-run-minority",)
LOW, HIGH = 0.096, 0.226


def hours(runs: StudyRuns, uses: tuple[str, ...], *labs: str) -> Floats:
    """Hours that labs spent on uses over the window, (runs, labs)."""
    left = runs["reference"]
    spent = sum(left.agents("labs", use, *labs) for use in uses)
    found: Floats = np.asarray(spent)[:, left.window(WINDOW)].sum(axis=1)
    return found


def share(runs: StudyRuns, *labs: str) -> Floats:
    """Final runs over research hours of each lab, (runs, labs); NaN for one that did none."""
    final, other = hours(runs, FINAL, *labs), hours(runs, OTHER, *labs)
    whole = final + other
    return np.where(whole > 0.0, final / np.where(whole > 0.0, whole, 1.0), np.nan)


def trained(runs: StudyRuns) -> Floats:
    """The same of all labs that train."""
    return share(runs, "frontier", "compute_poor")


def picture(runs: StudyRuns) -> Figure:
    """Final runs in research hours of all labs of a group."""
    left = runs["reference"]
    months = left.calendar.labels()
    values = {}
    for title, group in (("frontier", "frontier"), ("compute-poor", "compute_poor")):
        final, other = (
            np.asarray(sum(left.agents("labs", use, group) for use in uses)).sum(axis=2)
            for uses in (FINAL, OTHER)
        )
        values[title] = final / np.maximum(final + other, 1.0)
    told = f"n = {len(left.released):,} runs"
    return cases("figure", "Final runs in research hours", "fraction", months, values, told)


STUDY = Study(
    number=11,
    question="Which share of research compute do labs spend on final runs?",
    cases={"reference": Case()},
    parts=(
        StudyPart(
            "median_lab",
            f"pre-training and post-training hours over research hours, {WINDOW}, median lab",
            "fraction",
            lambda runs: np.nanmedian(trained(runs), axis=1),
            ExpectedRange("between the three labs that were counted", LOW, HIGH),
            (*MINORITY, "final-run-share-openai", "final-run-share-minimax", "final-run-share-zai"),
        ),
        StudyPart(
            "lowest_lab",
            "the same of the lab with the smallest share",
            "fraction",
            lambda runs: np.nanmin(trained(runs), axis=1),
            ExpectedRange("0.10 to 0.23 in every lab", LOW, HIGH),
            MINORITY,
        ),
        StudyPart(
            "highest_lab",
            "the same of the lab with the largest share",
            "fraction",
            lambda runs: np.nanmax(trained(runs), axis=1),
            ExpectedRange("0.10 to 0.23 in every lab", LOW, HIGH),
            MINORITY,
        ),
        StudyPart(
            "followers_more",
            "mean share of compute-poor labs less that of frontier labs",
            "fraction",
            lambda runs: (
                np.nanmean(share(runs, "compute_poor"), axis=1)
                - np.nanmean(share(runs, "frontier"), axis=1)
            ),
            above("higher for followers, in theory", 0.0),
            ("catchup-predicts-higher-share",),
        ),
    ),
    turn=Turn("labs.idea_life", 40.0),
    figure=picture,
    keep=tuple(("labs", use) for use in (*FINAL, *OTHER)),
    why="""\
Labs weigh runs against ideas by what an hour more of each returns, and nothing imposes a share. \
The time for which an idea is worth having was chosen with one lab's share in view, so the level \
at the registry's values is no test; its range and the spread over labs are. Hours stand for \
spending, since a lab pays one price for them. Ideas come with the size of a lab's research and \
those of others arrive whatever it spends, so a small lab would do better to train on what it \
copied, as in the theory of the sources.""",
)
