"""What is ten times the compute worth in reinforcement learning, and what in inference?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import over_time
from experiments.studies.study import Case, Study, StudyPart, StudyRuns, Turn, above

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2026-01/2026-12"
"""A year in: all flagships of the start have been replaced."""
CAPABILITY = "frontier_capability"
FEWEST = 0.3
"""OOM of test-time compute over which a slope is taken at least."""


def difference(runs: StudyRuns, case: str, other: str) -> Floats:
    """Frontier capability of a case less that of another, mean of the window, OOM, (runs,)."""
    return runs[case].mean(CAPABILITY, WINDOW) - runs[other].mean(CAPABILITY, WINDOW)


def inference_slope(runs: StudyRuns) -> Floats:
    """OOM that the frontier gains per ten-fold of test-time compute, (runs,)."""
    left = runs["reference"]
    thinking = left.agents("labs", "thinking", "frontier")[:, left.window(WINDOW)]
    tenfolds = np.log10(np.maximum(thinking, 1.0)).mean(axis=(1, 2))
    slope: Floats = difference(runs, "reference", "no thinking") / np.maximum(tenfolds, FEWEST)
    return slope


def rl_slope(runs: StudyRuns) -> Floats:
    """OOM that the frontier gains from ten times the FLOP of an hour of post-training, (runs,)."""
    return difference(runs, "reference", "a tenth of RL")


STUDY = Study(
    number=15,
    question="Is compute more effective in inference than in reinforcement learning?",
    cases={
        "reference": Case(),
        "no thinking": Case(set={"labs.thinking_max": 1.0}),
        "a tenth of RL": Case(set={"labs.post_training_utilization": 0.01}),
        "recipe": Case(set={"labs.post_training_elasticity": 0.6}),
        "environments": Case(
            set={"outside.task_quality_start": 0.9, "outside.task_output_growth": 1.5}
        ),
    },
    parts=(
        StudyPart(
            "inference_ahead",
            "frontier capability gained per ten-fold of test-time compute, less that per ten-fold "
            f"of post-training FLOP, {WINDOW}",
            "OOM",
            lambda runs: inference_slope(runs) - rl_slope(runs),
            above("inference gains more at first", 0.0),
            ("rl-vs-inference-scaling", "aime-gain-100x-inference", "aime-gain-100x-rl"),
        ),
        StudyPart(
            "recipe",
            "frontier capability with twice the slope of post-training, less that without",
            "OOM",
            lambda runs: difference(runs, "recipe", "reference"),
            above("a better recipe makes up for a part", 0.0),
            ("rl-vs-inference-scaling", "scalerl-slope"),
        ),
        StudyPart(
            "environments",
            "frontier capability with better and more tasks, less that without",
            "OOM",
            lambda runs: difference(runs, "environments", "reference"),
            above("better environments make up for a part", 0.0),
            ("env-quality-bottleneck", "rl-task-compute"),
        ),
    ),
    turn=Turn("labs.thinking_elasticity", 0.2),
    figure=over_time(CAPABILITY, "Capability of the best released model"),
    keep=(("labs", "thinking"),),
    why="""\
Test-time compute is taken away whole, and post-training FLOP nine parts in ten, from every lab at \
once; slopes are what the frontier then lacks, after labs have spent their hours anew. How much \
either adds to a run is a registered elasticity, set from the scores of the same source, so \
agreement of the first part says only that nothing in the economy undoes it; that of RL stays at \
its value in the draws, since a case turns it. Post-training counts by how far it exceeds its \
first share in pre-training, and below that a steeper slope costs what it brings above: a weakness \
of the rule, where the sources saw post-training grow far faster than runs.""",
)
