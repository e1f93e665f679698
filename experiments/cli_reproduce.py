"""`drawbridge reproduce`: a results folder made again and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli_sweep import WORKERS_MAX


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reproduce)


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

    from sim.toml_table import Table

    Table({"--workers": workers or 0}).integer("--workers", 0, WORKERS_MAX)

    from experiments import reproduce as again

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
