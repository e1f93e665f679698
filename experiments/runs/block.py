"""A block of a sweep's runs, wherever it is run: the same bytes in this process and on a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from experiments.runs.sweep_plan import Job, Task
from sim.base.errors import MachineError
from sim.ensemble import attempts
from sim.results.files import parts
from sim.results.record import Block

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
    done, kept, failed = [], [], []
    design = {path: np.ascontiguousarray(task.values[:, j]) for j, path in enumerate(job.paths)}
    draws, tables = task.draws, job.tables
    found = attempts(job.scenario, job.seed, draws, design, tables=tables, block=len(draws))
    for rows, outcome in found:
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


def _check_same(job: Job) -> None:
    """Refuse to make parts with another code or registry than the plan's."""
    from sim.results.files.manifest import package_version

    here, digest = package_version(), replace(job.scenario).digest
    if (here, digest) != (job.version, job.digest):
        what = f"version {here}" if here != job.version else "other parameters"
        raise MachineError(f"a worker has {what}; the sweep was planned by version {job.version}")
