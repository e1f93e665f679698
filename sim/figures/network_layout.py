"""Layout of a supply graph: layers of agents from left to right, the investors below."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LAYERS = (("regions", "inputs"), ("fabs",), ("fleets",), ("labs", "elsewhere"), ("customers",))
SIDE = ("gulf", "parents", "capital", "outside")
"""Layers from left to right, and the layer below them."""
ORDER = (*(population for layer in LAYERS for population in layer), *SIDE)
WIDTH, HEIGHT, BELOW = 1000.0, 640.0, 700.0
"""Of the layers, and where the investors stand, in the drawing's own units."""
ROWS = 44
"""Agents that stand one below the other on a screen; a larger layer has several columns."""
SPREAD, STEP = 180.0, 18.0
"""Widest that a layer of several columns is, and the widest step between two of them."""


class AgentPositions(NamedTuple):
    """Positions of agents, a value each: the layer, counted from 0 with the investors last, the row
    in it, the coordinates, and whether the layer has several columns."""

    layer: NDArray[np.intp]
    row: NDArray[np.intp]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    crowded: NDArray[np.bool_]


def places(populations: Sequence[str], groups: Sequence[str], rows: int = ROWS) -> AgentPositions:
    """The places of agents by population and group; agents of a group stand together.

    rows: agents that stand one below the other at most. Positions follow from who there is, so they
    stay from month to month.
    """
    number = len(populations)
    found = AgentPositions(
        np.zeros(number, dtype=np.intp),
        np.zeros(number, dtype=np.intp),
        np.zeros(number),
        np.zeros(number),
        np.zeros(number, dtype=np.bool_),
    )
    held = [_together(populations, groups, members) for members in (*LAYERS, SIDE)]
    below = held.pop()
    columns = [max(ceil(len(agents) / rows), 1) for agents in held]
    steps = [min(STEP, SPREAD / max(number - 1, 1)) for number in columns]
    widths = [step * (number - 1) for step, number in zip(steps, columns, strict=True)]
    # Alike between layers, so that a wide one leaves room for the titles of its neighbours.
    gap, left = (WIDTH - sum(widths)) / (len(LAYERS) - 1), 0.0
    for layer, agents in enumerate(held):
        row, column = np.divmod(np.arange(len(agents)), columns[layer])
        found.layer[agents], found.row[agents] = layer, row
        found.x[agents] = np.round(left + steps[layer] * column, 1)
        found.y[agents] = np.round(HEIGHT * (row + 0.5) / (row.max(initial=0) + 1), 1)
        found.crowded[agents] = columns[layer] > 1
        left += widths[layer] + gap
    found.layer[below], found.y[below] = len(LAYERS), BELOW
    found.x[below] = np.round(WIDTH * (np.arange(len(below)) + 0.5) / max(len(below), 1), 1)
    return found


def _together(
    populations: Sequence[str], groups: Sequence[str], members: Sequence[str]
) -> list[int]:
    """The agents of a layer, population by population and group by group as they come first."""
    by_population: dict[str, dict[str, list[int]]] = {population: {} for population in members}
    for place, (population, group) in enumerate(zip(populations, groups, strict=True)):
        if population in by_population:
            by_population[population].setdefault(group, []).append(place)
    return [a for held in by_population.values() for agents in held.values() for a in agents]
