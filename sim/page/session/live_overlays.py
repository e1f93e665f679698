"""What levers make of parameters: the values of paths, and the events that bring them about.

A lever says about its path what `[set]` of a scenario says: it holds for all rows that no narrower
path names, and for those that only the registry tells apart. At the start it is laid with `[set]`;
in a running model an event has to give the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.config.parameter_path import ParameterPath, Rows
from sim.config.registry import Registry
from sim.config.scenario.overlays import defaults_of, undisturbed

Overlay = Mapping[str, float]
"""Path -> value."""


def value_of(registry: Registry, rows: Rows, overlay: Overlay, path: str) -> float:
    """What the rows of a path have under an overlay, where no narrower path names them."""
    at = ParameterPath.of(path)
    return undisturbed(at.ladder(rows), overlay, defaults_of(registry, *at.place)).value


def narrower(path: str, paths: Iterable[str], rows: Rows) -> list[str]:
    """Those of the paths that say something about a part of a path's rows."""
    column = ParameterPath.of(path).place
    others = {p: ParameterPath.of(p) for p in paths if p != path}
    return [p for p, at in others.items() if at.place == column and path in at.ladder(rows)]


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
            inner.update(narrower(path, _entries(registry, path, rows), rows))
        sets = (path, *sorted(inner))
        found[path] = {p: value_of(registry, rows, now, p) for p in sets}
    return found


def _entries(registry: Registry, path: str, rows: Rows) -> list[str]:
    """The registry's paths of a path's column that name agents of the world."""
    known = defaults_of(registry, *ParameterPath.of(path).place)
    return [p for p in known if ParameterPath.of(p).is_in(rows)]
