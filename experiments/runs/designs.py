"""Designs: which values of the varied paths the scenarios of a sweep have.

A design is a table (scenarios, paths). All but grids are points of the unit cube, one column a
path, which the law of each path carries to its values. Columns are keyed by seed and path, so that
another path beside changes none of Monte Carlo, Latin hypercube and Morris; Sobol points depend on
their number of dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np

from agents.framework.columns import Floats
from experiments.runs.distributions import Law
from sim.base.numerics.draws import series

LEVELS = 4
"""Levels of a Morris design; a step goes half the levels far, LEVELS / (2 (LEVELS - 1))."""
STEP = LEVELS / (2.0 * (LEVELS - 1.0))
SOBOL_BITS = 30


Sampler = Callable[[int, Sequence[str], int], Floats]
"""Samples, paths, seed -> points of the unit cube, (scenarios, paths)."""


def monte_carlo(samples: int, paths: Sequence[str], seed: int) -> Floats:
    """Independent uniform points."""
    return _columns(samples, "monte_carlo", seed, paths)


def latin_hypercube(samples: int, paths: Sequence[str], seed: int) -> Floats:
    """One point in each of `samples` equal slices of every column, in random order."""
    order = np.argsort(_columns(samples, "lhs order", seed, paths), axis=0, kind="stable")
    return (order + _columns(samples, "lhs", seed, paths)) / samples


def sobol(samples: int, paths: Sequence[str], seed: int) -> Floats:
    """Saltelli's layout for first and total order indices: of each base sample the rows A, A with
    column j of B for every path j, and B; so samples x (paths + 2) rows.

    A and B are the two halves of Sobol points in twice as many dimensions, with a random digital
    shift.
    """
    from scipy.stats import qmc

    size = len(paths)
    points = qmc.Sobol(2 * size, scramble=False, bits=SOBOL_BITS).random(samples)
    shift = np.array([series(1, "sobol", seed, i)[0] for i in range(2 * size)])
    words = (points * 2**SOBOL_BITS).astype(np.uint64)
    words ^= (shift * 2**SOBOL_BITS).astype(np.uint64)
    cube = (words + 0.5) / 2**SOBOL_BITS
    a, b = cube[:, :size], cube[:, size:]
    rows = np.repeat(a[:, None, :], size + 2, axis=1)
    for j in range(size):
        rows[:, 1 + j, j] = b[:, j]
    rows[:, -1, :] = b
    found: Floats = rows.reshape(-1, size)
    return found


def morris(samples: int, paths: Sequence[str], seed: int) -> Floats:
    """`samples` trajectories of paths + 1 rows, on a grid of four levels; from row to row one path
    moves by `STEP`, up or down, in random order."""
    size = len(paths)
    lowest = np.floor(_columns(samples, "morris base", seed, paths) * LEVELS / 2) / (LEVELS - 1)
    rises = _columns(samples, "morris direction", seed, paths) < 0.5
    order = np.argsort(_columns(samples, "morris order", seed, paths), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    moved = rank[:, None, :] < np.arange(size + 1)[None, :, None]
    upper = moved == rises[:, None, :]
    found: Floats = (lowest[:, None, :] + STEP * upper).reshape(-1, size)
    return found


SAMPLERS: Mapping[str, Sampler] = {
    "lhs": latin_hypercube,
    "sobol": sobol,
    "morris": morris,
    "monte_carlo": monte_carlo,
}
DESIGNS = ("grid", *SAMPLERS, "points")


def rows_of(design: str, samples: int, paths: int) -> int:
    """How many scenarios a sampling design of so many samples and paths has."""
    return samples * {"sobol": paths + 2, "morris": paths + 1}.get(design, 1)


def sample(design: str, samples: int, laws: Mapping[str, Law], seed: int) -> Floats:
    """The table of a design, (scenarios, paths); a grid takes the values of its laws, the last path
    varying fastest, and needs no samples."""
    if design == "grid":
        return np.array(list(product(*(law.values for law in laws.values()))), dtype=np.float64)
    cube = SAMPLERS[design](samples, tuple(laws), seed)
    return np.column_stack([law.at(cube[:, j]) for j, law in enumerate(laws.values())])


def _columns(samples: int, purpose: str, seed: int, paths: Sequence[str]) -> Floats:
    """A column of uniform draws on (0, 1) per path."""
    return np.column_stack([series(samples, purpose, seed, path) for path in paths])
