"""A page that is gone lets go of its runs, and what it computed stops."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest

from tests.serving import Served, serving
from tests.sim.page.browser.reader import Reader
from tests.sim.page.browser.test_safety import say

CULL_SECONDS = 2
SMALL = {"width": 800, "height": 500}
# gc.get_objects() would hand out tuples that another thread is still filling: CPython then stops
# that thread with a SystemError.
COUNTING = f"""
import gc, signal, sys, traceback, weakref
from sim.model import EconomyModel
from sim.page.server.serve import DefaultRun, serve

models_alive = weakref.WeakSet()
opened = EconomyModel.__init__

def note(model, *args, **kwargs):
    opened(model, *args, **kwargs)
    models_alive.add(model)

EconomyModel.__init__ = note

def count(*_):
    gc.collect()
    models = len(models_alive)
    stacks = [traceback.extract_stack(frame) for frame in sys._current_frames().values()]
    busy = sum(any(at.name in ("_run", "_ensemble") and "controller" in at.filename for at in stack)
               for stack in stacks)
    print(models, busy, flush=True)

signal.signal(signal.SIGUSR1, count)
ready = lambda address: print(address, flush=True)
serve(DefaultRun(), port=0, cull="{CULL_SECONDS}s", ready=ready)
"""


class Kept(NamedTuple):
    models: int
    threads: int


def kept(served: Served) -> Kept:
    """How many models the server holds, and how many threads play or compute a band."""
    served.process.send_signal(signal.SIGUSR1)
    assert served.process.stdout is not None
    return Kept(*map(int, served.process.stdout.readline().split()))


def until_gone(served: Served, seconds: float) -> Kept:
    last = time.monotonic() + seconds
    while (now := kept(served)) != Kept(0, 0) and time.monotonic() < last:
        time.sleep(0.2)
    return now


@pytest.fixture(scope="module")
def counting() -> Iterator[Served]:
    with serving(("-c", COUNTING)) as served:
        yield served
        assert "Traceback" not in served.complaints, served.complaints


def test_ten_pages_hold_ten_models_and_closed_ones_none(reader: Reader, counting: Served) -> None:
    assert kept(counting) == Kept(0, 0)
    reader.served = counting
    reader.open(viewport=SMALL)
    pages = [reader.page, *(reader.page.context.new_page() for _ in range(9))]
    for page in pages[1:]:
        page.goto(counting.address)
    for page in pages[1:]:
        page.wait_for_selector("[data-chart=graph] canvas")
    assert kept(counting) == Kept(10, 0)
    say(reader, ".db-compare", "band", {})
    say(reader, ".db-bar", "play", {})
    reader.until_month(2, at_least=True)
    assert kept(counting).threads == 2
    for page in pages:
        page.close(run_before_unload=False)
    assert until_gone(counting, 5 + CULL_SECONDS) == Kept(0, 0)


def test_a_page_that_is_cut_off_is_kept_for_a_while_and_goes(
    reader: Reader, counting: Served
) -> None:
    reader.served = counting
    reader.open()
    say(reader, ".db-compare", "band", {})
    say(reader, ".db-bar", "play", {})
    reader.until_month(2, at_least=True)
    # A tab that crashes says no goodbye.
    from playwright.sync_api import Error

    with suppress(Error):
        reader.page.goto("chrome://crash", timeout=2000)
    assert kept(counting).models == 1
    assert until_gone(counting, 6 + CULL_SECONDS) == Kept(0, 0)
