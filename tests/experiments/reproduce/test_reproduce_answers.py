"""Studies and backtests made again: what they leave for it, what counts as the same, and what is
refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from experiments.backtest import backtest, files
from experiments.reproduce.reproduce import NotReproduced, folders_of, refuse_other, reproduce
from experiments.studies import judging
from sim.base.errors import RequestError
from sim.base.frozen import FrozenDict
from sim.config.registry import load_registry
from sim.config.scenario import loader
from sim.results.files import manifest, ro_crate
from sim.results.open import open_results
from tests.crates import entities_of
from tests.experiments.tampering import say

Ask = Callable[..., Any]
NAME = "revenue_2025"
EFFORT = judging.StudySize(1, 2)


@pytest.fixture(autouse=True, scope="module")
def checkout() -> Iterator[None]:
    """One commit for all tests, whatever happens to the checkout meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "commit", lambda: "c0ffee")
        yield


@pytest.fixture(scope="module")
def judged() -> judging.Judgement:
    """A study of one case, run once and with two draws of the registry."""
    return judging.judge(NAME, EFFORT, seed=5)


@pytest.fixture(scope="module")
def tested() -> backtest.Backtest:
    """Three months of the backtest, run once."""
    return backtest.backtest(1, 5, months=3)


@pytest.fixture
def study(checkout: None, judged: judging.Judgement, tmp_path: Path) -> Path:
    """The study's folder, which may be changed."""
    judged.write(tmp_path / "held" / NAME)
    return tmp_path / "held" / NAME


@pytest.fixture
def forecasts(checkout: None, tested: backtest.Backtest, tmp_path: Path) -> Path:
    """The backtest's folder, which may be changed."""
    files.write(tested, tmp_path / "tested")
    return tmp_path / "tested"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, judged: judging.Judgement) -> None:
    """The same study again, without waiting for it."""
    again = replace(judged, took=judged.took + 1.0)
    monkeypatch.setattr(judging, "judge", lambda *given: again)


@pytest.fixture
def no_runs(
    monkeypatch: pytest.MonkeyPatch, judged: judging.Judgement, tested: backtest.Backtest
) -> None:
    """Nothing more may be run."""
    monkeypatch.setattr(judging, "judge", None)
    monkeypatch.setattr(backtest, "backtest", None)


def change(file: Path, before: str, after: str) -> None:
    """Change a text of a file once; nothing tells that it was changed."""
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    (file.parent / ro_crate.FILE).unlink(missing_ok=True)


def first_value(study: Path) -> str:
    """The first value of its values.csv, as it is written."""
    return (study / "values.csv").read_text().splitlines()[1].split(",")[3]


# ---- what is the same ----------------------------------------------------------------------------


def test_a_study_is_made_again_byte_by_byte(ask: Ask, study: Path, tmp_path: Path) -> None:
    answer = ask("reproduce", str(study))
    assert (answer.code, answer.err) == (0, "")
    assert "1 run a case, made again" in answer.out
    assert answer.out.count("the same bytes") == 4  # what is wanted, two tables and the picture
    assert list(tmp_path.iterdir()) == [tmp_path / "held"]


def test_a_backtest_is_made_again_byte_by_byte(forecasts: Path) -> None:
    found = reproduce(forecasts)
    assert found.same
    assert [file.file for file in found.files] == [
        "scores.csv",
        "points.csv",
        "backtest.md",
        "backtest.json",
        "manifest.json",
    ]
    assert "1 run of each ensemble, made again" in found.text()


@pytest.mark.usefixtures("at_once")
def test_a_folder_of_studies_is_made_again_study_by_study(
    ask: Ask, study: Path, tmp_path: Path
) -> None:
    shutil.copytree(study, study.with_name("another"))
    answer = ask("reproduce", "held", "--out", "again", "--json")
    told = json.loads(answer.out)
    assert [each["folder"] for each in told] == ["held/another", f"held/{NAME}"]
    assert all(each["same"] for each in told)
    assert sorted(each.name for each in (tmp_path / "again").iterdir()) == ["another", NAME]

    for each in (study, study.with_name("another")):
        change(each / "values.csv", "luck", "lack")
    answer = ask("reproduce", "held")
    assert answer.code == 3
    assert "held/another: not reproduced: values.csv differ; 1 more of 2 folders" in answer.err


def test_a_folder_without_results_is_refused_as_one(ask: Ask, tmp_path: Path) -> None:
    assert folders_of(tmp_path) == [tmp_path]
    answer = ask("reproduce", str(tmp_path))
    assert answer.code == 2
    assert "holds no manifest.json" in answer.err


def test_both_folders_describe_themselves(study: Path, forecasts: Path) -> None:
    files = {"verdict.json", "values.csv", "figure.csv", "figure.svg", "manifest.json"}
    found = entities_of(study)
    assert {key for key, entity in found.items() if entity["@type"] == "File"} == files
    known = manifest.read(study)
    (case,) = known["cases"].values()
    assert found["#scenario-1"]["identifier"] == f"sha256:{case['digest']}"
    assert found["./"]["name"] == f"{known['title']}: 1 run with seed 5"
    found = entities_of(forecasts)
    assert found["points.csv"]["encodingFormat"] == "text/csv"
    assert "backtest_2023 (3 months from 2023-01)" in found["./"]["description"]


def test_a_study_of_several_cases_names_each_and_their_world_once(tmp_path: Path) -> None:
    known = judging.identity("gulf_stop", judging.StudySize(3, 0), 1)
    assert known["laws"] == {}
    told = known | {"title": "Gulf", "complete": True, **manifest.provenance()}
    ro_crate.publish(tmp_path, told, {"values.csv": b"of,run,part,value\n"})
    found = entities_of(tmp_path)
    scenarios = [key for key in found if key.startswith("#scenario")]
    assert scenarios == [f"#scenario-{place}" for place in range(1, len(known["cases"]) + 1)]
    assert [key for key in found if key.startswith("#world")] == ["#world"]
    assert found["./"]["name"] == "Gulf: 3 runs a case with seed 1"


# ---- what is not ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
def test_what_was_changed_of_a_study_is_named(study: Path) -> None:
    (study / ro_crate.FILE).unlink()
    value = first_value(study)
    change(study / "values.csv", value, repr(2.0 * float(value)))
    change(study / "verdict.json", '"verdict": "', '"verdict": "not ')
    change(study / "figure.svg", "<svg", "<svg ")
    files = {file.file: file.words for file in reproduce(study).files if not file.same}
    assert files.keys() == {"values.csv", "verdict.json", "figure.svg"}
    assert files["values.csv"].startswith("differs by 0.500 in value (of luck, run 0, part ")
    assert files["verdict.json"].startswith('says verdict = "not ')
    with pytest.raises(NotReproduced, match=r"values.csv and 2 more differ$"):
        refuse_other([reproduce(study)])


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("factor", "same"), [(1.0 + 1e-12, True), (1.0 + 1e-7, False)])
def test_elsewhere_values_may_differ_and_pictures_are_not_compared(
    study: Path, factor: float, same: bool
) -> None:
    say(study, "libraries.numpy", "2.0.0")
    value = first_value(study)
    change(study / "values.csv", value, repr(factor * float(value)))
    change(study / "figure.svg", "<svg", "<svg ")
    found = reproduce(study)
    assert found.same is same
    assert [file.file for file in found.files] == ["values.csv", "figure.csv", "manifest.json"]


# ---- what cannot be made again -------------------------------------------------------------------


@pytest.mark.usefixtures("no_runs")
@pytest.mark.parametrize("kind", ["study", "forecasts"])
def test_a_registry_that_has_changed_is_told_by_path(
    ask: Ask, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = request.getfixturevalue(kind)
    registry = load_registry()
    entry = registry.parameters["labs.replication_lag"]
    other = FrozenDict({**registry.parameters, entry.path: replace(entry, value=entry.value + 1)})
    for module in (manifest, loader):
        monkeypatch.setattr(module, "load_registry", lambda: replace(registry, parameters=other))
    answer = ask("reproduce", str(folder))
    assert answer.code == 2
    since = f"has changed since version {manifest.package_version()} made these results"
    assert since in answer.err
    assert f"registry.{entry.path} = {entry.value}; allowed: {entry.value + 1}" in answer.err


@pytest.mark.usefixtures("no_runs")
@pytest.mark.parametrize(
    ("kind", "key", "value", "said"),
    [
        ("study", "name", "revenue_2026", "did you mean revenue_2025"),
        ("study", "name", "gulf_stop", "laws."),
        ("study", "runs", 0, "runs = 0"),
        ("study", "draws", -1, "draws = -1"),
        ("study", "draws", 0, "laws."),
        ("study", "statistics", {}, "statistics."),
        ("study", "cases", {}, "cases.as it is"),
        ("study", "cases", 7, "cases = 7"),
        ("forecasts", "observations", "0" * 64, 'observations = "000'),
        ("forecasts", "cases", {}, "the manifest is damaged"),
        ("forecasts", "cases.backtest_2023.months", 4, "digest"),
        ("forecasts", "cases.backtest_2023.months", "four", 'months = "four"'),
        ("forecasts", "cases.backtest_2023.digest", "0" * 64, 'backtest_2023.digest = "000'),
        ("forecasts", "laws.model", {}, "laws.model."),
        ("forecasts", "kind", "study", "the manifest lacks a key"),
    ],
)
def test_what_is_not_as_it_was_is_refused(
    ask: Ask, request: pytest.FixtureRequest, kind: str, key: str, value: object, said: str
) -> None:
    folder = request.getfixturevalue(kind)
    say(folder, key, value)
    answer = ask("reproduce", str(folder))
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert said in answer.err


def test_results_of_another_kind_are_not_written_over(
    ask: Ask, no_runs: None, study: Path, forecasts: Path, judged: judging.Judgement
) -> None:
    for words in (("backtest", "--out", str(study)), ("study", "tested", "--out", ".")):
        before = (study / "manifest.json").read_bytes()
        assert ask(*words).code == 2
        assert (study / "manifest.json").read_bytes() == before
    shutil.copytree(study, study.with_name("gulf_stop"))
    answer = ask("study", "gulf_stop", "--out", "held")
    assert answer.code == 2
    assert 'the folder holds other results; choose another folder: name = "revenue_2025"' in (
        answer.err
    )
    with pytest.raises(RequestError, match="the folder holds other results"):
        judged.write(forecasts)


def test_another_judgement_of_the_study_takes_its_place(
    study: Path, judged: judging.Judgement
) -> None:
    replace(judged, seed=6).write(study)
    assert manifest.read(study)["seed"] == 6
    assert ro_crate.changed(study) == []


def test_a_folder_without_runs_is_not_opened_as_one(study: Path) -> None:
    with pytest.raises(RequestError, match="no runs are kept here"):
        open_results(study)
