"""Results made again from their manifest: which runs, and with which plan.

A kind of results is made again by its entry of `REMAKERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.backtest import backtest
from experiments.backtest import files as backtest_files
from experiments.runs.designs import DESIGNS, sample
from experiments.runs.distributions import Law
from experiments.runs.ensemble import results_folder, simulate
from experiments.runs.progress import progress_bar, sweep_bar
from experiments.runs.sweep import run_sweep
from experiments.runs.sweep_plan import SweepPlan
from experiments.studies import judging, load_study
from sim.base import checks
from sim.base.calendar import MONTHS_MAX
from sim.base.errors import Interrupted, RequestError, spelt
from sim.base.limits import RUNS_MAX, SEED_MAX
from sim.config.scenario.scenario import Scenario
from sim.results.files import manifest, parts
from sim.results.table_columns import TABLES


@contextmanager
def sound(folder: Path) -> Iterator[None]:
    """Turn what a manifest's own layout makes fail into a RequestError."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RequestError("the manifest is damaged", file=folder / manifest.FILE) from error


@dataclass(frozen=True)
class Original:
    """Results that are to be made again: their folder, and its manifest.

    beside: the folder in which a world or modules of the user's own lie.
    """

    folder: Path
    known: Mapping[str, Any]
    beside: Path | None = None

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario of runs or of a sweep, if it still gives the same numbers."""
        with sound(self.folder):
            return manifest.scenario_of(self.known, self.folder, self.beside)

    def number(self, value: object, key: str, low: int, high: int) -> int:
        """A whole number of the manifest."""
        try:
            return checks.integer(value, low, high)
        except RequestError as error:
            raise error.located(key, self.folder / manifest.FILE) from None

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self.number(self.known["seed"], "seed", 0, SEED_MAX)

    def refuse_changed(self, here: Mapping[str, Any]) -> None:
        """Refuse what is no longer what decided the numbers; here: its identity as it is now.

        The registry comes first, since digests of scenarios change with it.
        """
        for field in ("registry", *manifest.IDENTITY[self.known["kind"]]):
            other = manifest.first_difference(self.known[field], here[field], field)
            if field != "version" and other is not None:
                path, was, now = other
                since = f"since version {self.known['version']} made these results"
                raise RequestError(
                    f"an input of the numbers has changed {since}",
                    file=self.folder / manifest.FILE,
                    key=path,
                    value=was,
                    allowed=spelt(now),
                )


Remaker = Callable[[Original, Path, int | None], list[str]]
"""Makes results again into a folder, on so many workers; returns the files to compare."""


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
    return [parts.DESIGN, *(name for block in blocks for name in files[block])]


def _study(original: Original, place: Path, workers: int | None) -> list[str]:
    """A study of the same cases and statistics."""
    known = original.known
    with sound(original.folder):
        runs = original.number(known["runs"], "runs", 1, RUNS_MAX)
        size = judging.StudySize(runs, original.number(known["draws"], "draws", 0, RUNS_MAX))
        try:
            study = load_study(known["name"])
        except RequestError as error:
            raise error.located("name", original.folder / manifest.FILE) from None
        original.refuse_changed(judging.identity(known["name"], size, original.seed))
    judging.check_folder(known["name"], place)
    with progress_bar(known["name"], size.months(study)) as told:
        judging.judge(known["name"], size, original.seed, told).write(place)
    return ["values.csv", "figure.csv", "figure.svg", "verdict.json"]


def _backtest(original: Original, place: Path, workers: int | None) -> list[str]:
    """A backtest against the same observations."""
    with sound(original.folder):
        runs = original.number(original.known["runs"], "runs", 1, RUNS_MAX)
        told = original.known["cases"][backtest.SCENARIO]["months"]
        months = original.number(told, f"cases.{backtest.SCENARIO}.months", 1, MONTHS_MAX)
        here = backtest.identity(backtest.scenario_of(months), runs, original.seed)
        original.refuse_changed(here)
    backtest_files.check_folder(place)
    with progress_bar("Backtest", 2 * runs * months) as progress:
        found = backtest.backtest(runs, original.seed, months=months, progress=progress)
    backtest_files.write(found, place)
    return ["scores.csv", "points.csv", "backtest.md", "backtest.json"]


REMAKERS: Mapping[str, Remaker] = {
    manifest.KIND: _runs,
    manifest.SWEEP: _sweep,
    manifest.STUDY: _study,
    manifest.BACKTEST: _backtest,
}


def plan_of(original: Original) -> SweepPlan:
    """The plan of a sweep, made again from its manifest. Points that a file gave are read, and so
    are those of runs with draws of their own, among which some stand twice.

    Raises RequestError if it is not the plan that was run.
    """
    known, told = original.known, original.known["sweep"]
    _check_design(original, told)
    laws = {path: Law.of_dict(law) for path, law in told["vary"].items()}
    own_draws = told.get("draws") == "own"
    if own_draws or told["design"] == "points":
        design = parts.StoredParts(original.folder, known).design
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
        own_draws=own_draws,
    )
    original.refuse_changed(plan.identity)
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
