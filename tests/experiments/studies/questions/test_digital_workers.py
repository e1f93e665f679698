"""Whose digital workers they are, by hand."""

import numpy as np

from experiments.studies.questions.digital_workers import of_lab, per_researcher
from experiments.studies.study import Case, CaseRuns

SLOTS = ("openai_flagship", "xai_flagship", "openai_small", "xai_small")


def test_workers_are_split_by_tokens_of_large_and_small_models():
    months = Case().load().calendar.months
    columns = {
        ("models", "tokens"): np.full((1, months, 4), [1.0, 2.0, 2.0, 5.0]),
        ("labs", "staff"): np.full((1, months, 2), [100.0, 20.0]),
    }
    metrics = {"digital_workers": np.full((1, months), 1200.0)}
    outcome = CaseRuns(Case().load(), metrics, columns, {"models": SLOTS}, np.zeros((1, months, 2)))
    assert of_lab(outcome, "openai").tolist() == [360.0]
    assert per_researcher({"as it goes": outcome}).tolist() == [3.0]
