"""Tables as CSV: every row under the same names, in files that are whole or not there."""

from __future__ import annotations

import csv
import doctest
from pathlib import Path

import pytest

from experiments.reporting import csv_table
from experiments.reporting.csv_table import csv_text, write_csv


def test_a_table_reads_as_its_example_says() -> None:
    failed, tried = doctest.testmod(csv_table)
    assert tried >= 1
    assert failed == 0


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [{"name": 'a "b", c\nd', "value": "1"}, {"name": "e", "value": ""}]
    write_csv(tmp_path / "new" / "table.csv", ("name", "value"), rows)
    with (tmp_path / "new" / "table.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == rows
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["table.csv"]


def test_a_row_with_more_than_the_columns_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="extra"):
        write_csv(tmp_path / "table.csv", ("a",), [{"a": 1, "extra": 2}])
    assert list(tmp_path.iterdir()) == []


def test_no_rows_are_the_names_alone() -> None:
    assert csv_text(("a", "b"), []) == "a,b\n"
