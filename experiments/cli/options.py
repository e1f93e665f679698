"""Options and limits that commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Seed = Annotated[int, typer.Option(metavar="N", help="Seed of the design and the draws.")]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Worker processes; 0 for none but this one.")
]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A running Dask scheduler to use instead.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
