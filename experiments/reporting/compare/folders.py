"""Results folders side by side: what each came to, and how far it lies from the first.

A figure is the mean of a metric over the last months that all runs have. Where two folders hold
runs with the same draws, run k of one is compared with run k of the other: that shows small
differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.reporting.csv_table import write_csv
from experiments.reporting.report.figures import HEADLINES, units_of
from experiments.reporting.sampled_runs import runs_in_words
from experiments.reporting.spread import Spread, changed
from experiments.reporting.text_table import aligned, cut
from sim.base.errors import RequestError
from sim.base.number_format import amount, change, span
from sim.results.open import open_results
from sim.results.results import Results
from sim.results.sweep import Sweep

if TYPE_CHECKING:
    from agents.framework.columns import Floats

LAST = 12
"""Months at the end over which metrics are averaged."""
TINY = 5e-4
"""Change that reads as none."""
LEAST = 2
"""Folders that a comparison takes."""
NAME = 26
"""Characters of a folder's name at the head of a column."""
COLUMNS = (
    *("folder", "scenario", "digest", "metric", "unit", "runs", "median", "p5", "p95"),
    *("paired", "change", "change_p5", "change_p95"),
)
"""Of the table as CSV; empty where a figure has no case."""


@dataclass(frozen=True)
class Cell:
    """A metric in a folder; change: from the first folder, as a share of it; None in the first, and
    where the first is 0. paired: whether run k was compared with run k."""

    spread: Spread
    change: Spread | None
    paired: bool


@dataclass(frozen=True)
class SideBySide:
    """All that was compared: the folders by label, and a row of cells a metric."""

    folders: dict[str, Results]
    units: dict[str, str]
    months: tuple[str, ...]
    rows: dict[str, tuple[Cell, ...]]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values, for `--json`."""
        return {
            "months": [*self.months],
            "folders": [
                {
                    "label": label,
                    "folder": str(m.folder),
                    "scenario": m.scenario.name,
                    "title": m.title,
                    "digest": m.scenario.digest,
                    "runs": m.runs,
                }
                for label, m in self.folders.items()
            ],
            "metrics": {
                name: {
                    "unit": self.units[name],
                    "figures": [cell.spread.facts() for cell in cells],
                    "changes": [c.change.facts() if c.change else None for c in cells],
                    "paired": [cell.paired for cell in cells],
                }
                for name, cells in self.rows.items()
            },
        }

    def table(self) -> list[dict[str, Any]]:
        """A row a metric and folder, for a spreadsheet."""
        rows = []
        for name, cells in self.rows.items():
            for (label, m), cell in zip(self.folders.items(), cells, strict=True):
                shift = cell.change
                values = (
                    *(label, m.scenario.name, m.scenario.digest, name, self.units[name], m.runs),
                    *(cell.spread.median, cell.spread.low, cell.spread.high, cell.paired),
                    *((shift.median, shift.low, shift.high) if shift else ("", "", "")),
                )
                rows.append(dict(zip(COLUMNS, values, strict=True)))
        return rows

    def text(self) -> str:
        """The headlines: a line of medians a metric, and below it how far from the first."""
        head = [
            "Results side by side",
            f"means over {self.months[0]} to {self.months[-1]}; medians, 5–95 % of runs in "
            "brackets; below them the change from the first",
        ]
        folders = [
            cut(f"{label}: {'; '.join(filter(None, (runs_in_words(m), changed(m.scenario))))}")
            for label, m in self.folders.items()
        ]
        lines = [("", *(cut(label, NAME) for label in self.folders))]
        for name in (name for name in HEADLINES if name in self.rows):
            cells, unit = self.rows[name], self.units[name]
            label = HEADLINES[name] if unit == "1" else f"{HEADLINES[name]}, {unit}"
            lines.append((label, *(cell.spread(amount) for cell in cells)))
            if any(cell.change for cell in cells):
                lines.append(("", *(_shift(cell.change) for cell in cells)))
        pairs = all(cell.paired for cells in self.rows.values() for cell in cells[1:])
        foot = (
            "Runs of the same number have the same draws: changes are those of pairs."
            if pairs
            else "Where runs do not have the same draws, changes are those of the medians."
        )
        return "\n\n".join("\n".join(part) for part in (head, folders, aligned(lines), [foot]))


def side_by_side(folders: Sequence[Path]) -> SideBySide:
    """Compare results folders with the first of them, metric by metric.

    Raises RequestError for fewer than two folders, and for whatever is wrong with one.
    """
    if len(folders) < LEAST:
        allowed = "two or more folders, or --scenario NAME"
        raise RequestError("one folder is no comparison", allowed=allowed)
    return compared([open_results(folder) for folder in folders])


def compared(folders: Sequence[Results]) -> SideBySide:
    """The comparison of results that are open."""
    first, *others = folders
    held = [set(results.calendar.labels()) for results in others]
    shared = [month for month in first.calendar.labels() if all(month in each for each in held)]
    if not shared:
        raise RequestError("the runs have no month in common", file=others[0].folder)
    months = tuple(shared[-LAST:])
    names = [n for n in first.names if all(n in m.names for m in others)]
    rows = {}
    for name in names:
        settled = [_settled(m, name, months) for m in folders]
        cells = [Cell(Spread.of(settled[0]), None, False)]
        for other, values in zip(others, settled[1:], strict=True):
            paired = same_draws(first, other)
            cells.append(Cell(Spread.of(values), _change(settled[0], values, paired), paired))
        rows[name] = tuple(cells)
    return SideBySide(dict(zip(_labels(folders), folders, strict=True)), units_of(), months, rows)


def same_draws(one: Results, other: Results) -> bool:
    """Whether run k of both met the same draws: no design, one seed, the same replications."""
    designed = isinstance(one, Sweep) or isinstance(other, Sweep)
    return not designed and (one.seed, one.numbers) == (other.seed, other.numbers)


def write_table(comparison: SideBySide, file: Path) -> None:
    """Write the comparison as CSV, a row a metric and folder, whole or not at all."""
    write_csv(file, COLUMNS, comparison.table())


def _settled(results: Results, name: str, months: Sequence[str]) -> Floats:
    places = [results.calendar.number(month) for month in months]
    settled: Floats = results.series(name)[:, places].mean(axis=1)
    return settled


def _change(first: Floats, values: Floats, paired: bool) -> Spread | None:
    """Change from the first folder as a share of its median; of pairs, or of the two medians."""
    usual = abs(float(np.median(first)))
    if usual == 0.0:
        return None
    if paired:
        return Spread.of((values - first) / usual)
    shift = (float(np.median(values)) - float(np.median(first))) / usual
    return Spread(shift, shift, shift, len(values))


def _labels(folders: Sequence[Results]) -> list[str]:
    """The names of the scenarios, or of the folders where two scenarios have the same."""
    for words in (
        [m.scenario.name for m in folders],
        [m.folder.resolve().name if m.folder else "" for m in folders],
    ):
        if len({*words}) == len(words):
            return words
    return [f"{number}: {m.folder}" for number, m in enumerate(folders, start=1)]


def _shift(shift: Spread | None) -> str:
    """A change in percent with its band, nothing where there is none."""
    if shift is None:
        return ""
    ends = (_percent(shift.low), _percent(shift.high))
    same = ends[0] == ends[1]
    band = "" if same else f" ({span(shift.low, shift.high, _percent, ' to ')})"
    return f"{_percent(shift.median)}{band}"


def _percent(value: float) -> str:
    return change(0.0 if abs(value) < TINY else value)
