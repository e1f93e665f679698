from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.reporting.spread import Spread, changed
from experiments.reporting.summary import ROWS, summarise
from sim import load_scenario, open_results, run_ensemble

LINES, COLUMNS = 30, 100


@pytest.mark.parametrize(("months", "runs"), [(1, 1), (14, 1), (130, 3)])
@pytest.mark.parametrize("scenario", ["baseline", "hormuz_closure"])
def test_it_fits_one_screen(scenario: str, months: int, runs: int) -> None:
    results = run_ensemble(load_scenario(scenario, months=months), runs=runs)
    text = summarise(results, "results/somewhere-with-a-name-of-some-length", 1.0).text()
    assert len(text.splitlines()) <= LINES
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "nan" not in text
    assert "…" not in "".join(text.splitlines()[3:])


def test_figures_are_those_of_the_table(eight: Path) -> None:
    results = open_results(eight)
    summary = summarise(results, str(eight), 1.0)
    capex, stock = results.array("capex_usd"), results.array("compute_stock_h100e")
    first, second = summary.years
    assert (first.label, second.label) == ("2025", "2026*")
    assert first.figures["capex_usd"].median == pytest.approx(np.median(capex[:, :12].sum(axis=1)))
    assert second.figures["capex_usd"].low == pytest.approx(
        np.percentile(capex[:, 12:].sum(axis=1), 5.0)
    )
    assert first.figures["compute_stock_h100e"].median == np.median(stock[:, 11])
    told = summary.facts()["metrics"]["compute_stock_h100e"]
    rise = stock[:, 13] / stock[:, 0]
    assert told["last_over_first"]["median"] == pytest.approx(np.median(rise))
    assert told["factor_a_year"]["p5"] == pytest.approx(np.percentile(rise, 5.0) ** (12 / 13))


def test_it_names_who_leads_and_who_follows() -> None:
    scenario = load_scenario("baseline", months=3)
    results = run_ensemble(scenario, runs=4, tables=("metrics", "agents", "models"))
    models = results.agents(kind="models", quantity="capability")
    flagships = models[models["name"].astype(str).str.endswith("_flagship")]
    ends = flagships[flagships["month"] == flagships["month"].max()]
    best = ends.loc[ends.groupby("run")["value"].idxmax(), "name"].astype(str)
    counted = best.str.removesuffix("_flagship").value_counts().to_dict()
    assert results.leaders["leader"]["last"] == counted
    assert sum(results.leaders["follower"]["first"].values()) == 4
    assert results.releases == len(results.models())
    text = summarise(results, "there", 1.0).text()
    first = next(iter(counted))
    title = next(lab.title for lab in scenario.world.of("labs") if lab.name == first)
    assert f"{title} (" in text


def test_the_change_of_worth_over_cost_is_that_of_worth_times_that_of_cost(eight: Path) -> None:
    single = run_ensemble(load_scenario("baseline", months=14))
    told = summarise(single, "there", 1.0).facts()["metrics"]
    worth, cost, ratio = (
        told[name]["last_over_first"]["median"]
        for name in ("token_value_usd_per_mtok", "token_cost_usd_per_mtok", "token_value_to_cost")
    )
    assert ratio == pytest.approx(worth / cost)
    assert "efficiency" in summarise(open_results(eight), str(eight), 1.0).text()


def test_bands_and_the_number_of_runs_are_shown_together(eight: Path) -> None:
    text = summarise(open_results(eight), "there", 1.0).text()
    assert "8 runs with seed 7; medians, 5–95 % of runs in brackets" in text
    assert "2026*, 5–95 %" in text
    single = run_ensemble(load_scenario("baseline", months=2))
    assert "5–95" not in summarise(single, "there", 1.0).text()


def test_facts_hold_every_row_of_every_year(eight: Path) -> None:
    facts = summarise(open_results(eight), "there", 1.0).facts()
    assert list(facts["years"]) == [2025, 2026]
    assert len(facts["years"][2025]) == 1 + len(ROWS)
    assert facts["years"][2026]["months"] == 2


def test_what_a_scenario_changes_is_one_short_line() -> None:
    assert changed(load_scenario("baseline")) == ""
    assert "closure from 2026-03 for 6 months" in changed(load_scenario("hormuz_closure"))
    assert len(changed(load_scenario("hormuz_closure"), limit=20)) == 20


def test_a_spread_of_one_run_has_no_band() -> None:
    assert Spread.of(np.array([2.0]))() == "2.00"
    assert Spread.of(np.array([1.0, 2.0, 3.0]))() == "2.00 (1.10–2.90)"
