"""The part of a supply graph that stays from month to month: places and titles of its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import one_line
from sim.figures.figure import Option, plainly
from sim.figures.network_layout import LAYERS, ORDER, SIDE, AgentPositions, places
from sim.model import EconomyModel
from sim.page.network.names import names, once

Rows = NDArray[np.intp]
Words = NDArray[Any]
"""Texts, a Python object each."""
NODES_MAX = 1500
"""Agents above which a node is a group."""
LABEL, LONGEST = 32, 40
"""Longest title beside a node, and in the last layer, in characters."""


@dataclass(frozen=True)
class GraphLayout:
    """The part of a world's graph that stays from month to month: a node per agent, or per group in
    a world that is too large.

    first: place of the first agent of a population. ids, words: id and title of each agent,
    (agents,). node_of: its node. titles, kinds: of each node. earned: what its revenue is called.
    drawn: what of its option never changes.
    """

    first: Mapping[str, int]
    ids: Words
    words: Words
    node_of: Rows
    grouped: bool
    titles: tuple[str, ...]
    kinds: tuple[str, ...]
    earned: tuple[str, ...]
    stand: AgentPositions
    drawn: tuple[Option, ...]

    @property
    def agents(self) -> int:
        """The number of agents."""
        return len(self.ids)


@once
def graph_layout(model: EconomyModel) -> GraphLayout:
    """The layout of a model's graph; made once."""
    known = names(model)
    agents = known.first["models"]
    node_of, grouped = np.arange(agents), agents > NODES_MAX
    populations, groups = known.populations[:agents], known.groups[:agents]
    ids, titles, kinds = known.ids[:agents], known.titles[:agents], known.kinds[:agents]
    if grouped:
        pairs = list(zip(populations, groups, strict=True))
        held = {pair: node for node, pair in enumerate(dict.fromkeys(pairs))}
        node_of = np.array([held[pair] for pair in pairs], dtype=np.intp)
        sizes = np.bincount(node_of).tolist()
        populations, groups = (tuple(pair[i] for pair in held) for i in (0, 1))
        ids = tuple(f"{p}.{g or 'all'}" for p, g in held)
        titles = tuple(
            f"{(g or p).replace('_', ' ')} ({n:,})" for (p, g), n in zip(held, sizes, strict=True)
        )
        kinds = populations
    stand, declared = places(populations, groups), model.economy.populations
    earned = tuple(
        "revenue" if "revenue" in declared[p].declared else "money moved" for p in populations
    )
    drawn, below = [], 0
    for node, (agent, title) in enumerate(zip(ids, titles, strict=True)):
        longest = LONGEST if populations[node] in LAYERS[-1] else LABEL
        label: Option = {"formatter": plainly(one_line(title, longest))}
        if populations[node] in SIDE:
            # In two lines, or neighbours would write over each other.
            label |= {"position": "bottom", "distance": 19 + 13 * (below % 2)}
            below += 1
        drawn.append(
            {
                "name": agent,
                "value": [float(stand.x[node]), float(stand.y[node])],
                "category": ORDER.index(populations[node]),
                "label": label,
            }
        )
    return GraphLayout(
        known.first,
        np.array(known.ids[:agents], dtype=object),
        np.array(known.titles[:agents], dtype=object),
        node_of,
        grouped,
        titles,
        kinds,
        earned,
        stand,
        tuple(drawn),
    )
