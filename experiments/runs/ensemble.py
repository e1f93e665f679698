"""A scenario run many times, with a progress bar, and the folder its results go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from sim.base.progress import Progress

if TYPE_CHECKING:
    from sim.config.scenario.scenario import Scenario
    from sim.results.runs import Runs


def simulate(
    scenario: Scenario, runs: int, seed: int, tables: Sequence[str], progress: Progress
) -> Runs:
    """Runs 0 to runs - 1 of a scenario; the same numbers as `sim.run_ensemble`.

    On Ctrl-C the blocks that were done are returned as results that are not complete; with none
    done, KeyboardInterrupt is raised on. Raises InvariantError if a run breaks a law of the model.
    """
    from sim.ensemble import run_blocks
    from sim.results.runs import Runs

    wall, cpu = perf_counter(), process_time()
    blocks = []
    try:
        for block in run_blocks(scenario, seed, range(runs), tables=tables, progress=progress):
            blocks.append(block)
    except KeyboardInterrupt:
        if not blocks:
            raise
    results = Runs.from_blocks(scenario, seed, blocks, asked=runs)
    results.timings["simulate_seconds"] = perf_counter() - wall
    results.timings["simulate_cpu_seconds"] = process_time() - cpu
    return results


def results_folder(out: Path | None, scenario: Scenario, seed: int, runs: int) -> Path:
    """Where results go: `out`, or a folder under `results/` that is the same for the same request.

    Raises RequestError if it cannot be written or holds other results, before anything is run.
    """
    from sim.base.files import check_writable
    from sim.results.files import manifest

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
