"""Results on pages: kept with what made them, and shown as they are, losses included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.maintenance.documents import facts, validation
from experiments.maintenance.documents.__main__ import main
from sim.base.errors import RequestError
from sim.results.files.manifest import package_version


def verdict(number: int, word: str) -> dict[str, Any]:
    part = {
        "part": "lag",
        "statistic": "months behind",
        "unit": "month",
        "estimate": 7.5,
        "low": 6.0,
        "high": 9.0,
        "expected": {"words": "a year | more", "low": 12.0, "high": None, "ends_included": True},
        "evidence": ["some-id"],
        "verdict": word,
        "registry": {"holds": 0.25},
    }
    shared = {key: part[key] for key in ("statistic", "unit", "estimate", "low", "high")}
    return shared | {
        "name": f"question_{number}",
        "number": number,
        "question": "How far behind?",
        "expected": "a year | more",
        "verdict": word,
        "runs": 64,
        "seconds": 1.0,
        "why": "Lag is counted back.",
        "parts": [part],
    }


ORIGIN = {"command": "drawbridge study --all", "version": "1", "commit": None, "files": {}}


def studies(folder: Path) -> Path:
    for number, word in ((2, "disagree"), (1, "agree")):
        file = folder / f"question_{number}" / "verdict.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(verdict(number, word)))
    return folder


def test_verdicts_are_kept_in_order_with_what_made_them(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    validation.collect({"studies": studies(tmp_path / "studies")}, kept)
    read = json.loads((kept / "verdicts.json").read_text())
    assert [v["number"] for v in read] == [1, 2]
    manifest = json.loads((kept / "manifest.json").read_text())
    assert manifest["studies"]["command"] == "drawbridge study --all"
    assert manifest["studies"]["version"] == package_version()
    assert set(manifest["studies"]["files"]) == {"verdicts.json"}


def test_a_part_that_is_not_collected_again_stays(tmp_path: Path) -> None:
    kept, backtest = tmp_path / "kept", tmp_path / "backtest"
    backtest.mkdir()
    (backtest / "backtest.md").write_text("# Backtest\n\n| series |\n|---|\n| chips |\n")
    validation.collect({"studies": studies(tmp_path / "studies")}, kept)
    validation.collect({"backtest": backtest}, kept)
    assert list(json.loads((kept / "manifest.json").read_text())) == ["studies", "backtest"]
    validation.write(kept, tmp_path / "pages")
    shown = (tmp_path / "pages" / "fragments" / "backtest.md").read_text()
    assert shown.startswith("*Made by `drawbridge backtest`, version ")
    assert "\n## Backtest\n" in shown


def test_pictures_are_kept_as_far_as_pages_show_them(tmp_path: Path) -> None:
    kept, drivers = tmp_path / "kept", tmp_path / "drivers"
    drivers.mkdir()
    (drivers / "drivers.md").write_text("## Drivers\n\n![What moves it](tornado-a.svg)\n")
    for name in ("tornado-a.svg", "tornado-b.svg"):
        (drivers / name).write_text("<svg/>")
    (studies(tmp_path / "studies") / "question_1" / "figure.svg").write_text("<svg/>")
    validation.collect({"studies": tmp_path / "studies", "drivers": drivers}, kept)
    drawn = {file.name for file in kept.glob("*.svg")}
    assert drawn == {"study-question-1.svg", "tornado-a.svg"}
    validation.write(kept, tmp_path)
    fragments = tmp_path / "fragments"
    assert "](kept/tornado-a.svg)" in (fragments / "drivers.md").read_text()
    assert "![How far behind?](kept/study-question-1.svg)" in (fragments / "studies.md").read_text()

    (drivers / "drivers.md").write_text("## Drivers\n")
    validation.collect({"drivers": drivers}, kept)
    assert {file.name for file in kept.glob("*.svg")} == {"study-question-1.svg"}


def test_results_that_say_who_made_them_are_believed(tmp_path: Path) -> None:
    folder = studies(tmp_path / "studies")
    for number in (1, 2):
        file = folder / f"question_{number}" / "verdict.json"
        package = {"name": "drawbridge-sim", "version": "9.9", "commit": "a" * 40}
        file.write_text(json.dumps(verdict(number, "agree") | {"package": package}))
        validation.collect({"studies": folder}, tmp_path / "kept", "--quick")
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text())["studies"]
    assert manifest["command"] == "drawbridge study --all --quick"
    assert (manifest["version"], manifest["commit"]) == ("9.9", "a" * 40)
    package["version"] = "9.8"
    file.write_text(json.dumps(verdict(2, "agree") | {"package": package}))
    with pytest.raises(RequestError, match="several versions"):
        validation.collect({"studies": folder}, tmp_path / "kept")


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    for part in validation.PARTS:
        with pytest.raises(RequestError, match="no "):
            validation.collect({part: tmp_path}, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_the_page_tells_every_verdict_and_counts_them(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    validation.collect({"studies": studies(tmp_path / "studies")}, kept)
    validation.write(kept, tmp_path)
    page = (tmp_path / "fragments" / "studies.md").read_text()
    assert page.startswith(
        "2 questions, 64 runs a case. Main statistics: 1 agree, 1 disagree, 0 undecided."
    )
    assert "[disagree](#study-question-2) | 25 % | 0 of 1 |" in page
    assert (
        "| 7.50 (6.00 to 9.00) months | a year \\| more | [disagree](#study-question-2) |" in page
    )
    assert "(study-question-2)=" in page
    expected = "a year \\| more (≥ 12.0) [some-id]"
    assert f"| **lag**: months behind | 7.50 (6.00 to 9.00) months | {expected} |" in page
    assert "| 25 % |" in page


def test_bounds_are_told_in_the_form_of_the_estimate(tmp_path: Path) -> None:
    part = verdict(1, "agree")["parts"][0]
    told = []
    for low, high, unit, ends in (
        (0.1, 0.23, "fraction", True),
        (None, 2.0, "1", True),
        (None, 2.0, "1", False),
        (None, None, "1", True),
    ):
        expected = {"words": "so", "low": low, "high": high, "ends_included": ends}
        part |= {"expected": expected, "unit": unit}
        page = "".join(validation.verdicts([verdict(1, "agree") | {"parts": [part]}], ORIGIN))
        told.append(page[page.index("| so ") :][:22])
    assert told == [
        "| so (10 to 23 %) [som",
        "| so (≤ 2.00) [some-id",
        "| so (\\< 2.00) [some-i",
        "| so [some-id] | agree",
    ]


def test_what_has_not_been_run_says_by_which_command(tmp_path: Path) -> None:
    validation.write(tmp_path / "nothing", tmp_path)
    for name, part in validation.PARTS.items():
        assert f"`{part.command}`" in (tmp_path / "fragments" / f"{name}.md").read_text()


def test_compared_scenarios_are_told_in_percent_unless_the_reference_is_0() -> None:
    row = {"scenario": "a", "metric": "m", "window": "2026-01/2026-12", "against": "b"}
    row |= {"expect": "up", "verdict": "disagrees"}
    row |= {f"difference_{f}": "2.0" for f in ("median", "p5", "p95")}
    row |= {f"relative_difference_{f}": "" for f in ("median", "p5", "p95")}
    assert "| +2.00 (+2.00 to +2.00) | disagrees |" in validation.compared([row])
    row |= {f"relative_difference_{f}": "-0.5" for f in ("median", "p5", "p95")}
    assert "| -50.0 % (-50.0 to -50.0 %) | disagrees |" in validation.compared([row])


def test_facts_are_measured_and_shown(tmp_path: Path) -> None:
    found = facts.measure(runs=2, months=24)
    facts.write(found, tmp_path)
    validation.collect({"facts": tmp_path}, tmp_path / "kept")
    validation.write(tmp_path / "kept", tmp_path)
    page = (tmp_path / "fragments" / "facts.md").read_text()
    assert len(found) == 6
    assert all(f"| {fact.statement} | " in page for fact in found)
    drought = found[-2].values
    assert (drought < 0.0).all()


def test_validating_runs_the_command_and_keeps_what_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []

    def execute(arguments: list[str]) -> int:
        called.append(arguments)
        folder = Path(arguments[-1])
        folder.mkdir(parents=True)
        (folder / "backtest.md").write_text("## Backtest\n")
        return 0 if arguments[0] == "backtest" else 3

    monkeypatch.setattr("experiments.cli.main.execute", execute)
    monkeypatch.setattr("experiments.maintenance.documents.__main__.RESULTS", tmp_path / "results")
    monkeypatch.setattr("experiments.maintenance.documents.__main__.KEPT", tmp_path / "kept")
    assert main(["validate", "backtest", "--runs=8"]) == 0
    folder = str(tmp_path / "results" / "backtest")
    assert called == [["backtest", "--runs=8", "--out", folder]]
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text())
    assert manifest["backtest"]["command"] == "drawbridge backtest --runs=8"
    assert main(["validate", "drivers"]) == 2
    assert list(json.loads((tmp_path / "kept" / "manifest.json").read_text())) == ["backtest"]


def test_the_command_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert main(["collect", "studies"]) == 2
    assert main(["validate", "nonsense"]) == 2
    assert main(["facts"]) == 2
    told = capsys.readouterr().err
    assert "studies, backtest, drivers" in told
    assert "--out DIR" in told


def test_speed_is_kept_though_a_target_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def benchmark(words: tuple[str, str]) -> int:
        Path(words[1]).mkdir(parents=True)
        Path(words[1], "speed.md").write_text("A machine.\n\n## One run\n\n| a | missed |\n")
        return 1

    monkeypatch.setattr("experiments.maintenance.benchmark.__main__.main", benchmark)
    monkeypatch.setattr("experiments.maintenance.documents.__main__.RESULTS", tmp_path / "results")
    monkeypatch.setattr("experiments.maintenance.documents.__main__.KEPT", tmp_path / "kept")
    assert main(["validate", "speed"]) == 0
    validation.write(tmp_path / "kept", tmp_path)
    page = (tmp_path / "fragments" / "speed.md").read_text()
    assert page.startswith("*Made by `python -m experiments.maintenance.benchmark`, version ")
    assert "\n**Targets met: 0 of 1.**\n" in page
    assert page.endswith("A machine.\n\n## One run\n\n| a | missed |\n")
