"""What do spillovers of ideas alone, without distillation, do for those who have less compute?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.pictures import over_time
from experiments.studies.questions.compute_gap import USES, WITHOUT
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    above,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2027-01/2030-12"


def spilled(runs: StudyRuns, metric: str) -> Floats:
    """A metric with spillovers less that without, mean of the window, (runs,)."""
    with_it, without = runs["spillover only"], runs["nothing copied"]
    return with_it.mean(metric, WINDOW) - without.mean(metric, WINDOW)


def experiments(outcome: CaseRuns) -> Floats:
    """Hours of compute-poor labs that are not final runs, over their research hours, (runs,)."""
    spent = {}
    for use in USES:
        hours = outcome.agents("labs", f"{use}_hours", "compute_poor")
        spent[use] = hours[:, outcome.window(WINDOW)].sum(axis=(1, 2))
    final = spent["pre_training"] + spent["post_training"]
    found: Floats = 1.0 - final / sum(spent.values())
    return found


STUDY = Study(
    number=3,
    question="How much nearer do spillovers of ideas alone bring labs with a tenth of the compute?",
    cases={
        "nothing copied": Case("compute_gap_ten_to_one", {**WITHOUT, "labs.spillover_rate": 0.0}),
        "spillover only": Case("compute_gap_ten_to_one", WITHOUT),
    },
    parts=(
        StudyPart(
            "gain",
            f"fall of capability_gap_oom by spillovers, mean of {WINDOW}",
            "OOM",
            lambda runs: -spilled(runs, "capability_gap_oom"),
            ExpectedRange(
                "little: less than the two-fold that distillation brings at the least", high=0.301
            ),
            ("spillover-symmetric", "spillover-elasticity", "distill-cap-10x"),
        ),
        StudyPart(
            "gain_months",
            f"fall of capability_lag_months by spillovers, mean of {WINDOW}",
            "month",
            lambda runs: -spilled(runs, "capability_lag_months"),
            ExpectedRange(
                "little: less than the 2.6 months that a two-fold gain is at 1.4 OOM a year",
                high=2.6,
            ),
            ("spillover-symmetric", "lag-from-gap"),
        ),
        StudyPart(
            "frontier",
            f"change of frontier_capability by spillovers, mean of {WINDOW}",
            "OOM",
            lambda runs: spilled(runs, "frontier_capability"),
            above("the rich copy too: higher", 0.0),
            ("spillover-symmetric",),
        ),
        StudyPart(
            "experiments",
            f"research hours of compute-poor labs not in final runs, with spillovers, {WINDOW}",
            "fraction",
            lambda runs: experiments(runs["spillover only"]),
            above("most: over a half", 0.5),
            ("followers-still-experiment",),
        ),
    ),
    turn=Turn("labs.replication_lag", 1.0),
    keep=tuple(("labs", f"{use}_hours") for use in USES),
    figure=over_time("capability_gap_oom", "How far labs with a tenth of the compute are behind"),
    why="""\
Nobody learns from outputs or weights in either case; jumps are replicated and people move in \
both. Experiments are all research hours but those of final runs, as the source counts them: \
synthetic data and digital researchers included. The model has one ladder of software, copied \
toward its top: whoever stands there has nothing to copy, while in the sources everybody reads \
what others find. So it is less symmetric than they are. Labs also choose effort and training by \
what ideas return, which probably adds to the difference.""",
)
