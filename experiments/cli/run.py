"""Commands that run one scenario: run, accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.app import app
from experiments.cli.options import (
    AsJson,
    Months,
    Overlays,
    ResultsFolder,
    ScenarioName,
    Seed,
    whole,
)
from sim.base.errors import Interrupted, RequestError, nearest, one_of
from sim.base.limits import RUNS_MAX


@app.command()
def run(
    scenario: ScenarioName = "baseline",
    months: Months = None,
    runs: Annotated[int, whole(1, RUNS_MAX, "Runs, which differ by their draws.")] = 1,
    seed: Seed = 1,
    overlays: Overlays = None,
    out: ResultsFolder = None,
    tables: Annotated[
        str,
        typer.Option(metavar="LIST", help="Tables to keep, with commas: agents,payments."),
    ] = "metrics",
    as_json: AsJson = False,
) -> None:
    """Run a scenario, once or many times."""
    import json
    from time import perf_counter

    began = perf_counter()

    from sim.config.scenario.loader import load_scenario

    wanted = _tables(tables)
    chosen = load_scenario(scenario, set=_overlays(overlays or []), months=months)

    from experiments.runs.ensemble import results_folder, simulate
    from experiments.runs.progress import progress_bar

    folder = results_folder(out, chosen, seed, runs)
    with progress_bar(chosen.title, runs * chosen.months) as progress:
        results = simulate(chosen, runs, seed, wanted, progress)
    results.write(folder)

    from experiments.reporting.summary import summarise

    summary = summarise(results, str(folder), perf_counter() - began)
    typer.echo(json.dumps(summary.facts(), indent=2) if as_json else summary.text())
    if not results.complete:
        raise Interrupted(f"interrupted; {results.runs} of {runs} runs are kept")


@app.command()
def accounts(
    scenario: ScenarioName = "baseline",
    agent: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Statements of an agent, e.g. labs.openai."),
    ] = None,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="The month; the last if not given.")
    ] = None,
    months: Months = None,
    seed: Seed = 1,
    overlays: Overlays = None,
    sankey: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Draw the month's payments as a Sankey diagram."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a month's payments between sectors, or the statements of an agent."""
    import json

    from sim.config.scenario.loader import load_scenario

    chosen = load_scenario(scenario, set=_overlays(overlays or []), months=months)

    from experiments.reporting.accounts import check_file, close, number_of, write_sankey
    from experiments.runs.progress import progress_bar

    if sankey is not None:
        check_file(sankey, agent)
    number = number_of(chosen, month)
    with progress_bar(chosen.title, number + 1) as progress:
        closing = close(chosen, seed, number, agent, progress)
    if sankey is not None:
        write_sankey(closing, sankey)
    typer.echo(json.dumps(closing.facts(), indent=2) if as_json else closing.text())


def _tables(names: str) -> tuple[str, ...]:
    """The tables asked for, `metrics` among them."""
    from sim.results.table_columns import TABLES

    given = [name.strip() for name in names.split(",")]
    for name in given:
        if name not in TABLES:
            raise RequestError(
                "unknown table",
                key="--tables",
                value=name,
                allowed=one_of(TABLES),
                nearest=nearest(name, TABLES),
            )
    return tuple(name for name in TABLES if name in given or name == "metrics")


def _overlays(given: list[str]) -> dict[str, float]:
    """The parameters of `--set PATH=VALUE`."""
    overlays: dict[str, float] = {}
    for text in given:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not path:
            raise RequestError(
                "no value is given",
                key="--set",
                value=text,
                allowed="PATH=VALUE, e.g. --set fleets.wacc=0.1",
            )
        if path in overlays:
            raise RequestError("given twice", key=f"--set {path}", value=value)
        try:
            overlays[path] = float(value)
        except ValueError:
            raise RequestError(
                "not a number", key=f"--set {path}", value=value, allowed="a number"
            ) from None
    return overlays
