"""How far two files of a table lie apart."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.reproduce.differences import Difference, difference, other_fact, same_bytes

ROWS = {
    "run": [0, 0, 1, 1],
    "who": ["a", "b", "a", "b"],
    "usd": [1.0, -4.0, 0.0, float("nan")],
    "units": [2.0, 2.0, 2.0, 2.0],
}


def written(file: Path, group: int = 4, **other: object) -> Path:
    """A table in row groups of so many rows, with other columns in the place of some."""
    pq.write_table(pa.table(ROWS | other), file, row_group_size=group)
    return file


@pytest.mark.parametrize(
    ("other", "relative", "place"),
    [
        ({}, 0.0, ""),
        ({"usd": [1.0, -5.0, 0.0, float("nan")]}, 0.2, "usd (run 0, who b)"),
        ({"usd": [1.0, 4.0, 0.0, float("nan")]}, 2.0, "usd (run 0, who b)"),
        ({"usd": [1.0, -4.0, 1e-300, float("nan")]}, 1.0, "usd (run 1, who a)"),
        ({"usd": [1.0, -4.0, 0.0, 7.0]}, float("inf"), "usd (run 1, who b)"),
        ({"usd": [1.0, -4.0, -0.0, float("nan")]}, 0.0, ""),
        ({"units": [2.0, 2.0, 2.0, 1.0], "usd": [1.0, -3.0, 0.0, float("nan")]}, 0.5, "units"),
        ({"who": ["a", "b", "a", "c"]}, float("inf"), "who (run 1, who b)"),
        ({"run": [0, 0, 1, 2]}, float("inf"), "run (run 1, who b)"),
    ],
)
@pytest.mark.parametrize("group", [1, 3, 4])
def test_the_largest_difference_is_found_with_its_place(
    tmp_path: Path, other: dict[str, object], relative: float, place: str, group: int
) -> None:
    found = difference(
        written(tmp_path / "one.parquet", 2), written(tmp_path / "other.parquet", group, **other)
    )
    assert isinstance(found, Difference)
    assert found.relative == relative
    assert found.place.startswith(place)


def test_other_shapes_are_told_in_words(tmp_path: Path) -> None:
    one, short, bare = (tmp_path / f"{name}.parquet" for name in ("one", "short", "bare"))
    table = pa.table(ROWS)
    pq.write_table(table, one)
    pq.write_table(table.slice(0, 0), short)
    pq.write_table(table.drop(["usd"]), bare)
    assert difference(short, one) == "has 0 rows in place of 4"
    assert difference(bare, one) == "has other columns"
    assert difference(one, one) == Difference(0.0, "")
    assert difference(short, short) == Difference(0.0, "")
    bare.write_text("none")
    assert difference(bare, one) == "cannot be read"


def test_bytes_are_the_same_or_not(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"0" * 3_000_000)
    other.write_bytes(b"0" * 3_000_000)
    assert same_bytes(one, other)
    other.write_bytes(b"0" * 2_999_999 + b"1")
    assert not same_bytes(one, other)
    other.write_bytes(b"0" * 2_999_999)
    assert not same_bytes(one, other)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,2023-01-31,1.0,,", "no value differs"),
        ("a,2023-01-31,1.25,,", "differs by 0.200 in usd (who a, day 2023-01-31, empty None)"),
        ("a,2023-01-31,1.0,,7.0", "differs altogether in half (who a, day 2023-01-31"),
        ("a,2023-01-31,1.0,7.0,", "differs altogether in empty"),
        ("b,2023-01-31,1.0,,", "differs altogether in who"),
    ],
)
def test_tables_of_text_are_compared_value_by_value(tmp_path: Path, row: str, told: str) -> None:
    """Empty cells are alike, in a column that has numbers elsewhere too."""
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    rest = "who,day,usd,empty,half\nb,2023-02-28,-3.0,,0.5\n"
    one.write_text(f"{rest}a,2023-01-31,1.0,,\n")
    other.write_text(f"{rest}{row}\n")
    assert str(difference(one, other)).startswith(told)


def test_texts_of_other_shapes_are_told_in_words(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("a,b\n1,2\n")
    for text, told in (
        ("a,b\n1,2\n3,4\n", "has 1 rows in place of 2"),
        ("a,c\n1,2\n", "has other columns"),
        ("", "cannot be read"),
        ("a,b\n1\n", "cannot be read"),
    ):
        other.write_text(text)
        assert difference(one, other) == told


def test_facts_may_be_made_elsewhere_and_at_another_pace(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text('{"low": [1.0, 2.0], "seconds": 1.0, "made": "today"}')
    for text, told in (
        ('{"low": [1.0, 2.0], "seconds": 2.0, "version": "0.2.0"}', ""),
        ('{"low": [1.0, 2.5]}', "says low[2] = 2.0, not 2.5"),
        ('{"low": [1.0, 2.0], "high": 3}', 'says high = "nothing", not 3'),
        ("[]", "cannot be read"),
        ("", "cannot be read"),
    ):
        other.write_text(text)
        assert other_fact(one, other) == told
