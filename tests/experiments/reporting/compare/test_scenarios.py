"""`drawbridge compare`: paired runs of scenarios and of what they stand on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.reporting.compare import scenarios
from experiments.reporting.compare.findings import COLUMNS, Comparison, Finding, Question, agrees
from experiments.reporting.compare.scenarios import counted_months, measure, plan
from experiments.reporting.spread import Spread
from sim import ensemble, load_scenario, run_ensemble
from sim.base.errors import InvariantError, RequestError
from sim.config.scenario.loader import list_scenarios, reference_of

Ask = Callable[..., Any]
Write = Callable[..., str]

LOSS = 'set = { "fabs.capacity_loss" = 0.9 }'
SHORT = ("--months", "6", "--runs", "3")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario that shocks the baseline from February 2025 on; returns its path."""

    def written(name: str, expect: str = "down", extra: str = "", shock: str = LOSS) -> str:
        file = tmp_path / f"{name}.toml"
        file.write_text(
            f'title = "{name}"\nbase = "baseline"\nabout = "chips_shipped_h100e"\n'
            f'expect = "{expect}"\nwhy = "No lines, no chips. And no more."\n{extra}\n'
            f'[[event]]\nname = "{name}"\nstart = "2025-02"\nmonths = 2\n{shock}\n'
        )
        return str(file)

    return written


# ---- the verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "up", "down", "none"),
    [
        (0.1, 2.0, True, False, False),
        (0.0, 2.0, False, False, True),
        (-1.0, 2.0, False, False, True),
        (-1.0, 0.0, False, False, True),
        (-1.0, -0.1, False, True, False),
        (0.0, 0.0, False, False, True),
    ],
)
def test_the_interval_decides(low: float, high: float, up: bool, down: bool, none: bool) -> None:
    spread = Spread(0.5 * (low + high), low, high, 8)
    assert [agrees(word, spread) for word in ("up", "down", "none")] == [up, down, none]


def finding(expect: str, usual: float, *differences: float) -> Finding:
    """A finding about so many pairs, of a scenario that expects something."""
    scenario = load_scenario("hormuz_closure", months=20)
    object.__setattr__(scenario, "expect", expect)
    question = Question(scenario, load_scenario("baseline", months=20), range(14, 20))
    values = np.array(differences)
    up, down = int((values > 0.0).sum()), int((values < 0.0).sum())
    return Finding(question, "H100e", usual, Spread.of(values), up, down)


def test_a_difference_is_told_in_percent_of_the_references_median() -> None:
    """Of -4 a difference of 1, 2 and 3 is 25, 50 and 75 percent, up as the metric is."""
    found = finding("up", -4.0, 1.0, 2.0, 3.0)
    facts = found.facts()
    assert facts["difference"] == {"median": 2.0, "p5": 1.1, "p95": 2.9}
    assert facts["relative_difference"]["median"] == 0.5
    assert facts["relative_difference"]["p5"] == pytest.approx(0.275)
    assert facts["window"] == "2026-03/2026-08"
    *_, shift, pairs, verdict = found.cells()
    assert shift == "+50.0 % (+27.5 to +72.5 %)"
    assert (pairs, verdict) == ("3 of 3 up", "agrees")
    assert found.measured().endswith("2026-03 to 2026-08, against baseline")


def test_of_nothing_it_is_told_in_units() -> None:
    found = finding("down", 0.0, 1.0, 2.0, 3.0)
    assert found.relative is None
    assert found.facts()["relative_difference"] is None
    *_, shift, pairs, verdict = found.cells()
    assert shift == "+2.00 (+1.10 to +2.90)"
    assert (pairs, verdict) == ("0 of 3 down", "disagrees")


def test_pairs_without_an_expected_direction_are_told_by_side() -> None:
    found = finding("none", 10.0, -1.0, 0.0, 2.0, 3.0)
    assert found.facts()["pairs"] == {"up": 2, "down": 1, "same": 1}
    assert found.facts()["pairs_as_expected"] is None
    assert "2 up, 1 down" in found.cells()


def test_lines_of_those_that_disagree_and_only_those_follow_the_table() -> None:
    right, wrong = finding("up", 1.0, 1.0), finding("down", 1.0, 1.0)
    silent = replace(wrong.question.scenario, found="")
    wrong = replace(wrong, question=replace(wrong.question, scenario=silent))
    spared, reason = {"mine": scenarios.NO_CLAIM}, "hormuz_closure: its file does not say why"
    text = Comparison(1, 1, (right, wrong), spared, {}).text()
    assert text.splitlines().count(reason) == 1
    assert "1 of 2 agree" in text
    assert "Not judged, makes no claim: mine" in text
    assert "disagree say" not in Comparison(1, 1, (right,), {}, {}).text()


# ---- which months count --------------------------------------------------------------------------


def counted(file: str, months: int = 24) -> range:
    scenario = load_scenario(file, months=months)
    return counted_months(scenario, reference_of(scenario))


def test_without_a_window_all_months_count_from_the_first_that_differs(write: Write) -> None:
    file = write("shock")
    assert counted(file) == range(1, 24)
    text = Path(file).read_text()
    Path(file).write_text(text + '[set]\n"fabs.expansion_lead_months" = 12\n')
    assert counted(file) == range(24)
    assert counted(file, months=1) == range(1)


def test_an_event_that_the_reference_has_too_does_not_differ(write: Write) -> None:
    """Longer by two months, it differs once the reference's is over."""
    write("shock")
    longer = write("longer", extra='against = "shock.toml"')
    text = Path(longer).read_text()
    Path(longer).write_text(
        text.replace('name = "longer"', 'name = "shock"').replace("= 2\n", "= 4\n")
    )
    assert counted(longer) == range(3, 24)


def test_a_window_counts_as_far_as_the_run_goes(write: Write) -> None:
    file = write("shock", extra='window = "2025-03/2025-05"')
    assert counted(file) == range(2, 5)
    assert counted(file, months=4) == range(2, 4)
    assert not counted(file, months=2)
    assert plan([file], 2).spared == {"shock": scenarios.TOO_SHORT}


def test_of_what_is_shipped_all_are_judged_but_the_references() -> None:
    names = [name for name, _ in list_scenarios()]
    planned = plan(names)
    assert set(planned.spared) == {"baseline", "synthetic", "backtest_2023"}
    assert set(planned.spared.values()) == {scenarios.REFERENCE}
    assert len(planned.questions) == len(names) - 3


# ---- runs ----------------------------------------------------------------------------------------


def test_pairs_share_their_draws_and_every_ensemble_runs_once(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The difference of window means, pair by pair, is that of two ensembles of the same seed."""
    asked, told = [], []

    def watched(scenario: Any, *words: Any, **options: Any) -> Any:
        asked.append(scenario.name)
        return run_ensemble(scenario, *words, **options)

    monkeypatch.setattr(ensemble, "run_ensemble", watched)
    files = [write("one"), write("two", "up", 'window = "2025-03/2025-04"')]
    comparison = measure(plan([*files, files[0]], 6), 3, 5, told.append)
    assert asked == ["baseline", "one", "two"]
    assert told == sorted(told)
    assert told[-1] == 3 * 3 * 6
    calm, shocked = (
        run_ensemble(s, 3, 5).array("chips_shipped_h100e")
        for s in (load_scenario("baseline", months=6), load_scenario(files[0], months=6))
    )
    one, two = comparison.findings
    for found, months in ((one, slice(1, 6)), (two, slice(2, 4))):
        before, after = (v[:, months].mean(axis=1) for v in (calm, shocked))
        assert found.usual == np.median(before)
        assert found.difference == Spread.of(after - before)
        assert (found.up, found.down) == (0, 3)
    assert (one.verdict, two.verdict) == ("agrees", "disagrees")


def test_a_scenario_that_changes_nothing_is_none_bit_for_bit(write: Write) -> None:
    same = 'set = { "fabs.capacity_loss" = 0 }'
    (found,) = measure(plan([write("same", "none", shock=same)], 3), 2, 1).findings
    assert found.difference == Spread(0.0, 0.0, 0.0, 2)
    assert found.verdict == "agrees"


def test_the_command_prints_a_table_of_a_hundred_columns(ask: Ask, write: Write) -> None:
    answer = ask("compare", "--scenario", write("shock"), "--scenario", "baseline", *SHORT)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[1].startswith("3 pairs of runs with seed 1")
    row = next(line for line in lines if line.startswith("shock"))
    assert row.split()[1] == "down"
    assert row.endswith("  3 of 3 down  agrees")
    assert lines[-1].endswith(": baseline")
    assert not list(Path().glob("*.csv"))


def test_the_command_gives_json_and_a_file(ask: Ask, write: Write) -> None:
    words = ("--scenario", write("shock", "up"), *SHORT, "--json", "--out", "table.csv")
    answer = ask("compare", *words)
    assert (answer.code, answer.err) == (0, "")
    told = json.loads(answer.out)
    assert (told["runs"], told["seed"], told["broken"]) == (3, 1, {})
    (facts,) = told["scenarios"]
    assert (facts["scenario"], facts["unit"]) == ("shock", "H100e/month")
    assert (facts["window"], facts["verdict"]) == ("2025-02/2025-06", "disagrees")
    assert facts["against"] == "baseline"
    with Path("table.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert tuple(row) == COLUMNS
    assert float(row["difference_p95"]) == facts["difference"]["p95"]
    assert (row["pairs_down"], row["pairs_as_expected"]) == ("3", "0")
    assert row["why"] == "No lines, no chips. And no more."


def test_all_scenarios_are_one_command(ask: Ask) -> None:
    answer = ask("compare", "--all-scenarios", "--months", "1", "--runs", "1", "--json")
    assert (answer.code, answer.err) == (0, "")
    told = json.loads(answer.out)
    named = {*(facts["scenario"] for facts in told["scenarios"]), *told["not_judged"]}
    assert named == {name for name, _ in list_scenarios()}
    assert told["not_judged"]["taiwan_outage"] == scenarios.TOO_SHORT


# ---- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--all-scenarios, or --scenario NAME"),
        (["--all-scenarios", "--scenario", "baseline"], "--all-scenarios, or --scenario NAME"),
        (["--scenario", "gulf_stopp"], "did you mean gulf_stop?"),
        (["--scenario", "baseline", "--runs", "0"], "--runs = 0"),
        (["--scenario", "baseline", "--seed", "-1"], "--seed = -1"),
        (["--scenario", "baseline", "--months", "0"], "months = 0"),
        (["--all-scenarios", "--out", "table.txt"], 'FILE.csv'),
        (["--all-scenarios", "--out", "no.toml/table.csv"], "lies below a file"),
        (["gulf_stop"], "or --scenario NAME"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_line(ask: Ask, words: list[str], message: str) -> None:
    Path("no.toml").touch()
    answer = ask("compare", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert message in answer.err


def test_a_wrong_reference_is_refused_before_anything_runs(ask: Ask, write: Write) -> None:
    Path("later.toml").write_text('title = "Later"\nbase = "world_2023"')
    answer = ask("compare", "--scenario", write("shock", extra='against = "later.toml"'))
    assert answer.code == 2
    assert 'starts in another month: against = "later"' in answer.err


@pytest.mark.parametrize(
    ("culprit", "place"), [("one", "2025-02"), ("baseline", "in its reference")]
)
def test_a_scenario_that_breaks_a_law_is_named_and_the_others_are_compared(
    ask: Ask, write: Write, monkeypatch: pytest.MonkeyPatch, culprit: str, place: str
) -> None:
    def breaking(scenario: Any, *words: Any, **options: Any) -> Any:
        if scenario.name == culprit:
            raise InvariantError("2025-02", "cash of labs.openai", 1.0, "USD", 0)
        return run_ensemble(scenario, *words, **options)

    monkeypatch.setattr(ensemble, "run_ensemble", breaking)
    one, two = write("one"), write("two", extra='against = "calm.toml"')
    calm = 'title = "Calm"\nbase = "world_2025"\n[set]\n"fabs.expansion_lead_months" = 12\n'
    Path(two).with_name("calm.toml").write_text(calm)
    answer = ask("compare", "--scenario", one, "--scenario", two, *SHORT)
    assert answer.code == 3
    assert f"Broken: one: {place}" in answer.out
    assert "cash of labs.openai" in answer.out
    assert answer.err == "drawbridge: a law of the model is broken in: one\n"
    assert "1 of 1 agree" in answer.out


def test_an_interrupted_comparison_keeps_nothing(
    ask: Ask, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*words: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(ensemble, "run_ensemble", interrupted)
    answer = ask("compare", "--scenario", write("shock"), *SHORT, "--out", "table.csv")
    assert (answer.code, answer.out) == (130, "")
    assert "nothing is kept" in answer.err
    assert not Path("table.csv").exists()


def test_a_claim_of_another_start_cannot_be_planned(write: Write) -> None:
    with pytest.raises(RequestError, match="starts in another month"):
        plan([write("shock", extra='against = "backtest_2023"')])
