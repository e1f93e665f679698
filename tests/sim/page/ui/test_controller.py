"""A page's handlers: whatever they are told, and whoever else is at work."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sim.figures.figure import Figure
from sim.page.charts.band import Ensemble
from sim.page.ui.controller import Desk
from tests.sim.page.browser.payloads import BAD_LINKS

DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]
WRONG: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    1.5,
    10**30,
    "",
    "x" * 100_000,
    "\ud800",
    [],
    {},
    DEEP,
    [{}],
    ["baseline"] * 5,
    {"path": {}, "value": []},
    {"path": "labs.replication_lag", "value": 10**400},
    {"path": "labs.replication_lag", "value": True},
    {"scenario": "../../etc/passwd"},
    {"seed": True},
    {"months": 10**30},
    {"size": -1, "text": "\u00e9"},
    {"text": {}, "name": []},
    {"text": "////", "name": "../../x"},
)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk("baseline", 1, None)


@pytest.mark.parametrize(
    "handler",
    ["step", "start", "set_speed", "set_lever", "reset_lever", "shock", "compare", "upload"],
)
def test_what_is_wrong_is_refused_in_words(desk: Desk, handler: str) -> None:
    for told in WRONG:
        before = desk.session.scenario, desk.session.seed, desk.session.compared
        getattr(desk, handler)(told)
        desk.pause()
        assert len(desk.message.text) < 1_500
        if desk.message.kind == "bad":
            assert before == (desk.session.scenario, desk.session.seed, desk.session.compared)
        desk.hush()


@pytest.mark.parametrize("query", BAD_LINKS)
def test_a_bad_link_is_said_so_over_the_first_month(query: str) -> None:
    desk = Desk("baseline", 1, query.removeprefix("?"))
    assert desk.message.text.startswith("The link could not be followed: ")
    assert desk.message.kind == "bad"
    assert desk.session.month == 0 and desk.session.seed == 1


def test_choices_are_of_what_there_is(desk: Desk) -> None:
    before = desk.choice.peek()
    for name in ("flow", "size", "metric"):
        for told in WRONG:
            desk.choose(**{name: told})
    assert desk.choice.peek() == before
    desk.choose(flow="chips")
    assert desk.choice.peek().flow == "chips"


def test_play_that_was_stopped_steps_no_other_run(desk: Desk) -> None:
    stop = threading.Event()
    desk.restart()
    desk._stepped(stop)
    assert desk.session.month == 1
    stop.set()
    desk.restart()
    desk._stepped(stop)
    assert desk.session.month == 0


def test_a_band_of_another_run_is_not_shown(desk: Desk) -> None:
    band = Ensemble(desk.session.scenario, 1, 2).band()
    stop = threading.Event()
    assert desk._tell_band(band, stop) and desk.band is band
    stop.set()
    desk.band = None
    assert not desk._tell_band(band, stop) and desk.band is None


def test_tables_have_no_formulas() -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"=a": ["=cmd|' /C calc'!A0", "@b", "+c", "plain"], "n": [-1.5, 2, 3, 4]})
    text = Figure("a", "a", "a", "a", {}, table).csv()
    assert text == "'=a,n\n'=cmd|' /C calc'!A0,-1.5\n'@b,2.0\n'+c,3.0\nplain,4.0\n"
