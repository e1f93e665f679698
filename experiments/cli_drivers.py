"""`drawbridge drivers`: on which of all parameters the headline metrics hang."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

POINTS_MIN, POINTS_MAX = 100, 100_000
SEED_MAX = 2**63 - 1
WORKERS_MAX = 1024


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(drivers)


def drivers(
    quick: Annotated[
        bool, typer.Option("--quick", help="A tenth of the runs: only large effects are found.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder; runs that it holds are not repeated."),
    ] = None,
    runs: Annotated[
        int | None, typer.Option(metavar="N", help="Points of the sample over all parameters.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the sample and the draws.")] = 1,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Worker processes; 0 for none but this one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show which of all parameters the headline metrics depend on, and how much is luck."""
    import json

    from sim.toml_table import Table

    given = {"--seed": seed, "--workers": workers or 0, "--runs": runs or POINTS_MIN}
    if runs is not None:
        given["--runs"] = runs
    numbers = Table(given)
    numbers.integer("--seed", 0, SEED_MAX)
    numbers.integer("--workers", 0, WORKERS_MAX)
    numbers.integer("--runs", POINTS_MIN, POINTS_MAX)

    from experiments.drivers import text
    from experiments.drivers.finding import FULL, QUICK, find_drivers

    effort = QUICK if quick else FULL
    effort = effort if runs is None else replace(effort, points=runs)
    folder = out or Path("results", f"drivers-{effort.points}-points-seed-{seed}")
    found = find_drivers(effort, seed, folder, workers)
    found.write(folder)
    typer.echo(json.dumps(found.facts(), indent=2) if as_json else text.screen(found))
    if not as_json:
        typer.echo(f"\nResults   {folder}")
