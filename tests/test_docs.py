"""The documentation tells the truth: its code runs and its tables match the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sim.metrics import METRICS, RESIDUALS
from sim.scenario import load_scenario

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
OUTPUT = (ROOT / "docs" / "output.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_code_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    assert (tmp_path / "results" / "quick" / "metrics.parquet").exists()


def test_the_scenario_of_the_readme_loads(tmp_path: Path) -> None:
    text = next(block for block in blocks("toml") if "title" in block)
    file = tmp_path / "my_scenario.toml"
    file.write_text(text)
    assert load_scenario(file).title == tomllib.loads(text)["title"]


def test_every_metric_is_documented_with_unit_and_formula() -> None:
    rows = [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in OUTPUT.splitlines()]
    for metric in METRICS:
        assert (f"`{metric.name}`", metric.unit, metric.formula) in rows
    for name, unit, formula in RESIDUALS:
        assert (f"`{name}`", unit, formula) in rows


@pytest.mark.parametrize("file", ["README.md", "docs/model.md", "docs/output.md"])
def test_every_file_that_is_named_exists(file: str) -> None:
    named = re.findall(r"`((?:sim|agents|configs|docs)/[\w/.]+)`", (ROOT / file).read_text())
    assert all((ROOT / name).exists() for name in named)
