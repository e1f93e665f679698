"""Figures: their type, and the choice of their numbers and colours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Option = dict[str, Any]
"""An option of ECharts: dictionaries, lists, words and finite numbers only."""
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PINK, GREY, BROWN = "#56b4e9", "#c0508c", "#969da9", "#8c6d31"
PALETTE = (BLUE, ORANGE, GREEN, RED, SKY, PINK, GREY, BROWN)
"""Colours that people who see no red or no green can tell apart, on white and on black."""
DASHES = ("solid", "dashed", "dotted")
POPULATIONS = {
    "regions": GREY,
    "inputs": BROWN,
    "fabs": RED,
    "fleets": BLUE,
    "elsewhere": SKY,
    "labs": ORANGE,
    "customers": GREEN,
    "gulf": "#b8a200",
    "parents": PINK,
    "capital": "#7a5bd0",
    "outside": "#6b7280",
}
"""The colour of a population, the same in every figure."""
SECTORS = {
    "regions": "regions",
    "inputs": "chip inputs",
    "fabs": "chip makers",
    "fleets": "operators",
    "elsewhere": "other users of compute",
    "labs": "labs",
    "customers": "customers",
    "gulf": "Gulf funds",
    "parents": "parent companies",
    "capital": "capital market",
    "outside": "rest of the economy",
}
"""Names of populations as people call them."""
ROOM = {"left": 16, "right": 24, "top": 84, "bottom": 32, "containLabel": True}
"""Margins around the axes: title and legend are above."""
HEAD = 44
"""The place of a legend, below the title and its note."""
DIGITS = 5
THOUSANDS = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"))
NAMELESS = 1e18
"""From here on a number has no word that people know."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a text that spreadsheets take for a formula."""


@dataclass(frozen=True)
class Figure:
    """A figure: what is drawn, of how many, and the numbers behind it.

    name: of its file, `[a-z0-9-]`. kind: what it is, in a word ("fan"). sample: what it stands on,
    "n = 1,000 runs". option: for ECharts. table: the full numbers. note: how to read it.
    """

    name: str
    kind: str
    title: str
    sample: str
    option: Option
    table: pd.DataFrame
    note: str = ""

    @property
    def heading(self) -> str:
        """The title with the sample behind it."""
        return f"{self.title} ({self.sample})"

    def csv(self) -> str:
        """The table as text, months as 2026-03; nothing in it is a formula to a spreadsheet."""
        table = self.table.rename(columns=_no_formula)
        for place, kind in enumerate(table.dtypes):
            if kind.kind == "O":
                table.isetitem(place, table.iloc[:, place].map(_no_formula).to_numpy())
        text: str = table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m")
        return text


def _no_formula(value: object) -> object:
    """Text that begins as a formula does, with the quote that makes a spreadsheet show it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def frame_of(
    title: str, sample: str, note: str, x: Option, y: Option, series: list[Option], **more: Any
) -> Option:
    """The option of a figure with two axes."""
    return {
        "title": {"text": f"{title} ({sample})", "subtext": note},
        "tooltip": {"trigger": "axis" if x["type"] == "category" else "item"},
        "grid": ROOM,
        "xAxis": {"nameLocation": "middle", "nameGap": 28, **x},
        "yAxis": {"nameTextStyle": {"align": "left"}, **y},
        "series": series,
        **more,
    }


def scale_of(values: Iterable[float], unit: str) -> tuple[float, str]:
    """The divisor of large numbers, and their unit after division.

    >>> scale_of([2e6, 3.2e8], "H100e"), scale_of([0.4], "fraction"), scale_of([3e11], "USD/year")
    ((1000000.0, 'M H100e'), (1.0, 'fraction'), (1000000000.0, 'bn USD/year'))
    """
    named = "ratio" if unit == "1" else unit
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest < NAMELESS:
        for factor, word in THOUSANDS:
            if largest >= factor:
                return factor, f"{word} {named}"
    return 1.0, named


def short(value: float) -> float | None:
    """A number of a drawing: five digits; None where there is none, which leaves a gap.

    >>> short(123456.789), short(float("nan"))
    (123460.0, None)
    """
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def shorts(values: Any, factor: float = 1.0) -> list[float | None]:
    """The numbers of a series, divided by `factor`."""
    return [short(float(value)) for value in np.asarray(values, dtype=np.float64) / factor]


def plainly(text: str) -> str:
    """A text in which ECharts finds no template: a space without width follows every brace.

    >>> plainly("{b}") == "{" + chr(0x200B) + "b}", plainly("OpenAI")
    (True, 'OpenAI')
    """
    return text.replace("{", "{\u200b")
