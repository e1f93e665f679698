"""One parameter of a study at a time: what a value does, and at which values a verdict flips.

Every value meets the same draws, so two of them differ by the parameter alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.drivers.sample import reference_of
from experiments.studies.measuring import measure

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from experiments.studies.study import ExpectedRange, Study

BEYOND = 3
"""Steps from an end of the registered range to an end of what is allowed."""
FAR = 10.0
"""From this ratio on such steps are even in the logarithm."""
SECTIONS, ROUNDS = 4, 2
"""Parts into which a step in which the verdict flips is cut, and how often."""
REFERENCE = ("", 0.0)
"""Asks for the reference."""

Asked = Sequence[tuple[str, float]]
"""Parameters and values, each to be set alone."""
Walk = Callable[[Asked], "Floats"]
"""What is asked -> median of the main statistic over pairs of runs, (asked,)."""


class Alone:
    """The main statistic of a study with one parameter elsewhere, the others at their reference."""

    def __init__(self, study: Study, paths: Sequence[str], seed: int) -> None:
        scenario = next(iter(study.scenarios.values()))
        self.study, self.seed = study, seed
        self.reference = {path: reference_of(scenario, path) for path in paths}
        self._known: dict[tuple[str, float, int], Floats] = {}

    def at(self, asked: Asked, pairs: int) -> Floats:
        """The statistic, (asked, pairs), over replications 0 to pairs - 1; what was run before is
        not run again. Raises InvariantError if a law of the model breaks."""
        new = [one for one in dict.fromkeys(asked) if (*one, pairs) not in self._known]
        if new:
            made = self._run(new, pairs)
            self._known |= {(*one, pairs): row for one, row in zip(new, made, strict=True)}
        return np.array([self._known[*one, pairs] for one in asked]).reshape(len(asked), pairs)

    def _run(self, asked: Asked, pairs: int) -> Floats:
        # Every path stands in the design: a broad one governs the rows of narrower ones beside it.
        design = {path: np.full(len(asked), value) for path, value in self.reference.items()}
        for number, (path, value) in enumerate(asked):
            if path:
                design[path][number] = value
        found = measure(
            self.study,
            len(asked) * pairs,
            self.seed,
            {path: np.repeat(values, pairs) for path, values in design.items()},
            replications=list(range(pairs)) * len(asked),
        )
        return found[self.study.parts[0].name].reshape(len(asked), pairs)


def steps(value: float, low: float, high: float, least: float, most: float) -> list[float]:
    """Values from `least` to `most` by way of the registered range, the reference among them."""
    down = [least + (low - least) * share for share in np.arange(BEYOND) / BEYOND]
    if least > 0.0 and low / least > FAR:
        down = np.geomspace(least, low, BEYOND + 1)[:-1].tolist()
    up = [most + (high - most) * share for share in np.arange(BEYOND) / BEYOND]
    if high > 0.0 and most / high > FAR:
        up = np.geomspace(high, most, BEYOND + 1)[1:].tolist()
    inside = [low, (low + value) / 2.0, value, (value + high) / 2.0, high]
    return sorted({float(point) for point in (*down, *inside, *up)})


def turns(
    grids: Mapping[str, Sequence[float]],
    references: Mapping[str, float],
    usual: float,
    expected: ExpectedRange,
    walk: Walk,
) -> dict[str, tuple[float | None, float | None]]:
    """The nearest values below and above the reference at which the verdict flips, by path.

    grids: increasing values, the reference among them. usual: the statistic there. The step in
    which it flips is cut `ROUNDS` times; the middle of what is left is the value.
    """
    told = {(path, references[path]): usual for path in grids}
    asked = [(p, x) for p, grid in grids.items() for x in grid if (p, x) not in told]
    told |= dict(zip(asked, walk(asked).tolist(), strict=True))
    brackets: dict[tuple[str, int], tuple[float, float]] = {}
    for path, grid in grids.items():
        place = list(grid).index(references[path])
        for side, course in ((0, grid[place::-1]), (1, grid[place:])):
            found = _first_turn(course, [told[path, x] for x in course], expected)
            if found is not None:
                brackets[path, side] = found
    for _ in range(ROUNDS):
        inner = {
            key: np.linspace(near, far, SECTIONS + 1).tolist()
            for key, (near, far) in brackets.items()
        }
        asked = [(path, x) for (path, _), course in inner.items() for x in course[1:-1]]
        told |= dict(zip(asked, walk(asked).tolist(), strict=True))
        brackets = {
            (path, side): _first_turn(course, [told[path, x] for x in course], expected)
            or brackets[path, side]
            for (path, side), course in inner.items()
        }
    middle = {key: (near + far) / 2.0 for key, (near, far) in brackets.items()}
    return {path: (middle.get((path, 0)), middle.get((path, 1))) for path in grids}


def _first_turn(
    course: Sequence[float], values: Sequence[float], expected: ExpectedRange
) -> tuple[float, float] | None:
    """The first two neighbours of a course between which the verdict flips; None if it does
    not, or not before a value at which the statistic has no number."""
    for near, far, here, there in zip(course, course[1:], values, values[1:], strict=False):
        if not (np.isfinite(here) and np.isfinite(there)):
            return None
        if expected.holds(here) != expected.holds(there):
            return near, far
    return None
