"""The documentation tells the truth: its code runs and its tables match the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from agents.columns import columns_of
from agents.customer import Customer
from agents.innovator import Innovator
from agents.lab import Lab
from agents.researcher import Researcher
from agents.trainer import Trainer
from experiments.cli import execute
from experiments.summary import ROWS, SPARED
from experiments.sweep_file import load_sweep
from sim.claim import CLAIM_KEYS
from sim.ensemble import run_ensemble
from sim.errors import RequestError
from sim.generate import read_plan
from sim.layout import MODELS, TABLES
from sim.metrics import METRICS, RESIDUALS
from sim.registry import load_registry
from sim.results import Results
from sim.scenario import Scenario, load_scenario, with_event
from sim.statements import chart_of_accounts
from sim.toml_source import read_document
from sim.toml_table import Table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
OUTPUT = (ROOT / "docs" / "output.md").read_text()
METRICS_SECTION = OUTPUT[OUTPUT.index("## metrics.parquet") : OUTPUT.index("How to read")]
MODEL = (ROOT / "docs" / "model.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def table(text: str) -> list[tuple[str, ...]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def test_the_code_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    assert (tmp_path / "results" / "quick" / "metrics.parquet").exists()


def test_the_scenarios_of_the_readme_load(tmp_path: Path) -> None:
    for text in blocks("toml"):
        file = tmp_path / "my_scenario.toml"
        file.write_text(text)
        if "[generate]" in text:  # read and checked, not drawn: it is large
            plan = read_plan(Table.of(read_document(file)).table("generate"))
            assert sum(plan.counts.values()) == 1_020_000
            continue
        if "[vary]" in text:
            assert load_sweep(file).title == tomllib.loads(text)["title"]
            continue
        assert load_scenario(file).title == tomllib.loads(text)["title"]


def test_the_summary_of_the_readme_has_the_lines_of_a_summary() -> None:
    summary = next(block for block in blocks("text") if block.startswith("Baseline"))
    for row in ROWS:
        shown = row.metric != SPARED[0]  # nobody fails
        assert (f"\n{row.label}, {row.scale.unit} " in summary) is shown
    for label in ("Tokens", "Frontier", "Followers", "Labs", "Use", "Prices", "Compute", "Checks"):
        assert f"\n{label} " in summary


# ---- the agent of the README ---------------------------------------------------------------------


def own_scenario(folder: Path, months: int, code: str | None = None) -> Scenario:
    """The README's scenario and class in a folder; code: another module in the class's place."""
    shown = next(block for block in blocks("python") if "SteadyLab" in block)
    text = next(block for block in blocks("toml") if "SteadyLab" in block)
    assert len([line for line in (shown + text).splitlines() if line]) <= 10
    module = f"my_module_of_{folder.name}"
    (folder / f"{module}.py").write_text(code or shown)
    file = folder / "my_scenario.toml"
    file.write_text(text.replace("my_module", module))
    return load_scenario(file, months=months)


def prices(results: Results, lab: str) -> np.ndarray:
    """List prices of a lab's flagship, (runs, months)."""
    models = results.agents(kind="models", quantity="price")
    of_lab = models[models["name"].astype(str).str.startswith(f"{lab}_flagship")]
    return of_lab["value"].to_numpy().reshape(results.runs, -1)


def test_the_lab_of_the_readme_never_raises_a_price_between_releases(tmp_path: Path) -> None:
    """Labs want a higher margin from July on, between two releases of OpenAI."""
    dearer: dict[str, object] = {"name": "dearer", "start": "2025-07", "months": 18}
    dearer["set"] = {"labs.margin_target": 0.8}
    steady, usual = (
        run_ensemble(with_event(scenario, dearer), runs=2, tables=("metrics", "agents"))
        for scenario in (own_scenario(tmp_path, 24), load_scenario("baseline", months=24))
    )
    for results, rises in ((steady, False), (usual, True)):
        labs = results.agents(kind="labs", quantity="released")
        released = labs[labs["name"] == "openai"]["value"].to_numpy().reshape(2, -1)
        rise = np.diff(prices(results, "openai"), axis=1) > 0.0
        assert bool(np.any(rise & (released[:, 1:] == 0.0))) is rises
    assert not np.array_equal(prices(steady, "openai"), prices(usual, "openai"))


def test_an_agent_may_set_no_column_that_it_did_not_declare(tmp_path: Path) -> None:
    shown = next(block for block in blocks("python") if "SteadyLab" in block)
    code = shown.replace("        return", "        self.last_price = 1.0\n        return")
    scenario = own_scenario(tmp_path, 2, code)
    with pytest.raises(RequestError, match="no column 'last_price'"):
        run_ensemble(scenario)


# ---- tables --------------------------------------------------------------------------------------


def test_every_metric_is_documented_with_unit_formula_and_window() -> None:
    rows = {row[0]: row[1:] for row in table(METRICS_SECTION)}
    metrics = [(m.name, m.unit, m.formula) for m in METRICS]
    for name, unit, formula in (*metrics, *RESIDUALS):
        told = rows[f"`{name}`"]
        assert told[:2] == (unit, formula), name
        assert len(told) == 4, name
        assert all(told), name


def test_no_metric_is_documented_that_there_is_not() -> None:
    told = {row[0].strip("`") for row in table(METRICS_SECTION)[2:]}
    assert told == {m.name for m in METRICS} | {name for name, _, _ in RESIDUALS}


def test_the_models_table_is_documented_column_by_column() -> None:
    section = OUTPUT[OUTPUT.index("## models.parquet") : OUTPUT.index("## payments.parquet")]
    told = [row for row in table(section)[2:] if row[0] != "`run`"]
    assert told == [(f"`{c.name}`", c.unit, c.meaning) for c in MODELS]


def test_the_chart_of_accounts_is_documented_line_by_line() -> None:
    section = OUTPUT[OUTPUT.index("## Statements") : OUTPUT.index("## Comparing")]
    told = table(section)[2:]
    assert told == [(s, f"`{line}`", *rest) for s, line, *rest in chart_of_accounts()]


def test_the_keys_of_a_claim_are_documented() -> None:
    section = OUTPUT[OUTPUT.index("## Comparing") : OUTPUT.index("## manifest.json")]
    assert [row[0].strip("`") for row in table(section)[2:]] == list(CLAIM_KEYS)


def test_every_command_of_the_readme_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"bin/drawbridge (\w+)", README)
    assert "accounts" in commands
    for command in set(commands):
        assert execute([command, "--help"]) == 0
    assert capsys.readouterr().err == ""


def test_every_table_has_its_section() -> None:
    assert re.findall(r"^## (\w+)\.parquet", OUTPUT, re.MULTILINE) == list(TABLES)


@pytest.mark.parametrize(
    "file",
    ["README.md", "docs/model.md", "docs/output.md", "docs/page.md", "docs/statistics.md"],
)
def test_every_file_that_is_named_exists(file: str) -> None:
    named = re.findall(r"`((?:sim|agents|configs|docs)/[\w/.]+)`", (ROOT / file).read_text())
    assert all((ROOT / name).exists() for name in named)


def test_every_rule_and_parameter_that_is_named_exists() -> None:
    kinds = {k.__name__: k for k in (Innovator, Researcher, Trainer, Lab, Customer)}
    rules = re.findall(rf"`({'|'.join(kinds)})\.(\w+)`", MODEL)
    assert len(rules) >= 25
    assert all(callable(getattr(kinds[kind], rule)) for kind, rule in rules)
    registry = load_registry().parameters
    for text in (MODEL, OUTPUT):
        for population, column in re.findall(r"`(labs|customers)\.(\w+)`", text):
            kind = {"labs": Lab, "customers": Customer}[population]
            assert f"{population}.{column}" in registry or column in columns_of(kind)


def test_the_page_is_documented_shock_by_shock_and_panel_by_panel() -> None:
    from sim.page.panels import PANELS
    from sim.page.shocks import SHOCKS

    text = (ROOT / "docs" / "page.md").read_text()
    for shock in SHOCKS:
        assert f"| {shock.words} | `{shock.scenario}`" in text, shock.name
    told = text.lower()
    for panel in PANELS:
        first = panel.title.lower().split(" of ")[0].split(" and ")[0]
        assert first in told, panel.title
