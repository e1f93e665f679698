"""Folders side by side: medians, and changes of pairs where the draws are the same."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments.cli.main import execute
from experiments.reporting.compare.folders import compared, same_draws
from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.results.runs import Runs


def made(
    values: Any,
    seed: int = 1,
    name: str = "",
    months: int = 14,
    folder: str = "results",
    start: str = "2025-01",
) -> Runs:
    """Results whose every metric is that of `values` (runs,) in all months."""
    scenario = load_scenario("baseline", months=months)
    scenario = replace(
        scenario, name=name or "baseline", world=replace(scenario.world, start=start)
    )
    held = np.repeat(np.asarray(values, dtype=np.float64)[:, None], months, axis=1)
    held[:, : months - 12] = 99.0
    tables = SimpleNamespace(
        names=("metrics",),
        metrics=("capability_lag_months", "token_value_to_cost"),
        column=lambda _: held.ravel(),
    )
    known = {
        "seed": seed,
        "scenario": {"title": scenario.title, "start": start, "months": months},
        "replications": {"first": 0, "count": len(held)},
        **{"complete": True, "leaders": {}, "releases": 0},
    }
    found = Runs(tables, known, scenario)  # type: ignore[arg-type]
    found.folder = Path(folder)
    return found


def test_changes_are_those_of_pairs() -> None:
    found = compared([made([1.0, 2.0, 4.0], name="a"), made([2.0, 3.0, 5.0], name="b")])
    first, other = found.rows["capability_lag_months"]
    assert (first.spread.median, first.change) == (2.0, None)
    assert other.paired
    assert other.change is not None
    # Every pair differs by 1, half of the first folder's median; the medians would say the same.
    assert (other.change.median, other.change.low, other.change.high) == (0.5, 0.5, 0.5)
    assert "those of pairs" in found.text()


def test_without_the_same_draws_medians_are_compared() -> None:
    found = compared([made([1.0, 2.0, 9.0]), made([5.0, 1.0, 3.0], seed=2)])
    change = found.rows["capability_lag_months"][1].change
    assert change is not None
    assert (change.median, change.low, change.high) == (0.5, 0.5, 0.5)
    assert not found.rows["capability_lag_months"][1].paired
    assert "medians" in found.text().splitlines()[-1]


def test_only_months_that_all_have_count_and_of_these_the_last_twelve() -> None:
    found = compared([made([1.0]), made([1.0], name="long", months=30)])
    assert (found.months[0], found.months[-1], len(found.months)) == ("2025-03", "2026-02", 12)
    assert found.rows["capability_lag_months"][0].spread.median == 1.0
    assert found.rows["capability_lag_months"][1].spread.median == 99.0


def test_from_nothing_there_is_no_share() -> None:
    found = compared([made([0.0, 0.0]), made([1.0, 2.0], name="b")])
    assert found.rows["capability_lag_months"][1].change is None
    assert "nan" not in found.text()


def test_draws_are_the_same_only_of_the_same_runs() -> None:
    one = made([1.0, 2.0])
    assert same_draws(one, made([3.0, 4.0]))
    assert not same_draws(one, made([3.0]))
    assert not same_draws(one, made([3.0, 4.0], seed=2))


def test_a_name_stands_for_one_folder_only() -> None:
    assert list(compared([made([1.0], name="a"), made([1.0], name="b")]).folders) == ["a", "b"]
    same = [made([1.0], folder=f"results/{x}") for x in "xy"]
    assert list(compared(same).folders) == ["x", "y"]
    twins = [made([1.0], folder=f"{x}/results") for x in "xy"]
    assert list(compared(twins).folders) == ["1: x/results", "2: y/results"]


def test_runs_of_different_times_are_refused() -> None:
    with pytest.raises(RequestError, match="no month in common"):
        compared([made([1.0]), made([1.0], start="2035-01")])


def test_the_command_prints_and_writes_the_same(ask: Any, eight: Path) -> None:
    words = ["run", "--months", "14", "--runs", "8", "--seed", "7", "--set", "fleets.wacc=0.2"]
    assert execute([*words, "--out", "dear"]) == 0
    answer = ask("compare", str(eight), "dear", "--out", "table.csv")
    assert (answer.code, answer.err) == (0, "")
    assert "dear: n = 8 runs; fleets.wacc = 0.2" in answer.out
    assert "those of pairs" in answer.out
    facts = json.loads(ask("compare", str(eight), "dear", "--json").out)
    rows = list(csv.DictReader(Path("table.csv").read_text().splitlines()))
    assert len(rows) == 2 * len(facts["metrics"])
    for row in rows:
        place = [f["label"] for f in facts["folders"]].index(row["folder"])
        told = facts["metrics"][row["metric"]]
        assert float(row["median"]) == told["figures"][place]["median"]
        shift = told["changes"][place]
        assert row["change"] == ("" if shift is None else repr(shift["median"]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere", "nowhere"], "no such results folder"),
        (["nowhere"], "two or more folders, or --scenario NAME"),
        (["a", "b", "--all-scenarios"], "either of them"),
        (["a", "b", "--out", "table.txt"], "FILE.csv"),
    ],
)
def test_a_wrong_request_is_one_line(ask: Any, words: list[str], message: str) -> None:
    answer = ask("compare", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert message in answer.err
