"""`drawbridge backtest`: a start in 2023, held against what was measured since."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli_statistics import AsJson, Seed


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(
    runs: Annotated[int, typer.Option(metavar="N", help="Runs of each ensemble.")] = 256,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tables to a folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start in 2023 and score the model against observations, beside naive rivals."""
    import json

    from sim.ensemble import RUNS_MAX
    from sim.toml_table import Table

    numbers = Table({"--runs": runs, "--seed": seed})
    numbers.integer("--runs", 1, RUNS_MAX)
    numbers.integer("--seed", 0, 2**63 - 1)

    from experiments import backtest_report as report
    from experiments.backtest import backtest as tested
    from experiments.simulate import progress_bar

    if out is not None:
        report.check_folder(out)
    with progress_bar("Backtest", 2 * runs) as progress:
        found = tested(runs, seed, progress=progress)
    if out is not None:
        report.write(found, out)
    typer.echo(json.dumps(report.facts(found), indent=2) if as_json else report.text(found))
