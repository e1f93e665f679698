"""Outcomes of a run as one number, and conditions on them, as a user writes them.

    outcome    METRIC                        mean over all months
               METRIC@2030-12                its value in a month
               KIND(METRIC)                  KIND: mean, max, min, last or sum, over all months
               KIND(METRIC, 2026-01/2027-12) over a window, both ends included
    condition  OUTCOME < NUMBER              <, <=, > or >=
               CONDITION and CONDITION, CONDITION or CONDITION, not CONDITION, (CONDITION)

Texts are read by a grammar of their own: nothing of them is ever run as code.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from sim.base import checks
from sim.base.errors import RequestError, nearest, one_of
from sim.config.metric_names import METRIC_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.framework.columns import Floats
    from sim.base.calendar import Calendar
    from sim.results.sweep import Sweep

    Truths = NDArray[np.bool_]

REDUCERS: dict[str, Callable[[Floats], Floats]] = {
    "mean": lambda values: np.mean(values, axis=-1),
    "max": lambda values: np.max(values, axis=-1),
    "min": lambda values: np.min(values, axis=-1),
    "last": lambda values: values[..., -1],
    "sum": lambda values: np.sum(values, axis=-1),
}
RELATIONS: dict[str, Callable[[Floats, float], Truths]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEXT_MAX = 1_000
"""Longest text of a condition, in characters."""
DEPTH_MAX = 20
"""Most brackets and negations inside one another."""
FORM = "METRIC, METRIC@YYYY-MM, or KIND(METRIC, YYYY-MM/YYYY-MM)"
_TOKEN = re.compile(
    r"\s*(?:(?P<month>[0-9]{4}-[0-9]{2}(?![0-9]))"
    r"|(?P<number>[+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|[<>(),@/]))"
)


@dataclass(frozen=True)
class Outcome:
    """A metric and what is made of its months; window: "YYYY-MM/YYYY-MM", "" for all months.

    >>> Outcome.read("max(capex_usd, 2026-01/2027-12)")
    Outcome(metric='capex_usd', kind='max', window='2026-01/2027-12')
    >>> str(Outcome.read("capability_lag_months@2030-12")), str(Outcome.read("utilization"))
    ('capability_lag_months@2030-12', 'utilization')
    """

    metric: str
    kind: str = "mean"
    window: str = ""

    @classmethod
    def read(cls, text: str) -> Outcome:
        """An outcome as a user writes it; RequestError, with the nearest name, for other text."""
        reader = _Reader(text)
        outcome = reader.outcome()
        reader.end()
        return outcome

    def __str__(self) -> str:
        first, _, last = self.window.partition("/")
        if self.kind == "mean" and first == last:
            return f"{self.metric}@{first}" if first else self.metric
        return f"{self.kind}({self.metric}{', ' if self.window else ''}{self.window})"

    def of(self, values: Floats, calendar: Calendar) -> Floats:
        """The outcome of runs whose metric has shape (..., months); drops the last axis.

        Raises RequestError for a window outside the runs.
        """
        try:
            months = calendar.period(self.window) if self.window else range(calendar.months)
        except RequestError as error:
            raise error.located(str(self)) from None
        return REDUCERS[self.kind](values[..., months.start : months.stop])

    def values(self, sweep: Sweep) -> Floats:
        """The outcome of every run of a sweep, (scenarios, replications).

        Raises RequestError that names the first run that is missing or has no finite number.
        """
        values = self.of(sweep.array(self.metric), sweep.scenario.calendar)
        refuse_gaps(values, str(self), sweep)
        return values


@dataclass(frozen=True)
class Condition:
    """A statement about a run: true or false; `outcomes` are what it speaks of.

    >>> str(Condition.read("capability_lag_months>12 and not last(utilization) < .9"))
    'capability_lag_months > 12 and not last(utilization) < .9'
    """

    text: str
    outcomes: tuple[Outcome, ...]
    _holds: Callable[[dict[Outcome, Floats]], Truths]

    @classmethod
    def read(cls, text: str) -> Condition:
        """A condition as a user writes it; RequestError, with the nearest name, for other text."""
        reader = _Reader(text)
        holds = reader.either()
        reader.end()
        return cls(reader.written(), tuple(dict.fromkeys(reader.outcomes)), holds)

    def __str__(self) -> str:
        return self.text

    def holds(self, values: dict[Outcome, Floats]) -> Truths:
        """Whether it holds, run by run, given every outcome that it speaks of."""
        return self._holds(values)

    def values(self, sweep: Sweep) -> Truths:
        """Whether it holds in every run of a sweep, (scenarios, replications).

        Raises RequestError that names the first run that is missing or has no finite number.
        """
        return self.holds({outcome: outcome.values(sweep) for outcome in self.outcomes})


def refuse_gaps(values: Floats, what: str, sweep: Sweep) -> None:
    """Refuse an outcome (scenarios, replications) that does not cover a design, or is not finite.

    Nothing is averaged over a gap: the first run without a number is named.
    """
    planned = (len(sweep.design), sweep.replications)
    if values.shape != planned:
        raise RequestError(
            "not as many runs as the design has",
            key=what,
            value=" x ".join(map(str, values.shape)),
            allowed=f"{planned[0]} points x {planned[1]} replications",
        )
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, replication = (int(number) for number in bad[0])
        more = f", and {len(bad) - 1:,} more" if len(bad) > 1 else ""
        raise RequestError(
            f"no finite number in scenario_id {sweep.design.index[row]}, "
            f"replication_id {replication}{more}",
            key=what,
            value=float(values[row, replication]),
            allowed="statistics only over complete, finite designs",
        )


Holds = Callable[[dict[Outcome, "Floats"]], "Truths"]


def _not(inner: Holds) -> Holds:
    return lambda values: ~inner(values)


class _Reader:
    """Takes a text apart from left to right; one method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > TEXT_MAX:
            raise RequestError("too long", value=text, allowed=f"{TEXT_MAX} characters")
        self.tokens = list(self._cut(text))
        self.place = 0
        self.depth = 0
        self.outcomes: list[Outcome] = []

    def either(self) -> Holds:
        """both { "or" both }"""
        parts = [self.both()]
        while self._took("or"):
            parts.append(self.both())
        return lambda values: np.logical_or.reduce([part(values) for part in parts])

    def both(self) -> Holds:
        """single { "and" single }"""
        parts = [self.single()]
        while self._took("and"):
            parts.append(self.single())
        return lambda values: np.logical_and.reduce([part(values) for part in parts])

    def single(self) -> Holds:
        """ "not" single | "(" either ")" | outcome relation number"""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise RequestError("nested too deeply", value=self.text)
        if self._took("not"):
            found = _not(self.single())
        elif self._took("("):
            found = self.either()
            self._need(")")
        else:
            found = self._comparison()
        self.depth -= 1
        return found

    def outcome(self) -> Outcome:
        """metric [ "@" month ] | kind "(" metric [ "," month "/" month ] ")" """
        kind, first = "", self._of("word", FORM)
        if self._took("("):
            kind = first
            if kind not in REDUCERS:
                near = nearest(kind, REDUCERS)
                raise RequestError(
                    "unknown kind of outcome", value=kind, allowed=one_of(REDUCERS), nearest=near
                )
            first = self._of("word", "a metric")
        if first not in METRIC_NAMES:
            near = nearest(first, METRIC_NAMES)
            raise RequestError(
                "unknown metric", value=first, allowed=one_of(METRIC_NAMES), nearest=near
            )
        window = ""
        if kind:
            if self._took(","):
                start = self._of("month", "YYYY-MM/YYYY-MM")
                self._need("/")
                window = f"{start}/{self._of('month', 'YYYY-MM/YYYY-MM')}"
            self._need(")")
        elif self._took("@"):
            month = self._of("month", "YYYY-MM")
            window = f"{month}/{month}"
        found = Outcome(first, kind or "mean", window)
        self.outcomes.append(found)
        return found

    def end(self) -> None:
        """Nothing may follow."""
        if self.place < len(self.tokens):
            self._refuse("the end")

    def written(self) -> str:
        """The tokens with the spaces of a careful writer."""
        joined = " ".join(word for _, word in self.tokens)
        return re.sub(r"(?<=[(@/]) | (?=[(),@/])", "", joined).replace("not(", "not (")

    def _comparison(self) -> Holds:
        outcome = self.outcome()
        relation = RELATIONS.get(self._next())
        if relation is None:
            self._refuse(one_of(RELATIONS))
        self.place += 1
        number = checks.number(float(self._of("number", "a number")))
        return lambda values: relation(values[outcome], number)

    def _cut(self, text: str) -> Iterator[tuple[str, str]]:
        place, whole = 0, text.rstrip()
        while place < len(whole):
            found = _TOKEN.match(whole, place)
            if found is None:
                raise RequestError("cannot be read", value=whole[place:].lstrip(), allowed=FORM)
            place = found.end()
            yield str(found.lastgroup), found[str(found.lastgroup)]

    def _next(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def _took(self, word: str) -> bool:
        taken = self._next() == word
        self.place += taken
        return taken

    def _need(self, word: str) -> None:
        if not self._took(word):
            self._refuse(f'"{word}"')

    def _of(self, group: str, allowed: str) -> str:
        if self.place >= len(self.tokens) or self.tokens[self.place][0] != group:
            self._refuse(allowed)
        self.place += 1
        return self.tokens[self.place - 1][1]

    def _refuse(self, allowed: str) -> NoReturn:
        standing = self._next()
        problem = f'"{standing}" does not fit here' if standing else "ends too early"
        raise RequestError(problem, value=self.text, allowed=allowed)
