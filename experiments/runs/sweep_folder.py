"""The folder of a sweep as it is written: parts appear whole or not at all, and are never redone.

One process writes at a time. A block is done when all its files are there and whole; anything else
that bears a part's name is made again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa

from experiments.runs.block import Part
from experiments.runs.sweep_plan import SweepPlan
from sim.base.errors import RequestError
from sim.base.files import Staging, check_writable, disk
from sim.results.files import manifest, parts, ro_crate
from sim.results.files.tables import write_table

LOCK = ".lock"
NOTHING = {"complete": False, "done": 0, "failed": [], "residuals": {}, "timings": {}}
"""What the manifest says of a sweep under way; `open_sweep` counts the parts itself."""


class Store:
    """The folder of one sweep. `done` holds what the parts of each finished block say, `damaged`
    the files that were found and are no whole parts of this sweep, and `told` how many runs the
    manifest knows of: fewer than are done where a process was killed."""

    def __init__(self, folder: Path, plan: SweepPlan) -> None:
        self.folder = folder
        self.plan = plan
        self.done: dict[int, parts.Note] = {}
        self.damaged: list[Path] = []
        self.told = 0

    @property
    def runs_done(self) -> int:
        """Runs of finished blocks, those that failed included."""
        return sum(note.runs + len(note.failed) for note in self.done.values())

    @property
    def failed(self) -> list[parts.Failure]:
        """Runs that broke a law of the model, in order."""
        return [failure for block in sorted(self.done) for failure in self.done[block].failed]

    @contextmanager
    def writing(self, *, resume: bool) -> Iterator[Store]:
        """The folder, made or found again, for this process alone.

        Raises RequestError for a folder that holds anything else, or a part of this sweep when it
        is not to be resumed.
        """
        check_writable(self.folder)
        held = manifest.refuse_other(self.folder, self.plan.identity)
        if held is not None and not resume:
            raise RequestError(
                "the folder holds this sweep already",
                file=self.folder,
                allowed="--resume to go on with it, or another folder",
            )
        with disk(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with disk(self.folder), (self.folder / LOCK).open("wb") as lock:
            _claim(lock, self.folder)
            if held is None:
                self._begin()
            else:
                self._find(held)
            yield self

    def write(self, part: Part) -> None:
        """Keep a block; MachineError for a disk that fails, with nothing of the block counted."""
        with Staging(self.folder / parts.FOLDER) as staging:
            for name, content in part.files.items():
                with staging.file(name) as file:
                    file.write(content)
        self.done[part.note.block] = part.note

    def finish(self, timings: dict[str, Any]) -> None:
        """Say in the manifest what there is now; complete once every run is done and none
        failed."""
        failed = self.failed
        residuals = [note.residuals for note in self.done.values()]
        worst = (
            {name: max(r[name] for r in residuals) for name in residuals[0]} if residuals else {}
        )
        self._describe(
            {
                "complete": len(self.done) == self.plan.blocks and not failed,
                "done": self.runs_done,
                "failed": [vars(failure) for failure in failed],
                "residuals": worst,
                "timings": timings,
            }
        )
        ro_crate.describe(self.folder)

    def _begin(self) -> None:
        """A new folder: the manifest before all else, so that nothing stands there unexplained."""
        self._describe(NOTHING)
        self._write_design()

    def _describe(self, state: dict[str, Any]) -> None:
        told = {
            **self.plan.identity,
            "title": self.plan.title,
            "name": self.plan.name,
            "runs": self.plan.runs,
            **manifest.provenance(),
            **state,
        }
        with Staging(self.folder) as staging, staging.file(manifest.FILE) as file:
            file.write(manifest.encoded(told))
            staging.drop([ro_crate.FILE])  # it describes what the folder no longer holds

    def _write_design(self) -> None:
        frame = pd.DataFrame(self.plan.values, columns=list(self.plan.paths))
        frame.insert(0, "scenario_id", range(len(frame)))
        with Staging(self.folder) as staging, staging.file(parts.DESIGN) as file:
            write_table(file, "design", iter([pa.Table.from_pandas(frame, preserve_index=False)]))

    def _find(self, held: dict[str, Any]) -> None:
        """Which blocks are done; what is left of a process that was killed goes."""
        self._write_design()
        self.told = held["done"]
        folder = self.folder / parts.FOLDER
        found: dict[int, dict[str, parts.Note]] = {}
        with disk(folder):
            names = sorted(os.listdir(folder)) if folder.is_dir() else []
            for place in (self.folder, folder):
                for left in place.glob(".*.part"):
                    left.unlink(missing_ok=True)
        for name in names:
            known = parts.table_and_block(name)
            if known is None or known[0] not in self.plan.tables or known[1] >= self.plan.blocks:
                continue
            note = self._note(folder / name)
            if note is None or (note.table, note.block) != known:
                self.damaged.append(folder / name)
            else:
                found.setdefault(note.block, {})[note.table] = note
        for block, notes in found.items():
            if len(notes) == len(self.plan.tables):
                self.done[block] = notes["metrics"]
        if held["complete"] and len(self.done) < self.plan.blocks:
            self._describe(NOTHING)

    def _note(self, file: Path) -> parts.Note | None:
        """What a part says, if it is a whole part of this sweep."""
        try:
            note = parts.note_of(parts.read(file))
        except RequestError:
            return None
        return note if note.stamp == self.plan.stamp else None


def _claim(lock: IO[bytes], folder: Path) -> None:
    """Hold the folder until the file is closed or the process is gone."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RequestError("another process is writing to this folder", file=folder) from None
