"""Results made again from their manifest: which runs, and with which plan.

A kind of results is made again by its entry of `REMAKERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.designs import DESIGNS, Law, sample
from experiments.plan import RUNS_MAX, SweepPlan
from experiments.simulate import progress_bar, results_folder, simulate, sweep_bar
from experiments.sweep import run_sweep
from sim import checks, manifest, parts
from sim.errors import Interrupted, RequestError, spelt
from sim.layout import TABLES
from sim.scenario import Scenario
from sim.sweep_results import DESIGN, Sweep


@dataclass(frozen=True)
class Original:
    """Results that are to be made again: their folder, its manifest, and the scenario in it."""

    folder: Path
    known: Mapping[str, Any]
    scenario: Scenario

    def number(self, value: object, key: str, low: int, high: int) -> int:
        """A whole number of the manifest."""
        try:
            return checks.integer(value, low, high)
        except RequestError as error:
            raise error.located(key, self.folder / manifest.FILE) from None

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self.number(self.known["seed"], "seed", 0, 2**63 - 1)


Remaker = Callable[[Original, Path, int | None], list[str]]
"""Makes results again into a folder, on so many workers; returns the files to compare."""


@contextmanager
def sound(folder: Path) -> Iterator[None]:
    """Turn what a manifest's own layout makes fail into a RequestError."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RequestError("the manifest is damaged", file=folder / manifest.FILE) from error


def _runs(original: Original, place: Path, workers: int | None) -> list[str]:
    """Runs of one scenario, as many as were done."""
    with sound(original.folder):
        done = original.known["replications"]
        runs = original.number(done["count"], "replications.count", 1, RUNS_MAX)
        original.number(done["first"], "replications.first", 0, 0)
        tables = _tables(original, original.known["tables"])
    place = results_folder(place, original.scenario, original.seed, runs)
    with progress_bar(original.scenario.title, runs * original.scenario.months) as progress:
        results = simulate(original.scenario, runs, original.seed, tables, progress)
    if not results.complete:
        raise Interrupted("interrupted; nothing is compared")
    results.write(place)
    return [f"{table}.parquet" for table in tables]


def _sweep(original: Original, place: Path, workers: int | None) -> list[str]:
    """The runs of a sweep, block by block; of one that was not finished, the blocks there are."""
    with sound(original.folder):
        plan = plan_of(original)
    files = {
        block: [f"{parts.FOLDER}/{parts.file_name(table, block)}" for table in plan.tables]
        for block in range(plan.blocks)
    }
    blocks = list(files)
    if original.known["done"] != plan.runs:
        here = {n for names in files.values() for n in names if (original.folder / n).is_file()}
        blocks = [block for block, names in files.items() if here.issuperset(names)]
    if not blocks:
        raise RequestError("no runs are done", file=original.folder)
    with sweep_bar(plan.title, min(plan.runs, len(blocks) * plan.block)) as progress:
        outcome = run_sweep(plan, place, workers=workers, blocks=blocks, progress=progress)
    if outcome.interrupted:
        raise Interrupted("interrupted; nothing is compared")
    return [DESIGN, *(name for block in blocks for name in files[block])]


REMAKERS: Mapping[str, Remaker] = {manifest.KIND: _runs, manifest.SWEEP: _sweep}


def plan_of(original: Original) -> SweepPlan:
    """The plan of a sweep, made again from its manifest; points that a file gave are read.

    Raises RequestError if it is not the plan that was run.
    """
    known, told = original.known, original.known["sweep"]
    _check_design(original, told)
    laws = {path: Law.of_dict(law) for path, law in told["vary"].items()}
    if told["design"] == "points":
        design = Sweep(original.folder, dict(known)).design
        paths, values = tuple(design.columns), design.to_numpy()
    else:
        paths = tuple(laws)
        values = sample(told["design"], told["samples"], laws, original.seed)
    plan = SweepPlan(
        name=known["name"],
        title=known["title"],
        scenario=original.scenario,
        seed=original.seed,
        design=told["design"],
        samples=told["samples"],
        replications=original.number(told["replications"], "replications", 1, RUNS_MAX),
        laws=laws,
        tables=_tables(original, told["tables"]),
        paths=paths,
        values=values,
    )
    for field in manifest.IDENTITY[manifest.SWEEP]:
        other = manifest.first_difference(known[field], plan.identity[field], field)
        if field != "version" and other is not None:
            path, was, now = other
            raise RequestError(
                "the plan is another when it is made again",
                file=original.folder / manifest.FILE,
                key=path,
                value=was,
                allowed=spelt(now),
            )
    return plan


def _check_design(original: Original, told: Mapping[str, Any]) -> None:
    """Refuse a design that is none, or one too large to be drawn."""
    try:
        checks.choice(told["design"], DESIGNS)
    except RequestError as error:
        raise error.located("sweep.design", original.folder / manifest.FILE) from None
    original.number(told["samples"], "sweep.samples", 0, RUNS_MAX)


def _tables(original: Original, names: Any) -> tuple[str, ...]:
    try:
        for name in names:
            checks.choice(name, TABLES)
    except RequestError as error:
        raise error.located("tables", original.folder / manifest.FILE) from None
    return tuple(name for name in TABLES if name in names)
