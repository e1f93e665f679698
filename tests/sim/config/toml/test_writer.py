"""What is spelled as TOML is read back as it was."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.toml.writer import lines_of, spelled

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), TEXT, st.floats(allow_nan=False))
VALUES = st.recursive(
    PLAIN, lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXT, inner)), max_leaves=8
)


@given(st.dictionaries(TEXT, VALUES))
def test_it_is_read_back(table: dict[str, object]) -> None:
    assert tomllib.loads(lines_of(table)) == table


@pytest.mark.parametrize("value", [None, "\ud800", object()])
def test_what_toml_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="TOML"):
        spelled(value)
