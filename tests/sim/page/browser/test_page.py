"""The page in a real browser, as a reader uses it."""

from __future__ import annotations

import io
import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from sim import EconomyModel, load_scenario
from sim.config.registry import load_registry
from tests.sim.page.browser.payloads import BAD_LINKS
from tests.sim.page.browser.reader import Reader

SMALL = {"width": 1280, "height": 800}
LARGE = {"width": 1920, "height": 1080}


def test_loads_and_draws_with_the_shocks_that_the_world_can_have(reader: Reader) -> None:
    reader.open()
    assert reader.month() == 0
    shocks = reader.page.locator("[data-shock]").all_inner_texts()
    assert len(shocks) == 6 and all(re.search(r"\w", word) for word in shocks)
    reader.press("ArrowRight", until=1)
    names = reader.charts()
    assert {"graph", "race", "token", "prices", "capex", "adoption", "money", "hours"} <= {*names}
    for name in names:
        reader.scroll_to(name)


@pytest.mark.alone
def test_plays_24_months_and_pauses_at_once(reader: Reader) -> None:
    reader.open()
    reader.page.select_option("#db-speed", "0")
    reader.page.click("#db-play")
    reader.until_month(24, at_least=True)
    answered = reader.pause_ms()
    stopped = reader.month()
    assert answered <= 200, f"pause was answered after {answered:.0f} ms"
    assert reader.settled() == stopped < 72


def test_months_shown_are_months_stepped(reader: Reader) -> None:
    reader.open("?scenario=baseline&seed=7&months=36")
    reader.page.select_option("#db-speed", "0")
    reader.page.click("#db-play")
    reader.until_month(9, at_least=True)
    reader.page.click("#db-play")
    reader.press("ArrowRight", until=reader.settled() + 1)
    shown = reader.metrics()
    model = EconomyModel(load_scenario("baseline", months=36), rng=7)
    for _ in range(reader.month()):
        model.step()
    stepped = pd.read_csv(io.StringIO(model.metrics().to_csv(index=False, date_format="%Y-%m")))
    pd.testing.assert_frame_equal(shown, stepped)


def test_the_canvas_survives_a_month(reader: Reader) -> None:
    reader.open()
    reader.press("ArrowRight", until=1)
    reader.page.evaluate("document.querySelector('[data-chart=graph] canvas').kept = true")
    reader.press("ArrowRight", until=2)
    reader.press("ArrowRight", until=3)
    assert reader.page.evaluate("document.querySelector('[data-chart=graph] canvas').kept") is True
    assert reader.page.locator("[data-chart=graph] canvas").count() == 1


def test_a_long_step_goes_as_far_as_it_says(reader: Reader) -> None:
    reader.open()
    reader.page.fill("#db-many", "18")
    reader.page.click("#db-step-n")
    reader.until_month(18)
    assert reader.settled() == 18


def test_a_shock_acts_is_logged_and_replays(reader: Reader) -> None:
    reader.open("?scenario=baseline&seed=3&months=24")
    for month in range(1, 4):
        reader.press("ArrowRight", until=month)
    reader.page.click("[data-shock=taiwan]")
    reader.page.wait_for_selector("#db-log .db-chip")
    assert "2025-04" in reader.page.inner_text("#db-log .db-chip")
    for month in range(4, 10):
        reader.press("ArrowRight", until=month)
    shocked = reader.metrics()
    calm = EconomyModel(load_scenario("baseline", months=24), rng=3)
    for _ in range(9):
        calm.step()
    column = "chips_shipped_h100e"
    assert (shocked[column][:3].to_numpy() == calm.metrics()[column][:3].to_numpy()).all()
    assert (shocked[column][3:9] < calm.metrics()[column][3:9] * 0.9).all()
    reader.page.click("#db-replay")
    assert "Run again" in reader.message()
    pd.testing.assert_frame_equal(reader.metrics(), shocked)


@pytest.mark.parametrize("moved", ["before the start", "while it runs"])
def test_a_lever_acts(reader: Reader, moved: str) -> None:
    reader.open("?scenario=baseline&seed=3&months=24")
    months = 0
    if moved == "while it runs":
        reader.press("ArrowRight", until=1)
        months = 1
    reader.lever("fleets.capex_share", key="End")
    for month in range(months + 1, months + 7):
        reader.press("ArrowRight", until=month)
    with_lever = reader.metrics()["capex_usd"]
    calm = EconomyModel(load_scenario("baseline", months=24), rng=3)
    for _ in range(months + 6):
        calm.step()
    without = calm.metrics()["capex_usd"]
    assert (with_lever[:months] == without[:months]).all()
    assert (with_lever[months + 2 :] > without[months + 2 :]).all()


@pytest.mark.parametrize("path", ["fleets.capex_share", "regions.rent_start"])
def test_a_lever_follows_the_mouse(reader: Reader, path: str) -> None:
    reader.open("?scenario=baseline&seed=3&months=24")
    reader.press("ArrowRight", until=1)
    reader.page.fill("#db-lever-search", path)
    slider = reader.page.locator(f"[data-lever='{path}'] input[type=range]")
    box = slider.bounding_box()
    assert box is not None
    across, height = box["width"], box["y"] + box["height"] / 2.0
    reader.page.mouse.move(box["x"] + 0.5 * across, height)
    reader.page.mouse.down()
    for part in (0.6, 0.9):
        reader.page.mouse.move(box["x"] + part * across, height)
        reader.page.wait_for_timeout(100)
        assert abs(float(slider.input_value()) - 1000.0 * part) < 100.0
    reader.page.mouse.up()
    said = reader.page.inner_text("#db-log .db-chip")
    low, high = (load_registry().parameters[path].low, load_registry().parameters[path].high)
    assert float(said.split("=")[1].split()[0]) > low + 0.8 * (high - low)
    assert ("next start" in said) == (path == "regions.rent_start")


def test_opens_an_agent_by_click_and_by_search(reader: Reader) -> None:
    reader.open()
    reader.press("ArrowRight", until=1)
    reader.page.fill("#db-find", "openai")
    reader.page.click(".db-found button")
    reader.page.wait_for_selector("#db-sheet-body table")
    assert "OpenAI" in reader.page.inner_text("#db-sheet-title")
    for tab in ("saw", "decided", "is", "parameters", "neighbours"):
        reader.page.click(f"#tab-{tab}")
        assert reader.page.locator("#db-sheet-body tr").count() > 0, tab
    reader.page.click("#tab-is")
    reader.page.click("#db-sheet-body .db-link >> nth=0")
    reader.page.wait_for_selector("[data-chart=series] canvas")
    reader.page.click("#db-sheet-close")
    reader.click_node("labs.openai")
    reader.page.wait_for_selector("#db-sheet-body table")
    assert "OpenAI" in reader.page.inner_text("#db-sheet-title")


def test_compares_scenarios_in_step(reader: Reader) -> None:
    reader.open("?scenario=baseline&seed=5&months=24")
    reader.press("ArrowRight", until=1)
    reader.page.select_option("#db-compare-0", "taiwan_outage")
    reader.page.wait_for_selector("[data-chart=difference]")
    reader.page.fill("#db-many", "17")
    reader.page.click("#db-step-n")
    reader.until_month(18)
    reader.page.select_option("#db-difference", "chips_shipped_h100e")
    table = reader.csv("difference")
    models = [
        EconomyModel(load_scenario(n, months=24), rng=5) for n in ("baseline", "taiwan_outage")
    ]
    for model in models:
        for _ in range(18):
            model.step()
    live, other = (model.metrics()["chips_shipped_h100e"] for model in models)
    number = table.select_dtypes("number")
    assert any((number[c] - (live - other)).abs().max() < 1e-6 for c in number.columns)


def test_a_band_says_how_many_runs(reader: Reader) -> None:
    reader.open("?scenario=baseline&seed=5&months=12")
    reader.press("ArrowRight", until=1)
    reader.page.click("#db-band")
    reader.page.wait_for_function(
        "document.querySelector('#db-band-words').textContent.includes('12 of 12')", timeout=60_000
    )
    assert "n = 64" in reader.page.inner_text("#db-band-words")
    reader.scroll_to("compute")
    assert "64" in reader.page.inner_text("[data-chart=compute] .db-sample")


def test_takes_away_what_runs_again(reader: Reader, tmp_path: Path) -> None:
    reader.open("?scenario=baseline&seed=3&months=12")
    reader.press("ArrowRight", until=1)
    reader.page.click("[data-shock=gulf]")
    reader.page.wait_for_selector("#db-log .db-chip")
    for month in range(2, 13):
        reader.press("ArrowRight", until=month)
    shown = reader.metrics()
    toml = tmp_path / "taken.toml"
    toml.write_text(reader.take("Scenario (TOML)"))
    again = EconomyModel(load_scenario(toml), rng=3).run().metrics()
    again = pd.read_csv(io.StringIO(again.to_csv(index=False, date_format="%Y-%m")))
    pd.testing.assert_frame_equal(shown, again)
    compile(reader.take("This run (Python)"), "taken.py", "exec")
    assert reader.png("graph").startswith(b"\x89PNG")
    assert len(reader.csv("prices")) == 12


def test_a_link_restores_the_page(reader: Reader) -> None:
    reader.open("?scenario=baseline&seed=3&months=24")
    reader.lever("labs.replication_lag", key="End")
    for month in range(1, 4):
        reader.press("ArrowRight", until=month)
    reader.page.click("[data-shock=hormuz]")
    reader.page.wait_for_selector("#db-log")
    reader.press("ArrowRight", until=4)
    reader.press("ArrowRight", until=5)
    shown = reader.metrics()
    reader.page.click("#db-take")
    reader.page.click("#db-link")
    url = reader.page.url
    assert "seed=3" in url
    reader.goto(url)
    reader.until_month(5)
    pd.testing.assert_frame_equal(reader.metrics(), shown)


def test_uploads_what_is_good_and_refuses_what_is_not(reader: Reader) -> None:
    reader.open()
    reader.upload(
        "short.toml",
        b'title = "Memory is short"\nbase = "world_2025"\nmonths = 18\n'
        b'about = "compute_stock_h100e"\nexpect = "down"\nwhy = "chips wait"\n'
        b'[set]\n"fleets.capex_share" = 0.5\n',
    )
    reader.page.wait_for_function("document.querySelector('#db-months').value === '18'")
    for name, content, words in (
        ("bad.toml", b"months = [", "bad.toml"),
        ("wrong.toml", b'title = "x"\nbase = "world_2026"\n', "world_2025"),
        (
            "class.toml",
            b'title="x"\nbase="baseline"\n[class]\n"labs.frontier" = "os:system"\n',
            "class",
        ),
        ("big.toml", b"#" * 1_000_001, "1"),
    ):
        reader.upload(name, content)
        said = reader.message()
        assert words in said, said
        assert "Traceback" not in said and "/tmp" not in said
    assert reader.page.input_value("#db-months") == "18"


@pytest.mark.parametrize(
    "links",
    [BAD_LINKS[:2], pytest.param(BAD_LINKS, marks=pytest.mark.campaign)],
    ids=["some", "all"],
)
def test_a_bad_link_says_so_on_the_page(reader: Reader, links: tuple[str, ...]) -> None:
    """What is said of each of them, `test_controller.py` looks at without a browser."""
    for query in links:
        reader.open(query)
        assert "link" in reader.message().lower(), query
        assert reader.month() == 0, query


def test_pages_keep_their_own_runs(reader: Reader) -> None:
    readers = [reader.another() for _ in range(3)]
    for number, one in enumerate(readers):
        one.open(f"?scenario=baseline&seed={number + 1}&months=24")
    for number, one in enumerate(readers):
        one.page.bring_to_front()
        one.page.fill("#db-many", str(number + 2))
        one.page.click("#db-step-n")
    for number, one in enumerate(readers):
        one.page.bring_to_front()
        one.until_month(number + 2)
        model = EconomyModel(load_scenario("baseline", months=24), rng=number + 1)
        for _ in range(number + 2):
            model.step()
        shown = one.metrics()["rental_price_usd_per_h100e_hour"]
        assert len(shown) == number + 2
        last = model.metrics()["rental_price_usd_per_h100e_hour"].iloc[-1]
        assert shown.iloc[-1] == pytest.approx(last, rel=1e-12)


def test_keys_work_and_help_tells_them(reader: Reader) -> None:
    reader.open()
    reader.page.keyboard.press("?")
    assert "space" in reader.page.inner_text(".db-help")
    reader.page.keyboard.press("?")
    assert reader.page.locator(".db-help").count() == 0
    reader.press("ArrowRight", until=1)
    reader.page.keyboard.press(" ")
    reader.until_month(3, at_least=True)
    reader.page.keyboard.press(" ")
    reader.settled()
    reader.page.keyboard.press("s")
    focused = "document.activeElement.getAttribute('data-shock')"
    assert reader.page.evaluate(focused)
    reader.page.evaluate("document.activeElement.blur()")
    reader.page.keyboard.press("r")
    reader.until_month(0)


def test_every_control_is_reached_by_tab(reader: Reader) -> None:
    reader.open()
    reader.press("ArrowRight", until=1)
    wanted = reader.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, summary')]
            .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0)
            .map((e, i) => { e.dataset.stop = i; return String(i); })"""
    )
    reader.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    reached = set()
    for _ in range(3 * len(wanted)):
        reader.page.keyboard.press("Tab")
        stop = reader.page.evaluate("document.activeElement.dataset.stop || ''")
        if stop in reached and len(reached) >= len(wanted):
            break
        reached.add(stop)
    missed = [w for w in wanted if w not in reached]
    names = [
        reader.page.evaluate(
            f"document.querySelector('[data-stop=\"{m}\"]')?.outerHTML.slice(0, 90)"
        )
        for m in missed
    ]
    assert not missed, names


def test_accessible_and_photographed(reader: Reader) -> None:
    reader.open("?scenario=taiwan_outage&seed=1&month=18", viewport=SMALL)
    reader.page.fill("#db-find", "anthropic")
    reader.page.click(".db-found button")
    reader.page.wait_for_selector("#db-sheet-body table")
    reader.page.click("#db-levers summary >> nth=0")
    assert reader.theme() == "light"
    for size, theme in product((SMALL, LARGE), ("light", "dark")):
        reader.page.set_viewport_size(size)
        if theme != reader.theme():
            reader.page.click("#db-theme")
        assert reader.theme() == theme
        reader.photograph(f"{theme}-{size['width']}")
        assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        faults = [f for f in reader.axe() if f["impact"] in ("critical", "serious")]
        assert not faults, [(f["id"], [n["target"] for n in f["nodes"]][:3]) for f in faults]
