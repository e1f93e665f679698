from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import ensemble, load_scenario, open_results
from sim.base.errors import InvariantError

Ask = Callable[..., Any]

SHORT = ("--months", "3")


def test_a_run_writes_its_results_and_a_summary(ask: Ask, tmp_path: Path) -> None:
    answer = ask("run", "baseline", *SHORT, "--out", "made", "--tables", "agents,flows,models")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Baseline\n")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "agents.parquet",
        "flows.parquet",
        "manifest.json",
        "metrics.parquet",
        "models.parquet",
        "ro-crate-metadata.json",
    ]
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text())
    assert manifest["timings"]["simulate_seconds"] > 0.0


def test_run_zero_of_eight_is_the_single_run(ask: Ask, eight: Path, tmp_path: Path) -> None:
    assert ask("run", "--months", "14", "--seed", "7", "--out", "one").code == 0
    single, several = open_results(tmp_path / "one"), open_results(eight)
    for name in single.names:
        assert np.array_equal(single.array(name), several.array(name)[:1]), name
    stock = several.array("compute_stock_h100e")
    assert len({run.tobytes() for run in stock}) == 8


def test_results_go_to_a_folder_of_their_own(ask: Ask, tmp_path: Path) -> None:
    for words in ([], [], ["--seed", "2"], ["--runs", "2"], ["--set", "fleets.wacc=0.1"]):
        assert ask("run", *SHORT, *words).code == 0
    names = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert [name.rsplit("-", 1)[0] for name in names] == [
        "baseline-1-run-seed-1",
        "baseline-1-run-seed-1",
        "baseline-1-run-seed-2",
        "baseline-2-runs-seed-1",
    ]


def test_json_is_all_there_is_on_stdout(ask: Ask) -> None:
    answer = ask("run", *SHORT, "--runs", "2", "--json")
    told = json.loads(answer.out)
    assert (told["scenario"], told["runs"], told["months"]) == ("baseline", 2, 3)
    assert told["residuals"]["ledger_residual"] == 0.0
    assert set(told["metrics"]["utilization"]["last"]) == {"median", "p5", "p95"}
    results = open_results(told["results"])
    last = results.array("compute_stock_h100e")[:, -1]
    assert told["metrics"]["compute_stock_h100e"]["last"]["median"] == np.median(last)


def test_set_changes_the_run(ask: Ask) -> None:
    answer = ask(
        "run", *SHORT, "--set", "fleets.wacc=0.11", "--set", "regions.us.gas_pass_through=1e-1"
    )
    assert answer.code == 0
    changed = "Changed: fleets.wacc = 0.11; regions.us.gas_pass_through = 0.1"
    assert answer.out.splitlines()[2] == changed
    manifest = json.loads(next(Path("results").glob("*/manifest.json")).read_text())
    assert manifest["scenario"]["set"] == {"fleets.wacc": 0.11, "regions.us.gas_pass_through": 0.1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "basline"], "baseline"),
        (["run", "none.toml"], "none.toml"),
        (["run", "--runs", "0"], "1 to 1000000"),
        (["run", "--runs", "1000001"], "1 to 1000000"),
        (["run", "--runs", "1.5"], "--runs"),
        (["run", "--seed", "-1"], "--seed"),
        (["run", "--seed", str(2**63)], "--seed"),
        (["run", "--seed", "9" * 5000], "--seed"),
        (["run", "--months", "0"], "1 to 1200"),
        (["run", "--months", "1201"], "1 to 1200"),
        (["run", "--set", "fleets.wacc"], "PATH=VALUE"),
        (["run", "--set", "=1"], "PATH=VALUE"),
        (["run", "--set", "fleets.wac=0.1"], "did you mean fleets.wacc"),
        (["run", "--set", "fleets.wacc=much"], "not a number"),
        (["run", "--set", "fleets.wacc=nan"], "not a finite number"),
        (["run", "--set", "fleets.wacc=-5"], "fleets.wacc = -5"),
        (["run", "--set", "fleets.wacc=0.1", "--set", "fleets.wacc=0.2"], "given twice"),
        (["run", "--tables", "agent"], "did you mean agents"),
        (["run", "--tables", ""], "unknown table"),
        (["run", "--month", "3"], "--month"),
        (["run", "baseline", "again"], "again"),
        (["rn"], "run"),
        (["explain"], "PATH"),
        (["explain", "fleets.wac"], "did you mean fleets.wacc"),
        (["explain", "fleets.nobody.wacc"], "unknown group or row"),
    ],
)
def test_a_wrong_request_is_one_line_and_writes_nothing(
    ask: Ask, tmp_path: Path, words: list[str], said: str
) -> None:
    answer = ask(*words)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("drawbridge: ")
    assert answer.err.count("\n") == 1
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_path_in_the_way_is_refused_before_anything_runs(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(ensemble, "run_block", None)
    answer = ask("run", "--out", out)
    assert answer.code == 2
    assert "not a folder" in answer.err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_of_other_results_is_refused_before_anything_runs(
    ask: Ask, eight: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "run_block", None)
    before = {path.name: path.read_bytes() for path in eight.iterdir()}
    answer = ask("run", "--months", "14", "--runs", "8", "--seed", "8", "--out", str(eight))
    assert answer.code == 2
    assert "seed = 7; allowed: 8" in answer.err
    assert {path.name: path.read_bytes() for path in eight.iterdir()} == before


def test_a_broken_invariant_ends_with_3(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise InvariantError("2025-02", "fleets cash", 12.5, "USD", 0)

    monkeypatch.setattr(ensemble, "run_block", broken)
    answer = ask("run", *SHORT)
    assert answer.code == 3
    assert answer.err == "drawbridge: 2025-02, run 0: fleets cash is out by 12.5 USD\n"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_ends_with_4(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    answer = ask("run", *SHORT, "--out", "made")
    assert answer.code == 4
    assert answer.err.count("\n") == 1
    assert "No space left" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_keeps_whole_blocks(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_block = ensemble.run_block

    def interrupted(scenario: Any, seed: int, runs: range, **options: Any) -> object:
        if runs.start:
            raise KeyboardInterrupt
        return run_block(scenario, seed, runs, **options)

    monkeypatch.setattr(ensemble, "run_block", interrupted)
    answer = ask("run", *SHORT, "--runs", "100", "--out", "made")
    assert answer.code == 130
    assert answer.err == "drawbridge: interrupted; 64 of 100 runs are kept\n"
    assert open_results(tmp_path / "made").array("utilization").shape == (64, 3)
    monkeypatch.setattr(ensemble, "run_block", run_block)
    assert ask("run", *SHORT, "--runs", "100", "--out", "made").code == 0
    assert open_results(tmp_path / "made").runs == 100


def test_an_early_interruption_keeps_nothing(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ensemble, "run_block", interrupted)
    answer = ask("run", *SHORT)
    assert (answer.code, answer.err) == (130, "drawbridge: interrupted; nothing is kept\n")
    assert list(tmp_path.iterdir()) == []


def test_a_defect_is_one_line_unless_asked(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object, **__: object) -> None:
        raise IndexError("off by one")

    monkeypatch.setattr(ensemble, "run_block", defect)
    answer = ask("run", *SHORT)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "IndexError: off by one" in answer.err
    answer = ask("run", *SHORT, "--debug")
    assert answer.code == 1
    assert "Traceback" in answer.err


def test_the_command_line_and_python_make_the_same_numbers(eight: Path) -> None:
    result = ensemble.run_ensemble(load_scenario("baseline", months=14), runs=8, seed=7)
    assert result.metrics().equals(open_results(eight).metrics())
