from __future__ import annotations

import doctest
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from experiments.maintenance.benchmark.start import COMMANDS, modules_loaded
from sim.base import number_format

Ask = Callable[..., Any]


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["run", "--help"], ["accounts", "-h"]])
def test_help_is_no_error(ask: Ask, words: list[str]) -> None:
    answer = ask(*words)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Usage: drawbridge")


def test_scenarios_lists_scenarios_worlds_and_sweeps(ask: Ask) -> None:
    answer = ask("scenarios")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "Scenarios"
    assert any(line.split() == ["baseline", "Baseline"] for line in lines)
    assert any(line.startswith("  world_2025 ") for line in lines[lines.index("Worlds") :])
    assert any(line.startswith("  uncertainty ") for line in lines[lines.index("Sweeps") :])


def test_schema_is_json(ask: Ask) -> None:
    answer = ask("schema")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["type"] == "object"


@pytest.mark.parametrize("command", COMMANDS)
def test_quick_commands_import_nothing_heavy(command: str) -> None:
    _, heavy = modules_loaded(command)
    assert heavy == set()


def test_the_module_is_the_command() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "experiments", "rn"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1


def test_a_closed_pipe_is_no_error() -> None:
    code = "import sys; from experiments.cli.main import main; sys.argv[1:] = ['schema']; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_numbers_read_as_their_examples_say() -> None:
    failed, tried = doctest.testmod(number_format)
    assert tried >= 5
    assert failed == 0
