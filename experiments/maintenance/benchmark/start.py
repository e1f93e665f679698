"""Starting: imports, the first run after installing and later ones, and short answers."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from experiments.maintenance.benchmark.measured import ROUNDS, BenchmarkSection, Measured

IMPORT_MAX = 1.3
"""Most CPU time of `import sim`, in that of `import mesa`."""
ANSWER_MAX = 0.35
"""Longest wait for help and for the list of scenarios, in seconds."""
FIRST_ROUNDS = 3
COMMANDS = ("--help", "scenarios")
HEAVY = ("mesa", "numba", "solara")
"""What answering those commands must not import."""
UNUSED = ("solara", "dask", "sklearn")
"""What running the model must not import."""
FACE = "from sim import EconomyModel, load_scenario, run_ensemble"
RUN = f"{FACE}; run_ensemble(load_scenario('baseline'))"
NO_CACHE = (
    "from numba.core import caching; "
    "kept = getattr(caching, 'CacheImpl', None) or caching._CacheImpl; "
    "kept._locator_classes = []; "
)
"""As where neither the package's folder nor the user's may be written: numba finds no place. Its
class has had two names."""


def sections() -> Iterator[BenchmarkSection]:
    """Imports, the first run, and answers of the command line."""
    yield _imports()
    yield _first_run()
    yield _answers()


def _imports() -> BenchmarkSection:
    codes = ("", "import mesa", "import sim", FACE)
    rounds = [[cpu_of(code) for code in codes] for _ in range(ROUNDS)]
    bare, mesa, sim, face = map(median, zip(*rounds, strict=True))
    words = (
        f"CPU time in processes of their own, that of Python itself ({bare:.2f} s) included. "
        "`import sim` loads nothing until one of its names is asked for; what a run needs is below "
        "it, without a target."
    )
    loaded = modules_after(FACE) & set(UNUSED)
    measured = (
        Measured("`import mesa`", mesa, " s"),
        Measured("`import sim`", sim, " s"),
        Measured("`import sim` over `import mesa`", sim / mesa, most=IMPORT_MAX),
        Measured(f"`{FACE}`, all that a run needs", face, " s"),
        Measured("that over `import mesa`", face / mesa),
        Measured(f"of {', '.join(UNUSED)}, imported by that", len(loaded), most=0),
    )
    return BenchmarkSection("Imports", words, measured)


def _first_run() -> BenchmarkSection:
    first, later, nowhere = [], [], []
    for _ in range(FIRST_ROUNDS):
        with TemporaryDirectory() as folder:
            cached = {"NUMBA_CACHE_DIR": str(Path(folder, "cache"))}
            first.append(cpu_of(RUN, cached))
            later.append(cpu_of(RUN, cached))
        nowhere.append(cpu_of(NO_CACHE + RUN))
    words = (
        "One run of the baseline in a process of its own, imports included. The first compiles and "
        "keeps what it compiled; where no folder may be written, every run is a first. Medians of "
        f"{FIRST_ROUNDS}."
    )
    measured = (
        Measured("first run", median(first), " s"),
        Measured("later runs", median(later), " s"),
        Measured("where no folder may be written", median(nowhere), " s"),
    )
    return BenchmarkSection("The first run, and later ones", words, measured)


def _answers() -> BenchmarkSection:
    measured = []
    for command in COMMANDS:
        answers = [modules_loaded(command) for _ in range(ROUNDS)]
        heavy = set().union(*(loaded for _, loaded in answers))
        waited = median(seconds for seconds, _ in answers)
        measured += [
            Measured(f"`drawbridge {command}`", waited, " s", most=ANSWER_MAX),
            Measured(f"of {', '.join(HEAVY)}, imported by that", len(heavy), most=0),
        ]
    words = f"Time on the clock, the median of {ROUNDS}."
    return BenchmarkSection("Short answers", words, measured)


def cpu_of(code: str, environment: Mapping[str, str] | None = None) -> float:
    """CPU seconds of Python code in a process of its own; raises CalledProcessError if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(["-c", code], environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def modules_after(code: str) -> set[str]:
    """Names of the modules that Python code imports, packages' own names only."""
    said = _run(["-c", f"{code}; import sys; print(*sys.modules, file=sys.stderr)"])
    return {name.partition(".")[0] for name in said.split()}


def modules_loaded(command: str) -> tuple[float, set[str]]:
    """Wall seconds of a command in a process of its own, and the heavy libraries it imported."""
    code = f"from experiments.cli.main import execute; execute([{command!r}])"
    began = perf_counter()
    loaded = modules_after(code)
    return perf_counter() - began, loaded & set(HEAVY)


def _run(words: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """What Python says on stderr."""
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, **(environment or {})},
    ).stderr
