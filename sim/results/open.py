"""Open a folder of results, of runs or of a sweep."""

from __future__ import annotations

from pathlib import Path

from sim.base.errors import RequestError, one_of
from sim.results.files import manifest
from sim.results.files.parts import StoredParts
from sim.results.files.tables import StoredTables
from sim.results.runs import Runs
from sim.results.sweep import Sweep


def open_results(directory: str | Path) -> Runs | Sweep:
    """The results in a folder, of runs or of a sweep; its files are read when asked for.

    Raises RequestError for a folder that holds none, and for a file that is not the one that was
    written.
    """
    folder = Path(directory)
    known = manifest.read(folder)
    if known["kind"] == manifest.SWEEP:
        return Sweep(StoredParts(folder, known), known, folder)
    if known["kind"] != manifest.KIND:
        raise RequestError(
            "no runs are kept here",
            file=folder,
            key="kind",
            value=known["kind"],
            allowed=one_of((manifest.KIND, manifest.SWEEP)),
        )
    return Runs(StoredTables(folder, known["tables"]), known, folder)


def open_sweep(directory: str | Path) -> Sweep:
    """The sweep in a folder; its parts are read, and checked, when asked for.

    Raises RequestError for a folder that holds none.
    """
    folder = Path(directory)
    known = manifest.read(folder)
    if known["kind"] != manifest.SWEEP:
        raise RequestError("not a sweep", file=folder, key="kind", value=known["kind"])
    return Sweep(StoredParts(folder, known), known, folder)
