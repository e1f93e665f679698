"""Progress of ensembles and sweeps on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from sim.base.number_format import seconds
from sim.base.progress import Progress, untold

LINE_EVERY = 30.0


@contextmanager
def progress_bar(label: str, whole: int) -> Iterator[Progress]:
    """A bar on the terminal with the time left, gone when done; nothing where stderr is a file."""
    if not sys.stderr.isatty():
        yield untold
        return
    from rich import progress as rich
    from rich.console import Console
    from rich.markup import escape

    with rich.Progress(
        "{task.description}",
        rich.BarColumn(),
        rich.TaskProgressColumn(),
        rich.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(escape(label), total=whole)
        yield lambda done: bar.update(task, completed=done)


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
    from rich import progress as rich
    from rich.console import Console
    from rich.markup import escape

    with rich.Progress(
        "{task.description}",
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        "{task.fields[rate]:.3g} runs/s",
        rich.TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(escape(label), total=runs, rate=0.0)

        def moved(done: int) -> None:
            if not first:
                first.append((perf_counter(), done))
            bar.update(task, completed=done, rate=rate(done))

        yield moved
