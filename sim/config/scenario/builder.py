"""A scenario in the making: what its files say, laid over the world one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.base import checks
from sim.base.calendar import MONTHS_MAX, Calendar
from sim.base.errors import RequestError, nearest, one_of
from sim.base.frozen import FrozenDict
from sim.config.parameter_path import ParameterPath, Rows, selected
from sim.config.registry import Registry
from sim.config.scenario.overlays import Reached, reached
from sim.config.scenario.scenario import Event
from sim.config.scenario.vintage import load_vintage
from sim.config.toml.table import Table
from sim.config.world.schema import POPULATIONS
from sim.config.world.world import World

EVENTS_MAX = 200
RENT_STEP = ("regions", "rent_adjust")
RENT_ELASTICITY = ("elsewhere", "price_elasticity")
_EVENT_KEYS = ("name", "start", "months", "set", "scale")
_REFERENCE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


class Draft:
    """A scenario in the making: files are laid over the world one after the other."""

    def __init__(self, registry: Registry, world: World, file: Path | None) -> None:
        self.registry = registry
        self.world = world
        self.file = file
        self.months = world.months
        self.set: dict[str, float] = {}
        self.events: dict[str, Event] = {}
        self.classes: dict[str, str] = {}
        # (event or "", path) -> the table that holds the overlay, for errors found at the end.
        self.places: dict[tuple[str, str], Table] = {}

    def lay(self, file: Table) -> None:
        """Lay what one scenario file changes over what is there."""
        if "months" in file:
            self.months = file.integer("months", 1, MONTHS_MAX)
        self.lay_set(file.table("set", optional=True))
        events = file.tables("event")
        for i, event in enumerate(events):
            name = self.lay_event(event)
            if any(name == earlier.values["name"] for earlier in events[:i]):
                raise event.refusal("event given twice", "name", value=name)
        self.lay_classes(file.table("class", optional=True))

    def lay_vintage(self, file: Path, layer: Table) -> None:
        """Lay the values of the vintage that a scenario file names; it has to describe the start of
        its world."""
        vintage = load_vintage(file)
        if vintage.world != self.world.name:
            raise layer.refusal(
                "describes the start of another world",
                "vintage",
                value=vintage.name,
                allowed=f"a vintage of {self.world.name}",
            )
        self.lay_set(Table({"set": vintage.set}).table("set"))

    def lay_set(self, table: Table) -> None:
        """Lay `path = value` over what is there."""
        for path in table:
            self.set[path] = self._overlaid(table, path)
            self.places["", path] = table

    def lay_event(self, table: Table) -> str:
        """Add an event, or replace the one of the same name; returns the name."""
        table.only(_EVENT_KEYS)
        name = table.name("name")
        # A run may be cut short, so an event need only begin within the longer of the two.
        calendar = Calendar(self.world.start, max(self.world.months, self.months))
        with table.at("start"):
            label = table.value("start")
            start = calendar.index(label)
            if not 0 <= start < calendar.months:
                last = calendar.label(calendar.months - 1)
                allowed = f"a month of the run, {calendar.start} to {last}"
                raise RequestError("outside the run", value=label, allowed=allowed)
        months = table.integer("months", 1, MONTHS_MAX)
        sets, scales = table.table("set", optional=True), table.table("scale", optional=True)
        if not sets and not scales:
            raise table.refusal("event without effect", allowed="set or scale with a parameter")
        event = Event(
            name=name,
            start=start,
            months=months,
            set=FrozenDict({path: self._shocked(sets, path, scale=False) for path in sets}),
            scale=FrozenDict({path: self._shocked(scales, path, scale=True) for path in scales}),
        )
        self.events[name] = event
        if len(self.events) > EVENTS_MAX:
            raise table.refusal("too many events", allowed=f"at most {EVENTS_MAX}")
        self.places |= {(name, path): sets for path in sets}
        self.places |= {(name, path): scales for path in scales}
        return name

    def lay_classes(self, table: Table) -> None:
        """Lay `selector = "module:Class"` over what is there."""
        for selector in table:
            with table.at(selector):
                _check_selector(selector, self.world.rows)
                reference = table.value(selector)
                if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
                    allowed = '"module:Class"'
                    raise RequestError("not a class", value=reference, allowed=allowed)
            self.classes[selector] = reference

    def check_reach(self) -> None:
        """Checks of all overlays together: scales stay in range, and the rent does not zigzag."""
        scaled = dict.fromkeys(
            ParameterPath.of(path).place for e in self.sorted_events() for path in e.scale
        )
        for population, column in scaled:
            entry = self.registry.columns(population)[column]
            for found in self._reached(population, column):
                if not entry.min <= found.value <= entry.max:
                    raise self._refused(
                        f"scaled out of range, to {found.value:.6g} {entry.unit}",
                        found,
                        f"values from {entry.min:.12g} to {entry.max:.12g}",
                    )
        step, elasticity = self._largest(*RENT_STEP), self._largest(*RENT_ELASTICITY)
        if step is not None and elasticity is not None and step.value * elasticity.value > 1.0:
            blamed = step if step.path else elasticity
            raise self._refused(
                f"{'.'.join(RENT_STEP)} {step.value:.6g} x "
                f"{'.'.join(RENT_ELASTICITY)} {elasticity.value:.6g} is above 1",
                blamed,
                "a product of at most 1; above 1 the rent zigzags",
            )

    def sorted_events(self) -> tuple[Event, ...]:
        """The events by name."""
        return tuple(self.events[name] for name in sorted(self.events))

    def _overlaid(self, table: Table, path: str) -> float:
        """The value under a path, checked against the registry."""
        value = table.values[path]
        with table.at(path):
            if isinstance(value, Mapping):
                allowed = '"population.column" = number, the path in quotes'
                raise RequestError("not a number", value=value, allowed=allowed)
            return self.registry.check(path, value, self.world.rows)

    def _shocked(self, table: Table, path: str, *, scale: bool) -> float:
        """The value or factor under a path of an event."""
        with table.at(path):
            entry = self.registry.find(path, self.world.rows)
            if entry.applies == "start":
                raise RequestError(
                    "acts at the start only",
                    key=path,
                    allowed="to be set in [set]; an event needs a parameter that acts every month",
                    nearest=self.registry.monthly_instead(entry),
                )
            if scale:
                return checks.number(table.values[path], low=0.0, unit="factor")
        return self._overlaid(table, path)

    def _reached(self, population: str, column: str) -> Iterator[Reached]:
        rows, events = self.world.rows, self.sorted_events()
        return reached(self.registry, rows, self.set, events, population, column)

    def _largest(self, population: str, column: str) -> Reached | None:
        """The largest value that a column reaches; None where no row has it."""
        if column not in self.registry.columns(population):
            return None
        found = self._reached(population, column)
        return max(found, key=lambda reach: reach.value, default=None)

    def _refused(self, problem: str, cause: Reached, allowed: str) -> RequestError:
        """An error about an overlay, at its place in the file where it has one."""
        error = RequestError(problem, key=cause.path or None, allowed=allowed)
        table = self.places.get((cause.event, cause.path))
        if table is None:
            error.file = self.file
            return error
        error.value = table.values[cause.path]
        return table.placed(error, cause.path)


def _check_selector(selector: str, rows: Rows) -> None:
    """Refuse what is no population, group or row of the world."""
    population = selector.partition(".")[0]
    members = rows.get(population, {})
    inner = dict.fromkeys(name for name in (*members.values(), *members) if name)
    known = [selected(population, name) for name in inner] if members else list(POPULATIONS)
    if selector not in (*POPULATIONS, *known):
        raise RequestError(
            "unknown agents",
            allowed=f"population, population.group or population.row: {one_of(known)}",
            nearest=nearest(selector, known),
        )
