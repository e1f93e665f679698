"""How a long computation tells how far it has come."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int], None]
"""Told how much is done in all: months or runs, as the function that takes it says."""


def untold(done: int) -> None:
    """The progress of a computation that nobody watches."""


def after(progress: Progress, before: int) -> Progress:
    """The progress of a part of a computation; before: how much was done when the part began.

    >>> after(print, 10)(2)
    12
    """
    return lambda done: progress(before + done)
