"""Which tenures count and what they leave, on made-up months of one lab."""

import numpy as np
import pytest

from experiments.studies.questions.flagship_recoupment import tenures
from experiments.studies.study import Case, CaseRuns

MONTHS = 48


@pytest.fixture(scope="module")
def scenario():
    return Case(months=MONTHS).load()


def sold(scenario, releases, **slot):
    """One run of OpenAI alone: months of release, and the same state of its flagship in each."""
    released = np.zeros((1, MONTHS, 1))
    released[0, [scenario.calendar.number(month) for month in releases]] = 1.0
    columns = {
        ("models", column): np.full((1, MONTHS, 1), value)
        if np.isscalar(value)
        else np.asarray(value).reshape(1, MONTHS, 1)
        for column, value in slot.items()
    }
    names = {"labs": ("openai",), "models": ("openai_flagship",)}
    return CaseRuns(scenario, {}, columns, names, released)


def test_a_tenure_leaves_what_stood_in_the_month_before_the_next_release(scenario):
    earned = np.arange(MONTHS, dtype=float)
    left = tenures(
        sold(scenario, ["2025-06", "2026-01"], gross_profit=earned, rnd_before=22.0, age=6.0),
        "openai",
    )
    before = scenario.calendar.number("2025-12")
    assert before == 11
    assert left.earned == [11.0]
    assert left.recouped == [0.5]
    assert left.months == [6.0]
    assert left.repaid_within(12.0) == [1.0]


def test_a_tenure_from_before_the_run_or_outside_the_window_does_not_count(scenario):
    slot = {"gross_profit": 3.0, "rnd_before": 6.0, "age": 4.0}
    nothing = tenures(sold(scenario, ["2026-05"], **slot), "openai")
    assert nothing.spent == [0.0]
    assert nothing.recouped == [0.0]
    early = tenures(sold(scenario, ["2025-03", "2025-12", "2026-06"], **slot), "openai")
    assert early.spent == [6.0]


def test_months_on_sale_are_weighted_by_what_was_spent(scenario):
    change = scenario.calendar.number("2026-03")
    half = np.arange(MONTHS) < change
    left = tenures(
        sold(
            scenario,
            ["2025-06", "2026-03", "2026-09"],
            gross_profit=1.0,
            rnd_before=np.where(half, 10.0, 30.0),
            age=np.where(half, 8.0, 4.0),
        ),
        "frontier",
    )
    assert left.months == [5.0]
    assert left.recouped == [0.05]
