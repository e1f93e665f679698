"""`drawbridge watch`: the live page, served to a browser on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.app import app
from experiments.cli.options import ScenarioName, Seed, whole

PORT_MAX = 65_535


@app.command()
def watch(
    scenario: ScenarioName = "baseline",
    port: Annotated[int, whole(0, PORT_MAX, "Port to listen on; 0 takes a free one.")] = 8765,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on; this machine only.")
    ] = "127.0.0.1",
    seed: Seed = 1,
) -> None:
    """Watch a scenario in a browser, and change it while it runs."""
    from sim.config.scenario.loader import load_scenario
    from sim.page.server.serve import LOOPBACK, DefaultRun, serve

    chosen = load_scenario(scenario)

    def ready(address: str) -> None:
        typer.echo(f"Drawbridge is at {address} (Ctrl-C stops)")
        if host not in LOOPBACK:
            typer.echo(f"Everybody who can reach {host} can use it: there is no password", err=True)

    serve(DefaultRun(chosen, seed), host, port, ready=ready)
    typer.echo("Stopped")
