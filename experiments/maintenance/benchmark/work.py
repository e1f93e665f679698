"""Work of a month, counted: the same on every machine, whatever its clock says."""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from experiments.maintenance.benchmark.measured import BenchmarkSection, Measured
from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.economy.economy import Economy
from sim.opening.opening import open_economy
from sim.results.record import Record

OUTSIDE = ("networkx", "pandas", "mesa")
"""What a month must not call into."""
WARM = 2
"""Months after which all that is made once has been made."""


def sections() -> Iterator[BenchmarkSection]:
    """What a month of one run calls, and holds for a moment."""
    called = calls(warm(1, 1))
    outside = sum(count for module, count in called.items() if package(module) in OUTSIDE)
    held = bytes_held(warm(1, 1))
    words = "The third month of a run of the baseline, counted and not timed."
    measured = (
        Measured("calls of Python functions", sum(called.values())),
        Measured(f"of them into {', '.join(OUTSIDE)}", outside, most=0),
        Measured("held for a moment, beside what stays", held / 1e3, " kB"),
    )
    yield BenchmarkSection("What a month does", words, measured)


def warm(runs: int, months: int) -> Callable[[], None]:
    """A step by one month of the baseline, which can be taken so many times."""
    economy: Economy = open_economy(load_scenario(months=WARM + months), 1, range(runs))
    record = Record(economy)
    for _ in range(WARM):
        engine.month(economy, record)
    return lambda: engine.month(economy, record)


def calls(step: Callable[[], object]) -> Counter[str]:
    """How many Python functions of each module a step calls."""
    called: Counter[str] = Counter()

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            called[str(frame.f_globals.get("__name__", ""))] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        step()
    finally:
        sys.setprofile(before)
    return called


def bytes_held(step: Callable[[], object]) -> int:
    """The most bytes that a step holds at a time, beside what was held before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def package(module: str) -> str:
    """The package of a module's name."""
    return module.partition(".")[0]
