"""The pieces of a picture: text, shapes, scales and the marks on an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from sim.base.errors import one_line
from sim.base.number_format import figure

MARKS = 6
"""Marks on an axis, about."""


@dataclass(frozen=True)
class AxisScale:
    """From values to pixels: `low` lies at `start`, `high` at `end`; log: equal ratios are equally
    far apart."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Round values within the scale, each with its label."""
        if self.log:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            powers = [10.0**number for number in range(first, last + 1)]
            return [(value, f"{value:,.0f}" if value >= 1.0 else f"{value:g}") for value in powers]
        step = step_of(self.high - self.low)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        values = [step * number for number in range(first, last + 1)]
        return [(value, f"{value + 0.0:,.{decimals}f}") for value in values]


def step_of(span: float) -> float:
    """A step of 1, 2 or 5 that makes about `MARKS` marks over a span.

    >>> step_of(10.0), step_of(0.7), step_of(33000.0)
    (2.0, 0.2, 10000.0)
    """
    rough = span / MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(s * power for s in (1.0, 2.0, 5.0, 10.0) if s * power >= rough * (1.0 - 1e-9))


def scale_over(
    values: Iterable[float], start: float, end: float, *, zero: bool = False, log: bool = False
) -> AxisScale:
    """A scale with round ends that holds all values; zero: and 0 too; log: of powers of ten."""
    kept = [v for v in values if math.isfinite(v)] + ([0.0] if zero else [])
    low, high = min(kept, default=0.0), max(kept, default=1.0)
    if not low < high:
        margin = abs(low) or 1.0
        low, high = low - margin / 2.0, high + margin / 2.0
    if log:
        low, high = 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high))
        return AxisScale(low, high, start, end, log=True)
    step = step_of(high - low)
    low, high = step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)
    return AxisScale(low, high, start, end)


def safe(text: str) -> str:
    """Text that a page may hold, each line shortened and without what does not print."""
    return escape("\n".join(one_line(line) for line in text.split("\n")))


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words at a place; kind: their class."""
    named = f' class="{kind}"' if kind else ""
    end = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{named} x="{x:.1f}" y="{y:.1f}"{end}>{safe(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def hover(words: str) -> str:
    """What is shown where one points at the element that holds this."""
    return f"<title>{safe(words)}</title>"


def path(points: Sequence[tuple[float, float]]) -> str:
    """The course of a line through points."""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def told(value: float | None, unit: str = "") -> str:
    """A value with its unit, for people."""
    return "none" if value is None else f"{figure(value)} {unit}".rstrip()


def svg(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """The whole picture; label: what it shows, for those who do not see it."""
    head = f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{safe(label)}">'
    return "\n".join([head, *parts, "</svg>"])
