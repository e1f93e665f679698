"""What becomes of the memory that a month frees."""

from __future__ import annotations

import ctypes
import gc
import platform
import resource

import pytest

from sim import engine, memory
from sim.economy import Economy
from sim.ensemble import run_block
from sim.opening import open_economy
from sim.record import Record
from sim.scenario import load_scenario

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


def test_a_block_leaves_no_economy_behind() -> None:
    gc.collect()
    before = sum(type(thing) is Economy for thing in gc.get_objects())
    gc.disable()
    try:
        block = run_block(load_scenario(months=1), 1, [0])
        after = sum(type(thing) is Economy for thing in gc.get_objects())
    finally:
        gc.enable()
    assert block.record.months == 1
    assert after <= before
    assert not gc.get_freeze_count()
