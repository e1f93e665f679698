"""What came of a study: estimates, intervals, and how they stand to what the sources expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.reporting.spread import Spread
from experiments.reporting.text_table import WIDTH, aligned
from experiments.studies.study import Study, StudyPart
from sim.base.number_format import amount, many, percent, seconds, span, unit_after

if TYPE_CHECKING:
    from agents.framework.columns import Floats

Word = Literal["agree", "disagree", "undecided"]


@dataclass(frozen=True)
class Answer:
    """A part of a study as measured.

    estimate: over luck, at the registry's values. doubted: over luck and all parameters drawn from
    their laws, and `holds` the share of these draws in which the statistic is where the sources
    would have it; both None where no parameter was drawn. undefined: draws in which the statistic
    is none, as a share of nothing; they are left out of `doubted` and do not hold.
    """

    part: StudyPart
    estimate: Spread
    doubted: Spread | None
    holds: float | None
    undefined: int = 0

    @classmethod
    def of(cls, part: StudyPart, lucky: Floats, drawn: Floats | None) -> Answer:
        """From the statistic of every run, (runs,), at the registry's values and over its laws."""
        if drawn is None:
            return cls(part, Spread.of(lucky), None, None)
        holds = float(np.mean(part.expected.holds(drawn)))
        defined = drawn[np.isfinite(drawn)]
        undefined = drawn.size - defined.size
        doubted = Spread.of(defined) if defined.size else Spread(np.nan, np.nan, np.nan, 0)
        return cls(part, Spread.of(lucky), doubted, holds, undefined)

    @property
    def verdict(self) -> Word:
        """Whether the 5-95 % interval over luck lies within what is expected, outside, or both."""
        expected, low, high = self.part.expected, self.estimate.low, self.estimate.high
        if expected.under(high) or expected.over(low):
            return "disagree"
        return "undecided" if expected.under(low) or expected.over(high) else "agree"

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values; bounds and numbers that there are not are None."""
        expected, spread = self.part.expected, self.doubted
        return {
            "part": self.part.name,
            "statistic": self.part.statistic,
            "unit": self.part.unit,
            **_plain(self.estimate),
            "expected": {
                "words": expected.words,
                "low": _finite(expected.low),
                "high": _finite(expected.high),
                "ends_included": not expected.strict,
            },
            "evidence": list(self.part.evidence),
            "verdict": self.verdict,
            "registry": None
            if spread is None
            else {
                **_plain(spread),
                "draws": spread.runs + self.undefined,
                "undefined": self.undefined,
                "holds": self.holds,
            },
        }

    def cells(self, label: str) -> tuple[str, ...]:
        """The part as a row below `HEADS`."""
        return label, self.verdict, self.shown, "" if self.holds is None else percent(self.holds)

    @property
    def shown(self) -> str:
        """The estimate with its interval and unit; fractions in percent."""
        form = percent if self.part.unit == "fraction" else amount
        band = span(self.estimate.low, self.estimate.high, form, " to ")
        return f"{form(self.estimate.median)} ({band}){unit_after(self.part.unit)}"


def _plain(spread: Spread) -> dict[str, float | None]:
    return {
        "estimate": _finite(spread.median),
        "low": _finite(spread.low),
        "high": _finite(spread.high),
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


@dataclass(frozen=True)
class Verdict:
    """What a study came to; took: its seconds."""

    name: str
    study: Study
    answers: tuple[Answer, ...]
    seed: int
    took: float

    @property
    def word(self) -> Word:
        """How the main statistic stands; parts have verdicts of their own."""
        return self.main.verdict

    @property
    def agreeing(self) -> int:
        """Parts that agree."""
        return sum(answer.verdict == "agree" for answer in self.answers)

    @property
    def draws(self) -> int:
        """Draws of the registry."""
        doubted = self.main.doubted
        return 0 if doubted is None else doubted.runs + self.main.undefined

    @property
    def main(self) -> Answer:
        """The answer to the question itself."""
        return self.answers[0]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values: those of the main statistic, and all parts."""
        main = self.main.facts()
        return {
            "name": self.name,
            "number": self.study.number,
            "question": self.study.question,
            **{key: main[key] for key in ("statistic", "unit", "estimate", "low", "high")},
            "expected": main["expected"]["words"],
            "verdict": self.word,
            "parts_agree": self.agreeing,
            "runs": self.main.estimate.runs,
            "seconds": round(self.took, 3),
            "registry_draws": self.draws,
            "seed": self.seed,
            "why": self.study.why,
            "parts": [answer.facts() for answer in self.answers],
            "cases": {
                name: {
                    "scenario": case.scenario,
                    "set": dict(case.set),
                    "months": self.study.scenarios[name].months,
                    "digest": self.study.scenarios[name].digest,
                }
                for name, case in self.study.cases.items()
            },
        }

    def cells(self) -> tuple[str, ...]:
        """The main statistic as a row of a table, and how many parts agree."""
        main = self.main.cells(f"{self.study.number:>2} {self.name}")
        return *main, f"{self.agreeing} of {len(self.answers)}"

    def text(self) -> str:
        """The verdict on a screen."""
        drawn = f" and {self.draws:,} with parameters drawn" if self.draws else ""
        lines = [
            *wrap(f"{self.study.number}. {self.study.question}", WIDTH),
            f"{self.word.capitalize()}; parts that agree: {self.agreeing} of {len(self.answers)}; "
            f"{many(self.main.estimate.runs, 'run')} a case{drawn}, seed {self.seed}, "
            f"{seconds(self.took)}",
            "",
        ]
        cells = [answer.cells(answer.part.name) for answer in self.answers]
        heads, *rows = _aligned([HEADS, *cells])
        lines.append(heads)
        for answer, row in zip(self.answers, rows, strict=True):
            lines.append(row)
            evidence = ", ".join(answer.part.evidence)
            expected = f"{answer.part.expected.words}{bounds(answer.facts())}"
            told = f"{answer.part.statistic}; expected: {expected} [{evidence}]"
            lines += wrap(
                told,
                WIDTH,
                initial_indent="  ",
                subsequent_indent="  ",
                break_on_hyphens=False,
            )
        return "\n".join([*lines, "", *wrap(self.study.why, WIDTH), "", _meaning(self.answers)])


HEADS = ("", "verdict", "estimate (5 to 95 % of runs)", "holds in")
"""Above the rows of answers."""
MEANING = """\
Agree: the whole interval is where the sources expect it; disagree: none of it; undecided: a part.
The first statistic is that of the question."""
HOLDS = """\
Holds in: share of the runs with parameters drawn from the registry's ranges, all but those that
cases set, in which the statistic is where the sources expect it."""


def table(verdicts: list[Verdict]) -> str:
    """All verdicts on a screen, a line each, and how many there are of each word."""
    answers = [answer for verdict in verdicts for answer in verdict.answers]
    foot = [
        f"Main statistics: {_count([verdict.main for verdict in verdicts])}",
        f"All parts: {_count(answers)}",
        _meaning(answers),
    ]
    rows = [(*HEADS, "parts that agree"), *(verdict.cells() for verdict in verdicts)]
    return "\n".join([*_aligned(rows), "", *foot])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    return aligned(rows, "<<<")


def bounds(part: Mapping[str, Any]) -> str:
    """The range behind the words of what is expected, in the form of the estimate; part: the facts
    of an answer."""
    expected = part["expected"]
    low, high = expected["low"], expected["high"]
    form = percent if part["unit"] == "fraction" else amount
    least, most = ("≥", "≤") if expected["ends_included"] else (">", "<")
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f" ({least} {form(low)})" if high is None else f" ({most} {form(high)})"
    return f" ({span(low, high, form, ' to ')})"


def _meaning(answers: Sequence[Answer]) -> str:
    """How to read verdicts, and what they hold in, if that was asked."""
    drawn = any(answer.holds is not None for answer in answers)
    return f"{MEANING}\n{HOLDS}" if drawn else MEANING


def _count(answers: list[Answer]) -> str:
    words = [answer.verdict for answer in answers]
    told = (f"{words.count(word)} {word}" for word in ("agree", "disagree", "undecided"))
    return ", ".join(told)
