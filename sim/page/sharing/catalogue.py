"""The shipped scenarios and worlds that a page can start with."""

from __future__ import annotations

from functools import cache

from sim.config import shipped
from sim.config.scenario.scenario import Scenario
from sim.config.toml.document import read_document

Entry = dict[str, str]


def scenarios(running: Scenario) -> list[Entry]:
    """Name, title and world of every shipped scenario, and of the one that runs if another."""
    known = [dict(entry) for entry in _shipped()]
    if all(entry["name"] != running.name for entry in known):
        world = running.world.name
        known.insert(0, {"name": running.name, "title": running.title, "world": world})
    return known


def worlds(running: Scenario) -> list[Entry]:
    """Name and title of every world that a scenario stands on."""
    standing = dict.fromkeys(entry["world"] for entry in scenarios(running))
    titles = _worlds() | {running.world.name: running.world.title}
    return [{"name": name, "title": titles.get(name, name)} for name in standing]


@cache
def _shipped() -> tuple[Entry, ...]:
    known = dict(shipped.titles("scenario"))
    return tuple({"name": n, "title": known[n], "world": _world(n)} for n in known)


@cache
def _worlds() -> dict[str, str]:
    return dict(shipped.titles("world"))


def _world(name: str) -> str:
    """The world at the end of a shipped scenario's bases."""
    while name in shipped.names("scenario"):
        name = str(read_document(shipped.path("scenario", name)).data["base"])
    return name
