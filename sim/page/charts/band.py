"""The band behind the live line: many runs of the same scenario, a little at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from sim import engine
from sim.config.scenario.scenario import Scenario
from sim.config.world.limits import counts_of, runs_at_once
from sim.opening.opening import open_economy
from sim.page.charts.view import Band
from sim.results.metrics.all_metrics import NAMES
from sim.results.record import Record

if TYPE_CHECKING:
    from sim.economy.economy import Economy

RUNS = 64
MEMORY = 1_000_000_000
"""Bytes that the runs of a band may take together, since there may be ten pages."""
PERCENTILES = (5.0, 50.0, 95.0)


class Ensemble:
    """Runs 0 to n - 1 of a scenario with a seed, so that the live run is one of them.

    It has an economy of its own, opened when the first month is asked for, and shares nothing with
    any live model; dropping it drops all. One thread at a time may advance it, while others read
    its band. n: most runs; of a large world there are fewer, as many as fit into memory.
    """

    def __init__(self, scenario: Scenario, seed: int, n: int = RUNS) -> None:
        world = scenario.world
        self.n = runs_at_once(counts_of(world), len(world.edges), n, MEMORY)
        self.scenario, self.seed = scenario, seed
        self.months = 0
        self._quantiles = np.full((len(PERCENTILES), len(NAMES), scenario.months), np.nan)
        self._running: tuple[Economy, Record] | None = None

    def advance(self, seconds: float) -> tuple[int, int]:
        """Step months until so many seconds have passed, one at least; months done and in all.

        Raises InvariantError if an identity breaks in any of the runs.
        """
        until = time.monotonic() + seconds
        while self.months < self.scenario.months:
            self._step()
            if time.monotonic() >= until:
                break
        return self.months, self.scenario.months

    def band(self) -> Band:
        """Percentiles over the runs, of the months done."""
        done = self.months
        held = self._quantiles[:, :, :done].copy()
        return Band(self.n, done, {name: held[:, i] for i, name in enumerate(NAMES)})

    def _step(self) -> None:
        """Run one month of all runs and note its percentiles."""
        if self._running is None:
            economy = open_economy(self.scenario, self.seed, range(self.n))
            self._running = economy, Record(economy)
        economy, record = self._running
        now = self.months
        engine.month(economy, record)
        values = np.array([record.metrics[name][:, now] for name in NAMES])
        self._quantiles[:, :, now] = np.percentile(values, PERCENTILES, axis=1)
        self.months = now + 1
        if self.months == self.scenario.months:
            self._running = None
