"""Generated worlds: how cost grows with their size, and a year of one with a million cohorts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from math import log
from statistics import median
from time import perf_counter, process_time

from experiments.maintenance.benchmark.measured import BenchmarkSection, Measured
from experiments.reporting.markdown import table
from sim import engine
from sim.base.number_format import figure
from sim.config.scenario.loader import load_scenario
from sim.config.world.generate import GenerationPlan
from sim.config.world.limits import memory
from sim.economy.economy import Economy
from sim.opening.opening import open_economy
from sim.results.record import Record

FIRMS = (200, 2_000, 20_000)
COHORTS = 5
"""Cohorts of customers per firm in the worlds that are compared."""
MONTHS = 3
EXPONENT_MAX = 1.1
"""Largest exponent with which the cost of a month may grow from the smallest to the largest."""
LARGE = {"labs": 2_000, "fabs": 100, "fleets": 17_900, "customers": 1_000_000}
LARGE_MONTHS, DEGREE = 12, 4
OPENING_MAX, MEMORY_MAX = 120.0, 6.0
"""Longest time until the first month of the large world, in seconds, and most memory, in GB."""


def sections() -> Iterator[BenchmarkSection]:
    """How the cost of a month grows."""
    seconds = [_month(firms) for firms in FIRMS]
    rows = (
        (f"{firms:,}", f"{COHORTS * firms:,}", f"{figure(1000.0 * spent)} ms")
        for firms, spent in zip(FIRMS, seconds, strict=True)
    )
    words = (
        f"CPU time of a month of one run of a generated world, the median of {MONTHS} after the "
        "first."
    )
    last = _exponent(1, seconds)
    measured = (
        Measured(
            f"exponent from {FIRMS[0]:,} to {FIRMS[-1]:,} firms",
            _exponent(0, seconds),
            most=EXPONENT_MAX,
        ),
        Measured(f"exponent from {FIRMS[1]:,} to {FIRMS[-1]:,} firms", last),
    )
    head = ("firms", "cohorts of customers", "a month")
    yield BenchmarkSection("How cost grows with the world", words, measured, [table(head, rows)])


def large() -> BenchmarkSection:
    """Time and memory of a year of a world of 20,000 firms and a million cohorts; the memory is
    that of this process, which should have done nothing else."""
    began = perf_counter()
    economy = _open(LARGE, LARGE_MONTHS)
    opened = perf_counter() - began
    began = perf_counter()
    engine.run(economy, Record(economy))
    ran = perf_counter() - began
    edges = len(economy.world.edges)
    firms, cohorts = sum(LARGE.values()) - LARGE["customers"], LARGE["customers"]
    words = (
        f"{firms:,} firms, {cohorts:,} cohorts of customers and {edges:,} edges that the world "
        "lists, in a process of its own; times on the clock."
    )
    estimated = memory(GenerationPlan(economy.world, LARGE, DEGREE, seed=1).agents, edges) / 1e9
    measured = (
        Measured("drawn and opened", opened, " s", most=OPENING_MAX),
        Measured(f"{LARGE_MONTHS} months", ran, " s"),
        Measured("memory estimated", estimated, " GB"),
        Measured("memory at most", peak_memory() / 1e9, " GB", most=MEMORY_MAX),
    )
    return BenchmarkSection("A million cohorts", words, measured)


def _exponent(first: int, seconds: list[float]) -> float:
    return log(seconds[-1] / seconds[first]) / log(FIRMS[-1] / FIRMS[first])


def _month(firms: int) -> float:
    """Median CPU seconds of a month of a world of so many firms, in the proportions of LARGE."""
    whole = sum(LARGE.values()) - LARGE["customers"]
    counts = {name: firms * LARGE[name] // whole for name in ("labs", "fabs")}
    counts["fleets"] = firms - sum(counts.values())
    economy = _open(counts | {"customers": COHORTS * firms}, 1 + MONTHS)
    record, spent = Record(economy), []
    while economy.month < economy.calendar.months:
        began = process_time()
        engine.month(economy, record)
        spent.append(process_time() - began)
    return median(spent[1:])


def _open(counts: Mapping[str, int], months: int) -> Economy:
    """A generated world at its first month."""
    baseline = load_scenario("baseline", months=months)
    world = GenerationPlan(baseline.world, counts, DEGREE, seed=1).world()
    return open_economy(replace(baseline, world=world), 1, [0])


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    with suppress(OSError), open("/proc/self/status", encoding="utf-8") as status:
        # Linux counts what the parent held in the child's `ru_maxrss`.
        held = next(line for line in status if line.startswith("VmHWM:"))
        return 1024 * int(held.split()[1])
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
