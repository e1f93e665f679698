"""The premise of the study of the compute gap: it is set, so it is held here and not judged."""

import numpy as np

from experiments.studies.measuring import outcomes
from experiments.studies.questions.compute_gap import STUDY, USES, WINDOW


def test_the_poor_have_about_a_tenth_of_the_hours_of_the_largest_lab():
    keep = tuple(("labs", f"{use}_hours") for use in USES)
    case = "distillation"
    left = outcomes({case: STUDY.scenarios[case]}, 2, keep=keep)[case]
    most = []
    for group in ("frontier", "compute_poor"):
        hours = [left.agents("labs", f"{use}_hours", group) for use in USES]
        window = np.sum(hours, axis=0)[:, left.window(WINDOW)]
        most.append(window.sum(axis=1).max(axis=1))
    assert (most[0] > 8.0 * most[1]).all()
    assert (most[0] < 12.5 * most[1]).all()
