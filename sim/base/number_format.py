"""Numbers as people read them: three digits that matter, and words for thousands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

DIGITS = 3
THOUSANDS = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1.0, ""))
NAMELESS = 1e18
"""From here on a number has no word that people know."""


def figure(value: float) -> str:
    """A number to three significant digits.

    >>> [figure(x) for x in (0, 0.04567, 2, 61.26, 12345.6, -999.7, 3.1e-16, 7.804e27)]
    ['0', '0.0457', '2.00', '61.3', '12,300', '-1,000', '3.1e-16', '7.8e27']
    """
    if not math.isfinite(value):
        return "none" if math.isnan(value) else "unlimited"
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.{DIGITS - 1}e}")
    if not 1e-4 <= abs(rounded) < 1e15:
        return f"{rounded:.{DIGITS}g}".replace("e+", "e")
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}"


def amount(value: float) -> str:
    """A large number with the word for its thousands.

    >>> [amount(x) for x in (14.6e6, 1.654e12, 999.9e6, 12_000, 0, 3.28e15, 7.8e27)]
    ['14.6M', '1.65tn', '1.00bn', '12,000', '0', '3,280tn', '7.8e27']
    """
    if value == 0.0 or not math.isfinite(value):
        return figure(value)
    rounded = float(f"{value:.{DIGITS - 1}e}")
    if abs(rounded) >= NAMELESS:
        return figure(rounded)
    factor, word = next((f, w) for f, w in THOUSANDS if abs(rounded) >= f or f == 1.0)
    return f"{figure(rounded / factor)}{word}"


def exact(value: float, unit: str = "1") -> str:
    """A number that someone chose, with all its digits and its unit; a bare share has none.

    >>> exact(0.4), exact(814000.0, "H100e"), exact(0.012345), exact(1e15)
    ('0.4', '814,000 H100e', '0.012345', '1e+15')
    """
    return f"{value:,.12g}{'' if unit == '1' else f' {unit}'}"


__all__ = [
    "BILLION_USD",
    "MILLION_H100E",
    "PERCENT",
    "Scale",
    "amount",
    "change",
    "exact",
    "figure",
    "many",
    "percent",
    "seconds",
    "signed",
    "span",
    "unit_after",
]


def percent(value: float) -> str:
    """A fraction in percent, with one decimal below 10, and up to three until a digit shows.

    >>> percent(0.834), percent(0.0312), percent(-0.1234), percent(-2.1e-5), percent(-1e-9)
    ('83 %', '3.1 %', '-12 %', '-0.002 %', '0 %')
    """
    if not math.isfinite(value):
        return figure(value)
    hundreds = 100.0 * value
    shows = next((n for n in (1, 2, 3) if round(hundreds, n)), 0)
    decimals = shows if abs(round(hundreds, 1)) < 10.0 else 0
    return f"{hundreds:z,.{decimals}f} %"


def change(value: float) -> str:
    """A relative change in percent, with its sign.

    >>> change(0.5), change(-0.1234), change(0)
    ('+50 %', '-12 %', '0 %')
    """
    text = percent(value)
    return f"+{text}" if value > 0.0 and math.isfinite(value) else text


def signed(value: float) -> str:
    """A difference to three significant digits, with its sign.

    >>> signed(12.345), signed(-0.00321), signed(0)
    ('+12.3', '-0.00321', '0')
    """
    return f"+{figure(value)}" if value > 0.0 else figure(value)


def span(low: float, high: float, form: Callable[[float], str] = figure, link: str = "–") -> str:
    """A range of two numbers in the same form.

    >>> span(298e6, 331e6, amount), span(0.9, 0.92, percent), span(-0.1, 0.2, change, " to ")
    ('298M–331M', '90–92 %', '-10 to +20 %')
    """
    return f"{form(low).removesuffix(' %')}{link}{form(high)}"


def seconds(value: float) -> str:
    """A time as people say it.

    >>> [seconds(x) for x in (0.0421, 3.27, 75, 7260)]
    ['0.04 s', '3.3 s', '1 min 15 s', '2 h 1 min']
    """
    if value < 1.0:
        return f"{value:.2f} s"
    if value < 60.0:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def many(count: int, noun: str) -> str:
    """A count with its noun.

    >>> many(1, "replication"), many(4096, "point")
    ('1 replication', '4,096 points')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unit_after(unit: str) -> str:
    """A unit as it stands after a number, with the space before it: words in the plural.

    >>> unit_after("month"), unit_after("USD/year"), unit_after("x"), unit_after("1")
    (' months', ' USD/year', ' x', '')
    """
    if unit in {"1", "fraction"}:
        return ""
    word = len(unit) > 1 and unit.isalpha() and unit.islower()
    return f" {unit}{'s' if word else ''}"


@dataclass(frozen=True)
class Scale:
    """The scale of one row of figures: each is divided by `factor` and carries the label `unit`."""

    unit: str
    factor: float = 1.0

    def __call__(self, value: float) -> str:
        return figure(value / self.factor)


MILLION_H100E = Scale("M H100e", 1e6)


BILLION_USD = Scale("USD bn", 1e9)


PERCENT = Scale("%", 0.01)
