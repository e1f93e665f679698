"""Commands on results: report, compare, reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.app import app
from experiments.cli.options import AsJson, Months, Seed, TableFile, Workers, whole
from sim.base.errors import RequestError
from sim.base.limits import RUNS_MAX


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
        bool, typer.Option("--all-scenarios", help="Compare every shipped scenario.")
    ] = False,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A scenario, or a TOML file; may be repeated."),
    ] = None,
    runs: Annotated[int, whole(1, RUNS_MAX, "Pairs of runs.")] = 64,
    seed: Seed = 1,
    months: Months = None,
    out: TableFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare results folders, or scenarios with their references."""
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

    if all_scenarios == bool(scenario):
        raise RequestError(
            "nothing to compare", allowed="DIR DIR..., --all-scenarios, or --scenario NAME"
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
        typer.Option(metavar="DIR", help="Folder to keep the new results in."),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the scenario's own world and modules."),
    ] = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Repeat results from their manifest, and compare them."""
    import json

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
