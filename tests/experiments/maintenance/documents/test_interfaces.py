"""The pages of commands and of the Python face tell all of them."""

from __future__ import annotations

import re
import subprocess
import sys

import sim
from experiments.maintenance.documents import interfaces


def test_every_command_is_told_with_its_options() -> None:
    told = interfaces.commands()
    shown = subprocess.run(
        [sys.executable, "-m", "experiments", "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  ([a-z]+)  ", shown[shown.index("Commands:") :], re.MULTILINE)
    assert re.findall(r"^## (\w+)$", told, re.MULTILINE) == sorted(commands)
    assert "| `--runs N` | Runs, which differ by their draws. |" in told
    assert "| `--measure`, `--no-measure` | Run the model to measure its effects. |" in told
    assert "| `[SCENARIO]` | Name of a scenario, or a TOML file. |" in told


def test_everything_that_sim_offers_is_told() -> None:
    told = interfaces.python()
    for name in sim.__all__:
        assert f"`{name}(" in told or f"## {name}\n" in told, name
    assert "`load_scenario(name_or_path: str | os.PathLike[str] = 'baseline', *, " in told
    assert "`step() -> None`\n: Run one month" in told
    assert ">>>" not in told
