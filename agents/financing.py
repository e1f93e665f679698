"""What a firm asks of the capital market in a month."""

from __future__ import annotations

from typing import NamedTuple

from agents.columns import Floats


class Financing(NamedTuple):
    """USD this month: borrowed, repaid and paid out to owners."""

    borrowed: Floats
    repaid: Floats
    paid_out: Floats
