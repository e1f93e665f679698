"""A Gaussian-process emulator: an outcome at points that were not run, with its uncertainty.

Points lie in the unit cube, a column a parameter. The outcome is a plane plus a smooth surface with
a length of its own along every parameter, plus scatter that the points do not explain: the draws.
"""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from agents.framework.columns import Floats

RESTARTS = 1
"""Times that the lengths are sought again from elsewhere."""
LENGTHS = (0.1, 100.0)
"""Shortest and longest length of the surface; the cube's side is 1."""
SCATTER = (1e-8, 1.0)
"""Least and most variance of the scatter, as a share of the outcome's."""
CHUNK = 5_000
"""Points that are predicted at once: the memory that it takes grows with them."""


@dataclass(frozen=True)
class Skill:
    """How an emulator predicts points that were left out of it, one at a time.

    explained: share of the variance of the outcome that it predicts. within: share of the points
    within two standard deviations, about 0.95 if its uncertainty is right. error: root mean square,
    in the outcome's unit.
    """

    explained: float
    within: float
    error: float


class Emulator:
    """An emulator of values (points,) at points (points, parameters) of the unit cube."""

    def __init__(self, points: Floats, values: Floats) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor

        self._mean, self._scale = float(np.mean(values)), float(np.std(values)) or 1.0
        self._values = (values - self._mean) / self._scale
        self._process = GaussianProcessRegressor(
            _kernel(points.shape[1]), n_restarts_optimizer=RESTARTS, random_state=0
        )
        with warnings.catch_warnings(), _one_thread():
            # A length at its end means a parameter that does not matter, which is no failure.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._process.fit(points - 0.5, self._values)

    def at(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation, (points,), scatter of a single point included."""
        means, deviations = [], []
        with _one_thread():
            for first in range(0, len(points), CHUNK):
                part = points[first : first + CHUNK] - 0.5
                mean, deviation = self._process.predict(part, return_std=True)
                means.append(mean)
                deviations.append(deviation)
        return (
            self._mean + self._scale * np.concatenate(means),
            self._scale * np.concatenate(deviations),
        )

    def skill(self) -> Skill:
        """Its skill at the points it was made with, each left out in turn with lengths as they are.

        Of the inverse K of the covariance, the error at a point left out is (K y) / diag K, and its
        variance 1 / diag K.
        """
        from scipy.linalg import cho_solve

        factor = self._process.L_
        inverse = cho_solve((factor, True), np.eye(len(factor)))
        precision = np.diag(inverse)
        errors = inverse @ self._values / precision
        whole = float(np.mean(self._values**2))
        return Skill(
            explained=1.0 - float(np.mean(errors**2)) / whole if whole else 0.0,
            within=float(np.mean(np.abs(errors) * np.sqrt(precision) <= 2.0)),
            error=self._scale * float(np.sqrt(np.mean(errors**2))),
        )


def _kernel(parameters: int) -> Any:
    from sklearn.gaussian_process.kernels import (
        ConstantKernel,
        DotProduct,
        Matern,
        WhiteKernel,
    )

    plane = ConstantKernel(1.0, (1e-4, 1e4)) * DotProduct(1.0, "fixed")
    lengths = np.ones(parameters)
    surface = ConstantKernel(1.0, (1e-4, 1e4)) * Matern(lengths, LENGTHS, nu=2.5)
    return plane + surface + WhiteKernel(1e-3, SCATTER)


def _one_thread() -> AbstractContextManager[Any]:
    """Matrices are small here: threads waiting for each other would take several times as long."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits
