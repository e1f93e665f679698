"""Commands that ask the model questions: study, backtest, drivers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.app import app
from experiments.cli.options import AsJson, Seed, Workers, whole
from sim.base.errors import RequestError
from sim.base.limits import RUNS_MAX, WORKERS_MAX

POINTS_MIN, POINTS_MAX = 100, 100_000


@app.command()
def study(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A study; without one they are listed.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Run all studies.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer runs: minutes for all studies, wider intervals.")
    ] = False,
    runs: Annotated[int | None, whole(1, RUNS_MAX, "Runs a case at the registry's values.")] = None,
    draws: Annotated[
        int | None, whole(0, RUNS_MAX, "Runs a case with the whole registry drawn.")
    ] = None,
    seed: Seed = 1,
    workers: Annotated[
        int | None, whole(1, WORKERS_MAX, "Processes for --all; one a processor if not given.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder; each study writes a folder in it.")
    ] = Path("results/studies"),
    as_json: AsJson = False,
) -> None:
    """Run a study: ask the model a question and compare the answer with the sources."""
    import json

    from experiments.studies import NAMES, load_study

    if name is not None and every:
        raise RequestError("a study and --all", value=name, allowed="either NAME or --all")
    if name is None and not every:
        from experiments.reporting.text_table import aligned

        listed = ((known, load_study(known)) for known in NAMES)
        rows = ((str(asked.number), known, asked.question) for known, asked in listed)
        typer.echo("\n".join(aligned(rows, "><<")))
        return
    chosen = NAMES if name is None else (name,)
    load_study(chosen[0])

    from experiments.studies import judging, verdict

    size = judging.study_size(quick, runs, draws)
    hands = workers or os.cpu_count() or 1
    judged = judging.judge_all(chosen, size, seed, min(hands, len(chosen)), out)
    verdicts = [judged.verdicts[n] for n in chosen if n in judged.verdicts]
    if as_json:
        facts = [v.facts() for v in verdicts]
        typer.echo(json.dumps(facts if every else facts[0], indent=2))
    else:
        typer.echo(verdict.table(verdicts) if every else verdicts[0].text())
        typer.echo(f"\nResults   {out if every else out / chosen[0]}")
    judged.refuse_missing(len(chosen))


@app.command()
def backtest(
    runs: Annotated[int, whole(1, RUNS_MAX, "Runs of each ensemble.")] = 256,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the results; without it none are kept."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start in 2023 and score the model against observations, beside naive rivals."""
    import json

    from experiments.backtest import files as report
    from experiments.backtest.backtest import backtest as tested
    from experiments.backtest.backtest import scenario_of
    from experiments.runs.progress import progress_bar

    if out is not None:
        report.check_folder(out)
    with progress_bar("Backtest", 2 * runs * scenario_of().months) as progress:
        found = tested(runs, seed, progress=progress)
    if out is not None:
        report.write(found, out)
    typer.echo(json.dumps(report.facts(found), indent=2) if as_json else report.text(found))


@app.command()
def drivers(
    quick: Annotated[
        bool, typer.Option("--quick", help="A tenth of the runs: only large effects are found.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder; runs that it holds are not repeated."),
    ] = None,
    runs: Annotated[
        int | None, whole(POINTS_MIN, POINTS_MAX, "Points of the sample over all parameters.")
    ] = None,
    seed: Seed = 1,
    workers: Workers = None,
    studies: Annotated[
        list[str] | None,
        typer.Option("--study", metavar="NAME", help="Only these studies; may be repeated."),
    ] = None,
    judged: Annotated[
        Path | None,
        typer.Option(
            "--verdicts",
            metavar="DIR",
            help="Folder of drawbridge study --all, whose draws of the registry are used.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the parameters that decide the headline metrics and the studies' verdicts."""
    import json

    from experiments.drivers import drivers, report
    from sim.config.scenario.loader import load_scenario

    size = drivers.drivers_size(quick, runs, tuple(studies) if studies else None)
    folder = out or Path("results", f"drivers-{size.points}-points-seed-{seed}")
    scenario = load_scenario("baseline")
    found = drivers.find_drivers(scenario, size, seed, folder, workers, judged)
    report.write(found, folder)
    typer.echo(json.dumps(found.facts(), indent=2) if as_json else report.screen(found))
    if not as_json:
        typer.echo(f"\nResults   {folder}")
