"""Options that commands share, and the one way in which their numbers are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.base import checks
from sim.base.calendar import MONTHS_MAX
from sim.base.errors import RequestError
from sim.base.limits import SEED_MAX, WORKERS_MAX


def within(
    low: float, high: float, check: Callable[..., float] = checks.integer
) -> Callable[[typer.CallbackParam, Any], Any]:
    """A callback that refuses numbers outside [low, high] by the name of the option; an option that
    is not given passes. check: of `sim.base.checks`, for whole numbers unless it is another."""

    def checked(option: typer.CallbackParam, value: Any) -> Any:
        try:
            return None if value is None else check(value, low, high)
        except RequestError as error:
            raise error.located(option.opts[-1]) from None

    return checked


def whole(low: int, high: int, help: str) -> Any:
    """An option for a whole number within [low, high]."""
    return typer.Option(metavar="N", help=help, callback=within(low, high))


ScenarioName = Annotated[
    str, typer.Argument(metavar="[SCENARIO]", help="Name of a scenario, or a TOML file.")
]
SweepSource = Annotated[
    str, typer.Argument(metavar="DIR|FILE", help="A sweep's folder, or a sweep file to run.")
]
Months = Annotated[
    int | None, whole(1, MONTHS_MAX, "Months to run; the scenario's own if not given.")
]
Seed = Annotated[int, whole(0, SEED_MAX, "Seed of all random draws.")]
Overlays = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Set a parameter; may be repeated."),
]
Workers = Annotated[
    int | None,
    whole(
        0, WORKERS_MAX, "Worker processes, 0 for none; by default one a processor, if that pays."
    ),
]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A running Dask scheduler to use instead.")
]
ResultsFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for the results.")
]
TableFile = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.csv", help="Write the table to a file too.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
