"""Tables for a terminal keep their columns, whatever stands in them."""

from __future__ import annotations

import doctest

import pytest

from experiments.reporting import text_table
from experiments.reporting.text_table import aligned, cut


def test_a_table_reads_as_its_example_says() -> None:
    failed, tried = doctest.testmod(text_table)
    assert tried >= 1
    assert failed == 0


def test_a_column_is_as_wide_as_its_widest_cell() -> None:
    lines = aligned([("name", "word", "n"), ("a", "", "1,000"), ("a long name", "x", "2")], "<<")
    assert lines == [
        "name         word      n",
        "a                  1,000",
        "a long name  x         2",
    ]


def test_numbers_may_stand_first_and_columns_closer() -> None:
    assert aligned([("1", "a"), ("10", "b")], "><", between=" ") == [" 1 a", "10 b"]


def test_no_line_ends_in_blanks() -> None:
    assert aligned([("a", ""), ("b", "2")], "<<") == ["a", "b  2"]


def test_no_rows_are_no_lines() -> None:
    assert aligned([]) == []


def test_a_row_that_lacks_a_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        aligned([("a", "b"), ("c",)])


def test_a_text_that_is_cut_says_so() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
