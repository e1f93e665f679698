"""The command that asks the model its questions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sim.errors import RequestError

RUNS_MAX = 100_000
SEED_MAX = 2**63 - 1
WORKERS_MAX = 256


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(study)


def study(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A study; without one they are listed.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Run all studies.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer runs: minutes for all studies, wider intervals.")
    ] = False,
    runs: Annotated[
        int | None, typer.Option(metavar="N", help="Runs a case at the registry's values.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="Runs a case with the whole registry drawn.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the draws.")] = 1,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes for --all; one a core if not given.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder; a study leaves its own in it.")
    ] = Path("results/studies"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Ask the model a question, and hold the answer against what the sources expect."""
    import json

    from experiments.studies import NAMES, load_study

    if name is not None and every:
        raise RequestError("a study and --all", value=name, allowed="either NAME or --all")
    if name is None and not every:
        for known in NAMES:
            asked = load_study(known)
            typer.echo(f"{asked.number:>2} {known:<27} {asked.question}")
        return
    chosen = NAMES if name is None else (name,)
    load_study(chosen[0])

    from experiments.studies import judging, verdict

    effort = judging.effort(quick, _number("--runs", runs), _number("--draws", draws, 0))
    _number("--seed", seed, 0, SEED_MAX)
    hands = _number("--workers", workers, 1, WORKERS_MAX) or os.cpu_count() or 1
    judged = judging.judge_all(chosen, effort, seed, min(hands, len(chosen)), out)
    verdicts = [judged.verdicts[n] for n in chosen if n in judged.verdicts]
    if as_json:
        facts = [v.facts() for v in verdicts]
        typer.echo(json.dumps(facts if every else facts[0], indent=2))
    else:
        typer.echo(verdict.table(verdicts) if every else verdicts[0].text())
        typer.echo(f"\nResults   {out if every else out / chosen[0]}")
    judged.refuse_missing(len(chosen))


def _number(option: str, value: int | None, least: int = 1, most: int = RUNS_MAX) -> int | None:
    from sim.toml_table import Table

    return None if value is None else Table({option: value}).integer(option, least, most)
