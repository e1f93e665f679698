"""How a figure spreads over runs: its middle, its band, and how both changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.reporting.text_table import WIDTH, cut
from sim.base.number_format import (
    exact,
    figure,
    span,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.config.scenario.scenario import Scenario


@dataclass(frozen=True)
class Spread:
    """A figure over runs: its median, and the 5th and 95th percentile when there are several."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Floats) -> Spread:
        """The spread of one figure of every run, (runs,)."""
        low, median, high = np.percentile(values, (5.0, 50.0, 95.0))
        return cls(float(median), float(low), float(high), len(values))

    def __call__(self, form: Callable[[float], str] = figure) -> str:
        return f"{form(self.median)}{self.band(form)}"

    def band(self, form: Callable[[float], str] = figure) -> str:
        """The percentiles in brackets, after a space; nothing where all runs read the same."""
        same = form(self.low) == form(self.high)
        return "" if same else f" ({span(self.low, self.high, form)})"

    def inverse(self) -> Spread:
        """The spread of one over the figure, which is positive."""
        return Spread(1.0 / self.median, 1.0 / self.high, 1.0 / self.low, self.runs)

    def to_power(self, power: float) -> Spread:
        """The spread of a power of the figure, which is positive."""
        return Spread(self.median**power, self.low**power, self.high**power, self.runs)

    def facts(self) -> dict[str, float]:
        """The spread for a program."""
        if self.runs == 1:
            return {"median": self.median}
        return {"median": self.median, "p5": self.low, "p95": self.high}


def changed(scenario: Scenario, limit: int = WIDTH - 10) -> str:
    """What a scenario changes in its world, in one line of at most `limit` characters."""
    parts = [f"{path} = {exact(value)}" for path, value in scenario.set.items()]
    for event in scenario.events:
        months = "1 month" if event.months == 1 else f"{event.months} months"
        parts.append(f"{event.name} from {scenario.calendar.label(event.start)} for {months}")
    return cut("; ".join(parts), limit)
