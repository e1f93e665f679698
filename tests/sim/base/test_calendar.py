"""The calendar: months as numbers and as text."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.calendar import MONTHS_MAX, START_MAX, START_MIN, Calendar
from sim.base.errors import RequestError


def test_months_are_counted_from_the_start():
    calendar = Calendar("2025-01", 72)
    assert calendar == Calendar()
    assert calendar.label(0) == "2025-01"
    assert calendar.label(14) == "2026-03"
    assert calendar.label(-1) == "2024-12"
    assert calendar.index("2026-03") == 14
    assert calendar.index("2022-01") == -36


@given(
    year=st.integers(1900, 2099),
    month=st.integers(1, 12),
    ahead=st.integers(-600, MONTHS_MAX),
)
def test_a_label_is_the_inverse_of_an_index(year, month, ahead):
    calendar = Calendar(f"{year:04d}-{month:02d}", 1)
    assert calendar.index(calendar.label(ahead)) == ahead


def test_a_period_includes_both_ends():
    calendar = Calendar("2025-01", 24)
    assert calendar.period("2025-03/2026-12") == range(2, 24)
    assert calendar.period("2025-01/2025-01") == range(1)


@pytest.mark.parametrize(
    "text", ["2025-03", "", "/", "2025-03/2025-02", "2024-12/2025-02", "2025-03/2027-01", "a/b"]
)
def test_a_period_is_two_months_of_the_run(text):
    with pytest.raises(RequestError):
        Calendar("2025-01", 24).period(text)


def test_dates_are_the_first_of_every_month():
    assert Calendar("2025-11", 4).dates() == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert len(Calendar("2025-01", MONTHS_MAX).dates()) == MONTHS_MAX


@pytest.mark.parametrize("start", [START_MIN, START_MAX])
def test_the_longest_run_fits_a_timestamp_in_nanoseconds(start):
    dates = np.array(Calendar(start, MONTHS_MAX).dates(), dtype="datetime64[D]")
    assert (dates.astype("datetime64[ns]").astype("datetime64[D]") == dates).all()


@pytest.mark.parametrize(
    "label",
    [
        "2026-13",
        "2026-00",
        "2026-3",
        "26-03",
        "2026-03-01",
        "2026-03\n",
        "٢٠٢٦-٠٣",
        "",
        202603,
        None,
    ],
)
def test_what_is_no_month_is_refused(label):
    with pytest.raises(RequestError, match="not a month"):
        Calendar().index(label)
    with pytest.raises(RequestError, match="not a month"):
        Calendar(label, 72)


@pytest.mark.parametrize("start", ["1899-12", "2101-01", "0000-01", "9999-12"])
def test_a_start_outside_the_calendar_is_refused(start):
    with pytest.raises(RequestError, match="allowed: a month from 1900-01 to 2100-12"):
        Calendar(start, 72)


@pytest.mark.parametrize("months", [0, -1, MONTHS_MAX + 1, 10**12])
def test_a_length_outside_the_limits_is_refused(months):
    with pytest.raises(RequestError, match=r"out of range: .*; allowed: .* from 1 to 1200"):
        Calendar("2025-01", months)


@pytest.mark.parametrize("months", [12.0, True, "12", None])
def test_a_length_that_is_no_whole_number_is_refused(months):
    with pytest.raises(RequestError, match="not a whole number"):
        Calendar("2025-01", months)


def test_a_month_of_the_run_has_a_number():
    calendar = Calendar("2025-01", 14)
    assert [calendar.number(calendar.label(month)) for month in range(14)] == list(range(14))


@pytest.mark.parametrize("label", ["2024-12", "2026-03", "2026-3", "", None, 5])
def test_a_month_outside_the_run_is_refused_with_its_span(label):
    with pytest.raises(RequestError) as refused:
        Calendar("2025-01", 14).number(label)
    if label in ("2024-12", "2026-03"):
        assert refused.value.allowed == "a month of the run, 2025-01 to 2026-02"
