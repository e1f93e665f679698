"""What overlays make of a parameter: the values its rows reach, undisturbed and under events.

This is the reading of the overlay rules for one row, plain and slow, by which a scenario is checked
before it runs; `sim.economy.parameters` applies the same rules to whole columns, month by month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.config.parameter_path import ParameterPath, Rows
from sim.config.registry import Registry
from sim.config.scenario.scenario import Event


@dataclass(frozen=True)
class Reached:
    """A value that some rows of a column have in some month, and the overlay that brings it about.

    event, path: the overlay; "" for the event where the scenario's own `set` does, "" for both
    where the registry does.
    """

    value: float
    event: str
    path: str


def reached(
    registry: Registry,
    rows: Rows,
    overlay: Mapping[str, float],
    events: Sequence[Event],
    population: str,
    column: str,
) -> Iterator[Reached]:
    """Every value that the rows of a column reach; rows that no path tells apart count as one."""
    defaults = defaults_of(registry, population, column)
    paths = [*defaults, *overlay, *(p for e in events for p in (*e.set, *e.scale))]
    for ladder in ParameterPath(population, "", column).ladders(rows, paths):
        base = undisturbed(ladder, overlay, defaults)
        yield base
        acting = [e for e in events if any(p in e.set or p in e.scale for p in ladder)]
        turns = sorted({month for e in acting for month in (e.start, e.start + e.months)})
        for month in turns:
            active = [e for e in acting if e.start <= month < e.start + e.months]
            if active:
                yield disturbed(base, ladder, active)


def defaults_of(registry: Registry, population: str, column: str) -> dict[str, float]:
    """What the registry says about a column: path -> value."""
    entries = (registry.columns(population)[column], *registry.narrow(population, column))
    return {entry.path: entry.value for entry in entries}


def undisturbed(
    ladder: Sequence[str], overlay: Mapping[str, float], defaults: Mapping[str, float]
) -> Reached:
    """The scenario's narrowest value, else the registry's; the ladder goes from narrow to broad."""
    for path in ladder:
        if path in overlay:
            return Reached(overlay[path], "", path)
    return next(Reached(defaults[path], "", "") for path in ladder if path in defaults)


def disturbed(base: Reached, ladder: Sequence[str], active: Sequence[Event]) -> Reached:
    """Of several `set`s the narrowest path, then the value furthest from the base; times all
    scales."""
    found = base
    for path in reversed(ladder):
        sets = [Reached(e.set[path], e.name, path) for e in active if path in e.set]
        if sets:
            found = max(sets, key=lambda r: (abs(r.value - base.value), r.value))
    for event in sorted(active, key=lambda e: (e.start, e.name)):
        for path in ladder:
            if path in event.scale:
                found = Reached(found.value * event.scale[path], event.name, path)
    return found
