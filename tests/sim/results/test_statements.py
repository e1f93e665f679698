"""Statements and the flow matrix explain every agent's money, live and from a folder alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.ensemble import run_block
from sim.model import EconomyModel
from sim.results.open import open_results
from sim.results.results import Results
from sim.results.runs import Runs
from sim.results.statements import CHANGE, SUM, matrix

MONTHS, RUNS = 6, 2
LABELS = [f"2025-{month:02d}" for month in range(1, MONTHS + 1)]
SHEETS = {
    "income": "income_statement",
    "balance": "balance_sheet",
    "cash": "cash_flow_statement",
}
Books = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("baseline", months=MONTHS)


@pytest.fixture(scope="module")
def results(scenario: Scenario) -> Results:
    tables = ("metrics", "agents", "payments")
    blocks = [run_block(scenario, 1, [run], tables=tables) for run in range(RUNS)]
    return Runs.from_blocks(scenario, 1, blocks)


@pytest.fixture(scope="module")
def stored(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return open_results(results.write(tmp_path_factory.mktemp("results")))


def live(scenario: Scenario, replication: int = 0) -> Iterator[EconomyModel]:
    """The model before the first month, and after each."""
    model = EconomyModel(scenario, 1, replication)
    yield model
    for _ in range(MONTHS):
        model.step()
        yield model


def books(model: EconomyModel) -> dict[str, Books]:
    """The statements of all agents: kind -> statement -> line -> (1, agents)."""
    found = {}
    for population in model.economy.populations.values():
        view = population.kind.over(population, slice(None))
        found[population.name] = {
            sheet: {line: np.array(usd) for line, usd in getattr(view, method)().items()}
            for sheet, method in SHEETS.items()
        }
    return found


# ---- laws ----------------------------------------------------------------------------------------


def test_the_statements_of_every_agent_explain_its_money_in_every_month(scenario: Scenario) -> None:
    before: dict[str, Books] | None = None
    kinds_with_flows = set()
    for model in live(scenario):
        after = books(model)
        for kind, sheets in after.items():
            balance, income, cash = (sheets[name] for name in ("balance", "income", "cash"))
            assert np.array_equal(balance["total_assets"], balance["liabilities_and_equity"])
            assert np.array_equal(balance["cash"], cash["cash"])
            if before is None:
                continue
            old = before[kind]["balance"]
            assert np.array_equal(balance["equity"] - old["equity"], income["change_of_equity"])
            if "change_of_cash" in cash:
                kinds_with_flows.add(kind)
                assert np.array_equal(balance["cash"] - old["cash"], cash["change_of_cash"])
        before = after
    assert kinds_with_flows == {"fabs", "fleets", "labs"}


def test_every_row_and_column_of_the_matrix_adds_to_zero(scenario: Scenario) -> None:
    cash = None
    for model in live(scenario):
        held = {p.name: p.cash.sum() for p in model.economy.populations.values()}
        if cash is not None:
            frame = model.flow_matrix()
            assert list(frame.index[-2:]) == [CHANGE, SUM]
            assert frame.columns[-1] == SUM
            assert (frame[SUM] == 0.0).all()
            assert (frame.loc[SUM] == 0.0).all()
            body = frame.iloc[:-2, :-1]
            assert (body.abs().sum(axis=1) > 0.0).any()
            for sector, moved in body.sum().items():
                assert moved == held[str(sector)] - cash[str(sector)]
        cash = held


# ---- a folder says the same ----------------------------------------------------------------------


@pytest.mark.parametrize("run", range(RUNS))
def test_a_folder_gives_the_statements_of_the_live_model(
    scenario: Scenario, results: Results, stored: Results, run: int
) -> None:
    agents = ("labs.openai", "fleets.microsoft_us", "fabs.nvidia", "customers.consumer_us")
    for month, model in enumerate(live(scenario, run)):
        if not month:
            continue
        for agent in (*agents, "capital.market", "models.openai_flagship"):
            told = stored.statements(agent, LABELS[month - 1], run)
            assert (told.agent, told.month, told.run) == (agent, LABELS[month - 1], run)
            for sheet, method in SHEETS.items():
                frame = getattr(told, sheet)
                assert frame["usd"].to_dict() == getattr(model.agent(agent), method)()
                assert list(frame.columns) == ["part", "usd", "meaning"]
                again = getattr(results.statements(agent, LABELS[month - 1], run), sheet)
                pd.testing.assert_frame_equal(frame, again)
        for either in (results, stored):
            frame = either.flow_matrix(LABELS[month - 1], run)
            pd.testing.assert_frame_equal(frame, model.flow_matrix())


def test_the_payments_are_those_of_the_ledger(scenario: Scenario, stored: Results) -> None:
    frame = stored.payments()
    assert list(frame.columns) == ["run", "month", "instrument", "payer", "payee", "usd"]
    assert (frame["usd"] >= 0.0).all()
    for run in range(RUNS):
        found = [model.economy.ledger.flows for model in _months(scenario, run)]
        of_run = frame[frame["run"] == run]
        ever = {key for flows in found for key, (paid, _) in flows.items() if paid.any()}
        assert len(of_run) == MONTHS * len(ever)
        for flows, (_, rows) in zip(found, of_run.groupby("month"), strict=True):
            keys = list(zip(rows["instrument"], rows["payer"], rows["payee"], strict=True))
            assert keys == sorted(ever)
            assert list(rows["usd"]) == [float(flows[k][1][0]) if k in flows else 0.0 for k in keys]


def _months(scenario: Scenario, run: int) -> Iterator[EconomyModel]:
    models = live(scenario, run)
    next(models)
    return models


def test_payments_of_one_instrument_are_its_rows(stored: Results) -> None:
    whole, wages = stored.payments(), stored.payments(instrument="wages")
    assert set(wages["instrument"]) == {"wages"}
    assert len(wages) == (whole["instrument"] == "wages").sum() > 0


def test_the_part_of_a_run_depends_on_no_other(scenario: Scenario, tmp_path: Path) -> None:
    """The same bytes in blocks of any size, and the same rows alone."""
    tables = ("metrics", "payments")
    written = []
    for blocks in ([(0, 1)], [(0,), (1,)]):
        made = [run_block(scenario, 1, runs, tables=tables) for runs in blocks]
        folder = Runs.from_blocks(scenario, 1, made).write(tmp_path / str(len(blocks)))
        written.append((folder / "payments.parquet").read_bytes())
    assert written[0] == written[1]
    both = open_results(tmp_path / "1").payments()
    alone = Runs.from_blocks(scenario, 1, [run_block(scenario, 1, [1], tables=tables)])
    pd.testing.assert_frame_equal(
        both[both["run"] == 1].reset_index(drop=True), alone.payments(), check_categorical=False
    )
    pd.testing.assert_frame_equal(
        alone.flow_matrix("2025-02", run=1), open_results(tmp_path / "2").flow_matrix("2025-02", 1)
    )


# ---- the matrix alone ----------------------------------------------------------------------------

PAYMENTS = {
    ("rent", "a", "b"): 3.0,
    ("rent", "b", "c"): 1.0,
    ("gifts", "c", "a"): 9.0,
    ("dues", "a", "c"): 0.0,
    ("pocket money", "b", "b"): 2.0,
}


def test_a_matrix_is_sorted_by_size_and_leaves_out_what_moved_nothing() -> None:
    frame = matrix(PAYMENTS, ("c", "d", "b", "a"))
    assert list(frame.index) == ["gifts", "rent", "pocket money", CHANGE, SUM]
    assert list(frame.columns) == ["c", "b", "a", SUM]
    assert frame.loc["rent"].tolist() == [1.0, 2.0, -3.0, 0.0]
    assert frame.loc["pocket money"].tolist() == [0.0] * 4
    assert frame.loc[CHANGE].tolist() == [8.0, -2.0, -6.0, 0.0]


def test_cash_that_no_payment_explains_shows_in_the_sums() -> None:
    moved = {"a": 6.0, "b": 2.0, "c": -8.0, "d": 5.0}
    frame = matrix(PAYMENTS, ("a", "b", "c", "d"), moved)
    assert frame.loc[SUM].tolist() == [0.0, 0.0, 0.0, -5.0, -5.0]


def test_a_month_without_money_has_an_empty_matrix() -> None:
    frame = matrix({}, ("a", "b"))
    assert list(frame.index) == [CHANGE, SUM]
    assert list(frame.columns) == [SUM]


# ---- wrong requests ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("labs.opena", "2025-03"), r'agent = "labs\.opena".*did you mean labs\.openai'),
        (("openai", "2025-03"), r"kinds: regions.*did you mean labs\.openai"),
        (("banks.first", "2025-03"), r"kinds: regions"),
        (("labs.openai", "2025-07"), r'month = "2025-07"; allowed: .*2025-01 to 2025-06'),
        (("labs.openai", "2024-12"), "outside the run"),
        (("labs.openai", "March"), "not a month: month"),
        (("labs.openai", "2025-03", 2), r"run = 2; allowed: a whole number from 0 to 1"),
        (("labs.openai", "2025-03", -1), "run = -1"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest(
    results: Results, stored: Results, words: tuple[Any, ...], said: str
) -> None:
    for either in (results, stored):
        with pytest.raises(RequestError, match=said):
            either.statements(*words)


def test_a_table_that_was_not_kept_is_named_with_how_to_ask_for_it(scenario: Scenario) -> None:
    lean = Runs.from_blocks(scenario, 1, [run_block(scenario, 1, [0])])
    with pytest.raises(RequestError, match="--tables agents"):
        lean.statements("labs.openai", "2025-03")
    for ask in (lambda: lean.flow_matrix("2025-03"), lean.payments):
        with pytest.raises(RequestError, match="--tables payments"):
            ask()


def test_a_model_has_no_matrix_before_its_first_month(scenario: Scenario) -> None:
    with pytest.raises(RequestError, match="no month is closed"):
        EconomyModel(scenario).flow_matrix()
