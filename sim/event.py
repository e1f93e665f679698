"""An event: parameters changed for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A temporary overlay, in months `start` to `start + months - 1` from the world's start.

    set: path -> value. scale: path -> factor on what the parameter would be.
    """

    name: str
    start: int
    months: int
    set: Mapping[str, float]
    scale: Mapping[str, float]
