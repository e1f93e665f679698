"""Outcomes and conditions: what their texts mean, and what is refused."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics import outcomes
from experiments.statistics.outcomes import Condition, Outcome
from sim.base.calendar import Calendar
from sim.base.errors import RequestError
from tests.experiments.batches import FakeSweep, fake

CALENDAR = Calendar("2025-01", 4)
VALUES = np.array([[1.0, 5.0, 3.0, 2.0]])
LAG = "capability_lag_months"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (LAG, 2.75),
        (f"mean({LAG})", 2.75),
        (f"{LAG}@2025-03", 3.0),
        (f"max( {LAG} )", 5.0),
        (f"min({LAG},2025-02/2025-04)", 2.0),
        (f"last({LAG}, 2025-01/2025-02)", 5.0),
        (f"sum({LAG}, 2025-02 / 2025-03)", 8.0),
    ],
)
def test_an_outcome_makes_one_number_of_the_months(text: str, value: float) -> None:
    outcome = Outcome.read(text)
    assert outcome.of(VALUES, CALENDAR) == pytest.approx([value])
    assert Outcome.read(str(outcome)) == outcome


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("capability_lag_month", "did you mean capability_lag_months?"),
        (f"median({LAG})", "unknown kind of outcome"),
        (f"{LAG}@2025", "does not fit"),
        (f"{LAG}@2025-13", "not a month"),
        (f"{LAG}@2031-01", "outside the run"),
        (f"mean({LAG}, 2025-03/2025-01)", "ends before it begins"),
        (f"mean({LAG}", "ends too early"),
        (f"{LAG} 3", "does not fit"),
        ("", "ends too early"),
        ("__import__('os')", "cannot be read"),
        (f"{LAG}; 1", "cannot be read"),
    ],
)
def test_what_is_no_outcome_is_refused(text: str, message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("?", r"\?").replace("(", r"\(")):
        Outcome.read(text).of(VALUES, CALENDAR)


def truth(text: str, lag: float, revenue: float) -> bool:
    """Whether a condition holds of a run with these two figures."""
    condition = Condition.read(text)
    figures = {LAG: lag, "lab_revenue_annualised_usd": revenue}
    return bool(condition.holds({o: np.array([figures[o.metric]]) for o in condition.outcomes})[0])


R = "lab_revenue_annualised_usd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{LAG} > 12", True),
        (f"{LAG} > 13", False),
        (f"{LAG} >= 13 and {R} <= 1e9", True),
        (f"{LAG} < 1_000 and {R} < -2.5", False),
        # "and" binds more tightly than "or", "not" more tightly than both
        (f"{LAG} > 1 or {LAG} > 2 and {R} < 0", True),
        (f"({LAG} > 1 or {LAG} > 2) and {R} < 0", False),
        (f"not {LAG} > 1 or {R} > 0", True),
        (f"not ({LAG} > 1 or {R} > 0)", False),
    ],
)
def test_a_condition_is_read_as_it_is_written(text: str, expected: bool) -> None:
    assert truth(text, 13.0, 1e9) is expected
    assert truth(str(Condition.read(text)), 13.0, 1e9) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("12", f"{LAG}", f"{LAG} >", f"{LAG} = 3", f"{LAG} > nan", f"{LAG} > {LAG}"),
        *(f"3 < {LAG} < 5", f"({LAG} > 3", f"{LAG} > 3)", f"{LAG} > 1e999", f"{LAG} > 1 and"),
        *("not " * 30 + f"{LAG} > 1", f"{LAG} > 1 or " * 100 + f"{LAG} > 1", "(" * 500),
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        Condition.read(text)


@given(st.text(st.sampled_from("capex_usd@()/,<>= andornt2030-12.e_\n'\"\\é"), max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        Condition.read(text)
    except RequestError as error:
        assert "\n" not in str(error)


def sweep(values: list[list[float]]) -> FakeSweep:
    return fake(np.arange(len(values), dtype=float)[:, None], np.array(values), "lhs")


def test_a_condition_holds_run_by_run() -> None:
    found = Condition.read(f"{LAG} > 12").values(sweep([[11.0, 13.0], [14.0, 12.0]]))
    assert found.tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
def test_the_first_run_without_a_finite_number_is_named(gap: float) -> None:
    batch = sweep([[1.0, 2.0], [3.0, gap], [gap, 6.0]])
    batch.design.index = pd.Index([0, 4, 9], name="scenario_id")
    with pytest.raises(RequestError, match="scenario_id 4, replication_id 1, and 1 more"):
        Outcome.read(LAG).values(batch)


def test_fewer_runs_than_planned_are_refused() -> None:
    batch = sweep([[1.0], [2.0]])
    batch.design = pd.concat([batch.design, batch.design + 10.0])
    with pytest.raises(RequestError, match=r"2 x 1.; allowed: 4 points x 1 replications"):
        Outcome.read(LAG).values(batch)


def test_the_examples_hold() -> None:
    assert doctest.testmod(outcomes).failed == 0
