"""Figures say what their tables say: numbers by hand, options of plain and finite data."""

from __future__ import annotations

import doctest
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.config.world.schema import POPULATIONS
from sim.figures import Figure, fan, figure, hours, lines, money, scatter, supply_graph, tornado

MONTHS = ["2025-12", "2026-01", "2026-02"]
HUNDRED = np.arange(101.0)[:, None] * np.array([1.0, 2.0, 1e6])
"""101 runs, 0 to 100 in the first month: percentile p is p."""


def pays(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["instrument", "payer", "payee", "usd"])


def supply(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source", "target", "hours"])


def nodes(*names: str, group: str = "") -> pd.DataFrame:
    rows = [(n.partition(".")[0], n, n.partition(".")[2].upper(), group) for n in names]
    return pd.DataFrame(rows, columns=["population", "agent", "title", "group"])


def edges(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["relation", "source", "target", "usd"])


EFFECTS = pd.DataFrame(
    {"parameter": ["a", "b", "c"], "at_low": [1.0, -3.0, 0.0], "at_high": [-2.0, 1.0, 0.5]}
)
NODES = nodes("fabs.one", "fleets.one", "fleets.two", "labs.one", "capital.market")
EDGES = edges(
    ("chips", "fabs.one", "fleets.one", 4.0),
    ("lease", "fleets.one", "labs.one", 1.0),
    ("relocation", "fleets.one", "fleets.two", 0.0),
    ("lab_funding", "capital.market", "labs.one", 0.0),
)
ALL = [
    fan("f", "Fan", "1", MONTHS, HUNDRED, "n = 101 runs"),
    lines("l", "Lines", "USD", MONTHS, {"a": np.array([1.0, np.nan, 3e9])}, "n = 2 runs"),
    tornado("t", "Tornado", "month", EFFECTS, "n = 9 points"),
    scatter("s", "S", ("x", "1", np.arange(9.0)), ("y", "USD", np.ones(9)), "n = 9 points"),
    money("m", "Money", pays(("wages", "labs", "outside", 5e9)), "n = 1 run"),
    hours("h", "Hours", supply(("A fleets", "B", 7.0)), {"A fleets": "fleets"}, "n = 1 run"),
    supply_graph("g", "Graph", NODES, EDGES, "n = 1 run"),
]


@pytest.mark.parametrize("drawn", ALL, ids=lambda drawn: drawn.kind)
def test_options_are_plain_finite_data_and_say_of_how_many(drawn: Figure) -> None:
    read = json.loads(json.dumps(drawn.option, allow_nan=False))
    assert read == drawn.option
    assert read["title"]["text"] == f"{drawn.title} ({drawn.sample})" == drawn.heading
    assert drawn.sample.startswith("n = ")
    assert drawn.csv().count("\n") == 1 + len(drawn.table)


@pytest.mark.parametrize("drawn", ALL[:4], ids=lambda drawn: drawn.kind)
def test_both_axes_say_what_they_measure(drawn: Figure) -> None:
    named = [drawn.option[axis]["name"] for axis in ("xAxis", "yAxis")]
    assert (
        named
        == {
            "fan": ["month", "M ratio"],
            "lines": ["month", "bn USD"],
            "tornado": ["change, month", ""],
            "scatter": ["x, ratio", "y, USD"],
        }[drawn.kind]
    )


def test_a_fan_holds_the_percentiles_and_the_number_of_runs() -> None:
    table = ALL[0].table
    assert table["p5"].tolist() == [5.0, 10.0, 5e6]
    assert table["p25"].tolist() == [25.0, 50.0, 25e6]
    assert table["median"].tolist() == [50.0, 100.0, 50e6]
    assert table["p95"].tolist() == [95.0, 190.0, 95e6]
    assert table["n"].tolist() == [101, 101, 101]
    assert ALL[0].csv().splitlines()[1] == "2025-12,101,1,5.0,25.0,50.0,75.0,95.0"


def test_bands_are_stacked_from_their_lower_end_to_their_upper() -> None:
    series = ALL[0].option["series"]
    assert [s["name"] for s in series] == ["90 %", "90 %", "50 %", "50 %", "median"]
    lower, width = series[:2]
    assert lower["data"] == [5e-6, 1e-5, 5.0]
    assert width["data"] == [9e-5, 1.8e-4, 90.0]
    assert (lower["stack"], lower["stackStrategy"]) == (width["stack"], "all")
    assert "areaStyle" not in lower
    assert lower["lineStyle"]["opacity"] == width["lineStyle"]["opacity"] == 0


def test_of_one_run_there_are_no_bands() -> None:
    one = fan("f", "Fan", "1", MONTHS, HUNDRED[50:51], "n = 1 run")
    assert [s["name"] for s in one.option["series"]] == ["run"]
    assert "nothing is known" in one.note


@pytest.mark.parametrize(
    ("values", "kind"), [((1.0, 2.0), "value"), ((1.0, 101.0), "log"), ((0.0, 101.0), "value")]
)
def test_steep_paths_have_a_logarithmic_scale(values: tuple[float, ...], kind: str) -> None:
    drawn = fan("f", "Fan", "1", MONTHS[:2], np.array([values]), "n = 1 run")
    assert drawn.option["yAxis"]["type"] == kind


def test_lines_keep_gaps_and_differ_in_colour_or_dash() -> None:
    assert ALL[1].option["series"][0]["data"] == [1e-9, None, 3.0]
    many = {f"lab {i}": np.zeros(3) for i in range(20)}
    series = lines("l", "Lines", "1", MONTHS, many, "n = 1 run").option["series"]
    looks = {(s["color"], s["lineStyle"]["type"]) for s in series}
    assert len(looks) == 20


def test_a_tornado_is_widest_on_top() -> None:
    option = ALL[2].option
    assert option["yAxis"]["data"] == ["b", "a", "c"]
    assert option["yAxis"]["inverse"]
    low, high = option["series"]
    assert (low["data"], high["data"]) == ([-3.0, 1.0, 0.0], [1.0, -2.0, 0.5])
    assert low["barGap"] == "-100%"
    assert ALL[2].table["parameter"].tolist() == ["b", "a", "c"]


def test_a_tornado_may_be_of_other_ends() -> None:
    drawn = tornado("t", "T", "month", EFFECTS, "n = 2 pairs", ends=("low", "high"), note="alone")
    assert [series["name"] for series in drawn.option["series"]] == ["low", "high"]
    assert drawn.option["legend"]["data"] == ["low", "high"]
    assert drawn.note == drawn.option["title"]["subtext"] == "alone"


def test_a_scatter_draws_a_thousand_points_at_most_and_says_so() -> None:
    x = np.arange(2500.0)
    drawn = scatter("s", "S", ("x", "1", x), ("y", "1", 2.0 * x), "n = 2,500 points")
    data = drawn.option["series"][0]["data"]
    assert data[:2] == [[0.0, 0.0], [3.0, 6.0]]
    assert len(data) == len(drawn.table) == 834
    assert drawn.note == "834 of 2,500 points are drawn"


def test_money_has_payers_left_and_payees_right_though_some_are_both() -> None:
    drawn = money(
        "m",
        "Money",
        pays(
            ("wages", "labs", "outside", 1e9),
            ("taxes", "labs", "outside", 3e9),
            ("incomes", "outside", "labs", 2e9),
            ("none", "labs", "gulf", 0.0),
        ),
        "n = 1 run",
    )
    series = drawn.option["series"][0]
    links = {(k["source"], k["target"]): k["value"] for k in series["links"]}
    assert links == {("labs pays", "outside is paid"): 4e3, ("outside pays", "labs is paid"): 2e3}
    assert series["name"] == "M USD"
    named = {n["name"]: n["label"]["formatter"] for n in series["data"]}
    assert named["labs pays"] == named["labs is paid"] == "labs"
    assert drawn.table["usd"].tolist() == [3e9, 2e9, 1e9]


def test_small_labs_and_fleets_are_drawn_together_and_nothing_is_lost() -> None:
    rows = [(f"F{i} fleets", f"L{i}", 100.0 - i) for i in range(13)]
    rows += [(f"L{i}", "serving", 100.0 - i) for i in range(13)]
    kinds = {f"F{i} fleets": "fleets" for i in range(13)} | {f"L{i}": "labs" for i in range(13)}
    drawn = hours("h", "Hours", supply(*rows), kinds, "n = 1 run")
    links = drawn.option["series"][0]["links"]
    others = "all others (labs)"
    into = sum(k["value"] for k in links if k["target"] == others)
    assert into == sum(k["value"] for k in links if k["source"] == others) == 90 + 89 + 88
    assert sum(k["value"] for k in links if k["target"] == "serving") == sum(range(88, 101))
    assert len(drawn.table) == 26
    colours = {n["name"]: n["itemStyle"]["color"] for n in drawn.option["series"][0]["data"]}
    assert colours["F0 fleets"] == colours["all others (fleets)"] == figure.POPULATIONS["fleets"]
    assert colours["L0"] == colours[others] == figure.POPULATIONS["labs"]


def test_the_graph_stands_in_layers_with_investors_below() -> None:
    series = ALL[6].option["series"][0]
    at = {n["name"]: (n["x"], n["y"]) for n in series["data"]}
    assert at["fabs.one"][0] < at["fleets.one"][0] == at["fleets.two"][0] < at["labs.one"][0]
    assert at["fleets.one"][1] < at["fleets.two"][1] < at["capital.market"][1]
    links = {(k["source"], k["target"]): k for k in series["links"]}
    assert ("fleets.one", "fleets.two") not in links
    assert len(ALL[6].table) == 4
    chips = links["fabs.one", "fleets.one"]["lineStyle"]
    lease = links["fleets.one", "labs.one"]["lineStyle"]
    assert (chips["width"], lease["width"]) == (6.0, 3.2)  # the root: half as strong
    assert chips["opacity"] > lease["opacity"]


def test_every_population_has_its_place_and_colour() -> None:
    drawn = supply_graph(
        "g", "Graph", nodes(*(f"{p}.one" for p in POPULATIONS)), edges(), "n = 1 run"
    )
    series = drawn.option["series"][0]
    assert {n["name"].partition(".")[0] for n in series["data"]} == set(POPULATIONS)
    assert {c["name"] for c in series["categories"]} == {figure.SECTORS[p] for p in POPULATIONS}
    colours = [c["itemStyle"]["color"] for c in series["categories"]]
    assert len({*colours}) == len(colours)


def test_a_crowd_is_drawn_as_groups() -> None:
    crowd = pd.concat(
        [
            nodes(*(f"labs.l{i}" for i in range(200)), group="frontier"),
            nodes(*(f"fleets.f{i}" for i in range(100))),
        ]
    )
    links = edges(*(("lease", f"fleets.f{i}", f"labs.l{i}", 2.0) for i in range(100)))
    drawn = supply_graph("g", "Graph", crowd, links, "n = 1 run")
    series = drawn.option["series"][0]
    labels = {n["name"]: n["label"]["formatter"] for n in series["data"]}
    assert labels == {"labs.frontier": "frontier (200)", "fleets.all": "all (100)"}
    assert [(k["source"], k["value"]) for k in series["links"]] == [("fleets.all", 200.0)]
    assert len(drawn.table) == 100


def test_colours_are_told_apart_by_those_who_see_no_red_or_no_green() -> None:
    """Distance in the plane of lightness and of blue to yellow, which everybody sees."""

    def seen(colour: str) -> np.ndarray[Any, Any]:
        red, green, blue = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
        grey = 0.3 * red + 0.59 * green + 0.11 * blue
        return np.array([grey, blue - (red + green) / 2.0])

    found = [seen(colour) for colour in figure.PALETTE]
    apart = [np.abs(a - b).max() for i, a in enumerate(found) for b in found[:i]]
    assert min(apart) > 0.08


def test_numbers_read_as_their_examples_say() -> None:
    failed, tried = doctest.testmod(figure)
    assert tried >= 3
    assert failed == 0
