"""Commands on sweeps: sweep, sensitivity, discover, calibrate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from experiments.cli.app import app
from experiments.cli.options import (
    AsJson,
    ResultsFolder,
    Scheduler,
    Seed,
    SweepSource,
    TableFile,
    Workers,
    whole,
    within,
)
from sim.base import checks
from sim.base.errors import DrawbridgeError, Interrupted, RequestError

if TYPE_CHECKING:
    from sim.results.sweep import Sweep

T = TypeVar("T")
USUAL = "capability_lag_months"
RESAMPLES_MAX = 100_000
BOXES_MAX = 20

Outcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="OUTCOME",
        help="METRIC, METRIC@2030-12 or max(METRIC, 2026-01/2027-12); may be repeated.",
    ),
]


class RunsFailed(DrawbridgeError):
    """Runs of a sweep broke a law of the model; the others are kept."""

    exit_code = 3


@app.command()
def sweep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Name of a sweep, or a TOML file.")],
    workers: Workers = None,
    scheduler: Scheduler = None,
    out: ResultsFolder = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the sweep in the folder.")
    ] = False,
    seed: Seed = 1,
) -> None:
    """Run a batch of scenarios from a sweep file; it can be stopped and resumed."""
    from experiments.runs.progress import sweep_bar
    from experiments.runs.sweep import folder_of, run_sweep
    from experiments.runs.sweep_file import load_sweep

    plan = load_sweep(file, seed)
    with sweep_bar(plan.title, plan.runs) as progress:
        outcome = run_sweep(
            plan,
            out or folder_of(plan),
            workers=workers,
            scheduler=scheduler,
            resume=resume,
            progress=progress,
        )
    typer.echo(outcome.text())
    if outcome.interrupted:
        raise Interrupted(
            f"interrupted; {outcome.done:,} of {plan.runs:,} runs are kept, --resume continues"
        )
    if outcome.failed:
        first, more = outcome.failed[0], len(outcome.failed) - 1
        others = f" (and {more:,} more)" if more else ""
        raise RunsFailed(f"a run failed: {first}{others}")


@app.command()
def sensitivity(
    source: SweepSource,
    outcomes: Outcomes = None,
    resamples: Annotated[
        int, whole(2, RESAMPLES_MAX, "Bootstrap resamples of the intervals.")
    ] = 500,
    out: TableFile = None,
    workers: Workers = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Show which parameters an outcome depends on: Sobol indices or Morris screening."""
    import json

    from experiments.statistics.outcomes import Outcome

    wanted = [_named("--outcome", Outcome.read, text) for text in outcomes or [USUAL]]

    from experiments.reporting.compare.findings import check_file
    from experiments.statistics.sensitivity import analyse, write_table

    if out is not None:
        check_file(out)
    batch = _opened(source, workers, seed)
    found = [analyse(batch, outcome, resamples) for outcome in wanted]
    if out is not None:
        write_table(found, out)
    if as_json:
        typer.echo(json.dumps([one.facts() for one in found], indent=2))
    else:
        typer.echo("\n\n".join(one.text() for one in found))


@app.command()
def discover(
    source: SweepSource,
    where: Annotated[
        str,
        typer.Option(metavar="EXPR", help='A condition, e.g. "capability_lag_months > 12".'),
    ],
    boxes: Annotated[int, whole(1, BOXES_MAX, "Most boxes to look for.")] = 4,
    density: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Take the boxes of most coverage at this density, not the best balanced.",
            callback=within(0.0, 1.0, checks.number),
        ),
    ] = None,
    workers: Workers = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Find ranges of parameters that lead to an outcome: PRIM boxes, and a tree."""
    import json

    from experiments.statistics.outcomes import Condition

    condition = _named("--where", Condition.read, where)

    from experiments.statistics import discovery

    found = discovery.discover(_opened(source, workers, seed), condition, boxes, density)
    typer.echo(json.dumps(found.facts(), indent=2) if as_json else found.text())


@app.command()
def calibrate(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Name of a calibration, or a TOML file.")
    ],
    out: ResultsFolder = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Rule out parameters that observations contradict, by history matching."""
    import json

    from experiments.statistics.calibration_file import load_calibration

    plan = load_calibration(file, seed)

    from experiments.runs.progress import sweep_bar
    from experiments.statistics import calibration

    folder = out or Path("results", f"{plan.name}-seed-{seed}")
    with sweep_bar(plan.title, plan.waves * plan.samples * plan.replications) as progress:
        found = calibration.calibrate(
            plan, folder, workers=workers, scheduler=scheduler, progress=progress
        )
    if as_json:
        typer.echo(json.dumps(found.facts(), indent=2))
    else:
        typer.echo(f"{found.text()}\n\nResults   {folder}")


def _opened(source: str, workers: int | None, seed: int) -> Sweep:
    """The sweep in a folder, or the one of a file, run as far as it has not been run before."""
    from sim.results.open import open_sweep

    if Path(source).is_dir():
        return open_sweep(source)

    from experiments.runs.progress import sweep_bar
    from experiments.runs.sweep import folder_of, run_sweep
    from experiments.runs.sweep_file import load_sweep

    plan = load_sweep(source, seed)
    with sweep_bar(plan.title, plan.runs) as progress:
        outcome = run_sweep(plan, folder_of(plan), workers=workers, resume=True, progress=progress)
    if outcome.interrupted:
        raise Interrupted(f"interrupted; {outcome.done:,} of {plan.runs:,} runs are kept")
    return open_sweep(outcome.folder)


def _named(option: str, read: Callable[[str], T], text: str) -> T:
    """What a text of an option says; its errors name the option."""
    try:
        return read(text)
    except RequestError as error:
        raise error.located(option) from None
