"""What comparing scenarios came to: findings for people, for programs and for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

from experiments.reporting.csv_table import write_csv
from experiments.reporting.spread import Spread
from experiments.reporting.text_table import WIDTH, aligned, cut
from sim.base.errors import DrawbridgeError, InvariantError, RequestError
from sim.base.number_format import amount, many, signed
from sim.config.scenario.scenario import Scenario

NAME = 24
"""Characters of a scenario's name."""
SPREADS = ("difference", "relative_difference")
COLUMNS = (
    *("scenario", "title", "digest", "metric", "unit", "window", "against", "against_digest"),
    *("expect", "reference_median"),
    *(f"{spread}_{figure}" for spread in SPREADS for figure in ("median", "p5", "p95")),
    *("pairs_up", "pairs_down", "pairs_same", "pairs_as_expected", "verdict", "why", "found"),
)
"""Of the table as CSV; empty where a figure has no case."""


class BrokenScenarios(DrawbridgeError):
    """Some scenarios break a law of the model; the others have been compared."""

    exit_code = InvariantError.exit_code


@dataclass(frozen=True)
class Question:
    """A claim to be judged: a scenario, its reference, and the months that count."""

    scenario: Scenario
    reference: Scenario
    months: range

    @property
    def window(self) -> str:
        """The months that count, as a scenario file writes them."""
        calendar = self.scenario.calendar
        return f"{calendar.label(self.months[0])}/{calendar.label(self.months[-1])}"


@dataclass(frozen=True)
class Finding:
    """How a claim fared over pairs of runs.

    usual: median over the reference's runs, in the metric's unit. difference: scenario less
    reference, pair by pair. up, down: in how many pairs the metric is higher, and lower.
    """

    question: Question
    unit: str
    usual: float
    difference: Spread
    up: int
    down: int

    @property
    def agrees(self) -> bool:
        """Whether the interval lies where the scenario expects it."""
        return agrees(self.question.scenario.expect, self.difference)

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return "agrees" if self.agrees else "disagrees"

    @property
    def as_expected(self) -> int | None:
        """Pairs that go where the scenario expects; None where it expects no direction."""
        return {"up": self.up, "down": self.down}.get(self.question.scenario.expect)

    @property
    def relative(self) -> Spread | None:
        """The difference as a share of the reference's median; None where that is 0."""
        if self.usual == 0.0:
            return None
        d, size = self.difference, abs(self.usual)
        return Spread(d.median / size, d.low / size, d.high / size, d.runs)

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        scenario, runs = self.question.scenario, self.difference.runs
        relative = self.relative
        return {
            "scenario": scenario.name,
            "title": scenario.title,
            "digest": scenario.digest,
            "metric": scenario.about,
            "unit": self.unit,
            "window": self.question.window,
            "against": self.question.reference.name,
            "against_digest": self.question.reference.digest,
            "expect": scenario.expect,
            "reference_median": self.usual,
            "difference": self.difference.facts(),
            "relative_difference": None if relative is None else relative.facts(),
            "pairs": {"up": self.up, "down": self.down, "same": runs - self.up - self.down},
            "pairs_as_expected": self.as_expected,
            "verdict": self.verdict,
            "why": scenario.why,
            "found": scenario.found,
        }

    def cells(self) -> tuple[str, ...]:
        """What came out: a row of the table."""
        scenario, runs = self.question.scenario, self.difference.runs
        split = f"{self.up} up, {self.down} down"
        expected = self.as_expected
        counted = split if expected is None else f"{expected} of {runs} {scenario.expect}"
        return (cut(scenario.name, NAME), scenario.expect, self._shift(), counted, self.verdict)

    def measured(self) -> str:
        """What was compared: the line below the row."""
        window = self.question.window.replace("/", " to ")
        return (
            f"  {self.question.scenario.about}, {amount(self.usual)} {self.unit}, {window}, "
            f"against {self.question.reference.name}"
        )

    def _shift(self) -> str:
        """The difference, in percent unless the reference is 0."""
        shown, factor, unit = self.difference, 1.0, ""
        if self.relative is not None:
            shown, factor, unit = self.relative, 100.0, " %"
        median, low, high = (signed(factor * v) for v in (shown.median, shown.low, shown.high))
        return f"{median}{unit} ({low} to {high}{unit})"


@dataclass(frozen=True)
class Comparison:
    """All that was compared; spared: why a scenario is not judged; broken: what went wrong in it,
    by name."""

    runs: int
    seed: int
    findings: tuple[Finding, ...]
    spared: dict[str, str]
    broken: dict[str, str]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values, for `--json`."""
        return {
            "runs": self.runs,
            "seed": self.seed,
            "scenarios": [finding.facts() for finding in self.findings],
            "not_judged": self.spared,
            "broken": self.broken,
        }

    def text(self) -> str:
        """The table, and below it what the files of those that disagree say."""
        head = [
            "Scenarios against their references",
            f"{many(self.runs, 'pair')} of runs with seed {self.seed}, the same draws in both; "
            "mean over the window",
        ]
        heads = ("Scenario", "expected", "difference (5–95 % of pairs)", "pairs", "verdict")
        rows = aligned([heads, *(finding.cells() for finding in self.findings)], "<<<<<")
        below = [
            "  metric, the reference's median, window, reference",
            *(finding.measured() for finding in self.findings),
        ]
        table = [line for pair in zip(rows, below, strict=True) for line in pair]
        parts = (head, table if self.findings else [], self._disagreements(), self._foot())
        return "\n\n".join("\n".join(part) for part in parts if part)

    def refuse_broken(self) -> None:
        """Raise BrokenScenarios, with their names, if there are any."""
        if self.broken:
            raise BrokenScenarios(f"a law of the model is broken in: {', '.join(self.broken)}")

    def _disagreements(self) -> list[str]:
        odd = [f.question.scenario for f in self.findings if not f.agrees]
        if not odd:
            return []
        told = [f"{s.name}: {s.found or 'its file does not say why'}" for s in odd]
        return ["What the files of those that disagree say", *_wrapped(told)]

    def _foot(self) -> list[str]:
        agreed = sum(finding.agrees for finding in self.findings)
        lines = [f"{agreed} of {len(self.findings)} agree"] if self.findings else []
        for reason in dict.fromkeys(self.spared.values()):
            names = ", ".join(name for name, why in self.spared.items() if why == reason)
            lines += _wrapped([f"Not judged, {reason}: {names}"])
        return lines + _wrapped(f"Broken: {name}: {why}" for name, why in self.broken.items())


def agrees(expect: str, difference: Spread) -> bool:
    """Whether an interval lies wholly on the side that is expected, or holds 0 where none is."""
    if expect == "up":
        return difference.low > 0.0
    if expect == "down":
        return difference.high < 0.0
    return difference.low <= 0.0 <= difference.high


def check_file(file: Path) -> None:
    """Refuse a file for the table that could not be written, before anything is run."""
    from sim.base.files import check_writable

    if file.suffix != ".csv":
        raise RequestError("not a table", key="--out", value=str(file), allowed="FILE.csv")
    if file.is_dir():
        raise RequestError("path is a folder", file=file, key="--out")
    check_writable(file.parent)


def write_table(comparison: Comparison, file: Path) -> None:
    """Write the findings as CSV, one row a scenario, whole or not at all."""
    write_csv(file, COLUMNS, (_flat(finding.facts()) for finding in comparison.findings))


def _flat(facts: dict[str, Any]) -> dict[str, Any]:
    """A finding's facts under the names of columns."""
    nested = {key: facts[key] or {} for key in (*SPREADS, "pairs")}
    flat = {f"{key}_{inner}": v for key, inside in nested.items() for inner, v in inside.items()}
    return {key: value for key, value in facts.items() if key not in nested} | flat


def _wrapped(paragraphs: Iterable[str]) -> list[str]:
    return [line for text in paragraphs for line in wrap(text, WIDTH, subsequent_indent="  ")]
