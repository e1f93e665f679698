"""Running an ensemble at the command line: with progress, and keeping what is done on Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from sim.base.number_format import seconds

Progress = Callable[[int], None]
"""Told how many run-months, or runs, are done in all."""
Advance = Callable[[int], None]
"""Told how many run-months have been done since it was last told."""
LINE_EVERY = 30.0


@contextmanager
def progress_bar(label: str, whole: int) -> Iterator[Progress]:
    """A bar on the terminal with the time left, gone when done; nothing where stderr is a file."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    with Progress(
        "{task.description}",
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(escape(label), total=whole)
        yield lambda done: bar.update(task, completed=done)


def summed(progress: Progress) -> Advance:
    """Add up what has been done, and tell the sum."""
    done = 0

    def more(months: int) -> None:
        nonlocal done
        done += months
        progress(done)

    return more


@contextmanager
def sweep_bar(label: str, runs: int) -> Iterator[Progress]:
    """As `progress_bar`, with runs done, the rate and the time left; where stderr is a file, a line
    every `LINE_EVERY` seconds. The rate counts what is done from the first report on."""
    first: list[tuple[float, int]] = []

    def rate(done: int) -> float:
        began, before = first[0] if first else (perf_counter(), done)
        return (done - before) / max(perf_counter() - began, 1e-9)

    if not sys.stderr.isatty():
        told = [perf_counter()]

        def line(done: int) -> None:
            if not first:
                first.append((perf_counter(), done))
            if perf_counter() - told[0] >= LINE_EVERY and rate(done) > 0.0:
                told[0] = perf_counter()
                left = seconds((runs - done) / rate(done))
                pace = f"{rate(done):.3g} runs/s, {left} left"
                print(f"{done:,} of {runs:,} runs, {pace}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        "{task.fields[rate]:.3g} runs/s",
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(escape(label), total=runs, rate=0.0)

        def moved(done: int) -> None:
            if not first:
                first.append((perf_counter(), done))
            bar.update(task, completed=done, rate=rate(done))

        yield moved
