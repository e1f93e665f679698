"""Text and tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.base.number_format import amount, percent, span, unit_after

_MARKS = re.compile(r"[\\*_<$|~]")
_CODE = re.compile(r"(`[^`]*`)")


def plain(text: str) -> str:
    r"""Text in which nothing but code spans is markup, on one line.

    >>> plain("a*b and `c*d`\n  for <e>")
    'a\\*b and `c*d` for \\<e>'
    """
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        part if part.startswith("`") and len(part) > 1 else _MARKS.sub(r"\\\g<0>", part)
        for part in parts
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table; cells are Markdown. numbers: how many of the last columns stand to the right.

    >>> print(table(("a", "b"), [("1", "2")], numbers=1))
    | a | b |
    |---|---:|
    | 1 | 2 |
    """
    rule = "|".join(["---"] * (len(head) - numbers) + ["---:"] * numbers)
    first, *rest = (f"| {' | '.join(line)} |" for line in (head, *rows))
    return "\n".join([first, f"|{rule}|", *rest])


def below(text: str, level: int) -> str:
    r"""Markdown whose highest heading has this level, as a part of a page has to.

    >>> below("# A\n\n## B", 3)
    '### A\n\n#### B'
    """
    lines = text.splitlines()
    fenced, headings = False, []
    for place, line in enumerate(lines):
        fenced ^= line.startswith("```")
        if not fenced and re.match(r"#+ ", line):
            headings.append(place)
    if not headings:
        return text
    lift = level - min(len(lines[place].split(" ", 1)[0]) for place in headings)
    for place in headings:
        marks, words = lines[place].split(" ", 1)
        lines[place] = f"{'#' * (len(marks) + lift)} {words}"
    return "\n".join(lines)


def code(text: str) -> str:
    """A code span."""
    return f"`{text}`"


def paragraphs(*parts: str) -> str:
    """A page of its parts, empty ones left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def estimate(fact: Mapping[str, Any]) -> str:
    """A median with its interval and unit, fractions in percent; – where there is none.

    >>> estimate({"estimate": 2.0, "low": 1.0, "high": 3.0, "unit": "month"})
    '2.00 (1.00 to 3.00) months'
    >>> estimate({"estimate": 0.2, "low": 0.1, "high": 0.3, "unit": "fraction"})
    '20 % (10 to 30 %)'
    """
    numbers = [fact["estimate"], fact["low"], fact["high"]]
    if any(number is None for number in numbers):
        return "–"
    middle, low, high = map(float, numbers)
    form = percent if fact["unit"] == "fraction" else amount
    return f"{form(middle)} ({span(low, high, form, ' to ')}){unit_after(plain(fact['unit']))}"
