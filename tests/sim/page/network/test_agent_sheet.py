"""The sheet of an agent says what its columns say, in plain data, and its books tie."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.config.world.generate import GenerationPlan
from sim.economy.economy import KINDS
from sim.model import EconomyModel
from sim.month.perceive.labs import NOTHING
from sim.page.network.agent_sheet import DECIDED, FOUND, NEIGHBOURS, find, series, sheet
from sim.page.network.names import names

BASELINE = load_scenario("baseline")
TABLES = ("metrics", "agents")


@cache
def model(name: str = "baseline", months: int = 24) -> EconomyModel:
    found = EconomyModel(name, rng=1, tables=TABLES)
    for _ in range(months):
        found.step()
    return found


def books(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {s["name"]: {r["line"]: r["usd"] for r in s["rows"]} for s in found["statements"]}


@pytest.mark.parametrize(("name", "months"), [("baseline", 0), ("baseline", 1), ("ai_winter", 72)])
def test_everybody_has_a_sheet_of_plain_data_whose_books_tie(name: str, months: int) -> None:
    of = model(name, months)
    for agent in names(of).ids:
        found = sheet(of, agent)
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        held = books(found)
        assert held["balance"]["total_assets"] == held["balance"]["liabilities_and_equity"]
        lines = [r for s in found["statements"] for r in s["rows"]]
        assert {r["part"] for r in lines} >= {"asset", "equity", "income", "expense", "cash"}
        earned = sum(r["usd"] for r in lines if r["part"] == "income")
        assert held["income"]["total_income"] == pytest.approx(earned)
        moved = sum(r["usd"] for r in lines if r["part"] == "activity")
        if "change_of_cash" in held["cash"]:
            assert held["cash"]["change_of_cash"] == pytest.approx(moved)


def test_the_books_are_those_of_the_agent() -> None:
    of = model()
    agent = of.agent("labs.openai")
    held = books(sheet(of, "labs.openai"))
    assert held["balance"] == agent.balance_sheet()
    assert held["income"] == agent.income_statement()
    assert held["cash"] == agent.cash_flow_statement()


def test_decisions_are_declared_once_and_of_columns_that_there_are() -> None:
    assert {*DECIDED} == {*KINDS}
    for name, population in model().economy.populations.items():
        for column in DECIDED[name]:
            assert population.declared[column].role in ("state", "pipeline")
        assert len({*DECIDED[name]}) == len(DECIDED[name])


@pytest.mark.parametrize("agent", ["labs.openai", "fleets.microsoft_us", "fabs.nvidia"])
def test_every_column_but_draws_and_books_stands_in_one_place(agent: str) -> None:
    of = model()
    found = sheet(of, agent)
    population = of.economy.populations[agent.partition(".")[0]]
    shown = [r["column"] for part in ("saw", "decided", "is", "parameters") for r in found[part]]
    told = {r["line"] for s in found["statements"] for r in s["rows"]}
    columns = {n for n, c in population.declared.items() if c.role != "luck"}
    assert len({*shown}) == len(shown)
    assert {*shown} | (told & columns) == columns
    row = population.index[agent.partition(".")[2]]
    for r in found["saw"] + found["parameters"]:
        assert r["value"] == population.columns[r["column"]][0, row]
        assert r["unit"] == population.declared[r["column"]].unit
        assert r["meaning"].startswith(population.declared[r["column"]].meaning)


def test_pipelines_are_sums_of_amounts_and_means_of_all_else() -> None:
    of = model()
    fleets = of.economy.fleets
    state = {r["column"]: r for r in sheet(of, "fleets.microsoft_us")["is"]}
    row = fleets.index["microsoft_us"]
    assert state["sites"]["value"] == pytest.approx(fleets.columns["sites"][0, row].sum())
    power = fleets.columns["chip_power"][0, row]
    assert state["chip_power"]["value"] == pytest.approx(power[power != 0.0].mean())
    assert state["sites"]["meaning"].endswith("sum over its months")
    assert state["chip_power"]["meaning"].endswith("mean over its months")


def test_what_an_event_holds_is_marked() -> None:
    of = EconomyModel(BASELINE, rng=1)
    of.apply("dear", scale={"labs.openai.cost_per_head": 2.0}, months=1)
    for expected in (True, False):
        of.step()
        for agent, acts in (("labs.openai", expected), ("labs.anthropic", False)):
            rows = {r["column"]: r for r in sheet(of, agent)["parameters"]}
            assert rows["cost_per_head"]["event"] == acts
            assert not rows["tax_rate"]["event"]


def test_neighbours_are_all_whom_it_deals_with_the_largest_first() -> None:
    of = model()
    found = sheet(of, "labs.anthropic")["neighbours"]
    money = [n["money"] or 0.0 for n in found]
    assert money == sorted(money, reverse=True)
    row, economy = of.economy.labs.index["anthropic"], of.economy
    sold = economy.tokens.usd[0, economy.tokens.source == row].sum()
    paid = economy.lease.usd[0, economy.lease.target == row].sum()
    by = {(way, relation): 0.0 for way in ("to", "from") for relation in ("tokens", "lease")}
    for n in found:
        if (n["way"], n["relation"]) in by:
            by[n["way"], n["relation"]] += n["money"]
    assert by["to", "tokens"] == pytest.approx(sold)
    assert by["from", "lease"] == pytest.approx(paid)
    assert len(found) <= NEIGHBOURS
    assert {n["agent"] for n in found} <= {*names(of).ids}


def test_a_sheet_says_who_has_left_and_who_is_still_to_come() -> None:
    assert sheet(model("ai_winter", 72), "labs.deepseek")["status"] == "closed"
    early = model(months=0)
    dormant = next(e.name for e in BASELINE.world.of("labs") if e.dormant)
    found = sheet(early, f"labs.{dormant}")
    assert (found["alive"], found["status"]) == (False, "not founded yet")
    assert sheet(early, "labs.openai")["words"] == "frontier lab, frontier, US"


def test_an_unknown_agent_is_refused_with_the_nearest() -> None:
    for wrong in ("labs.openia", "labs.frontier", "", "{}", "labs." + "x" * 10_000, "<b>"):
        with pytest.raises(RequestError, match="unknown agent"):
            sheet(model(), wrong)
    with pytest.raises(RequestError, match=r"did you mean labs\.openai"):
        series(model(), "labs.openia", "revenue")


# ---- series --------------------------------------------------------------------------------------


def test_a_series_has_the_marks_of_its_months() -> None:
    marks = (("2025-03", "Hormuz"), ("2031-01", "later"))
    option = series(model(), "labs.openai", "cash", marks).option
    drawn = option["series"][0]["markLine"]["data"]
    assert [line["name"] for line in drawn] == ["Hormuz"]


def test_what_is_not_there_is_no_number() -> None:
    of = model()
    sheets = [sheet(of, f"labs.{name}") for name in of.economy.labs.names]
    absent = [row for one in sheets for row in one["saw"] if row["value"] == NOTHING]
    assert absent and all(row["text"] == "none" for row in absent)


def test_a_series_is_what_was_recorded() -> None:
    of = model()
    figure = series(of, "labs.openai", "revenue")
    row = of.economy.labs.index["openai"]
    kept = of.record.agents["labs", "revenue"][0, :24, row]
    assert np.array_equal(figure.table["revenue"].to_numpy(), kept)
    assert figure.table["month"].tolist()[::23] == ["2025-01", "2026-12"]
    assert figure.option["yAxis"]["name"] == "bn USD"
    assert [s["id"] for s in figure.option["series"]] == ["series"]
    json.dumps(figure.option, allow_nan=False)
    every = {c["column"] for c in sheet(of, "labs.openai")["columns"]}
    assert "revenue" in every
    for column in sorted(every):
        json.dumps(series(of, "labs.openai", column).option, allow_nan=False)


def test_a_series_of_no_months_is_empty_and_what_is_not_kept_is_refused() -> None:
    assert series(model(months=0), "labs.openai", "cash").table.empty
    with pytest.raises(RequestError, match="did you mean revenue"):
        series(model(), "labs.openai", "revenu")
    bare = EconomyModel(BASELINE, rng=1)
    assert sheet(bare, "labs.openai")["columns"] == []
    with pytest.raises(RequestError, match="no series"):
        series(bare, "labs.openai", "cash")


# ---- search --------------------------------------------------------------------------------------


def test_a_search_knows_titles_names_and_kinds_in_any_case() -> None:
    of = model()
    assert find(of, "OPENAI")[0]["agent"] == "labs.openai"
    assert find(of, "deepmind")[0]["agent"] == "labs.google_deepmind"
    assert {f["kind"] for f in find(of, "data center")} == {"data center"}
    assert find(of, "microsoft europe")[0]["agent"] == "fleets.microsoft_europe"
    assert find(of, "fabs.nvidia")[0]["agent"] == "fabs.nvidia"
    assert len(find(of, "e")) == FOUND
    assert find(of, " ") == find(of, "nobody of that name") == []


def test_hostile_titles_survive_as_text() -> None:
    world = BASELINE.world
    title = "<script>{b}\n" + "y" * 1000
    agents = tuple(replace(e, title=title) if e.name == "openai" else e for e in world.agents)
    of = EconomyModel(replace(BASELINE, world=replace(world, agents=agents)), rng=1, tables=TABLES)
    of.step()
    found = sheet(of, "labs.openai")
    assert found["title"].startswith("<script>{b}\\ny")
    assert len(found["title"]) < 130
    assert find(of, "<SCRIPT>")[0]["agent"] == "labs.openai"
    assert series(of, "labs.openai", "cash").title.startswith("<script>")


def test_a_sheet_of_a_large_world() -> None:
    counts = {"labs": 40, "fabs": 8, "fleets": 200, "customers": 700}
    world = GenerationPlan(BASELINE.world, counts, 4, 1).world()
    of = EconomyModel(replace(BASELINE, world=world), rng=1)
    of.step()
    found = sheet(of, "capital.market")
    assert found["neighbours_in_all"] > len(found["neighbours"]) == NEIGHBOURS
    assert sheet(of, "labs.lab_00001")["title"] == "lab_00001, like OpenAI"
