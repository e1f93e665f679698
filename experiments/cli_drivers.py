"""`drawbridge drivers`: on which of all parameters the headline metrics hang."""

from __future__ import annotations

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
    studies: Annotated[
        list[str] | None,
        typer.Option("--study", metavar="NAME", help="Only these studies; may be repeated."),
    ] = None,
    judged: Annotated[
        Path | None,
        typer.Option(
            "--verdicts",
            metavar="DIR",
            help="What drawbridge study --all left: its draws of the registry are not repeated.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show which of all parameters the headline metrics and the studies' answers hang on."""
    import json

    from sim.toml_table import Table

    points, hands = POINTS_MIN if runs is None else runs, 0 if workers is None else workers
    numbers = Table({"--seed": seed, "--workers": hands, "--runs": points})
    numbers.integer("--seed", 0, SEED_MAX)
    numbers.integer("--workers", 0, WORKERS_MAX)
    numbers.integer("--runs", POINTS_MIN, POINTS_MAX)

    from experiments.drivers import finding, text
    from sim.scenario import load_scenario

    effort = finding.effort(quick, runs, tuple(studies) if studies else None)
    folder = out or Path("results", f"drivers-{effort.points}-points-seed-{seed}")
    scenario = load_scenario("baseline")
    found = finding.find_drivers(scenario, effort, seed, folder, workers, judged)
    found.write(folder)
    typer.echo(json.dumps(found.facts(), indent=2) if as_json else text.screen(found))
    if not as_json:
        typer.echo(f"\nResults   {folder}")
