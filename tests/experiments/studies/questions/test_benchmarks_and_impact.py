"""When levels are first reached, by hand."""

import numpy as np
import pytest

from experiments.studies.questions.benchmarks_and_impact import at_parity, delay, first
from experiments.studies.study import Case, CaseRuns

SCORE = [[0.2, 0.5, 0.4, 0.9], [0.1, 0.2, 0.3, 0.4]]
PAID_FOR = [[0.0, 0.05, 0.09, 0.1], [0.0, 0.1, 0.2, 0.3]]


@pytest.fixture(scope="module")
def outcome():
    series = {"measured_score": SCORE, "task_value_automated_share": PAID_FOR}
    metrics = {name: np.array(values) for name, values in series.items()}
    return CaseRuns(Case().load(), metrics, {}, {}, np.zeros((2, 4, 0)))


def test_a_level_counts_when_it_is_first_reached_and_at_the_end_if_never(outcome):
    assert first(outcome, "measured_score", 0.5).tolist() == [1.0, 4.0]


def test_work_may_be_felt_before_tests_show_parity(outcome):
    assert delay({"as it goes": outcome}).tolist() == [2.0, -3.0]


def test_without_parity_the_last_month_stands_for_it(outcome):
    assert at_parity(outcome, "task_value_automated_share").tolist() == [0.05, 0.3]
