"""Numbers of options have limits, and what commands share says the same in all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import typer.main

from experiments.cli.app import app

Ask = Callable[..., Any]
COMMANDS: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
OPTIONS = [(name, option) for name, command in COMMANDS.items() for option in command.params]
NUMBERS = [(name, o.opts[-1]) for name, o in OPTIONS if o.metavar in ("N", "SHARE")]
OWN = {"runs", "out", "scenario", "folder", "file", "quick"}
"""Options whose meaning differs from command to command."""


def needed(command: str) -> list[str]:
    """What a command cannot do without."""
    found = []
    for option in COMMANDS[command].params:
        if option.required:
            found += [*(option.opts if option.param_type_name == "option" else []), "x"]
    return found


@pytest.mark.parametrize(("command", "option"), NUMBERS)
@pytest.mark.parametrize("value", ["-1", str(10**20)])
def test_a_number_out_of_range_is_refused_by_name(
    ask: Ask, command: str, option: str, value: str
) -> None:
    answer = ask(command, *needed(command), option, value)
    assert (answer.code, answer.out) == (2, "")
    assert f"out of range: {option} = " in answer.err
    assert "; allowed: a " in answer.err
    assert answer.err.count("\n") == 1


def test_there_are_numbers() -> None:
    assert {option for _, option in NUMBERS} >= {"--runs", "--seed", "--months", "--workers"}


def test_what_commands_share_is_described_alike() -> None:
    said: dict[str, set[str]] = {}
    for command, option in OPTIONS:
        if option.name not in OWN and (command, option.name) != ("study", "workers"):
            said.setdefault(option.name, set()).add(option.help)
    assert [name for name, texts in said.items() if len(texts) > 1] == []
