"""What if makers of tasks for reinforcement learning cannot keep up?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.pictures import over_time
from experiments.studies.study import Case, CaseRuns, Study, StudyPart, Turn, above, below

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2027-01/2030-12"
"""From two years on, when stocks of the start are used up."""


def wasted_over_paid(outcome: CaseRuns) -> Floats:
    """USD of hours that taught nothing over USD paid for tasks, all labs, (runs,)."""

    def hold(column: str) -> Floats:
        return outcome.agents("labs", column)[:, outcome.window(WINDOW)]

    wasted = (hold("wasted_hours") * hold("hour_price")).sum(axis=(1, 2))
    share, multiple = hold("exclusive_share"), hold("exclusivity_price")
    price = hold("task_price") * (1.0 + share * (multiple - 1.0))
    found: Floats = wasted / (hold("tasks_bought") * price).sum(axis=(1, 2))
    return found


def waste(outcome: CaseRuns) -> Floats:
    """Mean of rl_compute_wasted_share, (runs,)."""
    return outcome.mean("rl_compute_wasted_share", WINDOW)


STUDY = Study(
    number=22,
    question="Is compute of reinforcement learning wasted when the supply of tasks is squeezed?",
    cases={
        "makers grow": Case(),
        "makers stand still": Case("baseline", {"outside.task_output_growth": 0.0}),
        "poor tasks too": Case("poor_rl_environments"),
    },
    parts=(
        StudyPart(
            "wasted",
            f"change of rl_compute_wasted_share when makers stand still, mean of {WINDOW}",
            "fraction",
            lambda runs: waste(runs["makers stand still"]) - waste(runs["makers grow"]),
            above("more is wasted", 0.0),
            ("env-quality-bottleneck", "rl-task-compute"),
        ),
        StudyPart(
            "false_economy",
            f"cost of hours that taught nothing over what tasks cost, makers stand still, {WINDOW}",
            "x",
            lambda runs: wasted_over_paid(runs["makers stand still"]),
            above("poor tasks waste more than they cost", 1.0),
            ("rl-task-compute", "rl-task-price"),
        ),
        StudyPart(
            "capability",
            "change of frontier_capability when tasks are scarce and poor, mean of 2030",
            "OOM",
            lambda runs: (
                runs["poor tasks too"].mean("frontier_capability", "2030-01/2030-12")
                - runs["makers grow"].mean("frontier_capability", "2030-01/2030-12")
            ),
            below("lower", 0.0),
            ("env-quality-bottleneck",),
        ),
    ),
    turn=Turn("outside.task_quality_fall", 0.05),
    figure=over_time("rl_compute_wasted_share", "Post-training hours that teach nothing"),
    keep=tuple(
        ("labs", column)
        for column in (
            "wasted_hours",
            "hour_price",
            "tasks_bought",
            "task_price",
            "exclusive_share",
            "exclusivity_price",
        )
    ),
    why="""\
The squeeze sets how many tasks can be made well, and not how good they are: quality falls as labs \
ask for more than that, and how much they ask is theirs. Labs buy by what training used and do not \
weigh quality against price, so they cannot pay for care. Fewer tasks at the same demand make \
poorer ones by the rule itself; how much is wasted, and what it costs, is found.""",
)
