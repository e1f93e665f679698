"""`drawbridge study`: what is listed, what is refused, what is left."""

import json

import pytest

from experiments.studies import NAMES, judging
from sim.base.errors import InvariantError


def test_without_a_name_the_questions_are_listed(ask):
    answer = ask("study")
    assert answer.code == 0
    assert [line.split()[1] for line in answer.out.splitlines()] == list(NAMES)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("gulf_stopp",), "gulf_stop"),
        (("gulf_stop", "--all"), "either NAME or --all"),
        (("gulf_stop", "--runs", "0"), "--runs"),
        (("gulf_stop", "--draws", "-1"), "--draws"),
        (("gulf_stop", "--seed", "-1"), "--seed"),
        (("--all", "--workers", "0"), "--workers"),
        (("gulf_stop", "--out", "pyproject.toml"), "pyproject.toml"),
    ],
)
def test_a_wrong_request_is_told_before_anything_is_run(ask, tmp_path, words, told):
    (tmp_path / "pyproject.toml").touch()
    answer = ask("study", *words)
    assert answer.code == 2
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_a_study_prints_and_leaves_its_verdict(ask, tmp_path):
    words = ("--runs", "1", "--draws", "0", "--out", str(tmp_path))
    answer = ask("study", "distillation_refused", *words, "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    kept = json.loads((tmp_path / "distillation_refused" / "verdict.json").read_text())
    assert told["estimate"] == kept["estimate"]
    assert told["registry_draws"] == 0


def test_a_broken_law_is_told_and_other_studies_are_kept(ask, tmp_path, monkeypatch):
    usual = judging.judge

    def judge(name, *rest):
        if name == "gulf_stop":
            raise InvariantError("2026-01", "cash", 1.0, "USD", 0)
        return usual(name, *rest)

    monkeypatch.setattr(judging, "judge", judge)
    monkeypatch.setattr("experiments.studies.NAMES", ("distillation_refused", "gulf_stop"))
    words = ("--runs", "1", "--draws", "0", "--workers", "1", "--out", str(tmp_path))
    answer = ask("study", "--all", *words)
    assert answer.code == 3
    assert "gulf_stop: " in answer.err
    assert "cash" in answer.err
    assert "distillation_refused" in answer.out
    assert [folder.name for folder in tmp_path.iterdir()] == ["distillation_refused"]
