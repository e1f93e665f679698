"""What a study is: a question to the model, the runs that answer it, and what the sources expect.

A study file names cases (scenarios, or parameters set over them), statistics of their runs, and for
each the range in which the sources would have it. It holds no rule of the model and no result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.base.calendar import Calendar
from sim.base.frozen import FrozenDict
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agents.framework.columns import Floats
    from sim.figures import Figure

    Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """One side of a question: a shipped scenario, with parameters set over it.

    months: of the runs, instead of the scenario's own.
    """

    scenario: str = "baseline"
    set: Mapping[str, float] = field(default_factory=FrozenDict)
    months: int | None = None

    def load(self, turned: Mapping[str, float] = FrozenDict()) -> Scenario:
        """The scenario that is run; turned: parameters set over everything else."""
        return load_scenario(self.scenario, set={**self.set, **turned}, months=self.months)


@dataclass(frozen=True)
class CaseRuns:
    """What the runs of a case left.

    metrics: name -> (runs, months). columns: (population, column) -> (runs, months, agents), of
    those that the study keeps. names: population -> its agents, in the order of the columns.
    released: 1 where a lab released a model, (runs, months, labs).
    """

    scenario: Scenario
    metrics: Mapping[str, Floats]
    columns: Mapping[tuple[str, str], Floats]
    names: Mapping[str, tuple[str, ...]]
    released: Floats

    @property
    def calendar(self) -> Calendar:
        """The months of the runs."""
        return self.scenario.calendar

    def window(self, window: str) -> slice:
        """The months "2027-01/2030-12", both ends included, as places in the series."""
        months = self.calendar.period(window)
        return slice(months.start, months.stop)

    def mean(self, metric: str, window: str) -> Floats:
        """Mean of a metric over a window, (runs,)."""
        found: Floats = self.metrics[metric][:, self.window(window)].mean(axis=1)
        return found

    def sum(self, metric: str, window: str) -> Floats:
        """Sum of a metric over the months of a window, (runs,)."""
        found: Floats = self.metrics[metric][:, self.window(window)].sum(axis=1)
        return found

    def at(self, metric: str, month: str) -> Floats:
        """A metric in a month "2030-12", (runs,)."""
        found: Floats = self.metrics[metric][:, self.calendar.number(month)]
        return found

    def agents(self, population: str, column: str, *wanted: str) -> Floats:
        """A column that the study keeps, (runs, months, agents).

        wanted: names of agents or of groups; all agents without any.
        """
        values = self.columns[population, column]
        return values[:, :, self.places(population, *wanted)] if wanted else values

    def places(self, population: str, *wanted: str) -> list[int]:
        """Where the agents of these names or groups stand among a population's columns.

        Raises KeyError for a name that is neither.
        """
        groups, names = self.scenario.rows[population], self.names[population]
        if strange := set(wanted) - {*groups, *groups.values()}:
            raise KeyError(f"no {population} of these names: {', '.join(sorted(strange))}")
        return [place for place, name in enumerate(names) if {name, groups[name]} & {*wanted}]


StudyRuns = Mapping[str, CaseRuns]
"""What all cases of a study left, by the name of the case. Rows of runs are paired: the same draws
in every case."""


@dataclass(frozen=True)
class ExpectedRange:
    """Where the sources would have a statistic; words: as they would put it.

    strict: whether the ends are left out, where "more" must not mean "as much".
    """

    words: str
    low: float = -np.inf
    high: float = np.inf
    strict: bool = False

    def holds(self, values: Floats | float) -> Floats:
        """Whether each value lies in the range, as 0.0 or 1.0."""
        outside = self.under(values) | self.over(values)
        return np.asarray(~outside, dtype=np.float64)

    def under(self, values: Floats | float) -> Bools:
        """Whether each value is too low, or none."""
        return ~np.asarray(values > self.low if self.strict else values >= self.low)

    def over(self, values: Floats | float) -> Bools:
        """Whether each value is too high, or none."""
        return ~np.asarray(values < self.high if self.strict else values <= self.high)


def above(words: str, low: float) -> ExpectedRange:
    """All that is more than `low`."""
    return ExpectedRange(words, low=low, strict=True)


def below(words: str, high: float) -> ExpectedRange:
    """All that is less than `high`."""
    return ExpectedRange(words, high=high, strict=True)


@dataclass(frozen=True)
class StudyPart:
    """A statistic that answers a question, or a part of it.

    statistic: what is computed, in words. of: outcomes -> (runs,), a number of every run or pair of
    runs. evidence: ids of the sources behind `expected`.
    """

    name: str
    statistic: str
    unit: str
    of: Callable[[StudyRuns], Floats]
    expected: ExpectedRange
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """A parameter on which the answer turns, and a value to which a test turns it.

    Where cases of the study set the path, theirs is turned; else that of all cases.
    """

    path: str
    value: float


@dataclass(frozen=True)
class Study:
    """A question to the model.

    number: of the question among the twenty-seven. cases: by name, in the order of the figure.
    parts: the main statistic first. keep: columns of agents that the parts read, (population,
    column). figure: the one picture, of all outcomes. why: how the statistic answers the question,
    and what it leaves out.
    """

    number: int
    question: str
    cases: Mapping[str, Case]
    parts: tuple[StudyPart, ...]
    turn: Turn
    figure: Callable[[StudyRuns], Figure]
    why: str
    keep: tuple[tuple[str, str], ...] = ()

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """The scenario of every case."""
        return {name: case.load() for name, case in self.cases.items()}

    def turned(self) -> dict[str, Scenario]:
        """The scenario of every case with the parameter turned on which the answer turns."""
        setting = [name for name, case in self.cases.items() if self.turn.path in case.set]
        over = {self.turn.path: self.turn.value}
        return {
            name: case.load(over if not setting or name in setting else FrozenDict())
            for name, case in self.cases.items()
        }


def relative_change(with_it: Floats, without: Floats) -> Floats:
    """Change of one against the other, as a fraction, pair by pair, (runs,); 0 where both are the
    same, nothing included: draws of the registry may ruin a whole trade."""
    same = with_it == without
    found: Floats = np.where(same, 0.0, with_it / np.where(same, 1.0, without) - 1.0)
    return found
