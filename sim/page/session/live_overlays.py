"""What levers make of parameters: the values of paths, and the events that bring them about.

A lever says about its path what `[set]` of a scenario says: it holds for all rows that no narrower
path names, and for those that only the registry tells apart. At the start it is laid with `[set]`;
in a running model an event has to give the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.config.registry import Registry, Rows
from sim.config.scenario.overlays import undisturbed

Overlay = Mapping[str, float]
"""Path -> value."""


def ladder(path: str, rows: Rows) -> list[str]:
    """The paths that govern a path's rows, the narrowest first: its own, its group's, all rows'."""
    population, *selector, column = path.split(".")
    if not selector:
        return [path]
    group = rows.get(population, {}).get(selector[0], "")
    inner = dict.fromkeys(name for name in (selector[0], group) if name)
    return [*(f"{population}.{name}.{column}" for name in inner), f"{population}.{column}"]


def place(path: str) -> tuple[str, str]:
    """A path's population and column."""
    population, *_, column = path.split(".")
    return population, column


def defaults_of(registry: Registry, path: str) -> dict[str, float]:
    """What the registry says about the column of a path: path -> value."""
    population, column = place(path)
    entries = [registry.columns(population)[column], *registry.narrow(population, column)]
    return {entry.path: entry.value for entry in entries}


def value_of(registry: Registry, rows: Rows, overlay: Overlay, path: str) -> float:
    """What the rows of a path have under an overlay, where no narrower path names them."""
    return undisturbed(ladder(path, rows), overlay, defaults_of(registry, path)).value


def narrower(path: str, paths: Iterable[str], rows: Rows) -> list[str]:
    """Those of the paths that say something about a part of a path's rows."""
    column = place(path)
    return [p for p in paths if p != path and place(p) == column and path in ladder(p, rows)]


def live_sets(
    registry: Registry, rows: Rows, own: Overlay, laid: Overlay, levers: Overlay
) -> dict[str, dict[str, float]]:
    """What events must set in a running model, path -> value, by the lever each is for.

    own: what the scenario sets. laid: levers at the start of the run. levers: levers now. An event
    beats whatever is laid, so it repeats what narrower paths say about their rows.
    """
    now = {**own, **levers}
    found = {}
    for path in sorted({*laid, *levers}):
        if laid.get(path) == levers.get(path) or registry.find(path, rows).applies == "start":
            continue
        inner = set(narrower(path, now, rows))
        if path not in now:
            inner.update(narrower(path, _known(registry, path, rows), rows))
        sets = (path, *sorted(inner))
        found[path] = {p: value_of(registry, rows, now, p) for p in sets}
    return found


def _known(registry: Registry, path: str, rows: Rows) -> list[str]:
    """What the registry says of a path's column about rows that the world has."""
    return [p for p in defaults_of(registry, path) if is_in(p, rows)]


def is_in(path: str, rows: Rows) -> bool:
    """Whether a world has the agents that a path of the registry names."""
    population, *selector, _ = path.split(".")
    members = rows.get(population, {})
    named = not selector or selector[0] in members or selector[0] in members.values()
    return bool(members) and named
