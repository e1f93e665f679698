"""Nothing that a stranger writes runs, and nothing that a forged page says does harm."""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pytest

from sim import EconomyModel, load_scenario
from sim.config import shipped
from sim.page.network.names import names
from tests.serving import ROOT, Served
from tests.sim.page.browser.payloads import FORMULAS, payloads, printable
from tests.sim.page.browser.reader import Reader

ALL = payloads()
TITLES = printable(ALL)
SOME = pytest.mark.parametrize(
    "stride", [7, pytest.param(1, marks=pytest.mark.campaign)], ids=["some", "all"]
)
"""Every seventh payload, which is every markup and every template once; all in the campaign."""
LAG, SHARE = "labs.replication_lag", "fleets.capex_share"
FLOWS = ("chips", "tokens")
RAN = """() => window.pwned !== undefined
    || document.querySelectorAll(
        '.db script, .db img, .db iframe, .db svg, .db video, .db a, .db math, .db [onerror]'
    ).length > 0"""
SAY = """([part, event, all]) => {
    const element = document.querySelector(part);
    let found = element.__vue__;
    const inner = (one) => one[event] ? one : one.$children.map(inner).find(Boolean);
    while (found && !inner(found)) found = found.$parent;
    for (const data of all) inner(found)[event](data);
}"""
FORGE = """(forged) => {
    const header = { msg_id: 'a', msg_type: 'comm_msg', session: 's', username: '', version: '5.2',
        date: new Date().toISOString() };
    for (const comm_id of solara.debug.kernel()._comms.keys())
        for (const one of forged) {
            const message = { header, parent_header: {}, metadata: {}, buffers: [],
                channel: 'shell',
                content: { comm_id, data: one.data }, ...one.message };
            solara.debug.ws().send(one.text || JSON.stringify(message));
        }
}"""
WRONG: tuple[Any, ...] = (
    None, True, False, -1, 0, 1.5, 1e308, 10**15, "", "x" * 5000, [], {}, [[]], [{}],
    {"a": {"b": [None]}}, {"path": {}, "value": []}, {"path": "labs.replication_lag"},
    {"path": "labs.replication_lag", "value": "6"}, {"path": "__class__", "value": 1},
    {"scenario": {}}, {"scenario": "../../etc/passwd"}, {"scenario": "/etc/passwd"},
    {"seed": -1}, {"seed": True}, {"seed": "1"}, {"months": 10**15}, {"months": 1.5},
    {"size": 10**9}, {"size": -1, "text": "\u00e9"}, {"text": {}, "name": []},
    {"text": "AAAA", "name": "../../x"}, {"name": "flow", "value": {}},
    {"name": "agent", "value": "x"}, {"name": "constructor"}, ["baseline"] * 5, "__proto__",
)  # fmt: skip
EVENTS = {
    ".db-bar": ("step", "start", "speed", "take", "upload", "hush"),
    ".db-side": ("set", "reset", "shock"),
    ".db-compare": ("compare", "metric"),
    ".db-choices": ("choose",),
    ".db-sheet": ("open", "find", "series"),
    "[data-chart=graph]": ("seen", "table", "click"),
    ".db-pulse": ("drawn",),
}


def say(reader: Reader, part: str, event: str, *data: Any) -> None:
    """What a part of the page tells the server, whatever it is."""
    reader.page.evaluate(SAY, [part, f"event_{event}", list(data)])


def alive(reader: Reader) -> None:
    """The page steps a month and says so."""
    reader.settled()
    say(reader, ".db-bar", "start", {"scenario": "baseline", "seed": 1, "months": 24})
    reader.until_month(0)
    say(reader, ".db-bar", "step", 1)
    reader.until_month(1)


def nothing_ran(reader: Reader) -> None:
    assert not reader.page.evaluate(RAN)


def parts(texts: list[str], size: int) -> list[list[str]]:
    return [texts[i : i + size] for i in range(0, len(texts), size)]


def scenario(title: str, rest: str = "") -> bytes:
    heading = f"title = {json.dumps(title)}\nbase = 'world_2025'\nmonths = 6\n{rest}"
    return heading.encode("utf-8", "surrogatepass")


@pytest.fixture
def hostile(page_server: Served, tmp_path: Path) -> Iterator[Path]:
    """The page opens with a world in which every title is a payload."""
    text = shipped.path("world", "world_2025").read_text()
    texts = cycle(chain(*([FORMULAS[0], *some] for some in parts(TITLES, 6))))
    titled = re.sub(r"(?m)^title( *)=.*$", lambda _: f"title = {json.dumps(next(texts))}", text)
    (tmp_path / "world.toml").write_text(titled)
    file = tmp_path / "run.toml"
    file.write_text(f'title = {json.dumps(TITLES[1])}\nbase = "world.toml"\nmonths = 12\n')
    page_server.told(f"open {file}")
    yield file
    page_server.told("open baseline")


def test_titles_of_a_world_are_text_everywhere(reader: Reader, hostile: Path) -> None:
    reader.open()
    reader.press("ArrowRight", until=1)
    page = reader.page
    for words in ("script", "onerror", "{"):
        page.fill("#db-find", words)
        page.wait_for_selector(".db-found button")
    known = names(EconomyModel(load_scenario(hostile), rng=1))
    for agent in ("labs.openai", "fleets.microsoft_us", "fabs.nvidia"):
        say(reader, ".db-sheet", "open", agent)
        page.wait_for_function(
            "t => document.querySelector('#db-sheet-title').textContent === t",
            arg=known.titles[known.place[agent]],
        )
        page.click("#tab-neighbours")
        page.click("#tab-is")
    page.click("#db-sheet-body .db-link >> nth=0")
    page.wait_for_selector("[data-chart=series] canvas")
    for chart in reader.charts():
        reader.scroll_to(chart)
        page.click(f"[data-chart={chart}] button[aria-expanded]")
        page.wait_for_selector(f"[data-chart={chart}] .db-table th")
        page.evaluate(
            """(name) => {
                const chart = window.drawbridge.charts[name];
                for (let i = 0; i < 40; i++) {
                    chart.dispatchAction({ type: 'highlight', seriesIndex: 0, dataIndex: i });
                    chart.dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: i });
                }
            }""",
            chart,
        )
    assert reader.png("money").startswith(b"\x89PNG")
    cells = {str(cell) for cell in reader.csv("graph").to_numpy().ravel()}
    assert f"'{FORMULAS[0]}" in cells
    assert not any(cell.startswith(("=", "@")) for cell in cells)
    assert TITLES[1] in reader.page.inner_text("#db-scenario")
    nothing_ran(reader)


@SOME
def test_files_and_their_names_are_text(reader: Reader, stride: int) -> None:
    reader.open()
    refused = (
        lambda p: scenario("x", f"[set]\n{json.dumps(p)} = 1\n"),
        lambda p: scenario("x", f"[[event]]\nname = {json.dumps(p)}\nstart = '2025-02'\n"),
        lambda p: scenario("x", f"[[event]]\nname = 'a'\nstart = {json.dumps(p)}\n"),
        lambda p: scenario("x", f"{json.dumps(p)} = 1\n"),
        lambda p: scenario("x", f"why = {json.dumps(p)}\nexpect = {json.dumps(p)}\n"),
        lambda p: scenario("x").replace(b"'world_2025'", json.dumps(p).encode()),
        lambda p: p.encode(),
    )
    asked = [(p, made(p)) for p, made in zip(ALL[::stride], cycle(refused), strict=False)]
    for payload, content in asked:
        file = {"name": f"{payload}.toml", "size": 10, "text": base64.b64encode(content).decode()}
        say(reader, ".db-bar", "upload", file)
    reader.page.wait_for_selector("#db-message")
    nothing_ran(reader)
    say(reader, ".db-compare", "compare", ["undisturbed"])
    reader.page.wait_for_selector("[data-chart=difference]")
    for titles in parts(TITLES[::stride], 12):
        together = " ".join(titles)
        text = base64.b64encode(scenario(together)).decode()
        say(reader, ".db-bar", "upload", {"name": "a.toml", "size": len(text), "text": text})
        reader.page.wait_for_function(
            "t => document.querySelector('#db-scenario option:checked').textContent.startsWith(t)",
            arg=together[:60],
        )
    reader.scroll_to("difference")
    nothing_ran(reader)
    alive(reader)
    nothing_ran(reader)


LINKS = [
    lambda some: [("title", " ".join(printable([*some])))],
    lambda some: [("scenario", " ".join(some))],
    lambda some: [("set", f"{some[3]}:1")],
    lambda some: [("event", json.dumps({"month": "2025-03", "shock": some[4]}))],
    lambda some: [("compare", some[5])],
    lambda some: [("month", some[6])],
    lambda some: [("event", json.dumps({"month": some[7], "lever": some[8], "value": 1}))],
    lambda some: [(some[9], some[10])],
    lambda some: [
        ("title", "x"),
        ("own_event", json.dumps({"name": some[11], "start": some[12], "set": {some[13]: 1}})),
    ],
]  # fmt: skip


def test_links_are_text(reader: Reader) -> None:
    some = parts(ALL, 32)
    for number, made in enumerate(LINKS[:4]):
        query = f"?{urlencode(made(part := some[number % (len(some) - 1)]))}"
        if number:
            reader.goto(f"{reader.served.address}{query}")
            assert "link could not be followed" in reader.message()
        else:
            reader.open(query)
            assert part[0] in reader.page.inner_text("#db-scenario option:checked")
            assert reader.png("graph").startswith(b"\x89PNG")
        nothing_ran(reader)


def test_links_are_refused_in_words() -> None:
    from sim.base.errors import RequestError
    from sim.page.sharing.link import restore

    for some in parts(ALL, 14)[:-1]:
        for made in LINKS[1:]:
            with pytest.raises(RequestError):
                restore(urlencode(made(some)))


def test_files_that_are_taken_away_run_nothing(tmp_path: Path) -> None:
    from sim.page.session.session import Session
    from sim.page.sharing.export import as_python, as_toml
    from sim.page.sharing.link import restore
    from sim.page.sharing.upload import uploaded

    marker = tmp_path / "ran"
    runs = f"open({str(marker)!r}, 'w')"
    breaks = (
        '"""\n{}\n"""',
        "'''\n{}#",
        '"\n{}\n"',
        "\\",
        "\n{}\n",
        "\r{}\r",
        "\u2028{}",
        "{{{}}}",
    )
    for text in breaks:
        title = text.format(runs)
        try:
            session = Session(uploaded("x.toml", scenario(title)), 1)
        except Exception as error:  # a title of more than a line
            assert "one line" in str(error), error
            flat = " ".join(title.split())
            session = restore(
                urlencode([("title", flat), ("months", "6"), ("own", "labs.replication_lag:6")])
            )
        session.step(1)
        session.set_lever("labs.replication_lag", 7.0)
        again = uploaded("again.toml", as_toml(session).encode())
        assert again.title == session.scenario.title
        script = as_python(session)
        compile(script, "taken.py", "exec")
        if text == breaks[0]:
            subprocess.run(
                [sys.executable, "-c", script], check=True, cwd=tmp_path, capture_output=True,
                env={"PYTHONPATH": str(ROOT), "PATH": ""}, timeout=60,
            )  # fmt: skip
    assert not marker.exists()


def test_a_forged_page_does_no_harm(reader: Reader) -> None:
    reader.open("?scenario=baseline&seed=1&months=24")
    for number, (part, events) in enumerate(EVENTS.items()):
        for event in events:
            say(reader, part, event, *WRONG[number % 3 :: 3])
    alive(reader)
    forged = [
        {"data": {"method": "custom", "content": content}}
        for content in (
            {"create_widget": ["antigravity", "x"], "props": {}, "id": "x"},
            {
                "create_widget": ["IPython", "start_ipython"],
                "id": "x",
                "props": {"argv": ["-c", "1"]},
            },
            {"update_ref": "/etc/passwd", "id": "x", "prop": "template_file"},
            {"update_ref": {"functionRef": "close"}, "id": "x", "prop": "told"},
            {"event": "no_such_event", "data": 1},
            {"event": [], "data": 1},
            {"event": "event_step", "data": 1, "update_ref": 1},
            None,
        )
    ]
    forged += [
        {"data": data}
        for data in (
            {"method": "update", "state": {"told": "{}", "children": ["IPY_MODEL_x"]}},
            {"method": "update", "state": {}, "buffer_paths": [["a", "b"]]},
            {"method": "evict"}, {"method": "reload"}, {"method": []}, {}, None, [],
        )
    ]  # fmt: skip
    forged += [{"text": text} for text in ("{", "[]", "1", "[" * 100_000, '{"header": NaN}', " ")]
    forged += [
        {"message": message}
        for message in (
            {"header": {}}, {"channel": "iopub"}, {"content": {}}, {"content": None},
            {"header": {"msg_type": "shutdown_request"}}, {"buffers": [1]}, {"metadata": []},
        )
    ]  # fmt: skip
    reader.page.evaluate(FORGE, forged)
    alive(reader)
    assert "Traceback" not in reader.served.complaints, reader.served.complaints
    assert "rror" not in reader.served.complaints, reader.served.complaints


@pytest.mark.parametrize("count", [60, pytest.param(1_000, marks=pytest.mark.campaign)])
def test_anything_at_any_time_leaves_a_run_that_replays(reader: Reader, count: int) -> None:
    reader.open("?scenario=baseline&seed=3&months=60")
    chance = random.Random(7)
    deeds = (
        (".db-side", "set", lambda: {"path": LAG, "value": chance.randint(2, 20)}),
        (".db-side", "set", lambda: {"path": SHARE, "value": chance.uniform(0.3, 0.6)}),
        (".db-side", "reset", lambda: "labs.replication_lag"),
        (".db-side", "shock", lambda: chance.choice(["hormuz", "taiwan", "gulf", "controls"])),
        (".db-compare", "compare", lambda: chance.choice([[], ["undisturbed"], ["taiwan_outage"]])),
        (".db-compare", "band", lambda: {}),
        (".db-compare", "metric", lambda: "capex_usd"),
        (".db-bar", "restart", lambda: {}),
        (".db-bar", "play", lambda: {}),
        (".db-bar", "step", lambda: chance.choice([1, 1, 5])),
        (".db-bar", "speed", lambda: chance.choice([0, 0, 8])),
        (".db-bar", "start", lambda: {"scenario": chance.choice(["baseline", "taiwan_outage"])}),
        (".db-choices", "choose", lambda: {"name": "flow", "value": chance.choice(FLOWS)}),
        (".db-sheet", "open", lambda: chance.choice(["labs.openai", "nobody", ""])),
        (".db-sheet", "find", lambda: chance.choice(["open", "a", ""])),
        (".db-sheet", "series", lambda: chance.choice(["cash", "compute", "x"])),
    )  # fmt: skip
    say(reader, ".db-bar", "speed", 0)
    for _ in range(count):
        part, event, data = chance.choice(deeds)
        say(reader, part, event, data())
        reader.page.wait_for_timeout(chance.choice([0, 10, 50, 200]))
    if "Drop" in reader.page.inner_text("#db-band"):
        say(reader, ".db-compare", "band", {})
    say(reader, ".db-bar", "start", {"scenario": "baseline", "months": 60})
    reader.until_month(0)
    say(reader, ".db-bar", "play", {})
    reader.until_month(2, at_least=True)
    say(reader, ".db-side", "shock", "taiwan")
    say(reader, ".db-side", "set", {"path": "fleets.capex_share", "value": 0.5})
    reader.until_month(12, at_least=True)
    if "Pause" in reader.page.inner_text("#db-play"):
        say(reader, ".db-bar", "play", {})
    month = reader.settled()
    seen = reader.metrics()
    assert len(seen) == month
    reader.page.click("#db-replay")
    reader.page.wait_for_selector("#db-message")
    pd.testing.assert_frame_equal(reader.metrics(), seen)
    assert "Traceback" not in reader.served.complaints, reader.served.complaints
