"""The full model: runs side by side against runs made singly, and where an ensemble's time goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TypeVar

import numpy as np

from agents.framework.columns import Floats
from experiments.maintenance.benchmark.measured import (
    ROUNDS,
    BenchmarkSection,
    Measured,
    cpu_seconds,
)
from experiments.runs.block import run_part
from experiments.runs.sweep_folder import Store
from experiments.runs.sweep_plan import Job, SweepPlan, Task
from experiments.runs.workers import local_workers
from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.economy.economy import Economy
from sim.ensemble import BLOCK, run_block, run_ensemble
from sim.opening.opening import open_economy
from sim.results.files import parts
from sim.results.record import Record

T = TypeVar("T")
SCENARIO = "baseline"
BLOCK_SHARE_MAX = 0.1
"""Most CPU time of a run in a block, in that of a run made singly."""
OVERHEAD_MAX = 0.03
"""Most of an ensemble's CPU time that recording, dispatch and writing may each take."""
MILLION = 1_000_000
DISPATCHED = 3
"""Blocks over which the cost of handing them to a worker is taken."""


def sections() -> Iterator[BenchmarkSection]:
    """Blocks against single runs, and the shares of an ensemble's time."""
    yield _blocks()
    yield _shares()


def _table(runs: int) -> None:
    """From a scenario's name to the table of its metrics."""
    run_ensemble(load_scenario(SCENARIO), runs=runs).metrics()


def _blocks() -> BenchmarkSection:
    _table(1)  # compiles
    single, block = cpu_seconds(lambda: _table(1), lambda: _table(BLOCK))
    months, within = load_scenario(SCENARIO).months, block / BLOCK
    words = (
        f"`{SCENARIO}`, {months} months, from the scenario's name to the table of its metrics; "
        f"median CPU time of {ROUNDS} rounds. A block is {BLOCK} runs side by side."
    )
    measured = (
        Measured("a run made singly", single, " s"),
        Measured("a run in a block", within, " s"),
        Measured("a run in a block over one made singly", within / single, most=BLOCK_SHARE_MAX),
    )
    return BenchmarkSection("The baseline, run by run", words, measured)


class _TimedRecord(Record):
    """A record that knows what it costs."""

    seconds = 0.0

    def __init__(self, economy: Economy) -> None:
        began = process_time()
        super().__init__(economy)
        self.seconds += process_time() - began

    def month(self, economy: Economy, ledger_residual: Floats, compute_residual: Floats) -> None:
        began = process_time()
        super().month(economy, ledger_residual, compute_residual)
        self.seconds += process_time() - began


def _timed(job: Callable[[], T]) -> tuple[T, float]:
    """What a job gives, and its CPU seconds."""
    began = process_time()
    return job(), process_time() - began


def _shares() -> BenchmarkSection:
    """Where the time of a sweep's block goes, and what a million runs cost."""
    plan = _plan(1 + DISPATCHED)
    job, tasks = plan.job(), list(plan.tasks())
    run_part(job, tasks[0])
    rounds = np.array([_round(plan, job, task) for task in tasks[:DISPATCHED]])
    whole, recording, writing = np.median(rounds, axis=0)
    dispatch = _dispatch(job, tasks)
    words = (
        f"Blocks of {plan.block} runs of a sweep, timed in this process: simulating, recording, "
        "writing. Dispatch is what the process that hands them to a worker spends on a block: "
        "scheduler, messages, and taking in what comes back; the worker's share of it is left out."
    )
    million = (whole + dispatch) / plan.block * MILLION / 3600.0
    shares = {"recording": recording, "dispatch": dispatch, "writing": writing}
    measured = (
        Measured("a block", float(whole), " s"),
        *(
            Measured(f"{what}, part of a block's time", float(spent / whole), most=OVERHEAD_MAX)
            for what, spent in shares.items()
        ),
        Measured("a million runs of a sweep, at that rate", float(million), " core-hours"),
    )
    return BenchmarkSection("Where an ensemble's time goes", words, measured)


def _plan(blocks: int) -> SweepPlan:
    """Runs of the baseline that differ by their draws only, as a sweep in so many blocks."""
    return SweepPlan(
        name="speed",
        title="Speed",
        scenario=load_scenario(SCENARIO),
        seed=1,
        design="none",
        samples=1,
        replications=blocks * BLOCK,
        laws={},
        tables=("metrics",),
        paths=(),
        values=np.zeros((1, 0)),
    )


def _round(plan: SweepPlan, job: Job, task: Task) -> tuple[float, float, float]:
    """CPU seconds of a block from its task to its file, and of recording and of writing in it."""
    record = _TimedRecord(economy := open_economy(job.scenario, job.seed, task.draws))
    engine.run(economy, record)
    block = run_block(job.scenario, job.seed, task.draws)
    part, made = _timed(lambda: run_part(job, task))
    calendar, keys = job.scenario.calendar, part.note
    _, encoding = _timed(lambda: parts.encode("metrics", [block], calendar, task.runs, keys))
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "sweep"), plan)
        with store.writing(resume=False):
            _, writing = _timed(lambda: store.write(part))
    return made + writing, record.seconds, encoding + writing


def _dispatch(job: Job, tasks: Sequence[Task]) -> float:
    """CPU seconds that this process spends on a block that a worker runs."""
    with local_workers(1) as execute:
        list(execute(job, tasks[:1]))
        _, spent = _timed(lambda: list(execute(job, tasks[1:])))
    return spent / len(tasks[1:])
