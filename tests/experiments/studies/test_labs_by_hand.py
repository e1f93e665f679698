"""Statistics of labs in the studies of margins, revenue, spillovers and gaps, by hand."""

import numpy as np
import pytest

from experiments.studies.questions import (
    compute_gap,
    operating_margin,
    revenue_2025,
    spillover_only,
)
from experiments.studies.study import Case, CaseRuns


def of_labs(months, names, metrics=None, **columns):
    """An outcome of one run in which every month is like the others unless given by month."""
    scenario = Case(months=months).load()
    filled = {
        ("labs", column): np.broadcast_to(np.asarray(value, dtype=float), (1, months, len(names)))
        for column, value in columns.items()
    }
    return CaseRuns(scenario, metrics or {}, filled, {"labs": names}, np.zeros((1, months, 1)))


def test_the_operating_margin_takes_off_selling_and_two_fifths_of_pay():
    outcome = of_labs(
        12,
        ("openai",),
        revenue=100.0,
        cost_of_revenue=60.0,
        sales_cost=8.0,
        administration_cost=6.0,
        staff_cost=50.0,
    )
    assert operating_margin.gross_margin(outcome, "openai") == pytest.approx([0.4])
    assert operating_margin.operating_margin(outcome, "openai") == pytest.approx([0.06])


def test_a_forecast_is_revenue_at_the_growth_then_expected():
    revenue = np.ones((1, 24, 3))
    revenue[:, 11] = 2.0
    growth = np.full((1, 24, 3), 12.0 / 6.0 * np.log(2.0))  # twice in half a year
    outcome = of_labs(24, revenue_2025.LABS, revenue=revenue, growth_expected=growth)
    runs = {"as it is": outcome}
    assert revenue_2025.reached(runs) == [72.0]
    assert revenue_2025.over_forecast(runs, "2025-06") == pytest.approx([1.0])


def test_what_is_not_a_final_run_is_an_experiment():
    hours = dict.fromkeys((f"{use}_hours" for use in compute_gap.USES), 0.0)
    hours |= {"experiment_hours": 3.0, "synthetic_hours": 1.0, "pre_training_hours": 12.0}
    outcome = of_labs(72, ("mistral", "openai"), **hours)
    assert spillover_only.experiments(outcome) == [0.25]


def test_a_gap_ten_times_smaller_by_distillation():
    def gap(*values):
        halves = np.repeat(values, 36)[None, :]
        return of_labs(72, ("mistral",), {"capability_gap_oom": halves})

    runs = {"distillation": gap(0.5, 0.0), "no distillation": gap(0.5, 1.0)}
    # 36 months from 2028 on, out of the 48 of the window, which begins in 2027.
    assert compute_gap.narrowing(runs) == pytest.approx([10.0**0.75])
    assert compute_gap.in_the_lead(runs) == [0.75]
