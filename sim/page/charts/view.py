"""The view of a page: its runs, the changes made to them, and the band behind the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sim.base.number_format import many
from sim.figures.figure import Figure

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.base.calendar import Calendar
    from sim.model import EconomyModel


@dataclass(frozen=True)
class Mark:
    """Something that was done in a month, "2026-03", in words."""

    month: str
    words: str


@dataclass(frozen=True)
class Band:
    """The spread of `n` runs of the same scenario: 5th, 50th and 95th percentile of every metric
    over the months that they have done, (3, months)."""

    n: int
    months: int
    quantiles: Mapping[str, Floats]


@dataclass(frozen=True)
class ShownRuns:
    """Runs in step, the live one first, each with its name; marks and band are the live one's."""

    models: tuple[EconomyModel, ...]
    names: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    band: Band | None = None

    @property
    def live(self) -> EconomyModel:
        """The run that levers and shocks act on."""
        return self.models[0]

    @property
    def months(self) -> tuple[str, ...]:
        """All months of the live run, those to come included."""
        return labels(self.live.economy.calendar)

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """The marks as figures take them."""
        return tuple((mark.month, mark.words) for mark in self.marks)

    @property
    def alone(self) -> bool:
        """True if nothing is compared with the live run."""
        return len(self.models) == 1

    def sample(self, *, compared: bool = False, banded: bool = False) -> str:
        """The sample of a figure; compared, banded: True if it draws the others and the band."""
        words = f"1 run, seed {self.live.seed}"
        if compared and not self.alone:
            words = f"1 run each, seed {self.live.seed}"
        if banded and self.band is not None and self.band.months:
            words += f"; band of n = {many(self.band.n, 'run')}"
        return words

    def metric(self, name: str, model: EconomyModel | None = None) -> Floats:
        """A metric of a run over the months done, by the live run's months.

        A run that starts in another month is moved; months that it has not leave gaps.
        """
        asked = self.live if model is None else model
        values = asked.record.metrics[name][0, : asked.record.months]
        ours, theirs = self.live.economy.calendar, asked.economy.calendar
        if ours.start == theirs.start:
            return values[: ours.months]
        return _moved(values, ours.index(theirs.start), ours.months)


@dataclass(frozen=True)
class Panel:
    """A chart of the page. name: `[a-z0-9-]`, unique. about: what one sees there. height: that it
    needs, in pixels."""

    name: str
    title: str
    about: str
    draw: Callable[[ShownRuns], Figure]
    height: int = 300


@lru_cache(maxsize=64)
def labels(calendar: Calendar) -> tuple[str, ...]:
    """All months of a calendar as text."""
    return tuple(calendar.labels())


def _moved(values: Floats, months: int, most: int) -> Floats:
    """Values that begin so many months later, or earlier if that is negative."""
    if months <= 0:
        return values[-months : most - months]
    return np.concatenate([np.full(months, np.nan), values])[:most]
