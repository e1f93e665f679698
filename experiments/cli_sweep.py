"""`drawbridge sweep`: a batch of many scenarios from a sweep file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.errors import DrawbridgeError, Interrupted

WORKERS_MAX = 1024


class RunsFailed(DrawbridgeError):
    """Runs of a sweep broke a law of the model; the others are kept."""

    exit_code = 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sweep)


def sweep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Name of a sweep, or a TOML file.")],
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Worker processes; 0 for none. By default one per processor, if that pays.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A running Dask scheduler to use instead."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the results.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what the folder holds of this sweep.")
    ] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the design and the draws.")] = 1,
) -> None:
    """Run a batch of scenarios from a sweep file; it can be stopped and resumed."""
    from sim.toml_table import Table

    numbers = Table({"--seed": seed, "--workers": 0 if workers is None else workers})
    numbers.integer("--seed", 0, 2**63 - 1)
    numbers.integer("--workers", 0, WORKERS_MAX)

    from experiments.simulate import sweep_bar
    from experiments.sweep import folder_of, run_sweep
    from experiments.sweep_file import load_sweep

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
            f"interrupted; {outcome.done:,} of {plan.runs:,} runs are kept, --resume goes on"
        )
    if outcome.failed:
        first, more = outcome.failed[0], len(outcome.failed) - 1
        others = f" (and {more:,} more)" if more else ""
        raise RunsFailed(f"a run failed: {first}{others}")
