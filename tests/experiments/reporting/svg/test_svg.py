"""Options drawn as SVG: to scale, with nothing that a page could run or fetch."""

from __future__ import annotations

import doctest
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from experiments.reporting.svg import canvas, draw, standalone
from experiments.reporting.svg.canvas import AxisScale, scale_over
from sim.figures import Figure, fan, hours, lines, money, scatter, supply_graph, tornado

MONTHS = [f"{2025 + m // 12}-{m % 12 + 1:02d}" for m in range(36)]
DRAWN = {"svg", "title", "rect", "text", "tspan", "path", "line", "circle", "g"}
NASTY = [
    "<script>alert(1)</script>",
    '"/><script href="http://example.org/x.js"/>',
    "</title><image href='http://example.org/x.png' onload='alert(1)'/>",
    "javascript:alert(1)",
    "]]><!--",
    "\x00\x08\x1b\ufffe",
    "&amp;&#x3c;&unknown;",
    "x" * 5000,
    "line\nbreak\tand tab",
]


def figures(word: str) -> list[Figure]:
    """Every kind of figure, with a word in all places that hold words."""
    ramp = np.linspace(1.0, 3.0, 36)
    runs = ramp * np.linspace(0.5, 1.5, 21)[:, None]
    pays = pd.DataFrame(
        [(word, word, "b", 4e9), ("i", "a", word, 2e9)],
        columns=["instrument", "payer", "payee", "usd"],
    )
    supply = pd.DataFrame(
        [("F", word, 3.0), (word, "use", 3.0)], columns=["source", "target", "hours"]
    )
    nodes = pd.DataFrame(
        [("labs", "labs.a", word, ""), ("fleets", "fleets.b", word, "")],
        columns=["population", "agent", "title", "group"],
    )
    edges = pd.DataFrame(
        [(word, "fleets.b", "labs.a", 1e9)], columns=["relation", "source", "target", "usd"]
    )
    effects = pd.DataFrame({"parameter": [word], "at_low": [-1.0], "at_high": [2.0]})
    x, y = ("x" + word, word, np.arange(9.0)), ("y" + word, word, np.arange(9.0))
    return [
        fan("f", word, word, MONTHS, runs, word),
        lines("l", word, word, MONTHS, {word: ramp, "b": ramp}, word, word),
        tornado("t", word, word, effects, word),
        scatter("s", word, x, y, word),
        money("m", word, pays, word),
        hours("h", word, supply, {"F": "fleets", word: "labs"}, word),
        supply_graph("g", word, nodes, edges, word),
    ]


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", text)]


def elements(drawn: Figure, tag: str, kind: str = "") -> list[ElementTree.Element]:
    root = ElementTree.fromstring(draw(drawn.option))
    return [e for e in root.iter(tag) if not kind or kind in e.get("class", "").split()]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("number", range(7))
def test_no_name_can_break_out(nasty: str, number: int) -> None:
    picture = draw(figures(nasty)[number].option)
    root = ElementTree.fromstring(picture.encode())
    for element in root.iter():
        assert element.tag in DRAWN
        assert not [k for k in element.attrib if k.startswith("on") or "href" in k or k == "style"]
    assert len(picture) < 60_000


@pytest.mark.parametrize("number", range(7))
def test_a_picture_says_what_it_shows_and_the_same_twice(number: int) -> None:
    one, two = (draw(figures("word")[number].option) for _ in range(2))
    assert one == two
    root = ElementTree.fromstring(one)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "word (word)"


def test_a_month_tells_its_median_and_bands() -> None:
    drawn = figures("USD")[0]
    months = elements(drawn, "rect", "month")
    assert len(months) == 36
    told = "".join(months[-1].itertext()).splitlines()
    assert told == ["2027-12", "median 3.00 USD", "90 % 1.65 to 4.35", "50 % 2.25 to 3.75"]
    spans = [(float(m.get("x", "")), float(m.get("width", ""))) for m in months]
    ends = [x + width for x, width in spans]
    assert np.allclose(ends[:-1], [x for x, _ in spans[1:]], atol=0.11)


def test_a_band_lies_between_its_ends() -> None:
    drawn = figures("USD")[0]
    wide, narrow = (e for e in elements(drawn, "path") if e.get("fill-opacity"))
    tops, bottoms = (
        [max(numbers(e.get("d", ""))[1::2]) for e in (wide, narrow)],
        [min(numbers(e.get("d", ""))[1::2]) for e in (wide, narrow)],
    )
    assert tops[0] > tops[1]
    assert bottoms[0] < bottoms[1]
    assert len(numbers(wide.get("d", ""))) == 4 * 36


def test_a_picture_of_its_own_is_one_whatever_its_words_are() -> None:
    for word in NASTY:
        for drawn in figures(word):
            root = ElementTree.fromstring(standalone(drawn.option))
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert "stroke:var(--rule)" in (root[0].text or "")
            assert {e.tag.rpartition("}")[2] for e in root.iter()} <= {*DRAWN, "style"}


def test_a_letter_that_no_file_may_hold_is_spelt() -> None:
    assert canvas.safe("a\ud800b") == "a\\ud800b"
    assert standalone(
        lines("l", "\ud800", "1", MONTHS, {"a": np.ones(36)}, "n = 1 run").option
    ).encode()


def test_a_picture_of_its_own_says_what_it_shows() -> None:
    root = ElementTree.fromstring(standalone(figures("USD")[0].option))
    words = [e.text for e in root if e.tag.endswith("text")]
    assert words[:2] == ["USD (USD)", "median, bands of 50 and 90 %"]
    assert root.get("viewBox") == "0 -46 720 376"


def test_a_gap_in_a_line_stays_a_gap() -> None:
    values = np.array([1.0, 2.0, np.nan, 3.0, np.nan, 4.0, 5.0])
    drawn = lines("l", "t", "1", MONTHS[:7], {"a": values, "b": values}, "n = 1 run")
    course = elements(drawn, "path", "line")[0].get("d", "")
    assert course.count("M") == 3
    assert course.count("h0") == 1


def test_bars_begin_at_nought_and_are_as_long_as_their_numbers() -> None:
    effects = pd.DataFrame({"parameter": ["a"], "at_low": [-1.0], "at_high": [2.0]})
    drawn = tornado("t", "T", "1", effects, "n = 3 points")
    bars = [e for e in elements(drawn, "rect") if e.get("fill-opacity")]
    left, right = ((float(b.get("x", "")), float(b.get("width", ""))) for b in bars)
    assert left[0] + left[1] == pytest.approx(right[0], abs=0.11)
    assert right[1] == pytest.approx(2.0 * left[1], abs=0.2)
    assert "".join(bars[1].itertext()) == "a\nhighest fifth: 2.00 change, ratio"


@pytest.mark.parametrize("value", [0.0, 3.0, -2e9])
def test_a_path_that_never_moves_has_a_scale(value: float) -> None:
    drawn = fan("f", "F", "1", MONTHS, np.full((2, 36), value), "n = 2 runs")
    assert "nan" not in draw(drawn.option)


def test_a_logarithmic_scale_gives_each_decade_the_same_room() -> None:
    scale = scale_over([0.02, 30.0], 400.0, 0.0, log=True)
    assert (scale.low, scale.high) == (0.01, 100.0)
    assert [round(scale(v), 6) for v in (0.01, 0.1, 1.0, 10.0, 100.0)] == [400, 300, 200, 100, 0]
    assert [words for _, words in scale.marks] == ["0.01", "0.1", "1", "10", "100"]


def test_marks_are_round_and_inside() -> None:
    scale = scale_over([0.31, 0.78], 0.0, 1.0)
    assert [words for _, words in scale.marks] == ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]
    assert AxisScale(-5.0, 5.0, 0.0, 100.0)(0.0) == 50.0


def test_steps_read_as_their_examples_say() -> None:
    failed, tried = doctest.testmod(canvas)
    assert tried >= 1
    assert failed == 0
