"""`drawbridge accounts`: a month's money on the screen, as JSON and as a picture."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sim import EconomyModel, engine, load_scenario
from sim.base.errors import InvariantError
from sim.base.number_format import amount

Ask = Callable[..., Any]

MONTH = ("--month", "2025-03")


@pytest.fixture(scope="module")
def model() -> EconomyModel:
    """The baseline after three months."""
    model = EconomyModel(load_scenario("baseline"))
    for _ in range(3):
        model.step()
    return model


def test_the_matrix_shows_its_sums(ask: Ask, model: EconomyModel) -> None:
    answer = ask("accounts", *MONTH)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "Baseline: money between sectors in March 2025"
    frame = model.flow_matrix()
    assert lines[3].split() == list(frame.columns)
    sums = next(line for line in lines if line.startswith("sum"))
    assert sums.split() == ["sum"] + ["0"] * len(frame.columns)
    assert any(line.startswith("less change in cash") for line in lines)
    assert max(map(len, lines)) <= 120
    wages = next(line for line in lines if line.startswith("wages"))
    paid = frame.loc["wages", "outside"] / 1e9
    assert wages.split() == ["wages", f"{-paid:.2f}", f"{paid:.2f}", "0"]
    assert list(Path().iterdir()) == []


def test_statements_stand_beside_those_of_the_month_before(ask: Ask, model: EconomyModel) -> None:
    answer = ask("accounts", *MONTH, "--agent", "labs.openai")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "Baseline: accounts of labs.openai in March 2025"
    for title in ("Income statement", "Balance sheet", "Cash flow"):
        heads = next(line for line in lines if line.startswith(title))
        assert heads.removeprefix(title).split() == ["March", "2025", "February", "2025"]
    assert "USD M" in lines[1]
    agent = model.agent("labs.openai")
    shown = next(line for line in lines if line.startswith("Net profit")).split()
    assert shown[2] == f"{agent.income_statement()['net_profit'] / 1e6:,.0f}"
    assert len(shown) == 4


def test_json_holds_every_dollar(ask: Ask, model: EconomyModel) -> None:
    told = json.loads(ask("accounts", *MONTH, "--json").out)
    assert (told["scenario"], told["seed"], told["month"]) == ("baseline", 1, "2025-03")
    assert told["matrix"] == model.flow_matrix().to_dict(orient="index")
    assert all(usd == 0.0 for usd in told["matrix"]["sum"].values())
    flows = model.economy.ledger.flows
    for row in told["payments"]:
        assert row["usd"] == flows[row["instrument"], row["payer"], row["payee"]][1][0]

    told = json.loads(ask("accounts", *MONTH, "--agent", "fabs.nvidia", "--json").out)
    agent = model.agent("fabs.nvidia")
    now, before = told["statements"], told["before"]
    assert now["balance"] == agent.balance_sheet()
    assert now["income"] == agent.income_statement()
    assert now["cash"] == agent.cash_flow_statement()
    change = now["balance"]["equity"] - before["balance"]["equity"]
    assert change == now["income"]["change_of_equity"]


def test_the_first_month_stands_beside_the_opening(ask: Ask) -> None:
    answer = ask("accounts", "--month", "2025-01", "--agent", "labs.openai")
    assert "Opening" in answer.out
    told = json.loads(ask("accounts", "--month", "2025-01", "--agent", "labs.openai", "--json").out)
    assert set(told["before"]) == {"balance", "cash"}
    change = told["statements"]["cash"]["cash"] - told["before"]["cash"]["cash"]
    assert change == told["statements"]["cash"]["change_of_cash"]


def test_without_a_month_the_last_is_shown(ask: Ask) -> None:
    assert "March 2025\n" in ask("accounts", "--months", "3").out
    assert "January 2025\n" in ask("accounts", "--months", "1").out


def test_no_more_months_are_run_than_needed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    month, run = engine.month, []
    monkeypatch.setattr(engine, "month", lambda *given: (run.append(1), month(*given)))
    assert ask("accounts", *MONTH).code == 0
    assert len(run) == 3


def test_seed_and_parameters_change_the_money(ask: Ask) -> None:
    answers = [
        json.loads(ask("accounts", *MONTH, "--json", *words).out)["matrix"]
        for words in ([], ["--seed", "2"], ["--set", "fleets.capex_share=0.5"])
    ]
    assert answers[0] != answers[1] != answers[2] != answers[0]


def test_the_sankey_is_a_picture_of_the_month(ask: Ask, model: EconomyModel) -> None:
    answer = ask("accounts", *MONTH, "--sankey", "new/money.svg")
    assert (answer.code, answer.err) == (0, "")
    root = ElementTree.parse("new/money.svg").getroot()
    title = "Baseline: payments between sectors in March 2025 (n = 1 run)"
    assert root.get("aria-label") == title
    said = [element.text or "" for element in root if element.tag.endswith("text")]
    assert said[0] == title
    paid = sum(float(paid[0]) for paid, _ in model.economy.ledger.flows.values())
    assert f"{amount(paid)} USD in all" in said[1]
    assert [path.name for path in Path("new").iterdir()] == ["money.svg"]


def test_a_hostile_title_stays_text(ask: Ask) -> None:
    title = "</title><script>alert(1)</script>"
    Path("mine.toml").write_text(f'title = "{title}"\nbase = "baseline"\n')
    assert ask("accounts", "mine.toml", "--months", "1", "--sankey", "money.svg").code == 0
    root = ElementTree.parse("money.svg").getroot()
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert any(title in (element.text or "") for element in root.iter())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--agent", "labs.opena"], "did you mean labs.openai"),
        (["--agent", "openai"], "did you mean labs.openai"),
        (["--agent", "banks.first"], "kinds: regions"),
        (["--agent", ""], "--agent"),
        (["--month", "2031-01"], '--month = "2031-01"; allowed: a month of the run, 2025-01'),
        (["--month", "2024-12"], "outside the run"),
        (["--month", "March"], "not a month: --month"),
        (["--months", "2", "--month", "2025-03"], "2025-01 to 2025-02"),
        (["--seed", "-1"], "--seed"),
        (["--runs", "2"], "--runs"),
        (["--set", "fleets.wac=0.1"], "did you mean fleets.wacc"),
        (["--sankey", "."], "folder"),
        (["--sankey", "x.svg", "--agent", "labs.openai"], "no --agent"),
        (["basline"], "baseline"),
    ],
)
def test_a_wrong_request_is_one_line_and_runs_nothing(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.setattr(engine, "month", None)
    answer = ask("accounts", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("drawbridge: ")
    assert answer.err.count("\n") == 1
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_broken_invariant_ends_with_3(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise InvariantError("2025-01", "fleets cash", 12.5, "USD", 0)

    monkeypatch.setattr(engine, "month", broken)
    answer = ask("accounts", "--sankey", "money.svg")
    assert (answer.code, answer.out) == (3, "")
    assert "out by 12.5 USD" in answer.err
    assert list(Path().iterdir()) == []


def test_a_full_disk_ends_with_4_and_leaves_what_was_there(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    Path("money.svg").write_text("mine")
    monkeypatch.setattr(os, "fsync", full)
    answer = ask("accounts", "--months", "1", "--sankey", "money.svg")
    assert (answer.code, answer.out) == (4, "")
    assert [path.name for path in Path().iterdir()] == ["money.svg"]
    assert Path("money.svg").read_text() == "mine"


def test_an_interruption_keeps_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "month", interrupted)
    answer = ask("accounts", "--sankey", "money.svg")
    assert answer.code == 130
    assert list(Path().iterdir()) == []
