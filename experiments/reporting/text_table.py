"""Tables as text of a fixed width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

WIDTH = 100
"""Characters in a line of text."""


@dataclass(frozen=True)
class Section:
    """Words, then a table if it has rows, then further words."""

    title: str
    words: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()

    def text(self) -> str:
        """For a terminal."""
        blocks = ["\n".join([self.title, *(line for p in self.words for line in wrap(p, WIDTH))])]
        if self.rows:
            widths = [max(map(len, column)) for column in zip(self.heads, *self.rows, strict=True)]
            blocks.append("\n".join(_aligned(row, widths) for row in (self.heads, *self.rows)))
        if self.after:
            blocks.append("\n".join(line for p in self.after for line in wrap(p, WIDTH)))
        return "\n\n".join(blocks)

    def markdown(self) -> str:
        """For a document."""
        blocks = [f"## {self.title}", *self.words]
        if self.rows:
            rule = ("---", *("---:" for _ in self.heads[1:]))
            table = (self.heads, rule, *self.rows)
            blocks.append("\n".join(f"| {' | '.join(row)} |" for row in table))
        return "\n\n".join([*blocks, *self.after])


def _aligned(cells: Sequence[str], widths: Iterable[int]) -> str:
    first, *rest = (
        f"{cell:<{width}}" if place == 0 else f"{cell:>{width}}"
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest])


def cut(text: str, limit: int = WIDTH) -> str:
    """A text cut to at most `limit` characters, with an ellipsis where it was longer."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
