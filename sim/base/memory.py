"""When a process frees memory, and what it keeps: a month frees what the next one needs."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from traceback import clear_frames

from sim.base.errors import InvariantError

KEPT = 2**30
"""Freed memory that stays with the process, in bytes; a month of a million cohorts frees less."""
MAPPED_FROM = 2**25
"""Arrays from this size on get memory of their own, in bytes; glibc takes no larger bound."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""The names of both settings in glibc."""


@cache
def keep_freed() -> None:
    """Keep up to KEPT bytes of freed memory instead of handing them back month by month.

    The system clears each page that it hands out again, which took a sixth of a block's time, and
    a third on Dask's workers, which Dask tells to keep less. Once in a process, whatever its
    environment says; where the C library is not glibc, nothing changes. No number depends on it.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM)
    mallopt(M_TRIM_THRESHOLD, KEPT)


@contextmanager
def leaving_nothing() -> Iterator[None]:
    """Free at the end what was made inside and refers to itself, as an economy does. Python's
    collector of garbage looks through nothing else meanwhile: what was there before is set aside,
    unless it is already.
    """
    ours = not gc.get_freeze_count()
    if ours:
        gc.freeze()
    try:
        yield
    except InvariantError as error:
        clear_frames(error.__traceback__)  # they hold the economy for as long as the error lives
        raise
    finally:
        gc.collect()
        if ours:
            gc.unfreeze()
