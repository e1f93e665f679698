"""The quanta to which chips, hours and tokens are rounded where they are traded."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats

CHIP_QUANTUM = 2.0**-10
"""Quantum of chips, H100e: sums are exact up to 8.8e12 H100e."""


HOUR_QUANTUM = 1.0
"""Quantum of compute, H100e-hours: sums are exact up to 9e15 hours."""


TOKEN_QUANTUM = 1.0
"""Quantum of served tokens."""


def whole_chips(amount: Floats) -> Floats:
    """Chips rounded down to what is traded."""
    return np.floor(amount / CHIP_QUANTUM) * CHIP_QUANTUM


def whole_hours(amount: Floats) -> Floats:
    """Hours rounded down to what is traded."""
    return np.floor(amount / HOUR_QUANTUM) * HOUR_QUANTUM


def whole_tokens(amount: Floats) -> Floats:
    """Tokens rounded down to what is served."""
    return np.floor(amount / TOKEN_QUANTUM) * TOKEN_QUANTUM
