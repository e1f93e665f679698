"""How an answer stands to what is expected, by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.studies import load_study
from experiments.studies.judging import Judgement, StudySize, judge
from experiments.studies.study import ExpectedRange, StudyPart, above, below
from experiments.studies.verdict import Answer, Verdict, table

RUNS = np.arange(21.0)  # 5 % is 1, the median 10, 95 % is 19


def answer(low, high, drawn=None):
    part = StudyPart(
        "p", "a statistic", "month", lambda runs: RUNS, ExpectedRange("so", low, high), ("id",)
    )
    return Answer.of(part, RUNS, drawn)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.0, 19.0, "agree"),
        (-np.inf, 19.0, "agree"),
        (1.1, np.inf, "undecided"),
        (3.0, 4.0, "undecided"),
        (19.1, np.inf, "disagree"),
        (-np.inf, 0.9, "disagree"),
    ],
)
def test_the_interval_lies_within_the_range_or_outside_or_neither(low, high, verdict):
    assert answer(low, high).verdict == verdict


@pytest.mark.parametrize(
    ("expected", "value", "verdict"),
    [
        (above("more", 0.0), 0.0, "disagree"),
        (above("more", 0.0), 1e-12, "agree"),
        (below("less", 0.0), 0.0, "disagree"),
        (below("less", 0.0), -1e-12, "agree"),
        (ExpectedRange("no more", high=0.0), 0.0, "agree"),
        (ExpectedRange("so", 0.0, 1.0), np.nan, "disagree"),
    ],
)
def test_no_change_is_neither_more_nor_less(expected, value, verdict):
    part = StudyPart("p", "a statistic", "month", lambda runs: RUNS, expected, ("id",))
    assert Answer.of(part, np.full(3, value), None).verdict == verdict
    assert expected.holds(np.array([value])) == [float(verdict == "agree")]


def test_the_share_of_draws_in_which_the_range_holds():
    drawn = np.array([0.0, 1.0, 2.0, 3.0])
    found = answer(1.0, 2.0, drawn)
    assert found.holds == 0.5
    assert found.facts()["registry"]["draws"] == 4
    assert answer(1.0, 2.0).facts()["registry"] is None


@pytest.mark.parametrize("drawn", [[2.0, np.nan, 4.0, np.inf], [np.nan] * 4])
def test_draws_without_a_statistic_are_counted_and_do_not_hold(drawn):
    found = answer(1.0, 3.0, np.array(drawn)).facts()
    defined = np.isfinite(drawn).sum()
    assert found["registry"]["draws"] == 4
    assert found["registry"]["undefined"] == 4 - defined
    assert found["registry"]["holds"] == (0.25 if defined else 0.0)
    assert found["registry"]["estimate"] == (3.0 if defined else None)
    json.dumps(found, allow_nan=False)


def test_a_statistic_that_no_run_has_is_told_as_none():
    part = StudyPart(
        "p", "a statistic", "month", lambda runs: RUNS, ExpectedRange("so", 0.0, 1.0), ("id",)
    )
    found = Answer.of(part, np.full(3, np.nan), None).facts()
    assert (found["estimate"], found["low"], found["high"]) == (None, None, None)
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("bounds", "word", "agreeing"),
    [
        ([(1, 19), (1, 19)], "agree", 2),
        ([(1, 19), (30, 40)], "agree", 1),
        ([(2, 30), (1, 19)], "undecided", 1),
        ([(30, 40), (1, 19), (1, 20)], "disagree", 2),
    ],
)
def test_a_verdict_is_that_of_the_main_statistic_and_parts_are_counted(bounds, word, agreeing):
    answers = tuple(answer(low, high) for low, high in bounds)
    verdict = Verdict("gulf_stop", load_study("gulf_stop"), answers, 1, 2.0)
    assert verdict.word == word
    assert f"Main statistics: {_words(word)}" in table([verdict])
    assert verdict.cells()[-1] == f"{agreeing} of {len(bounds)}"
    assert json.loads(json.dumps(verdict.facts(), allow_nan=False))["verdict"] == word


def test_a_judgement_leaves_its_numbers_its_words_and_its_picture(tmp_path: Path):
    judged = judge("distillation_refused", StudySize(2, 1), seed=3)
    assert isinstance(judged, Judgement)
    judged.write(tmp_path / "new")
    assert {file.name for file in (tmp_path / "new").iterdir()} == {
        "verdict.json",
        "values.csv",
        "figure.svg",
        "figure.csv",
        "manifest.json",
        "ro-crate-metadata.json",
    }
    facts = json.loads((tmp_path / "new" / "verdict.json").read_text())
    assert {"question", "statistic", "estimate", "low", "high", "expected", "runs"} <= facts.keys()
    assert facts["verdict"] == judged.verdict.word
    assert facts["seconds"] > 0.0
    assert facts["runs"] == 2
    assert facts["estimate"] == float(np.median(judged.lucky["lag"]))
    rows = (tmp_path / "new" / "values.csv").read_text().splitlines()
    assert rows[1] == f"luck,0,lag,{float(judged.lucky['lag'][0])!r}"
    assert len(rows) == 1 + len(judged.lucky) * (2 + 1)
    assert (tmp_path / "new" / "figure.svg").read_text().startswith("<svg")


def _words(word):
    return ", ".join(f"{int(word == w)} {w}" for w in ("agree", "disagree", "undecided"))
