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
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of results.")],
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

    from experiments.reproduce import reproduce as make_again

    found = make_again(folder, out, beside=beside, workers=workers)
    typer.echo(json.dumps(found.facts(), indent=2) if as_json else found.text())
    found.refuse_other()
