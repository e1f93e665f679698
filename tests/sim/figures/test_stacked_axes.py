"""Rows of axes, the plane and bubbles: numbers by hand."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.figures.bubbles import Dots, bubbles
from sim.figures.figure import PALETTE, Figure
from sim.figures.log_plane import Axis, Path, plane
from sim.figures.stacked_axes import AxesRow, Line, Ribbon, height_of, stacked

MONTHS = ["2025-11", "2025-12", "2026-01", "2026-02"]
AXES = (Axis("cost", "USD/Mtok"), Axis("worth", "USD/Mtok", "more"))


def line(name: str, *values: float, **more: Any) -> Line:
    return Line(name, np.array(values), PALETTE[0], **more)


def draw(*rows: AxesRow, marks: Any = ()) -> Figure:
    return stacked("r", "Rows", "1 run, seed 1", MONTHS, rows, marks)


def path(name: str, x: list[float], y: list[float]) -> Path:
    return Path(name, np.array(x), np.array(y), PALETTE[1])


def through(*paths: Path) -> Figure:
    return plane("p", "Plane", "1 run, seed 1", MONTHS, AXES, paths)


def dots(month: list[int], values: list[float], amounts: list[float]) -> Dots:
    return Dots("lab", np.array(month), np.array(values), np.array(amounts), PALETTE[0])


def thrown(*groups: Dots, marks: Any = ()) -> Figure:
    return bubbles(
        "b",
        "Bubbles",
        "1 run, seed 1",
        MONTHS,
        ("recoupment", "1"),
        groups,
        pd.DataFrame(),
        ends=(-1.0, 3.0),
        level=1.0,
        marks=marks,
    )


def test_rows_have_their_units_and_share_the_months() -> None:
    drawn = draw(
        AxesRow("stock", "H100e", (line("stock", 1e6, 2.5e6),)),
        AxesRow(
            "rent", "USD/H100e-hour", (line("a", 2.0, math.nan), line("b", 0.0, 1.0)), log=True
        ),
    )
    option = drawn.option
    assert [axis["name"] for axis in option["yAxis"]] == ["stock, M H100e", "rent, USD/H100e-hour"]
    assert [axis["type"] for axis in option["yAxis"]] == ["value", "log"]
    assert all(axis["data"] == MONTHS for axis in option["xAxis"])
    assert [axis["name"] for axis in option["xAxis"]] == ["", "month"]
    data = {s["name"]: s["data"] for s in option["series"]}
    assert data == {"stock": [1.0, 2.5], "a": [2.0, None], "b": [None, 1.0]}
    assert [s["yAxisIndex"] for s in option["series"]] == [0, 1, 1]
    assert option["legend"]["data"] == ["a", "b"]  # the axis names what stands alone
    assert len({s["id"] for s in option["series"]}) == 3


def test_the_table_has_full_numbers_with_their_units() -> None:
    drawn = draw(
        AxesRow("stock", "H100e", (line("stock", 1e6, 123456.789, column="chips"),)),
        AxesRow("rent", "USD", (line("rent", 1.0),), also={"others [USD]": np.array([7.0])}),
    )
    assert drawn.csv().splitlines() == [
        "month,chips [H100e],rent [USD],others [USD]",
        "2025-11,1000000.0,1.0,7.0",
        "2025-12,123456.789,,",
    ]


def test_rows_stand_apart_and_by_their_share() -> None:
    rows = (AxesRow("a", "1", (), share=2.0), AxesRow("b", "1", ()), AxesRow("c", "1", ()))
    places = [
        (float(grid["top"][:-1]), float(grid["height"][:-1])) for grid in draw(*rows).option["grid"]
    ]
    assert places[0][1] == pytest.approx(2.0 * places[1][1], abs=0.1)
    for (top, height), (after, _) in pairwise(places):
        assert after - top - height == pytest.approx(100.0 * 40.0 / height_of(4.0), abs=0.1)
    assert places[2][0] + places[2][1] < 100.0


def test_changes_are_marked_on_every_row_and_named_on_the_first() -> None:
    rows = (
        AxesRow("a", "1", (line("a", 1.0),)),
        AxesRow("b", "1", (line("b", 1.0), line("c", 1.0))),
    )
    marks = [("2025-12", "Hormuz"), ("2026-02", "a" * 40), ("2025-12", "x"), ("1999-01", "before")]
    first, second, third = draw(*rows, marks=marks).option["series"]
    data = first["markLine"]["data"]
    assert data[0] == {"xAxis": "2025-12", "name": "Hormuz +1"}
    assert (len(data), len(data[1]["name"])) == (2, 26)
    assert second["markLine"]["data"] == data
    assert (first["markLine"]["label"]["show"], second["markLine"]["label"]["show"]) == (
        True,
        False,
    )
    assert "markLine" not in third


def test_without_changes_old_marks_are_taken_away() -> None:
    assert draw(AxesRow("a", "1", (line("a", 1.0),))).option["series"][0]["markLine"]["data"] == []


def test_a_level_is_drawn_in_the_units_of_the_row() -> None:
    row = AxesRow("money", "USD", (line("a", 2e9),), level=1e9)
    assert draw(row).option["series"][0]["markLine"]["data"][0]["yAxis"] == 1.0


def test_releases_are_dots_on_their_line() -> None:
    dotted = line("lab", 1.0, 2.0, 3.0, dots=np.array([False, True, False]))
    first, second, third = draw(AxesRow("capability", "OOM", (dotted,))).option["series"][0]["data"]
    assert (first, third) == (1.0, 3.0)
    assert (second["value"], second["symbol"]) == (2.0, "circle")


def test_a_single_point_is_seen() -> None:
    row = AxesRow("a", "1", (line("one", 1.0), line("two", 1.0, 2.0), line("gap", math.nan, 1.0)))
    symbols = [s["symbol"] for s in draw(row).option["series"]]
    assert symbols == ["circle", "none", "circle"]


def test_areas_add_up_and_their_scale_is_that_of_the_sum() -> None:
    drawn = draw(AxesRow("money", "USD", (line("a", 6e8), line("b", 6e8)), areas=True))
    low, high = drawn.option["series"]
    assert low["stack"] == high["stack"]
    assert drawn.option["yAxis"][0]["name"] == "money, bn USD"
    assert not drawn.option["yAxis"][0]["scale"]  # areas begin at zero


def test_a_band_is_stacked_behind_the_line_and_may_be_longer() -> None:
    ends = (np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.array([4.0, 6.0]))
    row = AxesRow("a", "1", (line("a", 2.0),), (Ribbon("band", "band of a", *ends, PALETTE[0]),))
    drawn = draw(row)
    one, low, width, middle = drawn.option["series"]
    assert (low["data"], width["data"], middle["data"]) == ([1.0, 2.0], [3.0, 4.0], [2.0, 3.0])
    assert low["stack"] == width["stack"]
    assert "areaStyle" in width
    assert one["z"] > middle["z"] > low["z"]
    assert drawn.option["legend"]["data"] == ["band"]
    assert drawn.csv().splitlines()[2] == "2025-12,,2.0,3.0,6.0"


def test_very_small_numbers_are_drawn_in_powers_of_ten() -> None:
    drawn = draw(AxesRow("residual", "fraction", (line("a", 3.2e-16, 0.0),)))
    assert drawn.option["yAxis"][0]["name"] == "residual, 1e-16 fraction"
    assert drawn.option["series"][0]["data"] == [3.2, 0.0]


def test_a_path_goes_through_the_months_that_have_both() -> None:
    drawn = through(path("lab", [2.0, math.nan, 1.0, 0.0], [4.0, 5.0, 8.0, 9.0]))
    guide, course = drawn.option["series"]
    assert [(p["name"], p["value"]) for p in course["data"]] == [
        ("2025-11", [2.0, 4.0]),
        ("2026-01", [1.0, 8.0]),
    ]
    assert "symbolSize" not in course["data"][0]
    assert course["data"][1]["label"]["formatter"] == "{a}"
    assert guide["data"] == []
    assert list(drawn.table) == ["month", "lab: cost [USD/Mtok]", "lab: worth [USD/Mtok]"]


def test_lines_of_a_ratio_run_from_edge_to_edge() -> None:
    drawn = through(path("lab", [1.1, 4.0], [11.0, 40.0]))
    x, y = drawn.option["xAxis"][0], drawn.option["yAxis"][0]
    assert (x["min"], x["max"], y["min"], y["max"]) == (1.0, 5.0, 10.0, 50.0)
    assert (x["name"], y["name"]) == ("cost, USD/Mtok", "worth, USD/Mtok  (more)")
    lines = drawn.option["series"][0]["markLine"]["data"]
    assert [(s["name"], s["coord"], e["coord"]) for s, e in lines] == [
        ("3×", [3.3333, 10.0], [5.0, 15.0]),
        ("10×", [1.0, 10.0], [5.0, 50.0]),
        ("30×", [1.0, 30.0], [1.6667, 50.0]),
    ]


def test_names_of_latest_points_stand_where_they_are_free() -> None:
    drawn = through(
        path("first", [0.1, 1.0], [1.0, 1.0]),
        path("second", [10.0, 1.02], [10.0, 1.0]),
        path("far", [5.0], [5.0]),
    )
    sides = [s["data"][-1].get("label", {}).get("position") for s in drawn.option["series"][1:]]
    assert sides[0] != sides[1]
    assert sides[2] == "right"


def test_dots_are_as_large_as_their_amounts_and_stay_inside() -> None:
    drawn = thrown(dots([0, 3, 3], [0.5, 9.0, -5.0], [100.0, 25.0, 0.0]), marks=[("2025-12", "x")])
    guide, series = drawn.option["series"]
    assert series["data"] == [
        {"value": ["2025-11", 0.5], "symbolSize": 24.0},
        {"value": ["2026-02", 3.0], "symbolSize": 14.0, "symbol": "triangle", "symbolRotate": 0},
        {"value": ["2026-02", -1.0], "symbolSize": 4.0, "symbol": "triangle", "symbolRotate": 180},
    ]
    assert [{*mark} & {"xAxis", "yAxis"} for mark in guide["markLine"]["data"]] == [
        {"xAxis"},
        {"yAxis"},
    ]


@pytest.mark.parametrize(
    "drawn",
    [
        draw(AxesRow("a", "1", ())),
        draw(AxesRow("a", "1", (line("a"),), log=True)),
        through(),
        thrown(),
    ],
    ids=["no line", "no month", "plane", "bubbles"],
)
def test_without_numbers_there_are_axes(drawn: Figure) -> None:
    read = json.loads(json.dumps(drawn.option, allow_nan=False))
    assert read == drawn.option
    assert all(axis["name"] for axis in (drawn.option["xAxis"][-1], drawn.option["yAxis"][-1]))
    assert not len(drawn.table)
