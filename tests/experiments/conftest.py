from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiments.cli.main import execute


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code, and what it printed."""

    code: int
    out: str
    err: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def asked(*words: str) -> Answer:
        code = execute(list(words))
        return Answer(code, *capsys.readouterr())

    return asked


@pytest.fixture(scope="session")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of eight runs of fourteen months, made by the command line."""
    folder = tmp_path_factory.mktemp("eight") / "results"
    words = ["run", "--months", "14", "--runs", "8", "--seed", "7", "--out", str(folder)]
    assert execute(words) == 0
    return folder
