"""The one table for a terminal: aligned columns, and texts cut to a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

WIDTH = 100
"""Characters in a line of text."""


def aligned(rows: Iterable[Sequence[str]], columns: str = "<", between: str = "  ") -> list[str]:
    """The lines of a table, each column as wide as its widest cell.

    columns: "<" for a column of words and ">" for one of numbers, from the left; those that follow
    hold numbers. Rows are equally long, or empty for an empty line.

    >>> print("\\n".join(aligned([("", "share"), ("words", "1.5 %"), (), ("a", "10 %")])))
           share
    words  1.5 %
    <BLANKLINE>
    a       10 %
    """
    table = [*rows]
    cells = [row for row in table if row]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = [side for side, _ in zip_longest(columns[: len(widths)], widths, fillvalue=">")]
    return [
        between.join(f"{c:{s}{w}}" for c, s, w in zip(row, sides, widths, strict=True)).rstrip()
        if row
        else ""
        for row in table
    ]


def cut(text: str, limit: int = WIDTH) -> str:
    """A text cut to at most `limit` characters, with an ellipsis where it was longer."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
