"""A report opens anywhere: one file, nothing fetched, every figure with its numbers and their n."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.cli.main import execute
from experiments.reporting.report import html, tables
from experiments.reporting.report.figures import HEADLINES, KEEP, headline_table, sections
from experiments.reporting.report.parameters import parameter_rows
from experiments.reporting.sampled_runs import by_point
from sim.base.errors import RequestError
from sim.config.scenario.changes import with_event
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.ensemble import run_ensemble
from sim.results.metrics.all_metrics import NAMES
from sim.results.open import open_results
from sim.results.runs import Runs
from sim.results.sweep import Sweep

TABLES = ("metrics", "agents", "flows", "payments")
HOSTILE = "<script>alert(1)</script>\"'><img src=http://example.org/x onerror=alert(1)>"
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "base", "form", "img", "image", "use"}


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def check_alone(text: str) -> Page:
    """Refuse a page that runs or fetches anything."""
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & FORBIDDEN
    for _, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("src", "href", "action", "data", "srcset", "poster", "xlink:href"):
            assert attributes.get(key, "#").startswith(("#", "data:"))
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(styles) == 1
    assert not re.search(r"url\(|@import|http", styles[0])
    return page


def csv_of(link: dict[str, str]) -> pd.DataFrame:
    kind, _, content = link["href"].partition(";base64,")
    assert kind == "data:text/csv;charset=utf-8"
    return pd.read_csv(StringIO(b64decode(content).decode()))


@pytest.fixture(scope="module")
def results() -> Runs:
    return run_ensemble(load_scenario("baseline", months=14), runs=4, tables=TABLES)


def swept(
    scenario: Scenario, points: int, replications: int, months: int, values: Any = None
) -> Sweep:
    """A sweep in memory: the lag grows by twice the first parameter, nothing else moves; or all
    metrics are `values` (runs, months)."""
    x = np.linspace(2.0, 7.0, points)
    wacc = np.resize([0.08, 0.12], points)
    flat = np.ones((points, replications, months))

    def column(name: str) -> Any:
        if values is not None:
            return values.ravel()
        return (flat + 2.0 * x[:, None, None] * (name == "capability_lag_months")).ravel()

    tables = SimpleNamespace(
        names=("metrics",),
        metrics=NAMES,
        design=pd.DataFrame({"labs.replication_lag": x, "fleets.wacc": wacc}),
        column=column,
        absent=dict,
    )
    known = {
        **{"kind": "sweep", "seed": 1, "title": HOSTILE, "complete": True},
        "scenario": {"start": "2025-01", "months": months},
        **{"scenarios": points, "replications": replications},
    }
    return Sweep(tables, known, scenario)  # type: ignore[arg-type]


# ---- the page ------------------------------------------------------------------------------------


def test_a_report_of_runs_stands_alone(results: Runs) -> None:
    text = html.page(results)
    page = check_alone(text)
    figures = page.all("figure")
    assert [f["class"] for f in figures] == ["fan"] * 10 + ["lines"] * 2 + ["sankey"] * 2 + [
        "graph"
    ]
    assert len(page.all("svg")) == len(figures)
    assert "prefers-color-scheme:dark" in text
    assert "default-src 'none'" in text
    assert "were not kept" not in text


def test_every_figure_has_its_csv_and_says_of_how_many(results: Runs) -> None:
    text = html.page(results)
    blocks = re.findall(r"<figure .*?</figure>", text, re.DOTALL)
    assert len(blocks) == 15
    for block in blocks:
        assert "<figcaption><span>n = 4 runs" in block
        (link,) = Page(block).all("a")
        assert link["download"].endswith(".csv")
        assert len(csv_of(link)) > 0
    names = [a["download"] for a in Page(text).all("a") if "download" in a]
    assert len({*names}) == len(names)


def test_the_numbers_of_a_fan_are_those_of_the_runs(results: Runs) -> None:
    text = html.page(results)
    block = re.search(r'<figure class="fan" id="fan-compute-stock-h100e">.*?</figure>', text, re.S)
    assert block is not None
    table = csv_of(Page(block[0]).all("a")[0])
    values = results.array("compute_stock_h100e")
    assert table["month"].tolist()[::13] == ["2025-01", "2026-02"]
    assert np.allclose(table["median"], np.median(values, axis=0), rtol=1e-12)
    assert np.allclose(table["p95"], np.percentile(values, 95.0, axis=0), rtol=1e-12)
    assert set(table["n"]) == {4}


def test_titles_are_text_and_nothing_else(results: Runs) -> None:
    scenario = replace(results.scenario, title=HOSTILE)
    event = {"name": "shock", "start": "2025-03", "months": 2, "set": {"fleets.wacc": 0.2}}
    shocked = run_ensemble(with_event(scenario, event), runs=2, tables=TABLES)
    text = html.page(shocked)
    check_alone(text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text


def test_what_was_not_kept_is_said_with_how_to_keep_it(results: Runs) -> None:
    bare = run_ensemble(results.scenario, runs=4)
    text = html.page(bare)
    check_alone(text)
    assert text.count(KEEP[False]) == 3
    assert [f["class"] for f in Page(text).all("figure")] == ["fan"] * 10 + ["graph"]


def test_a_long_table_is_cut_at_a_row_and_says_so() -> None:
    table = pd.DataFrame({"a": np.arange(100_000)})
    held = html.download("long", table)
    rows = csv_of({"href": held.link})
    assert 0 < len(rows) < len(table)
    assert rows["a"].tolist() == list(range(len(rows)))
    assert held.words == f"CSV, the first {len(rows):,} of 100,000 rows"


def test_the_manifest_can_be_had_whole(results: Runs) -> None:
    page = Page(html.page(results))
    (link,) = [a for a in page.all("a") if a.get("download") == "manifest.json"]
    content = b64decode(link["href"].partition(";base64,")[2])
    assert json.loads(content) == json.loads(json.dumps(results.manifest))


# ---- a sweep -------------------------------------------------------------------------------------


def test_a_thousand_runs_make_a_small_page_quickly() -> None:
    scenario = load_scenario("taiwan_outage")
    large = swept(scenario, 250, 4, scenario.months)
    began = process_time()
    text = html.page(large)
    assert process_time() - began < 10.0
    assert len(text.encode()) < 5_000_000
    page = check_alone(text)
    assert "n = 1,000 runs: 250 points × 4 replications" in text
    kinds = [f["class"] for f in page.all("figure")]
    assert kinds.count("tornado") == 3
    assert kinds.count("scatter") == 6
    assert HOSTILE not in text


def test_a_tornado_compares_the_fifths_of_the_design() -> None:
    sweep = swept(load_scenario("baseline", months=3), 11, 2, 3)
    outcome = by_point(sweep, "capability_lag_months", 12)
    assert outcome.tolist() == pytest.approx((1.0 + 2.0 * np.linspace(2.0, 7.0, 11)).tolist())
    effects = tables.tornado_effects(sweep.design, outcome).set_index("parameter")
    lag = effects.loc["labs.replication_lag"]
    # Points 2.0, 2.5, 3.0 and 6.0, 6.5, 7.0 against a mean of 4.5; the outcome moves twice as far.
    assert (lag["at_low"], lag["at_high"]) == pytest.approx((-4.0, 4.0))
    assert (lag["points_low"], lag["points_high"]) == (3, 3)
    assert lag["rank_correlation"] == pytest.approx(1.0)


def test_what_the_design_varies_is_listed_with_its_source() -> None:
    sweep = swept(load_scenario("baseline", months=3), 11, 2, 3)
    lag, wacc = parameter_rows(sweep)
    assert (lag.path, lag.here) == ("labs.replication_lag", "varied: 2.00 to 7.00")
    assert (wacc.here, wacc.unit) == ("varied: 0.08, 0.12", "1/year")
    assert all((lag.source, lag.default, lag.sampled, wacc.source, wacc.note))


def test_a_value_that_is_no_number_is_refused_by_its_run() -> None:
    hole = np.ones((8, 3))
    hole[5, 1] = np.nan
    with pytest.raises(RequestError, match="scenario_id 2, replication_id 1, 2025-02"):
        html.page(swept(load_scenario("baseline", months=3), 4, 2, 3, hole))


def test_a_sweep_that_was_run_is_reported(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "small.toml"
    file.write_text(
        'title = "Small"\nbase = "baseline"\ndesign = "lhs"\nsamples = 3\nreplications = 2\n'
        'tables = ["metrics", "agents", "flows", "payments"]\n'
        '[vary]\n"labs.replication_lag" = "registry"\n'
    )
    folder = tmp_path / "sweep"
    words = ["sweep", str(file), "--workers", "0", "--out", str(folder)]
    assert execute(words) == 0
    assert execute(["report", str(folder)]) == 0
    assert capsys.readouterr().err == ""
    text = (folder / "report.html").read_text()
    kinds = [f["class"] for f in check_alone(text).all("figure")]
    assert kinds.count("sankey") == 2
    assert "n = 6 runs: 3 points × 2 replications" in text


# ---- the tables ----------------------------------------------------------------------------------


def test_hours_are_conserved_from_fleets_to_uses(results: Runs) -> None:
    moved, used = tables.flows(results), tables.hours_used(results)
    links, kinds = tables.supply_of_hours(results.scenario, moved, used)
    labs = [name for name, kind in kinds.items() if kind == "labs"]
    into = links[links["target"].isin(labs)].groupby("target")["hours"].sum()
    out = links[links["source"].isin(labs)].groupby("source")["hours"].sum()
    into = into.reindex(labs, fill_value=0.0)  # nobody gives the pool that is not founded any
    assert np.allclose(into, out.reindex(labs), rtol=1e-9)
    offered = sum(
        frame[(frame["quantity"] == "offered") & (frame["month"] >= "2025-03-01")]["value"].sum()
        for frame in results.frames("agents")
    )
    fleets = [name for name, kind in kinds.items() if kind == "fleets"]
    given = links[links["source"].isin(fleets)]["hours"].sum()
    assert given == pytest.approx(offered / results.runs, rel=1e-9)


def test_payments_are_those_of_the_last_year(results: Runs) -> None:
    found = tables.payments(results)
    every = results.payments()
    last = every[every["month"] >= "2025-03-01"]
    assert found["usd"].sum() == pytest.approx(last["usd"].sum() / 4.0, rel=1e-12)
    wages = last[(last["instrument"] == "wages") & (last["payer"] == "labs")]["usd"].sum() / 4.0
    row = found[(found["instrument"] == "wages") & (found["payer"] == "labs")]
    assert row["usd"].tolist() == pytest.approx([wages])


def test_labs_race_by_their_medians(results: Runs) -> None:
    held = tables.lab_lines(results)
    revenue = results.agents(kind="labs", quantity="revenue")
    mine = revenue[revenue["name"] == "openai"]["value"].to_numpy().reshape(4, 14)
    assert np.allclose(held["revenue"]["OpenAI"], 12.0 * np.median(mine, axis=0))
    best = max(held["capability"], key=lambda lab: held["capability"][lab][-1])
    leader = next(iter(results.leaders["leader"]["last"]))
    assert {e.name: e.title for e in results.scenario.world.of("labs")}[leader] == best


def test_a_lab_without_a_flagship_leaves_a_gap() -> None:
    months = pd.to_datetime(["2025-01-01", "2025-02-01"])
    rows = [
        (month, "models", "openai_flagship", quantity, value)
        for month, on_sale in zip(months, (0.0, 1.0), strict=True)
        for quantity, value in (("capability", 2.0), ("on_sale", on_sale))
    ]
    columns = ["month", "kind", "name", "quantity", "value"]
    rows += [(month, "labs", "openai", "revenue", 5.0) for month in months]
    frame = pd.DataFrame(rows, columns=columns)
    scenario = SimpleNamespace(
        world=SimpleNamespace(of=lambda _: [SimpleNamespace(name="openai", title="OpenAI")])
    )
    one = SimpleNamespace(frames=lambda _: [frame], scenario=scenario)
    held = tables.lab_lines(one)  # type: ignore[arg-type]
    assert held["capability"]["OpenAI"].tolist() == pytest.approx([np.nan, 2.0], nan_ok=True)
    assert held["revenue"]["OpenAI"].tolist() == [60.0, 60.0]


def test_one_run_of_a_large_table_is_that_part_of_the_whole(results: Runs) -> None:
    for whole, part in (
        (results.payments(), results.payments(run=2)),
        (results.flows(relation="chips"), results.flows(relation="chips", run=2)),
        (results.agents(kind="labs"), results.agents(kind="labs", run=2)),
    ):
        expected = whole[whole["run"] == 2].reset_index(drop=True)
        assert len(expected) > 0
        assert expected.astype(str).equals(part.reset_index(drop=True).astype(str))


def test_the_graph_without_flows_is_that_of_the_start(results: Runs) -> None:
    edges = tables.graph_edges(results.scenario, None)
    assert (edges["usd"] == 0.0).all()
    agents = set(tables.graph_nodes(results.scenario)["agent"])
    assert set(edges["source"]) | set(edges["target"]) <= agents
    assert {"chips", "lease", "tokens"} <= set(edges["relation"])


def test_headlines_stand_first_and_hold_every_metric(results: Runs) -> None:
    table = headline_table(results)
    assert table["metric"].tolist()[:10] == list(HEADLINES)
    assert sorted(table["metric"]) == sorted(NAMES)
    assert (table["p5"] <= table["median"]).all()
    assert (table["median"] <= table["p95"]).all()


def test_sections_say_of_how_many_they_are(results: Runs) -> None:
    for section in sections(results):
        assert all(drawn.sample == "n = 4 runs" for drawn in section.figures)


# ---- the command ---------------------------------------------------------------------------------


def test_the_command_writes_where_it_is_told(ask: Any, eight: Path) -> None:
    answer = ask("report", str(eight), "-o", "deep/down.html")
    assert (answer.code, answer.err) == (0, "")
    check_alone(Path("deep/down.html").read_text())
    first = Path("deep/down.html").read_bytes()
    ask("report", str(eight), "-o", "deep/down.html")
    assert Path("deep/down.html").read_bytes() == first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "no such results folder"),
        (["."], "holds no manifest.json"),
        ([".", "-o", "report.txt"], "FILE.html"),
        ([".", "-o", "folder.html"], "path is a folder"),
    ],
)
def test_a_wrong_request_is_one_line(ask: Any, words: list[str], message: str) -> None:
    Path("folder.html").mkdir()
    answer = ask("report", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert message in answer.err


def test_a_folder_that_is_damaged_is_refused(eight: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("manifest.json", "metrics.parquet"):
        (copy / name).write_bytes((eight / name).read_bytes())
    content = bytearray((copy / "metrics.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "metrics.parquet").write_bytes(content)
    with pytest.raises(RequestError, match="not the one its manifest describes"):
        html.page(open_results(copy))
