"""The market core, program against program: one run, an ensemble, and two larger worlds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from statistics import median
from typing import cast

import numpy as np

from agents.framework.columns import Floats
from experiments.maintenance.benchmark.market import cpp
from experiments.maintenance.benchmark.market.core import (
    LARGE,
    MEDIUM,
    SMALL,
    TOLERANCE,
    Inputs,
    MarketWorld,
    Program,
    Size,
    difference,
    draw,
)
from experiments.maintenance.benchmark.measured import ROUNDS, BenchmarkSection, Measured, cpu_times
from experiments.reporting.markdown import plain, table
from sim.base.number_format import figure, many

BLOCK = 16
"""Runs side by side: what a block holds stays within a processor's cache."""
SINGLE_MAX, CLOSE_MAX, OBJECTS_MIN = 5.0, 1.25, 80.0
"""Most CPU time in that of C++: of one small run, and of ensembles and large worlds; and least gain
over Mesa's objects in an ensemble."""
MESA, AGENTPY, NUMPY, CPP, FAST, ENGINE = (
    *("Mesa objects", "AgentPy objects", "numpy arrays", "C++, `-O3 -march=native`"),
    *("C++, with `-ffast-math`", "this engine"),
)


@dataclass(frozen=True)
class Workload:
    """What of a case a program is given to do: so many runs, months at a time, and rounds."""

    runs: int
    months: int
    rounds: int = ROUNDS


@dataclass(frozen=True)
class MarketCase:
    """A size, and what compiled code, numpy and objects do of it: time is told per month of a run,
    so the slow may do less."""

    title: str
    size: Size
    compiled: Workload
    arrays: Workload
    objects: Workload
    most: float
    """Most CPU time on this engine, in that of C++."""

    def workload(self, program: str) -> Workload:
        """What a program is given to do."""
        if program in (MESA, AGENTPY):
            return self.objects
        return self.arrays if program == NUMPY else self.compiled


ENSEMBLE = MarketCase(
    "An ensemble of 1,000 runs",
    SMALL,
    Workload(1_000, 12),
    Workload(4 * BLOCK, 12),
    Workload(4, 6),
    CLOSE_MAX,
)
CASES = (
    MarketCase("One run", SMALL, Workload(1, 72), Workload(1, 36), Workload(1, 12), SINGLE_MAX),
    ENSEMBLE,
    MarketCase("One run", MEDIUM, Workload(1, 6), Workload(1, 3), Workload(1, 1), CLOSE_MAX),
    MarketCase(
        "One run", LARGE, Workload(1, 2), Workload(1, 1), Workload(1, 1, rounds=1), CLOSE_MAX
    ),
)


@dataclass(frozen=True)
class Timed:
    """A program in a case: median CPU seconds of a month of a run, and how far its numbers are from
    those of plain numpy, in the runs and months that both were given."""

    workload: Workload
    seconds: float
    off: float


def programs() -> dict[str, Program | str]:
    """Every program by name, or why there is none here."""
    return {
        MESA: _module("mesa_objects", "MesaWorld"),
        AGENTPY: _module("agentpy_objects", "AgentpyWorld"),
        NUMPY: _module("numpy_arrays", "NumpyWorld"),
        CPP: _compiled(cpp.PLAIN),
        FAST: _compiled(cpp.FAST),
        ENGINE: _module("on_engine", "EngineWorld"),
    }


def _module(module: str, world: str) -> Program | str:
    try:
        return cast(
            Program,
            getattr(import_module(f"experiments.maintenance.benchmark.market.{module}"), world),
        )
    except ImportError as failure:
        return f"not installed: {failure}"


def _compiled(flags: tuple[str, ...]) -> Program | str:
    try:
        return cpp.program(flags)
    except cpp.CompilerError as failure:
        return str(failure)


def sections() -> Iterator[BenchmarkSection]:
    """A section a case; programs are timed in turn."""
    known = programs()
    for case in CASES:
        yield _section(case, known, compared(case, known))


def compared(case: MarketCase, known: Mapping[str, Program | str]) -> dict[str, Timed]:
    """Time the programs that are here; plain numpy must be among them."""
    here = {name: program for name, program in known.items() if not isinstance(program, str)}
    workloads = {name: case.workload(name) for name in here}
    months = max(1 + workload.months * workload.rounds for workload in workloads.values())
    inputs = draw(case.size, max(workload.runs for workload in workloads.values()), months)
    runs = {name: _Run(program, inputs, workloads[name]) for name, program in here.items()}
    gc.freeze()  # a million objects would be looked through between any two rounds
    try:
        times = cpu_times((run.advance, run.workload.rounds) for run in runs.values())
    finally:
        gc.unfreeze()
    return {
        name: Timed(
            run.workload,
            median(taken) / (run.workload.runs * run.workload.months),
            max(map(_off, run.metrics(), runs[NUMPY].metrics())),
        )
        for (name, run), taken in zip(runs.items(), times, strict=True)
    }


def _off(one: Floats, usual: Floats) -> float:
    """How far the metrics of a block are from the usual ones, for the runs and months of both."""
    runs, months = min(len(one), len(usual)), min(one.shape[1], usual.shape[1])
    return difference(one[:runs, :months], usual[:runs, :months])


class _Run:
    """The worlds of a program, block by block, and the metrics of all their months."""

    def __init__(self, program: Program, inputs: Inputs, workload: Workload) -> None:
        self.workload = workload
        blocks = range(0, workload.runs, BLOCK)
        self.worlds: list[MarketWorld] = [
            program(inputs, range(first, min(first + BLOCK, workload.runs))) for first in blocks
        ]
        self.told: list[list[Floats]] = []
        if workload.rounds > 1:  # compiles, and touches what it holds
            self.told.append([world.advance(1) for world in self.worlds])

    def advance(self) -> None:
        """Run all worlds for the months of one round."""
        self.told.append([world.advance(self.workload.months) for world in self.worlds])

    def metrics(self) -> list[Floats]:
        """The metrics of each block, (runs, months, metrics)."""
        return [np.concatenate(rounds, axis=1) for rounds in zip(*self.told, strict=True)]


def _section(
    case: MarketCase, known: Mapping[str, Program | str], timed: dict[str, Timed]
) -> BenchmarkSection:
    unit = timed[CPP].seconds if CPP in timed else None
    row: Callable[[str], tuple[str, ...]] = partial(_row, known, timed, unit)
    head = ("program", "timed", "a month of a run", "in that of C++", "off numpy's numbers")
    engine = timed[ENGINE].seconds
    measured = [
        Measured("this engine over C++", None if unit is None else engine / unit, "", case.most)
    ]
    if FAST in timed:
        measured.append(Measured(f"this engine over {FAST}", engine / timed[FAST].seconds))
    if case is ENSEMBLE:
        gain = timed[MESA].seconds / engine
        measured.append(Measured("Mesa objects over this engine", gain, least=OBJECTS_MIN))
    off = max(one.off for one in timed.values())
    measured.append(Measured("furthest from numpy's numbers, relative", off, most=TOLERANCE))
    words = f"In blocks of at most {BLOCK} runs." if case is ENSEMBLE else ""
    return BenchmarkSection(
        f"{case.title} of {case.size}", words, measured, [table(head, map(row, known))]
    )


def _row(
    known: Mapping[str, Program | str], timed: Mapping[str, Timed], unit: float | None, name: str
) -> tuple[str, ...]:
    if name not in timed:
        return (name, plain(str(known[name])), "–", "–", "–")
    one = timed[name]
    workload = one.workload
    counts = f"{many(workload.runs, 'run')}, {many(workload.months, 'month')}"
    return (
        name,
        f"{counts}, {many(workload.rounds, 'round')}",
        f"{figure(1e6 * one.seconds)} µs",
        "–" if unit is None else figure(one.seconds / unit),
        f"{one.off:.0e}",
    )
