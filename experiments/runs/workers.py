"""Tasks on Dask workers: processes of this machine, or those of a scheduler that runs already.

Workers only compute. Results come back to this process, which alone writes, so a worker that dies
leaves nothing behind, and its tasks go to another.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from multiprocessing import resource_tracker
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from experiments.runs.block import Executor, run_part
from sim.base.errors import MachineError, RequestError

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2
"""Tasks under way or waiting per worker thread: a worker never idles, and few results are held."""
DEATHS_MAX = 5
"""How often workers may die over one task before it is taken to be the cause."""
PATIENCE = 60.0
"""Seconds to wait for a worker where there is none."""
ANSWER, POLL = 10.0, 1.0
"""Seconds to wait for a scheduler's first answer, and for results before looking around again."""
MEMORY = {
    # Dask keeps its last thousand messages, tasks and all: memory would grow with the sweep.
    "distributed.admin.low-level-log-length": 1,
}
SELDOM = {
    # Tasks take seconds: what Dask looks at fifty times a second for a user's own tasks would
    # cost this process more than handing out ours, and nobody reads the workers' profile.
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
def processes(count: int) -> Iterator[Client]:
    """So many processes of this program on this machine, gone when the block ends or this process
    does. Each has one thread, and by Dask's defaults one for linear algebra: the tasks are the
    parallelism. Ctrl-C is left to this process."""
    import dask
    from distributed import Client

    _quiet()
    with dask.config.set(LOCAL):
        with _deaf_to_interrupts():
            client = Client(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                silence_logs=logging.CRITICAL,
                set_as_default=False,
            )
        with client:
            yield client


@contextmanager
def local_workers(count: int) -> Iterator[Executor]:
    """So many processes of this machine for the blocks of a sweep."""
    with processes(count) as client:
        yield lambda job, tasks: results(client, partial(run_part, job), tasks)


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
        yield lambda job, tasks: results(client, partial(run_part, job), tasks)


def spread(work: Callable[[T], R], tasks: Iterable[T], workers: int) -> Iterator[R]:
    """What work makes of each task, in any order: on so many processes, in this one for 1.

    Raises as `results` does.
    """
    if workers == 1:
        yield from map(work, tasks)
        return
    with processes(workers) as client:
        yield from results(client, work, tasks)


def results(client: Client, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """What work makes of each task, as it is ready, a few tasks ahead of it and no more.

    A task whose process dies goes to another. Raises what the work raises, and MachineError for
    processes that are lost, and for a task that ends one after the other.
    """
    from distributed import CancelledError, KilledWorker, wait

    waiting = iter(tasks)
    running: dict[Future[Any], T] = {}
    try:
        while True:
            for task in islice(waiting, max(0, AHEAD * _threads(client) - len(running))):
                running[_submit(client, work, task)] = task
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
                    result: R = future.result()
                except KilledWorker as error:
                    raise MachineError(
                        f"{task} ended {DEATHS_MAX} workers; is memory short?"
                    ) from error
                except CancelledError:
                    _threads(client)
                    running[_submit(client, work, task)] = task  # the scheduler lost it
                    continue
                yield result
    except OSError as error:
        raise MachineError("the scheduler is gone") from error
    finally:
        if client.status == "running":
            client.cancel(list(running), force=True)


def _submit(client: Client, work: Callable[[T], R], task: T) -> Future[Any]:
    # A key of its own: a scheduler may hold what another process left of the same task.
    return client.submit(work, task, pure=False, key=f"drawbridge-{uuid4().hex}")


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
