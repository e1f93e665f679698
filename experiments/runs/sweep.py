"""Running a sweep: its blocks here or on workers, its parts into the folder, what came of it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from experiments.runs.block import Executor, in_process
from experiments.runs.sweep_folder import Store
from experiments.runs.sweep_plan import SweepPlan
from sim.base.errors import RequestError
from sim.base.number_format import figure, seconds
from sim.base.progress import Progress, untold
from sim.results.files import parts

SMALL = 8
"""Up to so many blocks, starting workers takes longer than they save."""


@dataclass(frozen=True)
class SweepOutcome:
    """What a sweep's process did. done: runs finished in all, `made` of them now, in so many
    seconds. damaged: files that were no whole parts and were made again."""

    plan: SweepPlan
    folder: Path
    done: int
    made: int
    wall: float
    damaged: tuple[Path, ...]
    failed: tuple[parts.Failure, ...]
    interrupted: bool

    def text(self) -> str:
        """A few lines for the terminal."""
        plan = self.plan
        shape = f"{len(plan.values):,} scenarios x {plan.replications:,} replications"
        if self.made:
            rate = f"{figure(self.made / self.wall)} runs a second"
            pace = f"{self.made:,} runs in {seconds(self.wall)}, {rate}"
        else:
            pace = "nothing was left to do"
        lines = [
            plan.title,
            f"{plan.design} design over {len(plan.paths):,} paths, {shape}, seed {plan.seed}",
            "",
            f"Runs      {self.done:,} of {plan.runs:,} done; {pace}",
        ]
        lines += [f"Damaged   {file}: made again" for file in self.damaged]
        lines += [f"Failed    {failure}" for failure in self.failed[:SHOWN]]
        if len(self.failed) > SHOWN:
            lines.append(f"          and {len(self.failed) - SHOWN:,} more, in manifest.json")
        return "\n".join([*lines, f"Results   {self.folder}"])


SHOWN = 5
"""Failed runs that are named on the terminal."""


def run_sweep(
    plan: SweepPlan,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    blocks: Collection[int] | None = None,
    progress: Progress = untold,
) -> SweepOutcome:
    """Run what the folder does not hold yet. The numbers do not depend on who runs them.

    workers: processes on this machine; 0 for none but this one; by default as many as there are
    processors, where the sweep is large enough. scheduler: a Dask scheduler to use instead.
    blocks: only these of its blocks. progress is told runs done. On Ctrl-C the parts that are
    written stay, as they do on every error.

    Raises RequestError for a folder that holds anything else, and MachineError for a disk or
    workers that fail.
    """
    if workers is not None and scheduler is not None:
        raise RequestError("both workers and a scheduler", key="--scheduler", value=scheduler)
    store = Store(folder, plan)
    with store.writing(resume=resume):
        before, began = store.runs_done, perf_counter()
        progress(before)
        interrupted = False
        wanted = range(plan.blocks) if blocks is None else blocks
        left = frozenset(wanted) - store.done.keys()
        if left:
            try:
                with _executor(len(left), workers, scheduler) as execute:
                    for part in execute(plan.job(), plan.tasks(left)):
                        store.write(part)
                        progress(store.runs_done)
            except KeyboardInterrupt:
                interrupted = True
        if left or store.runs_done != store.told:
            wall = perf_counter() - began
            store.finish({"sweep_seconds": wall, "runs": store.runs_done - before})
        return SweepOutcome(
            plan,
            folder,
            store.runs_done,
            store.runs_done - before,
            perf_counter() - began,
            tuple(store.damaged),
            tuple(store.failed),
            interrupted,
        )


def folder_of(plan: SweepPlan) -> Path:
    """Where a sweep goes if nothing else is said: the same folder for the same sweep."""
    return Path("results", f"{plan.name}-{plan.design}-seed-{plan.seed}-{plan.stamp[:8]}")


@contextmanager
def _executor(blocks: int, workers: int | None, scheduler: str | None) -> Iterator[Executor]:
    """Who runs the blocks."""
    count = workers
    if count is None:
        count = 0 if blocks <= SMALL else os.cpu_count() or 1
    if scheduler is None and count == 0:
        yield in_process
        return
    from experiments.runs import workers as dask

    with dask.scheduler(scheduler) if scheduler else dask.local_workers(count) as execute:
        yield execute
