"""A scenario: a world, overlays on its parameters, and events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.base.calendar import Calendar
from sim.config.parameter_path import Rows
from sim.config.registry import load_registry
from sim.config.world.world import World


@dataclass(frozen=True)
class Event:
    """A temporary overlay, in months `start` to `start + months - 1` from the world's start.

    set: path -> value. scale: path -> factor on what the parameter would be.
    """

    name: str
    start: int
    months: int
    set: Mapping[str, float]
    scale: Mapping[str, float]


@dataclass(frozen=True)
class Scenario:
    """Everything that decides a run but its seed.

    set: path -> value over the registry's, those of its vintage among them. events: by name.
    classes: `population`, `population.group` or `population.row` -> "module:Class". bases: what it
    stands on, the nearest first, the world last. about, expect, against, window, why, found: the
    claim (`sim.config.scenario.claim`), "" where the file is silent. file: absolute, so that a
    worker elsewhere finds the modules beside it.
    """

    name: str
    title: str
    world: World
    months: int
    about: str
    expect: str
    against: str
    window: str
    why: str
    found: str
    set: Mapping[str, float]
    events: tuple[Event, ...]
    classes: Mapping[str, str]
    file: Path | None
    bases: tuple[str, ...]

    @property
    def rows(self) -> Rows:
        """Population -> row -> group of the world's agents."""
        return self.world.rows

    @property
    def calendar(self) -> Calendar:
        """The months of the run."""
        return Calendar(self.world.start, self.months)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides numbers: world, registry, overlays, events and classes.

        Titles, sources, the place of files and the order of keys do not count; the order of agents
        does, because sums are taken in it.
        """
        decisive = {
            **self._facts,
            "months": self.months,
            "registry": {p.path: p.value for p in load_registry().parameters.values()},
            "set": self.set,
            "events": [[e.name, e.start, e.months, e.set, e.scale] for e in self.events],
            "classes": self.classes,
        }
        return _digest(decisive)

    @property
    def world_digest(self) -> str:
        """SHA-256 of the world alone."""
        return _digest(self._facts)

    @property
    def _facts(self) -> dict[str, Any]:
        """The facts of the world that decide numbers."""
        return {
            "start": self.world.start,
            "world": self.world.fingerprint,
            "history": {key: series.value for key, series in self.world.history.items()},
        }

    def to_dict(self) -> dict[str, Any]:
        """The scenario as plain data for a manifest, with the keys of a scenario file.

        `base` is the world: what the scenarios between say is contained.
        """
        events = [
            {
                "name": event.name,
                "start": self.calendar.label(event.start),
                "months": event.months,
                "set": dict(event.set),
                "scale": dict(event.scale),
            }
            for event in self.events
        ]
        return {
            "name": self.name,
            "title": self.title,
            "base": self.world.name,
            "bases": list(self.bases),
            "start": self.world.start,
            "months": self.months,
            "about": self.about,
            "expect": self.expect,
            "against": self.against,
            "window": self.window,
            "why": self.why,
            "found": self.found,
            "set": dict(self.set),
            "event": events,
            "class": dict(self.classes),
            "digest": self.digest,
        }


def _digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of plain data, whatever the order of its keys."""
    return sha256(json.dumps(values, sort_keys=True, allow_nan=False).encode()).hexdigest()
