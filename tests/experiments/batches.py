"""A finished sweep in memory, with the face of the real one, and functions with known answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from agents.framework.columns import Floats
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario


@dataclass
class FakeSweep:
    """values: (scenarios, replications), the same in all months; or one array per metric."""

    design: pd.DataFrame
    values: Floats
    manifest: dict[str, Any]
    months: int = 3
    scenario: Scenario = field(init=False)

    def __post_init__(self) -> None:
        self.scenario = load_scenario("baseline", months=self.months)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.design.columns)

    @property
    def replications(self) -> int:
        return self.values.shape[1]

    def array(self, metric: str) -> Floats:
        assert metric == "capability_lag_months"
        return np.repeat(self.values[..., None], self.months, axis=2)


def fake(points: Floats, values: Floats, design: str, **more: Any) -> FakeSweep:
    """A sweep over `points` (scenarios, paths) with these values of capability_lag_months."""
    frame = pd.DataFrame(points, columns=[f"labs.path_{n}" for n in range(points.shape[1])])
    frame.index.name = "scenario_id"
    table = values if values.ndim == 2 else values[:, None]
    return FakeSweep(frame, table, {"sweep": {"design": design, **more}})


def saltelli(count: int, samples: int, second_order: bool = False) -> Floats:
    """Points of a Sobol design in the unit cube: of each sample A, A with a column of B, for the
    second order B with a column of A, and B."""
    from scipy.stats import qmc

    pairs = qmc.Sobol(2 * count, scramble=True, rng=np.random.default_rng(3)).random(samples)
    a, b = pairs[:, :count], pairs[:, count:]
    halves = [(a, b), (b, a)] if second_order else [(a, b)]
    mixed = [
        np.where(np.arange(count) == path, other, one)
        for one, other in halves
        for path in range(count)
    ]
    points: Floats = np.stack([a, *mixed, b], axis=1).reshape(-1, count)
    return points


def ishigami(unit: Floats) -> Floats:
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on [-pi, pi]^3."""
    x = np.pi * (2.0 * unit - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)

G = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def sobol_g(unit: Floats) -> Floats:
    """The product of (|4 x - 2| + a) / (1 + a)."""
    return np.prod((np.abs(4.0 * unit - 2.0) + G) / (1.0 + G), axis=1)


def sobol_g_indices() -> tuple[Floats, Floats]:
    """First and total order, from the partial variances 1 / (3 (1 + a)^2)."""
    partial = 1.0 / (3.0 * (1.0 + G) ** 2)
    whole = np.prod(1.0 + partial) - 1.0
    total = partial * np.prod(1.0 + partial) / (1.0 + partial) / whole
    return partial / whole, total
