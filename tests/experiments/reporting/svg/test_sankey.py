"""The Sankey says what the flow matrix says, to scale."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from experiments.reporting.svg import draw
from experiments.reporting.svg.sankey import FLOW, LABEL
from sim.base.number_format import amount
from sim.config.scenario.loader import load_scenario
from sim.economy.accounts.ledger import Flow
from sim.figures import Figure, hours, money
from sim.figures.figure import SECTORS
from sim.model import EconomyModel
from sim.results.statements import SUM, matrix

Payments = dict[Flow, float]


@pytest.fixture(scope="module")
def payments() -> Payments:
    model = EconomyModel(load_scenario("baseline", months=2)).run()
    return {flow: float(paid[0]) for flow, (paid, _) in model.economy.ledger.flows.items()}


def drawn(payments: Payments) -> Figure:
    rows = [(*flow, usd) for flow, usd in payments.items()]
    table = pd.DataFrame(rows, columns=["instrument", "payer", "payee", "usd"])
    return money("m", "Money", table.astype({"usd": float}), "n = 1 run")


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", text)]


def elements(figure: Figure, tag: str, kind: str = "") -> list[ElementTree.Element]:
    root = ElementTree.fromstring(draw(figure.option))
    return [e for e in root.iter(tag) if not kind or kind in e.get("class", "").split()]


def told(element: ElementTree.Element) -> list[str]:
    title = element.find("title")
    assert title is not None
    return (title.text or "").split("\n")


def test_the_table_adds_up_to_the_flow_matrix(payments: Payments) -> None:
    table = drawn(payments).table
    frame = matrix(payments, tuple({sector for _, *pair in payments for sector in pair}))
    for sector in frame.columns.drop(SUM):
        got, gave = (table.loc[table[side] == sector, "usd"].sum() for side in ("payee", "payer"))
        assert got - gave == frame[sector].iloc[:-2].sum()
    for instrument in frame.index[:-2]:
        said = table.loc[table["instrument"] == instrument, "usd"].sum()
        assert said == sum(usd for (name, _, _), usd in payments.items() if name == instrument)


def test_a_band_is_as_thick_as_its_money_and_says_its_instruments(payments: Payments) -> None:
    pairs: dict[tuple[str, str], dict[str, float]] = {}
    for (instrument, payer, payee), usd in payments.items():
        if usd > 0.0:
            pairs.setdefault((payer, payee), {})[instrument] = usd
    whole = sum(sum(parts.values()) for parts in pairs.values())
    bands = elements(drawn(payments), "path", "band")
    names = [f"{SECTORS[payer]} → {SECTORS[payee]}" for payer, payee in sorted(pairs)]
    assert sorted(told(band)[0] for band in bands) == sorted(names)
    by_name = {told(band)[0]: band for band in bands}
    for (payer, payee), parts in pairs.items():
        band = by_name[f"{SECTORS[payer]} → {SECTORS[payee]}"]
        _, top, *_ = numbers(band.get("d", ""))
        bottom = numbers(band.get("d", ""))[-1]
        usd = sum(parts.values())
        assert bottom - top == pytest.approx(FLOW * usd / whole, abs=0.02)
        _, total, *lines = told(band)
        assert total == f"{amount(usd)} USD"
        largest = sorted(parts, key=lambda name: -parts[name])
        assert lines == [f"{name} {amount(parts[name])}" for name in largest]


def test_a_thick_band_says_what_it_is_in_the_picture() -> None:
    figure = drawn({("sales", "a", "b"): 90e9, ("fees", "a", "b"): 10e9, ("tips", "a", "c"): 1e6})
    labels = [e.text for e in elements(figure, "text", "mark")]
    assert "sales, fees 100,000" in labels
    assert not [words for words in labels if words and words.startswith("tips")]
    assert FLOW * 1e6 / 100e9 < LABEL


def test_payers_stand_left_and_payees_right_and_both_sides_add_up(payments: Payments) -> None:
    bars = elements(drawn(payments), "rect")
    places = sorted({float(bar.get("x", "")) for bar in bars})
    assert len(places) == 2
    sides = [[bar for bar in bars if float(bar.get("x", "")) == place] for place in places]
    for side, number in zip(sides, (1, 2), strict=True):
        sums: dict[str, float] = {}
        for flow, usd in payments.items():
            sums[flow[number]] = sums.get(flow[number], 0.0) + usd
        whole = sum(sums.values())
        tall = {told(bar)[0].partition(": ")[0]: float(bar.get("height", "")) for bar in side}
        assert set(tall) == {SECTORS[sector] for sector, usd in sums.items() if usd}
        for sector in (s for s, usd in sums.items() if usd):
            least = max(FLOW * sums[sector] / whole, 1.0)
            assert tall[SECTORS[sector]] == pytest.approx(least, abs=0.02)
    note = drawn(payments).note
    assert note.startswith(f"{amount(sum(payments.values()))} USD in all; ")


def test_bars_lie_apart_and_within_the_picture(payments: Payments) -> None:
    figure = drawn(payments)
    height = float((elements(figure, "svg")[0].get("viewBox") or "").split()[-1])
    bars = elements(figure, "rect")
    for x in {bar.get("x") for bar in bars}:
        side = [bar for bar in bars if bar.get("x") == x]
        spans = [(float(b.get("y", "")), float(b.get("height", ""))) for b in side]
        tops = [top for top, _ in spans]
        assert tops == sorted(tops)
        ends = [top + height for top, height in spans]
        assert all(end < top for end, top in zip(ends, tops[1:], strict=False))
        assert ends[-1] < height


def test_the_same_money_gives_the_same_picture(payments: Payments) -> None:
    turned = drawn(dict(reversed(payments.items())))
    assert draw(turned.option) == draw(drawn(payments).option)


@pytest.mark.parametrize("none", [{}, {("wages", "a", "b"): 0.0}])
def test_nothing_that_moved_is_a_picture_too(none: Payments) -> None:
    figure = drawn(none)
    assert ["".join(e.itertext()) for e in elements(figure, "text")] == ["Nothing moved."]
    assert elements(figure, "path") == []


def test_a_sankey_keeps_columns_and_thickness() -> None:
    table = pd.DataFrame(
        [("F", "L", 30.0), ("F", "idle", 10.0), ("L", "use", 30.0)],
        columns=["source", "target", "hours"],
    )
    figure = hours("h", "H", table, {"F": "fleets", "L": "labs"}, "n = 1 run")
    bars = {"".join(b.itertext()).partition(":")[0]: b for b in elements(figure, "rect")}
    place = {name: float(b.get("x", "")) for name, b in bars.items()}
    tall = {name: float(b.get("height", "")) for name, b in bars.items()}
    assert place["F"] < place["L"] < place["use"] == place["idle"]
    assert tall["F"] == pytest.approx(4.0 * tall["idle"], abs=0.1)
    assert tall["L"] == tall["use"] == pytest.approx(3.0 * tall["idle"], abs=0.1)
    assert len(elements(figure, "path", "band")) == 3


def test_links_that_go_in_circles_do_not_hang() -> None:
    nodes = [{"name": n} for n in "ab"]
    links = [
        {"source": "a", "target": "b", "value": 1.0},
        {"source": "b", "target": "a", "value": 1.0},
    ]
    series = [{"type": "sankey", "name": "USD", "data": nodes, "links": links}]
    assert draw({"title": {"text": "t"}, "series": series}).count("<path") == 2
