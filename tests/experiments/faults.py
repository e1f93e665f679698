"""Faults for sweeps: processes that are killed, disks that are full, parts that are damaged.

Every fault leaves a folder that was being written to by a process of its own; `survive` resumes it
in the end and holds it against the folder of a sweep that nothing befell, byte by byte.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

from experiments.cli.main import execute
from sim.results.open import open_sweep
from tests.experiments.sweeps import parts_of

PATIENCE = 120.0
"""Seconds after which a process counts as hung."""


@dataclass
class Field:
    """Where faults happen: a sweep file, its folder, and the luck of when and where."""

    file: Path
    folder: Path
    luck: random.Random

    @property
    def whole(self) -> list[Path]:
        """The parts that are there."""
        return sorted((self.folder / "parts").glob("[!.]*.parquet"))

    def start(self, workers: int, limit: int | None = None) -> subprocess.Popen[bytes]:
        """A process that goes on with the sweep. limit: the largest file it may write, bytes."""
        words = ["sweep", str(self.file), "--out", str(self.folder), "--workers", str(workers)]
        resume = ["--resume"] if (self.folder / "manifest.json").exists() else []
        code = "from experiments.cli.main import main; main()"
        if limit is not None:
            code = f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({limit}, {limit})); {code}"
        return subprocess.Popen(
            [sys.executable, "-c", code, *words, *resume],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def midway(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the process has written a part or two; False if it ended before."""
        wanted = len(self.whole) + self.luck.randint(1, 2)
        end = monotonic() + PATIENCE
        while process.poll() is None and len(self.whole) < wanted:
            assert monotonic() < end, "hung before its first part"
            sleep(0.01)
        sleep(self.luck.uniform(0.0, 0.3))
        return process.poll() is None

    def some_left(self) -> None:
        """Take parts away if all are there, so that there is something left to run."""
        for path in self.luck.sample(self.whole, min(4, len(self.whole))):
            path.unlink()


def kill_parent(field: Field, workers: int) -> None:
    """SIGKILL of the process that writes; its workers must go by themselves."""
    process = field.start(workers)
    children: list[psutil.Process] = []
    if field.midway(process):
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    process.wait(PATIENCE)
    _, alive = psutil.wait_procs(children, timeout=20.0)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE], "orphans"


def kill_worker(field: Field, workers: int) -> None:
    """SIGKILL of a worker: its blocks go to another, and the sweep ends well."""
    process = field.start(workers)
    if field.midway(process):
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(process.pid).children(recursive=True)
            field.luck.choice([c for c in children if c.memory_info().rss > 1e8]).kill()
    assert process.wait(PATIENCE) == 0


def interrupt(field: Field, workers: int) -> None:
    """Ctrl-C, which a terminal sends to all processes of the group."""
    process = field.start(workers)
    stopped = field.midway(process)
    if stopped:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) in ({0, 130} if stopped else {0})


def fill_disk(field: Field, workers: int) -> None:
    """A limit below the size of a part: the process ends with 4, and nothing half is left."""
    process = field.start(workers, limit=field.luck.randint(16_000, 24_000))
    assert process.wait(PATIENCE) == 4
    assert not list((field.folder / "parts").glob(".*"))


def cut(field: Field, workers: int) -> None:
    """A part is cut short."""
    for file in field.whole[:1] and [field.luck.choice(field.whole)]:
        content = file.read_bytes()
        file.write_bytes(content[: field.luck.randrange(len(content))])


def flip(field: Field, workers: int) -> None:
    """A bit of a part flips."""
    for file in field.whole[:1] and [field.luck.choice(field.whole)]:
        content = bytearray(file.read_bytes())
        content[field.luck.randrange(len(content))] ^= 1 << field.luck.randrange(8)
        file.write_bytes(content)


Fault = tuple[Callable[[Field, int], None], int]
EVERY_KIND: Sequence[Fault] = (
    (kill_parent, 2),
    (cut, 0),
    (fill_disk, 0),
    (kill_worker, 2),
    (flip, 0),
    (interrupt, 2),
)
TEN: Sequence[Fault] = (*EVERY_KIND, (kill_parent, 0), (cut, 0), (flip, 0), (interrupt, 0))


def survive(field: Field, faults: Sequence[Fault], expected: dict[str, bytes], runs: int) -> None:
    """Inject faults one after the other, then resume: exactly the planned runs, each once, with the
    same numbers."""
    for fault, workers in faults:
        if fault not in (cut, flip):
            field.some_left()
        fault(field, workers)
    assert execute(["sweep", str(field.file), "--out", str(field.folder), "--resume"]) == 0
    assert parts_of(field.folder) == expected
    sweep = open_sweep(field.folder)
    assert sweep.complete
    frame = sweep.metrics()
    assert len(frame[["scenario_id", "replication_id"]].drop_duplicates()) == runs
