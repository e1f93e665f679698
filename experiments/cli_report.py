"""Commands that tell what results came to: a report of one folder, a comparison of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(report)


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
    from experiments.report import write_report

    typer.echo(f"Report    {write_report(folder, out)}")
