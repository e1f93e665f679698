"""Links restore a page, and a wrong one is refused in words, whatever is wrong in it."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pytest

from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.page.session.session import Session
from sim.page.sharing.link import LENGTH_MAX, link, read, restore, why_no_link
from sim.page.sharing.upload import uploaded

UPLOAD = """\
title = "Mine: <b>50 % & more</b>"
base = "taiwan_outage"
months = 9
[set]
"labs.replication_lag" = 5
[[event]]
name = "half"
start = "2025-03"
months = 2
scale = { "fleets.capex_share" = 0.5 }
"""


def busy(session: Session) -> Session:
    """A session in which every kind of thing was done."""
    session.set_lever("labs.compute_poor.replication_lag", 9.1)
    session.shock("gulf")
    session.step(2)
    session.shock("hormuz")
    session.set_lever("fleets.capex_share", 1 / 3)
    session.compare(["undisturbed", "taiwan_outage"])
    session.step()
    session.set_lever("fleets.capex_share", 0.5)
    session.shock("hormuz")
    session.reset_lever("labs.compute_poor.replication_lag")
    session.set_lever("regions.rent_start", 3.0)
    session.step(2)
    return session


@pytest.mark.parametrize("kind", ["shipped", "uploaded"])
def test_a_link_restores_the_page(kind: str) -> None:
    scenario = uploaded("mine.toml", UPLOAD.encode()) if kind == "uploaded" else "capex_bust"
    session = busy(Session(scenario, seed=11, months=9))
    query = link(session)
    assert query.isascii()
    assert why_no_link(session) == ""
    again = restore(f"?{query}")
    assert (again.seed, again.month, again.months) == (11, 5, 9)
    assert again.scenario.digest == session.scenario.digest
    assert (again.names, again.compared, again.pending) == (
        session.names,
        session.compared,
        session.pending,
    )
    assert again.levers == session.levers
    assert sorted(map(str, again.changes)) == sorted(map(str, session.changes))
    for one, other in zip(session.models, again.models, strict=True):
        for name, values in one.record.metrics.items():
            np.testing.assert_array_equal(values, other.record.metrics[name])
    assert link(again) == query


def test_a_link_to_the_end_and_a_bare_one() -> None:
    session = Session("baseline", months=3)
    session.step(3)
    session.set_lever("fleets.capex_share", 0.5)
    again = restore(link(session))
    assert (again.over, again.pending) == (True, ("fleets.capex_share",))
    assert restore("months=2").month == 0
    assert restore("scenario=world_2025&title=Bare&months=2").scenario.set == {}


def test_what_cannot_be_linked_says_why() -> None:
    classes = replace(load_scenario("baseline", months=2), classes={"labs": "x:Y"})
    session = Session("baseline", months=2)
    assert link(session)
    session.base = classes
    assert link(session) == ""
    assert "classes" in why_no_link(session)
    session.base = replace(classes, classes={}, title="x" * 10, set={}, file=None)
    assert link(session)
    world = replace(session.base.world, name="mine")
    session.base = replace(session.base, world=world)
    assert "does not ship" in why_no_link(session)


EVENT = '{"month":"2025-02","shock":"hormuz"}'


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("scenario=../../etc/passwd", "unknown scenario"),
        ("scenario=baseline.toml", "unknown scenario"),
        ("scenario=/tmp/x.toml&title=x", "base"),
        ("scenario=baseline&scenario=gulf_stop", "given twice"),
        ("class=labs:os:system", "unknown key"),
        ("seed=-1", "not a whole number"),
        ("seed=" + "9" * 19, "out of range"),
        ("months=0", "out of range"),
        ("months=5000", "out of range"),
        ("months=3&month=4", "out of range"),
        ("month=1e1", "not a whole number"),
        ("set=labs.replication_lag", "not path:value"),
        ("set=labs.replication_lag:nan", "not a finite number"),
        ("set=labs.replication_lag:1e9", "out of range"),
        ("set=labs.replication_la:3", "unknown parameter"),
        ("event=hormuz", "not an object"),
        ("event=[]", "not an object"),
        ("event={}", "not an event"),
        ("event=" + "[" * 5000, "not an object"),
        (f"month=0&event={quote(EVENT)}", "not in order"),
        (f"month=3&event={quote(EVENT.replace('-02', '-09'))}", "not in order"),
        (f"months=3&month=3&event={quote(EVENT.replace('2025', '2035'))}", "outside the run"),
        (f"month=3&event={quote(EVENT.replace('hormuz', 'x'))}", "unknown shock"),
        (f"month=3&event={quote(EVENT.replace('-02', '-13'))}", "not a month"),
        ('event={"month":3,"shock":[]}', "not a month"),
        ('month=9&event={"month":"2025-02","lever":7,"value":1}', "not a parameter path"),
        ('month=9&event={"month":"2025-02","lever":"labs.x","value":"1"}', "not a number"),
        ('month=9&event={"month":"2025-02","lever":"labs.x","value":NaN}', "not a finite"),
        ("compare=backtest_2023", "another month"),
        ("compare=a&compare=b", "unknown scenario"),
        ("compare=gulf_stop&compare=ai_winter&compare=undisturbed", "at most 2"),
        ("title=a%0Ab", "not one line"),
        ("title=x&own=labs.replication_lag:true", "not path:value"),
        ("title=x&own_event={}", "name"),
        ('title=x&own_event={"name":"a","start":"2025-02","months":1,"set":{"labs.x":null}}', ""),
        ("&".join(["event={}"] * 201), "too many events"),
        ("x" * (LENGTH_MAX + 1), "no link"),
        ("%ff=1", "not a query"),
        ("=&=", ""),
    ],
)
def test_a_wrong_link_is_refused_in_words(query: str, problem: str) -> None:
    with pytest.raises(RequestError) as refused:
        read(query)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_mutated_links_are_read_or_refused_and_nothing_else() -> None:
    luck = random.Random(7)
    queries = []
    for scenario in ("capex_bust", uploaded("mine.toml", UPLOAD.encode())):
        queries.append(link(busy(Session(scenario, months=9))))
    signs = '&=%{}[]":,.+-0192eE\x00\n\ud800é<>\\/ null true NaN 1e999'
    ran = refused = 0
    for number in range(2000):
        # One that does not ship reads its world anew, which takes its time.
        query = queries[number % 40 == 0]
        pieces = query.split("&")
        for _ in range(luck.randint(1, 3)):
            at, to = sorted(luck.randrange(len(query) + 1) for _ in range(2))
            match luck.randrange(5):
                case 0:
                    query = query[:at] + luck.choice(signs) + query[at + 1 :]
                case 1:
                    query = query[:at] + query[to:]
                case 2:
                    query = query[:at] + luck.choice(signs) + query[at:]
                case 3:
                    query += "&" + luck.choice(pieces)
                case 4:
                    query = query.replace(luck.choice("0123456789abefls"), luck.choice(signs), 1)
        try:
            read(query)
            if number % 150 == 0:
                restore(query)
            ran += 1
        except RequestError as error:
            assert "Traceback" not in str(error)
            refused += 1
    assert ran + refused == 2000
    assert min(ran, refused) > 50
