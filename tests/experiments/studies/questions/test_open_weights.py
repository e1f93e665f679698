"""How far open models trail, and whether it drifts, by hand."""

import numpy as np
import pytest

from experiments.studies.questions.open_weights import drift, gap
from experiments.studies.study import Case, CaseRuns

SLOTS = ("one_flagship", "two_flagship", "one_published", "two_published")


@pytest.fixture(scope="module")
def outcome():
    scenario = Case().load()
    months = scenario.calendar.months
    metrics = {
        "open_lag_months": 3.0 + np.arange(months)[None] * 0.05,
        "frontier_capability": np.full((1, months), 4.0),
    }
    capability = np.full((1, months, 4), [4.0, 3.9, 2.5, 3.0])
    columns = {("models", "capability"): capability}
    return CaseRuns(scenario, metrics, columns, {"models": SLOTS}, np.zeros((1, months, 2)))


def test_the_best_that_anybody_published_counts(outcome):
    assert gap(outcome).tolist() == [1.0]


def test_drift_is_in_months_a_year(outcome):
    assert drift(outcome)[0] == pytest.approx(0.6)
