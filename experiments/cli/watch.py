"""`drawbridge watch`: the live page, served to a browser on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.app import app
from sim.base.limits import SEED_MAX


@app.command()
def watch(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Name of a scenario, or a TOML file.")
    ] = "baseline",
    port: Annotated[
        int, typer.Option(metavar="N", help="Where to listen; 0 takes a port that is free.")
    ] = 8765,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on; this machine only.")
    ] = "127.0.0.1",
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the draws.")] = 1,
) -> None:
    """Watch a scenario in a browser, and change it while it runs."""
    from sim.config.toml.table import Table

    numbers = Table({"--port": port, "--seed": seed})
    numbers.integer("--port", 0, 65_535)
    numbers.integer("--seed", 0, SEED_MAX)

    from sim.config.scenario.loader import load_scenario
    from sim.page.server.serve import LOOPBACK, Opening, serve

    chosen = load_scenario(scenario)

    def ready(address: str) -> None:
        typer.echo(f"Drawbridge is at {address} (Ctrl-C stops)")
        if host not in LOOPBACK:
            typer.echo(f"Whoever can reach {host} can use it: there is no password", err=True)

    serve(Opening(chosen, seed), host, port, ready=ready)
    typer.echo("Stopped")
