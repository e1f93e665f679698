"""Numbers as people read them: three digits that matter, and words for thousands."""

from __future__ import annotations

import math

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
