"""What was measured, against what was aimed at, and how it is shown."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time

from experiments.reporting.markdown import paragraphs, plain, table
from sim.base.number_format import figure

ROUNDS = 5


@dataclass(frozen=True)
class Measured:
    """A figure in its unit, and the most or the least that it should be, if there is a target;
    value is None where it could not be measured."""

    what: str
    value: float | None
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it was measured and its target is missed."""
        if self.value is None:
            return False
        return not (
            (self.most is None or self.value <= self.most)
            and (self.least is None or self.value >= self.least)
        )

    def row(self) -> tuple[str, ...]:
        """What, how much, target and verdict."""
        limit, sign = (self.most, "≤") if self.least is None else (self.least, "≥")
        target = "" if limit is None else f"{sign} {figure(limit)}{self.unit}"
        value = "not measured" if self.value is None else f"{figure(self.value)}{self.unit}"
        judged = target and self.value is not None
        verdict = ("missed" if self.missed else "ok") if judged else ""
        return (plain(self.what), value, target, verdict)


@dataclass(frozen=True)
class BenchmarkSection:
    """A part of the report: what was done, tables of it, and figures with their targets."""

    title: str
    words: str
    measured: Sequence[Measured] = ()
    tables: Sequence[str] = ()

    @property
    def missed(self) -> bool:
        """Whether a target is missed."""
        return any(one.missed for one in self.measured)

    def text(self) -> str:
        """As Markdown."""
        head = ("measured", "", "target", "verdict")
        figures = table(head, (one.row() for one in self.measured)) if self.measured else ""
        return paragraphs(f"## {self.title}", self.words, *self.tables, figures)


def cpu_seconds(*jobs: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median CPU time of each job; they take turns, so that a busy machine slows all alike."""
    times = cpu_times([(job, rounds) for job in jobs])
    return [median(taken) for taken in times]


def cpu_times(jobs: Iterable[tuple[Callable[[], object], int]]) -> list[list[float]]:
    """CPU times of each job in as many rounds as it has; they take turns. Python's collector of
    garbage waits meanwhile, as in `timeit`."""
    turns = list(jobs)
    times: list[list[float]] = [[] for _ in turns]
    for number in range(max(rounds for _, rounds in turns)):
        for (job, rounds), taken in zip(turns, times, strict=True):
            if number >= rounds:
                continue
            gc.collect()
            gc.disable()
            try:
                began = process_time()
                job()
                taken.append(process_time() - began)
            finally:
                gc.enable()
    return times
