"""Commands that tell what results came to: report, compare, reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.app import app
from sim.base.errors import RequestError
from sim.base.limits import RUNS_MAX, SEED_MAX, WORKERS_MAX


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of results.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE.html", help="The file; report.html in DIR if not given."
        ),
    ] = None,
) -> None:
    """Write a report: figures, tables, parameters and sources in one HTML file."""
    from experiments.reporting.report.html import write_report

    typer.echo(f"Report    {write_report(folder, out)}")


@app.command()
def compare(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR DIR...]", help="Folders of results, side by side."),
    ] = None,
    all_scenarios: Annotated[
        bool, typer.Option("--all-scenarios", help="Compare every scenario that is shipped.")
    ] = False,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A scenario, or a TOML file; may be repeated."),
    ] = None,
    runs: Annotated[int, typer.Option(metavar="N", help="Pairs of runs.")] = 64,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the draws.")] = 1,
    months: Annotated[
        int | None,
        typer.Option(metavar="N", help="Months to run; each scenario's own if not given."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the table to a file too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Compare results folders, or scenarios with what they stand on."""
    import json

    from experiments.reporting.compare.findings import check_file, write_table

    if out is not None:
        check_file(out)
    if folders:
        if all_scenarios or scenario:
            raise RequestError("folders and scenarios", allowed="either of them")
        from experiments.reporting.compare import folders as results_folders

        found = results_folders.side_by_side(folders)
        if out is not None:
            results_folders.write_table(found, out)
        typer.echo(json.dumps(found.facts(), indent=2) if as_json else found.text())
        return

    from sim.config.toml.table import Table

    numbers = Table({"--runs": runs, "--seed": seed})
    numbers.integer("--runs", 1, RUNS_MAX)
    numbers.integer("--seed", 0, SEED_MAX)
    if all_scenarios == bool(scenario):
        raise RequestError(
            "what to compare?", allowed="DIR DIR..., --all-scenarios, or --scenario NAME"
        )

    from experiments.reporting.compare.scenarios import measure, plan
    from experiments.runs.progress import progress_bar
    from sim.config.scenario.loader import list_scenarios

    planned = plan(scenario or [name for name, _ in list_scenarios()], months)
    with progress_bar("Comparing", runs * planned.months) as progress:
        comparison = measure(planned, runs, seed, progress)
    if out is not None:
        write_table(comparison, out)
    typer.echo(json.dumps(comparison.facts(), indent=2) if as_json else comparison.text())
    comparison.refuse_broken()


@app.command()
def reproduce(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of results, or of studies.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where they are to stay when they are made again."),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the scenario's own world and modules lie."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Worker processes for a sweep; 0 for none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Make results again from their manifest, and compare them."""
    import json

    from sim.config.toml.table import Table

    Table({"--workers": workers or 0}).integer("--workers", 0, WORKERS_MAX)

    from experiments.reproduce import reproduce as again

    found = []
    for each in again.folders_of(folder):
        place = out and out / each.relative_to(folder)
        found.append(again.reproduce(each, place, beside=beside, workers=workers))
        if not as_json:
            typer.echo(found[-1].text() if len(found) == 1 else f"\n{found[-1].text()}")
    if as_json:
        facts = [each.facts() for each in found]
        typer.echo(json.dumps(facts if len(facts) > 1 else facts[0], indent=2))
    again.refuse_other(found)
