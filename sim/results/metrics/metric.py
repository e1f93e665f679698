"""A metric: its name, unit, meaning and formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents.framework.columns import Floats, ratio
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy


@dataclass(frozen=True)
class Metric:
    """One column: its unit, its formula in words, and the function of a month's economy, (runs,).

    A function that returns NaN has no case this month: the last value is carried forward, and
    `before` gives the one that holds until the first case; `first` is that in words, – where there
    always is a case. window: which time a value covers.
    """

    name: str
    unit: str
    formula: str
    value: Callable[[Economy], Floats]
    before: Callable[[Economy], Floats] = lambda economy: np.zeros(economy.runs)
    window: str = "month"
    first: str = "–"


def mean(values: Floats, weights: Floats) -> Floats:
    """Weighted mean over agents, (runs,), NaN where all weights are 0."""
    weight = total(weights)
    return quotient(total(values * weights), weight)


def quotient(amount: Floats, by: Floats) -> Floats:
    """amount / by, NaN where `by` is 0: a figure without a case."""
    return np.where(by != 0.0, ratio(amount, by), np.nan)
