"""Panels: of any run, month, comparison and band they are plain data that say what was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from sim.config.scenario.loader import load_scenario
from sim.figures.figure import Figure
from sim.model import EconomyModel
from sim.page.charts import finance, lab_series
from sim.page.charts.difference import difference
from sim.page.charts.metric_words import WORDS
from sim.page.charts.panels import METRIC_CHOICES, PANELS
from sim.page.charts.view import Band, Mark, ShownRuns
from sim.results.metrics.all_metrics import NAMES
from sim.results.table_columns import TABLES
from tests.worlds import scenarios

NAMED = {"baseline": "Baseline", "gulf_collapse": "No Gulf", "capital_drought": "Drought"}
MARKS = (Mark("2025-03", "Hormuz"), Mark("2040-01", "never"))
BY_NAME = {panel.name: panel for panel in PANELS}


def band(months: int, n: int = 3) -> Band:
    ends = np.broadcast_to(np.array([[1.0], [2.0], [3.0]]), (3, months))
    return Band(n, months, dict.fromkeys(NAMES, ends))


def drawn(shown: ShownRuns) -> dict[str, Figure]:
    """All figures, which must be finite, plain and of one id a series."""
    figures = {panel.name: panel.draw(shown) for panel in PANELS}
    figures |= {"difference": difference(shown, "capex_usd")}
    for name, figure in figures.items():
        assert figure.name == name
        assert json.loads(json.dumps(figure.option, allow_nan=False)) == figure.option
        ids = [series["id"] for series in figure.option["series"]]
        assert len({*ids}) == len(ids)
        assert all(axis["name"] for axis in figure.option["yAxis"])
        assert figure.sample.startswith("1 run")
        assert figure.csv().count("\n") == 1 + len(figure.table)
        assert len({*figure.table.columns}) == figure.table.shape[1]
    return figures


@pytest.fixture(scope="module")
def runs() -> Iterator[tuple[EconomyModel, ...]]:
    """Three scenarios from their first month; labs of the last one die."""
    yield tuple(EconomyModel(name, rng=7, tables=TABLES) for name in NAMED)


@pytest.fixture(scope="module")
def year() -> EconomyModel:
    """The baseline after twelve months."""
    model = EconomyModel("baseline", rng=7, tables=TABLES)
    for _ in range(12):
        model.step()
    return model


@pytest.mark.parametrize("month", [0, 1, 24, 72])
def test_every_panel_is_drawn_in_every_month(runs: tuple[EconomyModel, ...], month: int) -> None:
    for model in runs:
        while model.month < month:
            model.step()
    names = tuple(NAMED.values())
    drawn(ShownRuns(runs[:1], names[:1]))
    drawn(ShownRuns(runs[2:], names[2:], MARKS))
    drawn(ShownRuns(runs, names, MARKS, band(0)))
    for figure in drawn(ShownRuns(runs, names, MARKS, band(72))).values():
        assert names[0] in figure.csv() or figure.name in ("token", "recoup")
    if month == 72:
        assert runs[2].record.metrics["insolvencies"].sum() > 0.0


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_every_panel_is_drawn_of_any_world(data: st.DataObject) -> None:
    """Worlds without labs, customers or Gulf funds, and labs named alike."""
    model = EconomyModel(data.draw(scenarios()), tables=TABLES)
    shown = ShownRuns((model,), ("any",))
    drawn(shown)
    for _ in range(3):
        model.step()
    drawn(shown)


def test_names_are_told_apart_and_every_metric_has_words() -> None:
    assert len(BY_NAME) == len(PANELS)
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in BY_NAME)
    assert {*WORDS} == {*NAMES}
    assert {*METRIC_CHOICES} == {n for n in NAMES if not n.endswith("_residual")}
    assert len({*METRIC_CHOICES.values()}) == len(METRIC_CHOICES)


def test_tables_have_what_was_recorded(year: EconomyModel) -> None:
    figures = drawn(ShownRuns((year,), ("Baseline",)))
    stock = figures["compute"].table["compute_stock_h100e [H100e]"]
    assert stock.tolist() == year.record.metrics["compute_stock_h100e"][0, :12].tolist()
    assert figures["compute"].table["month"].tolist()[::11] == ["2025-01", "2025-12"]
    openai = figures["labs"].table["revenue: OpenAI [USD/year]"]
    assert openai.tolist() == (12.0 * year.record.agents["labs", "revenue"][0, :12, 0]).tolist()


def test_worth_and_cost_of_labs_add_up_to_those_of_the_market(year: EconomyModel) -> None:
    """Means over labs, weighted by the tokens they serve, are the market's."""
    edges, units = year.economy.tokens, year.record.flows["tokens", "units"][0, :12]
    labs = len(year.economy.labs)
    served = np.array([units[:, edges.source == lab].sum(axis=1) for lab in range(labs)])
    found = np.array([lab_series.worth_and_cost(year, lab) for lab in range(labs)])
    worth, cost = np.nansum(found * served[:, None], axis=0) / served.sum(axis=0)
    market = year.record.metrics
    assert worth == pytest.approx(market["token_value_usd_per_mtok"][0, :12], rel=1e-9)
    # Hours kept by labs that serve nobody cost too.
    idle = np.where(
        np.isnan(found[:, 1]), year.record.agents["labs", "cost_of_revenue"][0, :12].T, 0
    )
    cost = cost + 1e6 * idle.sum(axis=0) / served.sum(axis=0)
    assert cost == pytest.approx(market["token_cost_usd_per_mtok"][0, :12], rel=1e-9)


def test_sources_of_money_add_up(year: EconomyModel) -> None:
    """To capital spending where less was raised than spent; shares of labs to what they raised."""
    spent = year.record.metrics["capex_usd"][0, :12]
    sources = finance.of_operators(year)
    own = sources.pop("operators' own money")
    raised = sum(sources.values())
    assert own + raised == pytest.approx(np.maximum(spent, raised), rel=1e-12)
    labs = finance.of_labs(year)
    shares = sum(usd for source, usd in labs.items() if source in finance.OWNERS)
    assert shares.tolist() == year.record.metrics["lab_funding_usd"][0, :12].tolist()


def test_releases_are_dotted_where_labs_released(year: EconomyModel) -> None:
    series = BY_NAME["race"].draw(ShownRuns((year,), ("Baseline",))).option["series"]
    line = next(s for s in series if s["name"] == "OpenAI")
    dotted = [isinstance(value, dict) for value in line["data"]]
    assert dotted == (year.record.released[0, :12, 0] > 0.0).tolist()
    assert any(dotted)


def test_only_replaced_models_are_judged(year: EconomyModel) -> None:
    """Of each lab one release less than there were: its last is still on sale."""
    figure = BY_NAME["recoup"].draw(ShownRuns((year,), ("Baseline",)))
    released = year.record.released[0, :12].sum(axis=0)
    assert len(figure.table) == np.maximum(released - 1, 0).sum() > 0
    points = sum(len(series["data"]) for series in figure.option["series"])
    assert points == figure.table["recoupment [ratio]"].notna().sum()


def test_a_lab_keeps_its_colour(year: EconomyModel) -> None:
    few = lab_series.styles(year, [3, 0])
    many = lab_series.styles(year, [*range(10)])
    assert few == [many[0], many[3]]
    assert len({(lab.colour, lab.dash) for lab in many}) == 10


def test_the_sample_says_how_many_runs(year: EconomyModel) -> None:
    alone = ShownRuns((year,), ("Baseline",), band=band(5, 64))
    assert BY_NAME["compute"].draw(alone).sample == "1 run, seed 7; band of n = 64 runs"
    assert BY_NAME["recoup"].draw(alone).sample == "1 run, seed 7"
    pair = ShownRuns((year, year), ("one", "other"))
    assert BY_NAME["compute"].draw(pair).sample == "1 run each, seed 7"
    assert "one only" in BY_NAME["labs"].draw(pair).note


def test_compared_runs_have_a_line_each_and_a_name_once(year: EconomyModel) -> None:
    option = BY_NAME["adoption"].draw(ShownRuns((year, year), ("one", "other"))).option
    assert option["legend"]["data"] == ["one", "other"]
    first = [s for s in option["series"] if s["yAxisIndex"] == 0]
    looks = [(s["name"], s["lineStyle"]["type"]) for s in first]
    assert looks == [
        ("one", "solid"),
        ("one: paying users", "dashed"),
        ("other", "solid"),
        ("other: paying users", "dashed"),
    ]
    assert len({s["color"] for s in first}) == 2


def test_a_difference_is_in_units_and_in_percent(runs: tuple[EconomyModel, ...]) -> None:
    live, other = runs[0], runs[1]
    if not live.month:
        live.step()
        other.step()
    table = difference(ShownRuns((live, other), ("live", "other")), "capex_usd").table
    done = live.month
    ours, theirs = (m.record.metrics["capex_usd"][0, :done] for m in (live, other))
    assert table["capex_usd: live less other [USD/month]"].tolist() == (ours - theirs).tolist()
    percent = table["capex_usd: live less other [percent]"]
    assert percent.tolist() == pytest.approx((100.0 * (ours / theirs - 1.0)).tolist(), abs=1e-9)
    alone = difference(ShownRuns((live,), ("live",)), "capex_usd")
    assert alone.note == "no scenario is compared"


def test_runs_that_start_apart_are_laid_over_one_another_by_month(year: EconomyModel) -> None:
    scenario = load_scenario("backtest_2023")
    early = EconomyModel(scenario, tables=TABLES)
    early.step()
    shown = ShownRuns((year, early), ("now", "then"))
    assert shown.metric("capex_usd", early).size == 0
    late = ShownRuns((early, year), ("then", "now")).metric("capex_usd", year)
    assert np.isnan(late).all() or np.isnan(late[:12]).all()
    drawn(shown)
