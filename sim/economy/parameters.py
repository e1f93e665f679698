"""Parameters of a block of runs: registry defaults, scenario overlays, events month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.framework.columns import Floats
from agents.framework.population import Population
from sim.config.parameter_path import NOBODY, ParameterPath, Place
from sim.config.registry import Registry
from sim.config.scenario.event_windows import Windows, is_event_path
from sim.config.scenario.scenario import Event, Scenario

Agents = Population[Any]
Acting = Sequence[tuple[Event, Floats]]
"""Events, each with 1 for the runs in which it acts, (runs, 1) or (1, 1)."""


@dataclass(frozen=True)
class Overlay:
    """One path of one event or scenario: where it acts, how narrowly, its value per run, and the
    runs in which it acts, 1 or 0."""

    narrowness: int
    rows: slice | list[int]
    value: Floats
    acts: Floats

    def over(self, array: Floats) -> Floats:
        """The value broadcast to the chosen rows of `array`, (runs, rows chosen)."""
        chosen = array[:, self.rows]
        return np.broadcast_to(np.reshape(self.value, (-1, 1)), chosen.shape)


class Parameters:
    """Writes the parameter columns: base values once, events as they begin and end.

    design: path -> values of shape (runs,), laid over the scenario's own and over the months of its
    events (`sim.config.scenario.event_windows`); RequestError for a path that does not exist or a
    value that is not allowed.
    """

    def __init__(
        self,
        populations: Mapping[str, Agents],
        registry: Registry,
        scenario: Scenario,
        design: Mapping[str, Floats] | None = None,
    ) -> None:
        self.populations = populations
        self.registry = registry
        self.events: tuple[Event, ...] = scenario.events
        given = design or {}
        varied = {path: v for path, v in given.items() if not is_event_path(path)}
        self.windows = Windows(scenario, {p: v for p, v in given.items() if p not in varied})
        for path, values in varied.items():
            for value in np.unique(values):
                registry.check(path, float(value), scenario.rows)
        overlays: dict[str, Floats | float] = dict(scenario.set)
        overlays.update(varied)
        self.base: dict[Place, Floats] = {}
        by_place = self._by_place(overlays)
        for population in populations.values():
            for column in population.declared.values():
                if column.role == "parameter":
                    place = (population.name, column.name)
                    self.base[place] = self._undisturbed(place, by_place.get(place, []))
                    population.columns[column.name][:] = self.base[place]
        self._active: Acting = ()

    def apply(self, month: int) -> None:
        """Write the parameters of a month (0 is the first); touches what events begin or end."""
        active = self.windows.active(self.events, month)
        if _same(active, self._active):
            return
        for place in sorted(self._touched(active) | self._touched(self._active)):
            self.populations[place[0]].columns[place[1]][:] = self._disturbed(place, active)
        self._active = active

    def _undisturbed(self, place: Place, overlays: Sequence[Overlay]) -> Floats:
        population = self.populations[place[0]]
        values = np.full(population.cash.shape, self.registry.columns(place[0])[place[1]].value)
        entries = self.registry.narrow(*place)
        for entry in sorted(entries, key=lambda p: p.at.narrowness(population)):
            if entry.at.narrowness(population) > NOBODY:
                values[:, entry.at.rows(population)] = entry.value
        for overlay in sorted(overlays, key=lambda o: o.narrowness):
            values[:, overlay.rows] = overlay.over(values)
        return values

    def _disturbed(self, place: Place, active: Acting) -> Floats:
        """The base under the active events: of several `set`s the narrowest path, then the value
        furthest from the base, element by element; then all scales, in order of size. A run in
        which an event does not act is left as it is."""
        base = self.base[place]
        values = base.copy()
        narrowest = np.zeros(base.shape)
        sets = [o for e, acts in active for o in self._by_place(e.set, acts).get(place, [])]
        for overlay in sorted(sets, key=lambda o: (o.narrowness, float(o.value[0]))):
            rows, new = overlay.rows, overlay.over(values)
            further = np.abs(new - base[:, rows]) >= np.abs(values[:, rows] - base[:, rows])
            wins = ((overlay.narrowness > narrowest[:, rows]) | further) & (overlay.acts > 0.0)
            values[:, rows] = np.where(wins, new, values[:, rows])
            reached = overlay.narrowness * overlay.acts
            narrowest[:, rows] = np.maximum(narrowest[:, rows], reached)
        scales = [o for e, acts in active for o in self._by_place(e.scale, acts).get(place, [])]
        for overlay in sorted(scales, key=lambda o: float(o.value[0])):
            factor = np.where(overlay.acts > 0.0, overlay.over(values), 1.0)
            values[:, overlay.rows] = values[:, overlay.rows] * factor
        allowed = self.registry.columns(place[0])[place[1]]
        return np.clip(values, allowed.min, allowed.max)

    def _touched(self, events: Acting) -> set[Place]:
        paths = [path for e, _ in events for path in (*e.set, *e.scale)]
        return {ParameterPath.of(path).place for path in paths}

    def _by_place(
        self, overlays: Mapping[str, Floats | float], acts: Floats | None = None
    ) -> dict[Place, list[Overlay]]:
        everywhere = np.ones((1, 1)) if acts is None else acts
        found: dict[Place, list[Overlay]] = {}
        for text, value in overlays.items():
            path = ParameterPath.of(text)
            population, values = self.populations[path.population], np.atleast_1d(np.asarray(value))
            reach = path.narrowness(population), path.rows(population)
            found.setdefault(path.place, []).append(Overlay(*reach, values, everywhere))
        return found


def _same(one: Acting, other: Acting) -> bool:
    """Whether the same events act in the same runs."""
    return [e for e, _ in one] == [e for e, _ in other] and all(
        np.array_equal(here, there) for (_, here), (_, there) in zip(one, other, strict=True)
    )
