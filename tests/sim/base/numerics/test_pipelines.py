"""Pipelines: what is entered comes due after its lead time, whole and once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.numerics.pipelines import enter, enter_in_parts, next_due, within

DEPTH = 6


def due_each_month(units, lead):
    """What comes due month by month of some units that were entered with a lead time."""
    pipeline = np.zeros((1, 1, DEPTH))
    enter(pipeline, np.array([[units]]), np.array([[lead]]))
    return [float(next_due(pipeline)[0, 0]) for _ in range(DEPTH + 1)]


@pytest.mark.parametrize(
    ("lead", "month"), [(1.0, 1), (3.0, 3), (2.6, 3), (0.0, 1), (-4.0, 1), (6.0, 6), (60.0, 6)]
)
def test_units_come_due_after_their_lead_time_within_the_pipeline(lead, month):
    assert due_each_month(8.0, lead) == [8.0 if m == month else 0.0 for m in range(1, DEPTH + 2)]


entries = st.lists(st.tuples(st.integers(1, DEPTH), st.integers(0, 10**6)), max_size=10)


@given(entries)
def test_everything_entered_comes_due_once(drawn):
    pipeline = np.zeros((1, 2, DEPTH))
    for lead, units in drawn:
        enter(pipeline, np.array([[units, 0.0]]), np.array([[float(lead), 1.0]]))
    came = [next_due(pipeline)[0].tolist() for _ in range(DEPTH)]
    wanted = [[float(sum(u for lead, u in drawn if lead == m + 1)), 0.0] for m in range(DEPTH)]
    assert came == wanted
    assert not pipeline.any()


def test_each_row_has_its_own_lead_time():
    pipeline = np.zeros((2, 2, 3))
    enter(pipeline, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 1.0]]))
    assert pipeline.tolist() == [[[1, 0, 0], [0, 2, 0]], [[0, 0, 3], [4, 0, 0]]]


def test_within_counts_months_in_part_and_gathers_along_edges():
    pipeline = np.array([[[5.0, 7.0, 8.0], [1.0, 1.0, 1.0]]])
    # 5 + half of 7; all three.
    assert within(pipeline, np.array([[1.5, 9.0]])).tolist() == [[8.5, 3.0]]
    edges = np.array([1, 0, 1], dtype=np.uint32)
    assert within(pipeline, np.array([[2.0, 0.0, 0.5]]), edges).tolist() == [[2.0, 0.0, 0.5]]


@given(st.lists(st.floats(0.0, 1e9), min_size=DEPTH, max_size=DEPTH), st.floats(0.0, 12.0))
def test_nothing_comes_due_beyond_the_pipeline_and_never_less_with_time(due, months):
    pipeline = np.array([[due]])
    soon = float(within(pipeline, np.array([[months]]))[0, 0])
    late = float(within(pipeline, np.array([[months + 1.0]]))[0, 0])
    assert 0.0 <= soon <= late <= sum(due) * (1 + 1e-12)
    assert float(within(pipeline, np.array([[float(DEPTH)]]))[0, 0]) == pytest.approx(sum(due))


# ---- in parts ------------------------------------------------------------------------------------


def parts_each_month(units, lead, months):
    pipeline = np.zeros((1, 1, DEPTH))
    enter_in_parts(pipeline, *(np.array([[value]]) for value in (units, lead, months)))
    return [float(next_due(pipeline)[0, 0]) for _ in range(DEPTH + 1)]


@pytest.mark.parametrize(
    ("lead", "months", "due"),
    [
        (1.0, 1.0, [12, 0, 0, 0, 0, 0]),
        (2.0, 3.0, [0, 4, 4, 4, 0, 0]),
        (1.6, 2.6, [0, 4, 4, 4, 0, 0]),  # both rounded
        (0.0, 0.0, [12, 0, 0, 0, 0, 0]),
        (5.0, 12.0, [0, 0, 0, 0, 6, 6]),  # what would come later comes in the months there are
        (60.0, 2.0, [0, 0, 0, 0, 0, 12]),
    ],
)
def test_parts_are_equal_and_begin_after_the_lead_time(lead, months, due):
    assert parts_each_month(12.0, lead, months) == [*due, 0.0]


@given(units=st.floats(0.0, 1e12), lead=st.floats(-2.0, 90.0), months=st.floats(-2.0, 90.0))
def test_parts_add_up_to_what_was_entered(units, lead, months):
    assert sum(parts_each_month(units, lead, months)) == pytest.approx(units)
