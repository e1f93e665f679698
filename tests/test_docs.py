"""The documentation tells the truth: its code runs, it shows what runs print, and what it names is
there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import agents
from agents.framework.columns import columns_of
from experiments.cli.main import execute
from experiments.maintenance.documents.examples import (
    Workshop,
    blocks,
    listed,
    pages,
    session,
    settled,
)
from experiments.maintenance.documents.reference import populations
from experiments.runs.sweep_file import load_sweep
from experiments.statistics.calibration_file import load_calibration
from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.registry import load_registry
from sim.config.scenario.changes import with_event
from sim.config.scenario.claim import CLAIM_KEYS
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.toml.document import read_document
from sim.config.toml.table import Table
from sim.config.world.generate import read_plan
from sim.config.world.reader import pattern_of
from sim.ensemble import run_ensemble
from sim.results.results import Results
from sim.results.table_columns import TABLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
REGISTRY = shipped.FOLDER / "parameters.toml"
OUTPUT = (ROOT / "docs" / "guide" / "output.md").read_text()
PAGES = {str(page.relative_to(ROOT)): page.read_text() for page in pages(ROOT)}
QUICK = {
    "run": ("--runs", "2", "--months", "3"),
    "explain": ("--no-measure",),
    "compare": ("--runs", "2", "--months", "15"),
    "accounts": ("--months", "15"),
}
"""What makes a listed command small enough for every test; the last of two options counts."""


def of(language: str) -> list[str]:
    """The blocks of the README in a language."""
    return [block.text for block in blocks(README) if block.language == language]


def table(text: str) -> list[tuple[str, ...]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


# ---- examples ------------------------------------------------------------------------------------


def stale(page: str, workshop: Workshop) -> Iterator[str]:
    """Commands of a page that print something else than it shows."""
    for block, outputs in workshop.play(page):
        for command, output in zip(session(block.text), outputs, strict=True):
            if command.output and settled(command.output) != settled(output):
                yield f"{command.line}\n{output}"


@pytest.mark.parametrize("page", [p for p, text in PAGES.items() if blocks(text)])
def test_examples_run_and_print_what_the_page_shows(page: str, tmp_path: Path) -> None:
    assert list(stale(PAGES[page], Workshop(tmp_path))) == [], "make examples writes them anew"


@pytest.mark.campaign
@pytest.mark.parametrize("page", [p for p, text in PAGES.items() if "<!-- slow" in text])
def test_slow_examples_print_what_the_page_shows(page: str, tmp_path: Path) -> None:
    assert list(stale(PAGES[page], Workshop(tmp_path, slow=True))) == []


def test_commands_that_are_listed_run(tmp_path: Path) -> None:
    """Those of the README, at a size for tests; `compare` of all scenarios has tests of its own."""
    workshop = Workshop(tmp_path)
    for block in blocks(README):
        workshop.place(block)
    commands = [line for line in listed(README) if "--all-scenarios" not in line]
    assert len(commands) > 10
    for line in commands:
        command = line.split()[1]
        smaller = () if line.split()[2:3] == ["results/detail"] else QUICK.get(command, ())
        workshop.run(" ".join((line, *smaller)))
    assert (tmp_path / "money.svg").exists()
    assert (tmp_path / "table.csv").exists()
    assert (tmp_path / "results" / "detail" / "report.html").exists()


def test_every_command_that_is_shown_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {c for text in PAGES.values() for c in re.findall(r"\bdrawbridge ([a-z]+)\b", text)}
    assert {"run", "accounts", "watch", "sensitivity"} <= shown
    for command in sorted(shown):
        assert execute([command, "--help"]) == 0, command
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("page", [p for p, text in PAGES.items() if "```toml" in text])
def test_every_file_that_is_shown_loads(page: str, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    for place, block in enumerate(blocks(PAGES[page])):
        workshop.place(block)
        if block.language != "toml":
            continue
        file = tmp_path / f"shown_{place}.toml"
        file.write_text(block.text)
        if "[generate]" in block.text:  # read and checked, not drawn: it is large
            table = Table.of(read_document(file)).table("generate")
            plan = read_plan(table, pattern_of(table))
            assert sum(plan.counts.values()) == 1_020_000
        elif block.text.startswith('["'):  # an entry of the registry
            file.write_text(f"{REGISTRY.read_text()}\n{block.text}")
            assert tomllib.loads(block.text).keys() < load_registry(file).parameters.keys()
        elif "[[target]]" in block.text:
            assert load_calibration(file).aims
        elif "[vary]" in block.text:
            assert load_sweep(file).title == tomllib.loads(block.text)["title"]
        else:
            assert load_scenario(file).title == tomllib.loads(block.text)["title"]


# ---- the agent of the README ---------------------------------------------------------------------


def own_scenario(folder: Path, months: int, code: str | None = None) -> Scenario:
    """The README's scenario and class in a folder; code: another module in the class's place."""
    shown = next(block for block in of("python") if "SteadyLab" in block)
    text = next(block for block in of("toml") if "SteadyLab" in block)
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
    shown = next(block for block in of("python") if "SteadyLab" in block)
    code = shown.replace("        return", "        self.last_price = 1.0\n        return")
    scenario = own_scenario(tmp_path, 2, code)
    with pytest.raises(RequestError, match="no column 'last_price'"):
        run_ensemble(scenario)


# ---- what is named -------------------------------------------------------------------------------


def test_the_keys_of_a_claim_are_documented() -> None:
    section = OUTPUT[OUTPUT.index("## Comparing") : OUTPUT.index("## manifest.json")]
    assert [row[0].strip("`") for row in table(section)[2:]] == list(CLAIM_KEYS)


def test_every_table_has_its_section() -> None:
    assert re.findall(r"^## (\w+)\.parquet", OUTPUT, re.MULTILINE) == list(TABLES)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str) -> None:
    named = re.findall(r"`((?:sim|agents|configs|experiments|tests|docs)/[\w/.]+)`", PAGES[page])
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_rule_that_is_named_exists() -> None:
    kinds = {
        owner.__name__: owner
        for name in agents.__all__
        for owner in getattr(agents, name).__mro__
        if owner.__module__.startswith("agents.")
    }
    named = [
        found
        for text in PAGES.values()
        for found in re.findall(rf"`({'|'.join(kinds)})\.(\w+)`", text)
    ]
    assert len(set(named)) >= 60
    assert all(callable(getattr(kinds[kind], rule)) for kind, rule in named)


@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_that_is_named_exists(page: str) -> None:
    registry = load_registry().parameters
    columns = {
        name: {column for kind in kinds for column in columns_of(kind)}
        for name, kinds in populations().items()
    }
    named = re.findall(rf"`({'|'.join(columns)})\.(?!parquet)(\w+)`", PAGES[page])
    unknown = [
        f"{population}.{column}"
        for population, column in named
        if f"{population}.{column}" not in registry and column not in columns[population]
    ]
    rows = set().union(*load_scenario("baseline").rows.values())
    assert [path for path in unknown if path.partition(".")[2] not in rows | {"frontier"}] == []


def test_limits_and_constants_are_those_of_the_code() -> None:
    from experiments.studies import NAMES
    from sim.base import calendar
    from sim.config.world import draw_firms, limits
    from sim.page.charts import band
    from sim.page.server import serve

    said = {
        "README.md": (
            f"answers to {len(NAMES)} questions",
            f"exponent of {draw_firms.TAIL},",
            f"an estimated {limits.MEMORY_MAX // 10**9} GB",
            f"{serve.PAGES} may be open",
            f"a band of {band.RUNS} runs",
        ),
        "docs/guide/quickstart.md": (f"answers to {len(NAMES)} questions",),
        "docs/model/model.md": (f"{calendar.MONTHS_MAX:,} at most",),
        "docs/guide/page.md": (f"Band of {band.RUNS} runs", f"at most {serve.PAGES} pages"),
        "docs/model/generated_worlds.md": (
            f"exponent {draw_firms.TAIL},",
            f"compute^{draw_firms.FLOP_ELASTICITY},",
        ),
    }
    for page, words in said.items():
        told = " ".join(PAGES[page].split())
        assert [text for text in words if text not in told] == [], page
    assert (limits.AGENTS_MAX, limits.EDGES_MAX) == (2_000_000, 10_000_000)
    assert "two million agents, ten million edges" in " ".join(README.split())


def test_the_page_is_documented_shock_by_shock_and_panel_by_panel() -> None:
    from sim.page.charts.panels import PANELS
    from sim.page.session.shocks import SHOCKS

    text = (ROOT / "docs" / "guide" / "page.md").read_text()
    for shock in SHOCKS:
        assert f"| {shock.words} | `{shock.scenario}`" in text, shock.name
    told = text.lower()
    for panel in PANELS:
        first = panel.title.lower().split(" of ")[0].split(" and ")[0]
        assert first in told, panel.title
