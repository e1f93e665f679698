"""Commands that list and explain scenarios and parameters: scenarios, explain, schema."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.app import app


@app.command()
def scenarios() -> None:
    """List scenarios, worlds, vintages and sweeps."""
    from experiments.reporting.text_table import aligned
    from sim.config.scenario.loader import list_scenarios
    from sim.config.shipped import titles
    from sim.config.world.reader import list_worlds

    listed = {
        "Scenarios": list_scenarios(),
        "Worlds": list_worlds(),
        "Vintages": titles("vintage"),
        "Sweeps": titles("sweep"),
    }
    for heading, entries in listed.items():
        typer.echo("\n  ".join((heading, *aligned(entries, "<<"))))


@app.command()
def explain(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A parameter, e.g. labs.replication_lag.")
    ],
    scenario: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Scenario whose value to show.")
    ] = "baseline",
    measure: Annotated[
        bool, typer.Option("--measure/--no-measure", help="Run the model to measure its effects.")
    ] = True,
) -> None:
    """Explain a parameter, and measure the metrics that it moves."""
    from sim.config.scenario.loader import load_scenario

    chosen = load_scenario(scenario)

    from experiments.reporting.explain import card, effects_text

    typer.echo(card(chosen, path))
    if measure:
        typer.echo()
        typer.echo(effects_text(chosen, path))


@app.command()
def schema() -> None:
    """Print the JSON schema of a scenario file."""
    import json

    from sim.config.scenario.schema import scenario_schema

    typer.echo(json.dumps(scenario_schema(), indent=2))
