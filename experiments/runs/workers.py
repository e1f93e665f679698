"""Blocks on Dask workers: a cluster of processes on this machine, or a scheduler that runs already.

Workers only compute. Parts come back to this process, which alone writes, so a worker that dies
leaves nothing behind, and its blocks go to another.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from experiments.runs.block import Executor, Part, run_part
from experiments.runs.sweep_plan import Job, Task
from sim.base.errors import MachineError, RequestError

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 2
"""Blocks under way or waiting per worker thread: a worker never idles, and few parts are held."""
DEATHS_MAX = 5
"""How often workers may die over one block before it is taken to be the cause."""
PATIENCE = 60.0
"""Seconds to wait for a worker where there is none."""
ANSWER, POLL = 10.0, 1.0
"""Seconds to wait for a scheduler's first answer, and for parts before looking around again."""
MEMORY = {
    # Dask keeps its last thousand messages, tasks and all: memory would grow with the sweep.
    "distributed.admin.low-level-log-length": 1,
}
SELDOM = {
    # Blocks take seconds: what Dask looks at fifty times a second for a user's own tasks would
    # cost this process more than handing out the blocks, and nobody reads the workers' profile.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.profile.enabled": False,
}
LOCAL = {
    **MEMORY,
    **SELDOM,
    "distributed.scheduler.allowed-failures": DEATHS_MAX,
}


@contextmanager
def local_workers(count: int) -> Iterator[Executor]:
    """So many worker processes on this machine, gone when the block ends. Each has one thread, and
    by Dask's defaults one for linear algebra: the blocks are the parallelism."""
    import dask
    from distributed import Client, LocalCluster

    _quiet()
    with dask.config.set(LOCAL):
        with _deaf_to_interrupts():
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        with cluster, Client(cluster, set_as_default=False) as client:
            yield lambda job, tasks: _run(client, job, tasks)


@contextmanager
def scheduler(address: str) -> Iterator[Executor]:
    """The workers of a Dask scheduler that runs already.

    Raises RequestError for an address that is none, MachineError where nobody answers.
    """
    import dask
    from distributed import Client

    _quiet()
    try:
        with dask.config.set(MEMORY):
            client = Client(address, timeout=ANSWER, set_as_default=False)
    except ValueError as error:
        raise RequestError(
            "not an address of a scheduler",
            key="--scheduler",
            value=address,
            allowed="HOST:PORT, e.g. tcp://10.0.0.1:8786",
        ) from error
    except OSError as error:
        raise MachineError(f"no scheduler answers at {address}") from error
    with client:
        yield lambda job, tasks: _run(client, job, tasks)


def _run(client: Client, job: Job, tasks: Iterable[Task]) -> Iterator[Part]:
    """Parts as they are ready, a few blocks ahead of them and no more."""
    from distributed import CancelledError, KilledWorker, wait

    waiting = iter(tasks)
    running: dict[Future[Any], Task] = {}
    try:
        while True:
            for task in _some(waiting, AHEAD * _threads(client) - len(running)):
                running[_submit(client, job, task)] = task
            if not running:
                return
            try:
                with client.as_current():
                    done = wait(list(running), timeout=POLL, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                continue
            for future in done:
                task = running.pop(future)
                try:
                    part = future.result()
                except KilledWorker as error:
                    raise MachineError(
                        f"block {task.block} ended {DEATHS_MAX} workers; is memory short?"
                    ) from error
                except CancelledError:
                    _threads(client)
                    running[_submit(client, job, task)] = task  # the scheduler lost it
                    continue
                yield part
    except OSError as error:
        raise MachineError("the scheduler is gone") from error
    finally:
        if client.status == "running":
            client.cancel(list(running), force=True)


def _submit(client: Client, job: Job, task: Task) -> Future[Any]:
    # A key of its own: a scheduler may hold what another process left of the same block.
    key = f"drawbridge-{task.block}-{uuid4().hex}"
    return client.submit(run_part, job, task, pure=False, key=key)


def _some(tasks: Iterator[Task], count: int) -> Iterator[Task]:
    for _ in range(count):
        task = next(tasks, None)
        if task is None:
            return
        yield task


def _threads(client: Client) -> int:
    """Threads of all workers; waits for the first, and gives up in the end."""
    end = monotonic() + PATIENCE
    while True:
        if client.status != "running":
            raise MachineError("the scheduler is gone")
        threads: int = sum(client.nthreads().values())
        if threads:
            return threads
        if monotonic() > end:
            raise MachineError(f"no workers for {PATIENCE:.0f} seconds")
        with suppress(TimeoutError):
            client.wait_for_workers(1, timeout=POLL)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Threads and processes that are started inside, and those that these start, leave Ctrl-C to
    this one: they inherit the mask of signals. One that comes meanwhile is kept for the end."""
    # The tracker unblocks signals in the thread that starts it, so it is started first.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _quiet() -> None:
    """Dask tells of every lost worker in many lines; what matters is said by the sweep."""
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
