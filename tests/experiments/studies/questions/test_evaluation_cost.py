"""Runs of evaluations by their hours, and hours beside people, by hand."""

import numpy as np
import pytest

from experiments.studies.questions.evaluation_cost import growth_of_hours, runs_far_out
from experiments.studies.study import Case, CaseRuns


@pytest.fixture(scope="module")
def outcome():
    """Hours grow e-fold a year from year to year, people do not; runs far out take 10 for one."""
    scenario = Case().load()
    months = scenario.calendar.months
    hours = np.exp(np.arange(months) // 12)[None, :, None] * np.ones((1, 1, 2))
    columns = {
        "evaluating_hours": hours,
        "elicitation_hours": 0.5 * hours,
        "evaluation_depth": np.full((1, months, 2), 10.0),
        "staff": np.full((1, months, 2), 7.0),
    }
    kept = {("labs", name): values for name, values in columns.items()}
    return CaseRuns(scenario, {}, kept, {}, np.zeros((1, months, 2)))


def test_half_of_the_hours_are_one_run_of_eleven(outcome):
    assert runs_far_out(outcome)[0] == pytest.approx(1.0 / 11.0)


def test_growth_is_in_ln_a_year(outcome):
    assert growth_of_hours(outcome)[0] == pytest.approx(1.0)
