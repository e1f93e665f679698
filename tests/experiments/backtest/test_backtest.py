"""The backtest: what is compared, that rivals know nothing of later, and what it prints."""

import csv
import json
from datetime import date

import numpy as np
import pytest

from experiments.backtest import backtest as module
from experiments.backtest import observed_series
from experiments.backtest.backtest import (
    AS_IS,
    WITHOUT,
    backtest,
    rivals,
    rows_to_score,
)
from experiments.backtest.files import POINT_COLUMNS, SCORE_COLUMNS, facts, text, write
from experiments.backtest.naive_forecasts import RIVALS
from experiments.backtest.observed_series import KEPT, SERIES, UNSPOKEN, VENDORS, Seen
from experiments.backtest.pooled_scores import (
    ALL,
    EVEN,
    pooled_scores,
    rival_scores,
    score,
    with_rival,
)
from experiments.backtest.sections import verdicts
from sim import ensemble
from sim.base.errors import InvariantError
from sim.config.observations import load_observations, observed
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block

START = date(2023, 1, 1)


@pytest.fixture(scope="module")
def year():
    return backtest(runs=3, seed=5, months=12)


@pytest.fixture(scope="module")
def seen():
    """The scenario's first year as it is, with the tables that readers are checked against."""
    scenario = load_scenario("backtest_2023", months=12)
    return Seen(scenario, run_block(scenario, 1, [0], tables=("metrics", "agents"), keep=KEPT))


def row(series, entity, day):
    rows = load_observations()
    return next(r for r in rows if r.reference == f"obs:{series}/{entity}/{day}")


def read(seen, series, entity, day):
    return SERIES[series].read(seen, row(series, entity, day))[0]


# ---- the map -------------------------------------------------------------------------------------


def test_every_series_is_read_or_named_with_a_reason():
    series = {r.series for r in load_observations()}
    assert set(SERIES) | set(UNSPOKEN) == series
    assert not set(SERIES) & set(UNSPOKEN)
    assert all(UNSPOKEN.values())


def test_every_later_row_is_scored_or_named_with_a_reason():
    rows, left_out = rows_to_score(load_scenario("backtest_2023"))
    later = {r.reference for r in load_observations() if r.period_end >= START}
    assert {r.reference for r in rows} | set(left_out) == later
    assert not {r.reference for r in rows} & set(left_out)


def test_what_set_the_start_is_not_scored():
    """Nvidia's quarter to January 2023 gave the world its price."""
    _, left_out = rows_to_score(load_scenario("backtest_2023"))
    assert "sets an initial value" in left_out["obs:nvidia_datacenter_revenue/Nvidia/2023-01-29"]


def test_what_set_a_parameter_in_force_is_not_scored():
    """Rent's ceiling was read off the index of mid-2023; its start is the vintage's, not 2024's."""
    rows, left_out = rows_to_score(load_scenario("backtest_2023"))
    assert "parameter in force" in left_out["obs:h100_rental_price/market/2023-06-30"]
    assert "obs:h100_rental_price/market/2024-03-31" in {r.reference for r in rows}


def test_a_quarter_is_its_three_months(seen):
    revenue = seen.of("fabs", "revenue", "nvidia")[0]
    assert read(seen, "nvidia_datacenter_revenue", "Nvidia", "2023-04-30") == pytest.approx(
        revenue[1:4].sum()
    )


def test_the_world_s_stock_is_that_of_four_vendors(seen):
    day = "2023-12-31"
    whole = SERIES["world_chip_stock"].read(seen, row("chip_stock_by_vendor", "Nvidia", day))[0]
    parts = sum(seen.of("fabs", "shipped_cumulative", v)[0, 11] for v in VENDORS.values())
    assert whole == pytest.approx(parts)


def test_an_owner_s_stock_goes_on_from_what_was_observed(seen):
    """Every chip that Microsoft got since is Nvidia's or AMD's, so it got at most what it holds."""
    days, values = observed("nvidia_stock_by_owner", "Microsoft")
    eve = values[days.index(date(2022, 12, 31))]
    fleets = [f.name for f in seen.scenario.world.of("fleets") if f.operator == "microsoft"]
    received = sum(seen.of("fleets", "received", name)[0].sum() for name in fleets)
    stock = read(seen, "nvidia_stock_by_owner", "Microsoft", "2023-12-31")
    assert eve < stock <= eve + received
    assert stock == pytest.approx(eve + received, rel=0.1)


def test_power_goes_on_from_what_was_observed_of_chips_alone(seen):
    shipped, power = (seen.of("fabs", c, "nvidia")[0, :3] for c in ("shipped", "power_per_h100e"))
    found = read(seen, "chip_power_by_vendor", "Nvidia", "2023-03-31")
    assert found == pytest.approx(345.0 + (shipped * power).sum() / 1.9 / 1000.0)


def test_a_lab_s_chips_are_those_whose_hours_it_had(seen):
    """At the start of the run they are the world file's."""
    first = row("lab_compute", "OpenAI", "2023-12-31")
    hours, offered = (seen.of("labs", "compute_used", "openai"), seen.all("fleets", "offered"))
    share = hours[0, 11] / offered[0, 11]
    chips = SERIES["lab_compute"].read(seen, first)[0]
    assert chips == pytest.approx(share * seen.all("fleets", "active")[0, 11])
    power = read(seen, "lab_power", "OpenAI", "2023-12-31")
    assert power == pytest.approx(share * seen.all("fleets", "active_gw")[0, 11])


def test_capital_spending_beyond_ai_stays_as_it_was(seen):
    found = read(seen, "hyperscaler_capex", "Microsoft+Alphabet+Amazon+Meta", "2023-12-31")
    fleets = seen.scenario.world.of("fleets")
    four = [f for f in fleets if f.operator in ("microsoft", "google", "amazon", "meta")]
    before = sum(f.initial["capex_run_rate"].single for f in four)
    spent = sum(seen.of("fleets", "capex", f.name)[0].sum() for f in four)
    assert found == pytest.approx(149.8e9 - before + spent)


# ---- rivals --------------------------------------------------------------------------------------


def test_rivals_know_nothing_of_the_start_and_after(monkeypatch):
    """Rows from 2023 on may say anything: forecasts do not move."""
    scenario = load_scenario("backtest_2023")
    point = row("chip_stock_by_vendor", "Nvidia", "2024-12-31")
    before = {name: f.runs[0] for name, f in rivals(scenario, point).items()}
    early = tuple(r for r in load_observations() if r.period_end < START)
    monkeypatch.setattr(observed_series, "load_observations", lambda: early)
    after = {name: f.runs[0] for name, f in rivals(scenario, point).items()}
    assert before == after
    assert before["last value"] == 289_671.0
    growth = 289_671.0 / 212_491.0
    days = (date(2024, 12, 31) - date(2022, 12, 31)).days / 92
    assert before["constant growth"] == pytest.approx(289_671.0 * growth**days)


def test_a_series_without_earlier_rows_has_no_rivals():
    scenario = load_scenario("backtest_2023")
    assert not rivals(scenario, row("world_chip_stock", "world", "2024-12-31"))
    one = rivals(scenario, row("h100_price", "H100", "2024-12-31"))
    assert set(one) == {"last value"}


# ---- scores --------------------------------------------------------------------------------------


def test_rivals_and_the_model_are_scored_on_the_same_points(year):
    for rival in RIVALS:
        there = with_rival(year, rival)
        sizes = {
            line.score.points
            for line in pooled_scores(year)
            if line.on == rival and line.name == ALL
        }
        assert sizes == {len(there)}


def test_series_that_count_alike_are_means_over_series(year):
    found = {
        line.name: line.score
        for line in pooled_scores(year)
        if line.forecaster == AS_IS and not line.on
    }
    series = [
        line.score
        for line in pooled_scores(year)
        if (line.forecaster, line.on, line.level) == (AS_IS, "", "series")
    ]
    assert found[EVEN].bias == pytest.approx(np.mean([s.bias for s in series]))
    assert found[EVEN].rmse == pytest.approx(np.sqrt(np.mean([s.rmse**2 for s in series])))
    assert found[ALL].points == sum(s.points for s in series) == len(year.points)


def test_a_series_is_won_with_the_smaller_error(year):
    for scored in rival_scores(year):
        for subject in scored.won + scored.lost:
            points = [p for p in year.points if p.subject == subject]
            ours, theirs = (score(points, name).rmse for name in (AS_IS, scored.rival))
            assert (ours < theirs) is (subject in scored.won)


def test_the_same_seed_gives_the_same_numbers_in_any_block(year, monkeypatch):
    monkeypatch.setattr(
        ensemble, "blocks_of", lambda world, runs, block: iter([range(2), range(2, runs)])
    )
    again = backtest(runs=3, seed=5, months=12)
    assert facts(again) == facts(year)


def test_both_ensembles_differ_and_another_seed_does_too(year):
    point = year.points[0]
    assert not np.array_equal(point.forecasts[AS_IS].runs, point.forecasts[WITHOUT].runs)
    other = backtest(runs=1, seed=6, months=3).points[0]
    assert other.forecasts[AS_IS].runs[0] not in point.forecasts[AS_IS].runs


def test_a_run_that_breaks_a_law_is_named_and_forecasts_nothing(monkeypatch):
    whole = module.attempts

    def spoilt(scenario, seed, replications, *rest, **more):
        for rows, outcome in whole(scenario, seed, list(replications)[1:], *rest, **more):
            yield range(rows.start + 1, rows.stop + 1), outcome
        yield range(1), InvariantError("2023-02", "chips", 1.0, "H100e", 0)

    def halves(scenario, seed, replications, design, **more):
        part = {path: values[1:] for path, values in design.items()}
        return spoilt(scenario, seed, replications, part, **more)

    monkeypatch.setattr(module, "attempts", halves)
    found = backtest(runs=3, seed=5, months=3)
    assert list(found.failed[AS_IS]) == [0]
    assert "chips is out by" in found.failed[AS_IS][0]
    assert {len(p.forecasts[AS_IS].runs) for p in found.points} == {2}
    assert "1 run of the model broke a law" in text(found)


# ---- what it leaves ------------------------------------------------------------------------------


def test_the_folder_holds_tables_facts_and_a_page(year, tmp_path):
    write(year, tmp_path)
    points, scores = (
        list(csv.DictReader((tmp_path / name).read_text().splitlines()))
        for name in ("points.csv", "scores.csv")
    )
    assert tuple(points[0]) == POINT_COLUMNS
    assert len(points) == len(year.points)
    assert all(float(p["p5"]) <= float(p["p50"]) <= float(p["p95"]) for p in points)
    assert tuple(scores[0]) == SCORE_COLUMNS
    told = json.loads((tmp_path / "backtest.json").read_text())
    assert told["verdicts"] == verdicts(year)
    assert {late["path"] for late in told["look_ahead"]}
    page = (tmp_path / "backtest.md").read_text()
    assert page.startswith("## Backtest from January 2023\n")
    for heading in ("Beside naive rivals", "Where it loses, and why", "Look-ahead", "Not scored"):
        assert f"## {heading}\n" in page
    assert "Epoch AI's data are CC-BY 4.0" in page


def test_secondary_sources_are_marked(year):
    for line in text(year).splitlines():
        if line.startswith("h100_rental_price/market") and "x " in line:
            assert line.startswith("h100_rental_price/market*")


def test_losses_are_told_with_their_mechanism(year):
    lost = text(year).partition("Where it loses, and why")[2].partition("Not scored")[0]
    for scored in rival_scores(year):
        assert all(subject in lost.replace("\n", " ") for subject in scored.lost)


def test_the_command_prints_and_refuses(ask, monkeypatch):
    monkeypatch.setattr(module, "load_scenario", lambda name, months: load_scenario(name, months=3))
    found = ask("backtest", "--runs", "1", "--json", "--out", "new")
    assert found.code == 0
    assert json.loads(found.out)["runs"] == 1
    for words, named in ((("--runs", "0"), "--runs"), (("--seed", "-1"), "--seed")):
        found = ask("backtest", *words)
        assert found.code == 2
        assert named in found.err
        assert len(found.err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_run(ask, tmp_path):
    (tmp_path / "file").write_text("")
    found = ask("backtest", "--out", "file")
    assert found.code == 2
    assert "not a folder" in found.err
