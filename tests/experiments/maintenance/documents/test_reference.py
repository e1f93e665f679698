"""Reference pages say of every metric, parameter, column, rule and scenario what the code says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import agents
from agents.framework.columns import columns_of
from agents.labs.lab import Lab
from agents.labs.open_host import OpenHost
from experiments.maintenance.documents import reference
from experiments.maintenance.documents.reference import statement_rows
from experiments.reporting import markdown
from sim.config.registry import load_registry
from sim.config.scenario.loader import list_scenarios
from sim.results.metrics.all_metrics import METRICS, NAMES


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.pages()


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_the_docstrings_of_markdown_are_true() -> None:
    failed, tried = doctest.testmod(markdown)
    assert tried >= 4
    assert failed == 0


def test_every_metric_stands_in_the_table_once(pages: dict[str, str]) -> None:
    told = rows(pages["fragments/metrics.md"])
    assert [row[0].strip("`") for row in told] == list(NAMES)
    assert all(len(row) == 5 and all(row) for row in told)


def test_a_metric_without_a_case_says_what_stands_before_its_first() -> None:
    spared = {m.name for m in METRICS if m.first == "–"}
    assert "compute_stock_h100e" in spared
    assert not spared & {"recoup_ratio", "utilization", "chip_price_usd_per_h100e"}


def test_every_parameter_has_its_value_and_source(pages: dict[str, str]) -> None:
    told = {
        row[0].strip("`"): row[1:]
        for name, text in pages.items()
        if name.startswith("parameters/")
        for row in rows(text)
    }
    entries = load_registry().parameters
    assert set(told) == set(entries)
    value, words = told["labs.peak_flop"]
    assert value.startswith("**9.89e+14 FLOP/s**<br>fixed")
    assert "Dense BF16 peak of one H100e. " in words
    assert words.endswith("*evidence: [h800-peak-bf16](#evidence-h800-peak-bf16)*")


def test_every_column_and_rule_of_every_kind_is_told(pages: dict[str, str]) -> None:
    for name in agents.__all__:
        kind = getattr(agents, name)
        page = pages[f"kinds/{kind.population_name}.md"]
        assert all(f"| `{column}` | " in page for column in columns_of(kind)), name
    labs = pages["kinds/labs.md"]
    assert "`set_price`\n: List price of the flagship" in labs
    assert labs.index("## Lab\n") < labs.index("## OpenHost\n")
    assert set(reference.rules(OpenHost)) < set(dir(Lab))


def test_every_scenario_is_told(pages: dict[str, str]) -> None:
    told = [row[0].split("`")[1] for row in rows(pages["fragments/claims.md"])]
    assert told == [name for name, _ in list_scenarios()]


def test_the_chart_of_accounts_is_told_line_by_line(pages: dict[str, str]) -> None:
    assert len(rows(pages["fragments/accounts.md"])) == len(list(statement_rows()))


def test_writing_touches_nothing_that_stays_the_same(tmp_path: Path, pages: dict[str, str]) -> None:
    reference.write(tmp_path, pages)
    assert {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*.md")} == set(pages)
    before = (tmp_path / "fragments" / "metrics.md").stat().st_mtime_ns
    (tmp_path / "kinds" / "gone.md").write_text("of a kind that there is no more")
    reference.write(tmp_path, pages)
    assert (tmp_path / "fragments" / "metrics.md").stat().st_mtime_ns == before
    assert not (tmp_path / "kinds" / "gone.md").exists()
