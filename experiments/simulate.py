"""Running an ensemble at the command line: with progress, and keeping what is done on Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from experiments.wording import seconds

if TYPE_CHECKING:
    from sim.results import Results
    from sim.scenario import Scenario

Progress = Callable[[int], None]
"""Told how many run-months, or runs of a sweep, are done in all."""
LINE_EVERY = 30.0


def simulate(
    scenario: Scenario, runs: int, seed: int, tables: Sequence[str], progress: Progress
) -> Results:
    """Runs 0 to runs - 1 of a scenario; the same numbers as `sim.run_ensemble`.

    On Ctrl-C the blocks that were done are returned as results that are not complete; with none
    done, KeyboardInterrupt is raised on. Raises InvariantError if a run breaks a law of the model.
    """
    from sim.ensemble import blocks_of, run_block
    from sim.results import Results

    wall, cpu = perf_counter(), process_time()
    blocks = []
    try:
        for replications in blocks_of(scenario.world, runs):

            def told(
                months: int, before: int = replications.start, size: int = len(replications)
            ) -> None:
                progress(before * scenario.months + months * size)

            blocks.append(run_block(scenario, seed, replications, tables=tables, progress=told))
    except KeyboardInterrupt:
        if not blocks:
            raise
    results = Results.from_blocks(scenario, seed, blocks, asked=runs)
    results.timings["simulate_seconds"] = perf_counter() - wall
    results.timings["simulate_cpu_seconds"] = process_time() - cpu
    return results


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


def summed(progress: Progress) -> Progress:
    """Hears what is done since it last heard, and tells what is done in all."""
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


def results_folder(out: Path | None, scenario: Scenario, seed: int, runs: int) -> Path:
    """Where results go: `out`, or a folder under `results/` that is the same for the same request.

    Raises RequestError if it cannot be written or holds other results, before anything is run.
    """
    from sim import manifest
    from sim.files import check_writable

    wanted = manifest.identity(scenario, seed, runs)
    folder = out or Path("results", _folder_name(scenario.name, wanted))
    check_writable(folder)
    manifest.refuse_other(folder, wanted)
    return folder


def _folder_name(name: str, wanted: Mapping[str, Any]) -> str:
    """Readable, and another one for another request."""
    fields = "/".join(str(wanted[field]) for field in ("version", "digest", "seed", "runs"))
    mark = sha256(fields.encode()).hexdigest()[:8]
    runs = "1-run" if wanted["runs"] == 1 else f"{wanted['runs']}-runs"
    return f"{name}-{runs}-seed-{wanted['seed']}-{mark}"
