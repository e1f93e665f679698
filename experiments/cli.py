"""The command line. What a command needs is imported when it runs, so that help stays quick."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments import (
    cli_backtest,
    cli_drivers,
    cli_report,
    cli_reproduce,
    cli_statistics,
    cli_study,
    cli_sweep,
    cli_watch,
)
from sim.errors import (
    DrawbridgeError,
    Interrupted,
    MachineError,
    RequestError,
    nearest,
    one_line,
    one_of,
)

RUNS_MAX = 1_000_000
SEED_MAX = 2**63 - 1
DEFECT = 1
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

app = typer.Typer(
    name="drawbridge",
    help="Drawbridge: an agent-based simulator of the AI compute economy.",
    context_settings=HELP,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def program(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Drawbridge: an agent-based simulator of the AI compute economy."""


@app.command()
def run(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Name of a scenario, or a TOML file.")
    ] = "baseline",
    months: Annotated[
        int | None,
        typer.Option(metavar="N", help="Months to run; the scenario's own if not given."),
    ] = None,
    runs: Annotated[int, typer.Option(metavar="N", help="Runs, which differ by their draws.")] = 1,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the draws.")] = 1,
    overlays: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a parameter; may be repeated."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the results.")] = None,
    tables: Annotated[
        str,
        typer.Option(metavar="LIST", help="Tables to keep, with commas: agents,payments."),
    ] = "metrics",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON instead of text.")
    ] = False,
) -> None:
    """Run a scenario, once or many times."""
    import json
    from time import perf_counter

    began = perf_counter()

    from sim.scenario import load_scenario
    from sim.toml_table import Table

    numbers = Table({"--runs": runs, "--seed": seed})
    numbers.integer("--runs", 1, RUNS_MAX)
    numbers.integer("--seed", 0, SEED_MAX)
    wanted = _tables(tables)
    chosen = load_scenario(scenario, set=_overlays(overlays or []), months=months)

    from experiments.simulate import progress_bar, results_folder, simulate

    folder = results_folder(out, chosen, seed, runs)
    with progress_bar(chosen.title, runs * chosen.months) as progress:
        results = simulate(chosen, runs, seed, wanted, progress)
    results.write(folder)

    from experiments.summary import summarise

    summary = summarise(results, str(folder), perf_counter() - began)
    typer.echo(json.dumps(summary.facts(), indent=2) if as_json else summary.text())
    if not results.complete:
        raise Interrupted(f"interrupted; {results.runs} of {runs} runs are kept")


@app.command()
def accounts(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Name of a scenario, or a TOML file.")
    ] = "baseline",
    agent: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Statements of an agent, e.g. labs.openai."),
    ] = None,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="The month; the last if not given.")
    ] = None,
    months: Annotated[
        int | None,
        typer.Option(metavar="N", help="Months of the scenario; its own if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the draws.")] = 1,
    overlays: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a parameter; may be repeated."),
    ] = None,
    sankey: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Draw who pays whom in the month."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show a month's money: who paid whom, or the statements of an agent."""
    import json

    from sim.scenario import load_scenario
    from sim.toml_table import Table

    Table({"--seed": seed}).integer("--seed", 0, SEED_MAX)
    chosen = load_scenario(scenario, set=_overlays(overlays or []), months=months)

    from experiments.accounts import check_file, close, number_of, write_sankey
    from experiments.simulate import progress_bar

    if sankey is not None:
        check_file(sankey, agent)
    number = number_of(chosen, month)
    with progress_bar(chosen.title, number + 1) as progress:
        closing = close(chosen, seed, number, agent, progress)
    if sankey is not None:
        write_sankey(closing, sankey)
    typer.echo(json.dumps(closing.facts(), indent=2) if as_json else closing.text())


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

    from experiments.findings import check_file, write_table

    if out is not None:
        check_file(out)
    if folders:
        if all_scenarios or scenario:
            raise RequestError("folders and scenarios", allowed="either of them")
        from experiments import compare_folders

        found = compare_folders.side_by_side(folders)
        if out is not None:
            compare_folders.write_table(found, out)
        typer.echo(json.dumps(found.facts(), indent=2) if as_json else found.text())
        return

    from sim.toml_table import Table

    numbers = Table({"--runs": runs, "--seed": seed})
    numbers.integer("--runs", 1, RUNS_MAX)
    numbers.integer("--seed", 0, SEED_MAX)
    if all_scenarios == bool(scenario):
        raise RequestError(
            "what to compare?", allowed="DIR DIR..., --all-scenarios, or --scenario NAME"
        )

    from experiments.compare import measure, plan
    from experiments.simulate import progress_bar
    from sim.scenario import list_scenarios

    planned = plan(scenario or [name for name, _ in list_scenarios()], months)
    with progress_bar("Comparing", runs * planned.months) as progress:
        comparison = measure(planned, runs, seed, progress)
    if out is not None:
        write_table(comparison, out)
    typer.echo(json.dumps(comparison.facts(), indent=2) if as_json else comparison.text())
    comparison.refuse_broken()


@app.command()
def scenarios() -> None:
    """List scenarios, worlds, vintages and sweeps."""
    from sim.scenario import list_scenarios
    from sim.shipped import titles
    from sim.world import list_worlds

    listed = {
        "Scenarios": list_scenarios(),
        "Worlds": list_worlds(),
        "Vintages": titles("vintage"),
        "Sweeps": titles("sweep"),
    }
    for heading, entries in listed.items():
        width = max(len(name) for name, _ in entries)
        typer.echo(heading)
        for name, title in entries:
            typer.echo(f"  {name:<{width}}  {title}")


@app.command()
def explain(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A parameter, e.g. labs.replication_lag.")
    ],
    scenario: Annotated[
        str, typer.Option(metavar="SCENARIO", help="The scenario it is explained in.")
    ] = "baseline",
    measure: Annotated[
        bool, typer.Option("--measure/--no-measure", help="Run the model to see what it moves.")
    ] = True,
) -> None:
    """Explain a parameter, and see what it moves."""
    from sim.scenario import load_scenario

    chosen = load_scenario(scenario)

    from experiments.explain import card, effects_text

    typer.echo(card(chosen, path))
    if measure:
        typer.echo()
        typer.echo(effects_text(chosen, path))


@app.command()
def schema() -> None:
    """Print the JSON schema of a scenario file."""
    import json

    from sim.scenario import scenario_schema

    typer.echo(json.dumps(scenario_schema(), indent=2))


cli_sweep.register(app)
cli_statistics.register(app)
cli_backtest.register(app)
cli_study.register(app)
cli_report.register(app)
cli_reproduce.register(app)
cli_drivers.register(app)
cli_watch.register(app)


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: list[str]) -> int:
    """Run a command and return its exit code; what went wrong is one line on stderr."""
    debug = "--debug" in arguments
    words = [word for word in arguments if word != "--debug"]
    try:
        # Without its standalone mode typer raises what it would otherwise print in several lines.
        code = app(words or ["--help"], prog_name="drawbridge", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        if debug:
            import traceback

            traceback.print_exception(error)
        return _report(error)
    # Of Ctrl-C, typer leaves the code alone or an Abort, by its version.
    return _report(KeyboardInterrupt()) if code == Interrupted.exit_code else code or 0


def _report(error: BaseException) -> int:
    """Say in one line what went wrong; returns the exit code."""
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        # Whoever read the output has gone; a second failure at exit would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    code = DEFECT
    match error:
        case KeyboardInterrupt() | typer.Abort():
            code, text = Interrupted.exit_code, "interrupted; nothing is kept"
        case DrawbridgeError():
            code, text = error.exit_code, str(error)
        case MemoryError():
            code, text = MachineError.exit_code, "out of memory; fewer runs or tables need less"
        case OSError():
            code, text = MachineError.exit_code, str(error)
        case _ if hasattr(error, "format_message"):  # a usage error of typer's
            code, text = RequestError.exit_code, str(error.format_message())
        case _:
            text = f"defect: {type(error).__name__}: {error} (--debug shows where)"
    print(f"drawbridge: {one_line(text, 2000)}", file=sys.stderr)
    return code


def _tables(names: str) -> tuple[str, ...]:
    """The tables asked for, `metrics` among them."""
    from sim.layout import TABLES

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
