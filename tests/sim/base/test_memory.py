"""What becomes of the memory that a month frees."""

from __future__ import annotations

import ctypes
import gc
import platform
import resource
from collections.abc import Iterator

import pytest

from sim import engine
from sim.base import memory
from sim.base.errors import InvariantError
from sim.config.scenario.loader import load_scenario
from sim.economy.economy import Economy
from sim.ensemble import run_block
from sim.opening.opening import open_economy
from sim.results.record import Record

RUNS, WARM, MONTHS = 64, 3, 4
FAULTS_MAX = 200
"""Most pages of a month that the system clears anew; thousands where memory is handed back."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep as they do")
def test_a_month_of_a_block_takes_no_memory_from_the_system() -> None:
    economy = open_economy(load_scenario(months=WARM + MONTHS), 1, range(RUNS))
    record = Record(economy)
    for _ in range(WARM):
        engine.month(economy, record)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(MONTHS):
        engine.month(economy, record)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert faults <= MONTHS * FAULTS_MAX


def test_another_c_library_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    memory.keep_freed.__wrapped__()


def economies() -> int:
    return sum(type(thing) is Economy for thing in gc.get_objects())


@pytest.fixture
def before() -> Iterator[int]:
    """How many economies there were, where nobody collects garbage."""
    gc.collect()
    gc.disable()
    yield economies()
    gc.enable()


def test_a_block_leaves_no_economy_behind(before: int) -> None:
    block = run_block(load_scenario(months=1), 1, [0])
    assert block.record.months == 1
    assert economies() <= before
    assert not gc.get_freeze_count()


def test_a_block_that_fails_leaves_none_either(
    before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(economy: Economy, record: Record) -> None:
        raise InvariantError("2025-01", "cash", 1.0, "USD", 0)

    monkeypatch.setattr(engine, "month", fail)
    with pytest.raises(InvariantError) as failed:
        run_block(load_scenario(months=1), 1, [0])
    assert failed.value.__traceback__ is not None
    assert economies() <= before


def test_what_somebody_else_set_aside_stays_there() -> None:
    mine: list[object] = [object()]
    gc.freeze()
    try:
        with memory.leaving_nothing():
            pass
        assert not any(thing is mine for thing in gc.get_objects())
    finally:
        gc.unfreeze()
