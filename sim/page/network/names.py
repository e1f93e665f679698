"""Names of a model's agents, in the order in which the page counts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from sim.base.errors import one_line
from sim.config.world.schema import POPULATIONS
from sim.model import EconomyModel

T = TypeVar("T")
LONGEST = 120
"""Longest name on the page, in characters."""


def once(make: Callable[[EconomyModel], T]) -> Callable[[EconomyModel], T]:
    """A value that follows from a model's world, made when first asked for; it goes when the model
    goes."""
    made: WeakKeyDictionary[EconomyModel, T] = WeakKeyDictionary()

    @wraps(make)
    def kept(model: EconomyModel) -> T:
        if model not in made:
            made[model] = make(model)
        return made[model]

    return kept


@dataclass(frozen=True)
class Names:
    """A text an agent: its id ("labs.openai"), its title, what kind it is, its population, group
    and region. `first` is the place of a population's first row, `place` that of an id."""

    place: dict[str, int]
    first: dict[str, int]
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    kinds: tuple[str, ...]
    populations: tuple[str, ...]
    groups: tuple[str, ...]
    regions: tuple[str, ...]


@once
def names(model: EconomyModel) -> Names:
    """The names of all agents of a model: those of its world, then the models of its labs."""
    populations, world = model.economy.populations, model.scenario.world
    titles = {p: {e.name: e.title or e.name for e in world.roster(p)} for p in POPULATIONS}
    # A model is called after its lab and its slot, which is its group.
    titles["models"] = {
        m.name: f"{titles['labs'][m.name.removesuffix(f'_{m.group}')]}, {m.group} model"
        for m in populations["models"].members
    }
    first, rows = dict[str, int](), list[tuple[str, ...]]()
    for population in titles:
        first[population] = len(rows)
        for m in populations[population].members:
            title = one_line(titles[population][m.name], LONGEST)
            rows.append(
                (f"{population}.{m.name}", title, m.kind.label, population, m.group, m.region)
            )
    ids, *others = zip(*rows, strict=True)
    return Names({agent: i for i, agent in enumerate(ids)}, first, ids, *others)
