"""The Sankey shows what the flow matrix says, to scale, and holds no more than a picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from experiments.reporting.svg.flows import FLOW, bands, sankey
from sim.config.scenario.loader import load_scenario
from sim.economy.accounts.ledger import Flow
from sim.model import EconomyModel
from sim.results.statements import SUM, matrix

SVG = "{http://www.w3.org/2000/svg}"
PICTURE = {"svg", "title", "style", "rect", "text", "tspan", "path"}
NASTY = [
    "<script>alert(1)</script>",
    '"/><script href="http://example.org/x.js"/>',
    "</title><image href='http://example.org/x.png' onload='alert(1)'/>",
    "javascript:alert(1)",
    "]]><!--",
    "\x00\x08\x1b\ufffe\ud800",
    "&amp;&#x3c;&unknown;",
    "x" * 5000,
    "line\nbreak\tand tab",
]


@pytest.fixture(scope="module")
def payments() -> dict[Flow, float]:
    model = EconomyModel(load_scenario("baseline", months=2)).run()
    return {flow: float(paid[0]) for flow, (paid, _) in model.economy.ledger.flows.items()}


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", text)]


def test_bands_add_up_to_the_flow_matrix(payments: dict[Flow, float]) -> None:
    drawn = bands(payments)
    sectors = tuple({sector for _, *pair in payments for sector in pair})
    frame = matrix(payments, sectors)
    for sector in frame.columns.drop(SUM):
        got = sum(b.usd for b in drawn if b.payee == sector)
        gave = sum(b.usd for b in drawn if b.payer == sector)
        assert got - gave == frame[sector].iloc[:-2].sum()
    for instrument in frame.index[:-2]:
        told = sum(usd for b in drawn for name, usd in b.parts if name == instrument)
        assert told == sum(usd for (name, _, _), usd in payments.items() if name == instrument)
    assert len({(b.payer, b.payee) for b in drawn}) == len(drawn)
    assert all(b.usd == sum(usd for _, usd in b.parts) > 0.0 for b in drawn)


def test_the_picture_holds_every_band_to_scale(payments: dict[Flow, float]) -> None:
    drawn = bands(payments)
    paths = ElementTree.fromstring(sankey(payments, "Money")).findall(f"{SVG}path")
    assert [float(path.get("data-usd", "")) for path in paths] == [band.usd for band in drawn]
    whole = sum(band.usd for band in drawn)
    for band, path in zip(drawn, paths, strict=True):
        _, top, *_ = numbers(path.get("d", ""))
        bottom = numbers(path.get("d", ""))[-1]
        assert bottom - top == pytest.approx(FLOW * band.usd / whole, abs=0.01)
        title = path.find(f"{SVG}title")
        assert title is not None
        assert (title.text or "").split("\n")[0].startswith(f"{band.payer} → {band.payee}: USD ")
        assert len((title.text or "").split("\n")) == 1 + len(band.parts)


def test_bars_lie_apart_and_within_the_picture(payments: dict[Flow, float]) -> None:
    root = ElementTree.fromstring(sankey(payments, "Money"))
    paper, *bars = root.findall(f"{SVG}rect")
    for x in {bar.get("x") for bar in bars}:
        side = [bar for bar in bars if bar.get("x") == x]
        spans = [(float(b.get("y", "")), float(b.get("height", ""))) for b in side]
        tops = [top for top, _ in spans]
        assert tops == sorted(tops)
        ends = [top + height for top, height in spans]
        assert all(end < top for end, top in zip(ends, tops[1:], strict=False))
        assert ends[-1] < float(paper.get("height", ""))


@pytest.mark.parametrize("nasty", NASTY)
def test_no_name_can_break_out(nasty: str) -> None:
    text = sankey({(nasty, nasty, "b"): 1e9, ("i", "a", nasty): 2e9}, nasty)
    root = ElementTree.fromstring(text.encode())
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in PICTURE
        assert not [k for k in element.attrib if k.startswith("on") or "href" in k]
    style = root.find(f"{SVG}style")
    assert style is not None
    assert not re.search(r"url|@import|http", style.text or "")
    assert len(text) < 60_000


def test_the_same_money_gives_the_same_bytes(payments: dict[Flow, float]) -> None:
    turned = dict(reversed(payments.items()))
    assert sankey(turned, "Money") == sankey(payments, "Money")


def test_a_month_without_money_is_a_picture_too() -> None:
    for none in ({}, {("wages", "a", "b"): 0.0}):
        root = ElementTree.fromstring(sankey(none, "Nothing"))
        assert root.findall(f"{SVG}path") == []
        assert "No money moved." in [text.text for text in root.findall(f"{SVG}text")]
