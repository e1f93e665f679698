"""Changes of a user to a running economy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WAITS = " from the next start"


@dataclass(frozen=True)
class Change:
    """One thing the user did, in order.

    month: the first month in which it acts. words: what marks on charts say. event: the first of
    its events with the keys of a scenario file, {} where none begins. made: months done when it was
    made. path and value: of a lever, None where it was put back. name: of a shock.
    """

    month: str
    kind: str
    words: str
    event: Mapping[str, Any] = field(default_factory=dict)
    made: int = 0
    path: str = ""
    value: float | None = None
    name: str = ""

    @property
    def waits(self) -> bool:
        """True if it acts only from the next start."""
        return self.words.endswith(WAITS)


def said(path: str, value: float | None) -> str:
    """A lever's move in words."""
    return f"{path} put back" if value is None else f"{path} = {value:.6g}"
