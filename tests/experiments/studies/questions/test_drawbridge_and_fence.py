"""What moves between labs, by hand."""

import numpy as np
import pytest

from experiments.studies.questions.drawbridge_and_fence import (
    away_from_compute,
    effort_on_cost,
    turnover,
)
from experiments.studies.study import Case, CaseRuns


@pytest.fixture(scope="module")
def outcome():
    """Three labs: one earns 60 of 100 and then 20, one the rest, one loses money."""
    scenario = Case().load()
    months = scenario.calendar.months
    start = scenario.calendar.number("2027-01")
    early = (np.arange(months) < start + 12)[None, :, None]
    revenue = np.where(early, [[[60.0, 40.0, 0.0]]], [[[20.0, 80.0, 0.0]]])
    # The window has 12 early months of 48.
    columns = {
        "revenue": revenue,
        "cost_of_revenue": np.full(revenue.shape, [0.0, 0.0, 5.0]),
        "compute_used": np.full(revenue.shape, [2.0, 8.0, 0.0]),
        "cost_effort": np.full(revenue.shape, [0.5, 0.25, 0.9]),
    }
    kept = {("labs", name): values for name, values in columns.items()}
    return CaseRuns(scenario, {}, kept, {}, np.zeros((1, months, 3)))


def test_profit_in_other_hands_a_year_later_counts_once(outcome):
    assert turnover(outcome)[0] == pytest.approx(0.4 * 12 / 36)


def test_revenue_away_from_compute(outcome):
    assert away_from_compute(outcome)[0] == pytest.approx(0.4 * 12 / 48)


def test_effort_counts_by_revenue(outcome):
    early, late = 0.6 * 0.5 + 0.4 * 0.25, 0.2 * 0.5 + 0.8 * 0.25
    assert effort_on_cost(outcome)[0] == pytest.approx((12 * early + 36 * late) / 48)
