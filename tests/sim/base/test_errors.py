"""Errors: one line, whatever the values; the fields it was given; and a way through a pickle."""

import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.errors import (
    DrawbridgeError,
    InvariantError,
    MachineError,
    RequestError,
    nearest,
    one_line,
    one_of,
    spelt,
)


def test_a_request_error_names_every_field_in_one_line():
    error = RequestError(
        "out of range",
        file=Path("mine.toml"),
        line=7,
        key="fabs.capacity_loss",
        value=1.5,
        allowed="a number from 0 to 1",
        nearest="fabs.capacity",
    )
    assert str(error) == (
        "mine.toml, line 7: out of range: fabs.capacity_loss = 1.5; "
        "allowed: a number from 0 to 1; did you mean fabs.capacity?"
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "wrong"),
        ({"key": "a"}, "wrong: a"),
        ({"value": 1}, "wrong: 1"),
        ({"value": None}, "wrong: None"),
        ({"key": "a", "value": False}, "wrong: a = false"),
        ({"file": Path("x.toml")}, "x.toml: wrong"),
        ({"allowed": "b"}, "wrong; allowed: b"),
        ({"nearest": "c"}, "wrong; did you mean c?"),
    ],
)
def test_fields_that_were_not_given_leave_no_trace(fields, text):
    assert str(RequestError("wrong", **fields)) == text


@given(text=st.text(), value=st.one_of(st.text(), st.integers(), st.floats(), st.binary()))
def test_no_content_breaks_the_line(text, value):
    error = RequestError(text, file=Path("x"), key=text, value=value, allowed=text, nearest=text)
    assert str(error).isprintable()
    assert InvariantError("2025-01", text, 1.0, "USD", 0, text).args[1] == text
    assert str(InvariantError("2025-01", text, 1.0, "USD", 0, text)).isprintable()
    assert str(MachineError(text)).isprintable()


def test_a_file_name_that_is_no_text_can_be_printed():
    error = RequestError("no such file", file=Path("\udc80.toml"))
    assert str(error).encode() == rb"\udc80.toml: no such file"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (3, "3"),
        (10**400, "an integer of 401 digits"),
        (0.1, "0.1"),
        (float("nan"), "nan"),
        (np.float64(0.5), "0.5"),
        ("a\nb", '"a\\nb"'),
        ("x" * 70, '"' + "x" * 59 + '…"'),
        ({"a": 1}, "a table"),
        ([1, 2], "a list of 2"),
        (date(2025, 1, 1), "2025-01-01"),
    ],
)
def test_values_are_spelt_as_a_file_spells_them(value, text):
    assert spelt(value) == text


def test_a_place_is_added_once():
    error = RequestError("wrong").located("inner", Path("a.toml"), 3)
    assert str(error.located("outer", Path("b.toml"), 9)) == "a.toml, line 3: wrong: inner"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequestError("wrong", file=Path("x"), line=2, key="k", value=3, nearest="n"), 2),
        (RequestError("wrong", key="k"), 2),
        (InvariantError("2025-03", "labs.openai", 0.5, "USD", 4, "cash"), 3),
        (MachineError("disk full"), 4),
    ],
)
def test_errors_reach_another_process_whole(error, code):
    twin = pickle.loads(pickle.dumps(error))
    assert isinstance(twin, DrawbridgeError)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
    assert twin.exit_code == code


def test_an_invariant_error_names_month_account_and_amount():
    error = InvariantError("2025-03", "labs.openai", -0.25, "USD", 4)
    assert str(error) == "2025-03, run 4: labs.openai is out by -0.25 USD"
    detailed = InvariantError("2025-03", "all cash", 1e9, "USD", 0, "not conserved")
    assert str(detailed) == "2025-03, run 0: all cash is out by 1e+09 USD (not conserved)"


def test_the_nearest_name_is_suggested_only_when_near():
    assert nearest("capacty", ["price", "capacity"]) == "capacity"
    assert nearest("zzz", ["price", "capacity"]) is None
    assert nearest("x" * 1_000_000, ["x" * 100]) == "x" * 100


def test_long_lists_are_cut():
    assert one_of(["a", "b"]) == "a, b"
    assert one_of([]) == "none"
    assert one_of("abcd", limit=2) == "a, b, … (4 in all)"
    assert one_line("x" * 300) == "x" * 239 + "…"
