"""A block of a sweep's runs, wherever it is run: the same bytes in this process and on a worker."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from experiments.plan import Job, Task
from sim import parts
from sim.ensemble import Block, run_block
from sim.errors import InvariantError, MachineError

Executor = Callable[[Job, Iterable[Task]], Iterator["Part"]]
"""Runs tasks, in any order."""


@dataclass(frozen=True)
class Part:
    """A block that was run: its files by name, and what their footers say."""

    note: parts.Note
    files: dict[str, bytes]


def run_part(job: Job, task: Task) -> Part:
    """Run a block. A run that breaks a law of the model is named in the part and left out of it.

    Raises MachineError where the package or its configuration is not the one that planned it.
    """
    _check_same(job)
    gc.collect()  # an economy refers to itself: the last block's would stay for some time
    done, kept, failed = [], [], []
    for rows, outcome in _attempts(job, task, range(len(task.runs))):
        keys = [task.runs[row] for row in rows]
        if isinstance(outcome, Block):
            done.append(outcome)
            kept += keys
        else:
            failed += [parts.Failure(*key, parts.message_of(outcome)) for key in keys]
    note = parts.Note(
        task.block,
        "metrics",
        job.stamp,
        job.design_hash,
        len(kept),
        tuple(failed),
        parts.residuals(done),
    )
    files = {
        parts.file_name(table, task.block): parts.encode(
            table, done, job.scenario.calendar, kept, replace(note, table=table)
        )
        for table in job.tables
    }
    return Part(note, files)


def in_process(job: Job, tasks: Iterable[Task]) -> Iterator[Part]:
    """Run blocks one after the other, here."""
    return (run_part(job, task) for task in tasks)


def _attempts(job: Job, task: Task, rows: range) -> Iterator[tuple[range, Block | InvariantError]]:
    """Rows of a task that ran together, and single ones that failed. A block in which a run fails
    is halved: the numbers of a run do not depend on the others."""
    values = task.values[rows.start : rows.stop]
    design = {path: np.ascontiguousarray(values[:, j]) for j, path in enumerate(job.paths)}
    draws = task.draws[rows.start : rows.stop]
    try:
        block = run_block(job.scenario, job.seed, draws, tables=job.tables, design=design)
    except InvariantError as error:
        if len(rows) == 1:
            yield rows, error
            return
        middle = rows.start + len(rows) // 2
        yield from _attempts(job, task, range(rows.start, middle))
        yield from _attempts(job, task, range(middle, rows.stop))
    else:
        yield rows, block


def _check_same(job: Job) -> None:
    """Refuse to make parts with another code or registry than the plan's."""
    from sim.manifest import package_version

    here, digest = package_version(), replace(job.scenario).digest
    if (here, digest) != (job.version, job.digest):
        what = f"version {here}" if here != job.version else "other parameters"
        raise MachineError(
            f"a worker has {what}, not what planned the sweep (version {job.version})"
        )
