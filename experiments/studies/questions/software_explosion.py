"""Does software progress run away once models do the research?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
from experiments.studies.study import Case, ExpectedRange, Study, StudyPart, StudyRuns, Turn, above

if TYPE_CHECKING:
    from agents.framework.columns import Floats

YEAR = 12
FREE, BOUND, AT_ONCE = "compute free", "compute binds", "nothing binds"
SOFTWARE = "frontier_software_efficiency"


def grown(runs: StudyRuns, case: str) -> Floats:
    """log10 of software efficiency, (runs, months)."""
    return np.log10(runs[case].metrics[SOFTWARE])


def speeding_up(runs: StudyRuns, case: str) -> Floats:
    """OOM a year gained in the second half of the runs less those gained in the first, (runs,)."""
    path = grown(runs, case)
    half = path.shape[1] // 2
    early, late = path[:, half - 1] - path[:, 0], path[:, -1] - path[:, half]
    change: Floats = (late - early) * YEAR / (half - 1)
    return change


def fastest_year(runs: StudyRuns, case: str) -> Floats:
    """OOM gained in the fastest twelve months, (runs,)."""
    path = grown(runs, case)
    best: Floats = (path[:, YEAR:] - path[:, :-YEAR]).max(axis=1)
    return best


STUDY = Study(
    number=18,
    question="Does software progress explode if models do the research?",
    cases={
        "reference": Case(),
        BOUND: Case("software_explosion_bottleneck"),
        FREE: Case("software_explosion"),
        AT_ONCE: Case("software_explosion", {"labs.software_growth_max": 5.0}),
    },
    parts=(
        StudyPart(
            "explosive",
            "yearly gain of software efficiency in the second half of 2025 to 2030 less that in "
            "the first half, automated, compute not binding",
            "OOM/year",
            lambda runs: speeding_up(runs, FREE),
            above("it feeds on itself: faster and faster", 0.0),
            ("sie-r-with-10x", "sie-r-central"),
        ),
        StudyPart(
            "fizzle",
            "the same with compute binding",
            "OOM/year",
            lambda runs: speeding_up(runs, BOUND),
            ExpectedRange("it does not speed up where compute binds", high=0.0),
            ("sie-bottleneck-factor",),
        ),
        StudyPart(
            "faster",
            "software efficiency gained to the end of 2030, compute not binding over binding",
            "OOM",
            lambda runs: grown(runs, FREE)[:, -1] - grown(runs, BOUND)[:, -1],
            above("further without the bottleneck", 0.0),
            ("sie-bottleneck-factor", "sie-substitution"),
        ),
        StudyPart(
            "extreme",
            "software efficiency gained in the fastest twelve months, where neither compute nor "
            "the time that experiments take binds",
            "OOM",
            lambda runs: fastest_year(runs, AT_ONCE),
            ExpectedRange("below five orders in a year, with a weight of 0.85", high=5.0),
            ("sie-opinion-prob",),
        ),
    ),
    turn=Turn("labs.research_returns", 1.5),
    figure=lambda runs: series(
        "Software efficiency of the leader",
        "log10 x OpenAI 2024",
        runs,
        lambda left: np.log10(left.metrics[SOFTWARE]),
    ),
    why="""\
Explosive is read as gaining faster in the second half of the runs than in the first. Labour is \
what feeds on itself, and a person employs only as many models as the share of work that is left \
to people allows: once models do all that they can, labour grows with staff again, while ideas go \
on getting harder. A spurt that ends within the window counts as no explosion. The last case lifts \
the limit of serial experiments, which else rules out five orders in a year by itself; the share \
of draws below five stands against the author's 0.85.""",
)
