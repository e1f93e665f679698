"""Values as TOML spells them, for what writes a configuration file."""

from __future__ import annotations

import re
from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def spelled(value: object) -> str:
    r"""A text, number, switch, list or table, in one line.

    >>> spelled({"labs.title": 'the "first"', "months": 6, "share": 0.5})
    '{ "labs.title" = "the \\"first\\"", months = 6, share = 0.5 }'

    Raises ValueError for what TOML has no value for.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return f'"{"".join(map(_escaped, value))}"'
        case Mapping():
            inner = ", ".join(f"{key_spelled(k)} = {spelled(v)}" for k, v in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(map(spelled, value))}]"
        case _:
            raise ValueError(f"no TOML value: {value!r}")


def key_spelled(key: str) -> str:
    """A key, in quotes where it needs them."""
    return key if _BARE.fullmatch(key) else spelled(key)


def lines_of(table: Mapping[str, object]) -> str:
    """The keys of a table with their values, a line each."""
    return "".join(f"{key_spelled(key)} = {spelled(value)}\n" for key, value in table.items())


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        raise ValueError("half a character has no TOML")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
