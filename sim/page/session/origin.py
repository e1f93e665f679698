"""The shipped scenario that a scenario rests on, and its own changes over that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sim.base.errors import RequestError, nearest, one_of
from sim.config import shipped
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Event, Scenario


@dataclass(frozen=True)
class Origin:
    """A shipped scenario or world by name, "" for a world that does not ship, and what is laid
    over it: path -> value, and events."""

    name: str
    set: Mapping[str, float]
    events: tuple[Event, ...]


@lru_cache(maxsize=64)
def shipped_scenario(name: str) -> Scenario:
    """A shipped scenario by its name alone, never a file; read once a process.

    Raises RequestError, with the nearest name, for an unknown one.
    """
    known = shipped.names("scenario")
    if name not in known:
        raise RequestError(
            "unknown scenario", value=name, allowed=one_of(known), nearest=nearest(name, known)
        )
    return load_scenario(name)


def is_shipped(scenario: Scenario) -> bool:
    """True if the file of a scenario ships with the package."""
    name = scenario.name
    return scenario.file == shipped.path("scenario", name) and name in shipped.names("scenario")


def origin_of(scenario: Scenario) -> Origin:
    """The changes of a scenario over the shipped scenario it is, or else over its world."""
    if is_shipped(scenario):
        base = shipped_scenario(scenario.name)
        own = {p: v for p, v in scenario.set.items() if base.set.get(p) != v}
        events = tuple(event for event in scenario.events if event not in base.events)
        return Origin(base.name, own, events)
    world = scenario.world
    ships = world.file == shipped.path("world", world.name)
    return Origin(world.name if ships else "", scenario.set, scenario.events)


def event_keys(scenario: Scenario, event: Event) -> dict[str, Any]:
    """An event with the keys of a scenario file."""
    keys: dict[str, Any] = {
        "name": event.name,
        "start": scenario.calendar.label(event.start),
        "months": event.months,
    }
    overlays = {"set": dict(event.set), "scale": dict(event.scale)}
    return keys | {key: overlay for key, overlay in overlays.items() if overlay}
