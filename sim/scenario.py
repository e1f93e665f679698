"""A scenario: a world, the parameters set over it, and the events that disturb it for a while.

Scenarios stand on one another: `base` names a world or another scenario. What a scenario says
replaces what its base says about the same path, event or class; its claim (`about`, `expect`,
`against`, `window`, `why`, `found`) is its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim import shipped
from sim.calendar import MONTHS_MAX, Calendar
from sim.claim import CLAIM_KEYS, check_window, read_claim
from sim.draft import Draft
from sim.errors import RequestError, nearest, one_of
from sim.event import Event
from sim.frozen import FrozenDict
from sim.registry import Rows, load_registry
from sim.scenario_schema import scenario_schema
from sim.toml_source import Document, read_document, toml_files
from sim.toml_table import Table
from sim.world import World, world_of

__all__ = [
    "Event",
    "Scenario",
    "check_design",
    "ended",
    "list_scenarios",
    "load_scenario",
    "reference_of",
    "scenario_schema",
    "with_event",
    "with_set",
]

_KEYS = ("title", "base", "vintage", "months", *CLAIM_KEYS, "set", "event", "class")


@dataclass(frozen=True)
class Scenario:
    """Everything that decides a run but its seed.

    set: path -> value over the registry's, those of its vintage among them. events: by name.
    classes: `population`, `population.group` or `population.row` -> "module:Class". bases: what it
    stands on, the nearest first, the world last. about, expect, against, window, why, found: the
    claim (`sim.claim`), "" where the file is silent. file: absolute, so that a worker elsewhere
    finds the modules beside it.
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
        """What decides numbers of the world."""
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


def load_scenario(
    name_or_path: str | os.PathLike[str] = "baseline",
    *,
    set: Mapping[str, float] | None = None,
    months: int | None = None,
) -> Scenario:
    """A shipped scenario by name, or one from a .toml file, checked in full.

    set: path -> value, laid over what the scenario sets. months: the length of the run instead of
    the scenario's.

    Raises RequestError, in one line with file, line, key, value, what is allowed and the nearest
    known name, for whatever is wrong in the scenario, its bases, its world or the arguments.
    """
    document = read_document(shipped.locate("scenario", name_or_path))
    return read_scenario(document, set=set, months=months)


def read_scenario(
    document: Document, *, set: Mapping[str, float] | None = None, months: int | None = None
) -> Scenario:
    """The scenario of a file that is read; arguments and errors as for `load_scenario`.

    One that came without its folder stands on what ships, and names no classes.
    """
    chain = _chain(document)
    if document.alone:
        _refuse_classes(chain)
    layers = [Table.of(document) for document in chain[:-1]]
    headings = [_heading(layer) for layer in layers]
    file = chain[0].file
    draft = Draft(load_registry(), world_of(chain[-1]), file)
    for layer, source in reversed(list(zip(layers, chain, strict=False))):
        if "vintage" in layer:
            draft.lay_vintage(_named(source, "vintage", ("vintage",)), layer)
        draft.lay(layer)
    # A run may be cut short, so a window lies in the longer of the two, as events do.
    check_window(layers[0], Calendar(draft.world.start, max(draft.world.months, draft.months)))
    if "against" in layers[0]:
        _named(chain[0], "against", ("scenario",))
    if set is not None:
        draft.lay_set(Table({"set": set}).table("set"))
    if months is not None:
        draft.months = Table({"months": months}).integer("months", 1, MONTHS_MAX)
    draft.check_reach()
    return Scenario(
        name=file.stem,
        world=draft.world,
        months=draft.months,
        **headings[0],
        set=FrozenDict(draft.set),
        events=draft.sorted_events(),
        classes=FrozenDict(draft.classes),
        file=None if document.alone else file.absolute(),
        bases=tuple(document.file.stem for document in chain[1:]),
    )


def list_scenarios() -> list[tuple[str, str]]:
    """Name and title of every shipped scenario."""
    return shipped.titles("scenario")


def with_event(scenario: Scenario, event: Mapping[str, Any]) -> Scenario:
    """The scenario with one more event, given with the keys of a scenario file; for live shocks.

    An event of the same name is replaced. Raises RequestError for what a file could not say either.
    """
    draft = _draft_of(scenario)
    draft.lay_event(Table(event))
    draft.check_reach()
    return replace(scenario, events=draft.sorted_events())


def with_set(scenario: Scenario, overlay: Mapping[str, float]) -> Scenario:
    """The scenario with path -> value laid over what it sets.

    Raises RequestError for what a file could not say either.
    """
    draft = _draft_of(scenario)
    draft.lay_set(Table({"set": overlay}).table("set"))
    draft.check_reach()
    return replace(scenario, set=FrozenDict(draft.set))


def ended(scenario: Scenario, name: str, month: int) -> Scenario:
    """The scenario with an event over before month number `month`.

    One that would begin then or later is gone. Raises RequestError for a name of no event.
    """
    names = [event.name for event in scenario.events]
    if name not in names:
        near = nearest(name, names)
        raise RequestError(
            "no such event", key="event", value=name, allowed=one_of(names), nearest=near
        )
    left = (
        replace(event, months=min(event.months, month - event.start))
        if event.name == name
        else event
        for event in scenario.events
    )
    return replace(scenario, events=tuple(event for event in left if event.months > 0))


def _draft_of(scenario: Scenario) -> Draft:
    """A scenario in the making again."""
    draft = Draft(load_registry(), scenario.world, scenario.file)
    draft.months = scenario.months
    draft.set.update(scenario.set)
    draft.events.update({known.name: known for known in scenario.events})
    return draft


def check_design(scenario: Scenario, ends: Mapping[str, tuple[float, float]]) -> None:
    """Refuse a design that leaves what a scenario may set; ends: path -> lowest and highest value.

    Each value is for whoever reads it; here stands what shows only when all is laid.
    """
    for end in (0, 1):
        draft = _draft_of(scenario)
        draft.file = None  # the blame is the design's, wherever that stands
        draft.set.update({path: float(both[end]) for path, both in ends.items()})
        draft.check_reach()


def reference_of(scenario: Scenario) -> Scenario:
    """What a scenario's claim compares it with, over as many months.

    The scenario that `against` names; without one its base, which is a scenario with all it sets,
    or a world with nothing set. Raises RequestError if that cannot be loaded or starts in another
    month, and for a scenario that no file describes.
    """
    if scenario.file is None:
        raise RequestError("no file says what it stands on", key="scenario", value=scenario.name)
    document = read_document(scenario.file)
    key = "against" if scenario.against else "base"
    file = _named(document, "against", ("scenario",)) if scenario.against else _base(document)
    if scenario.against or "base" in read_document(file).data:
        reference = load_scenario(file, months=scenario.months)
    else:
        reference = _bare(scenario, file)
    if reference.world.start != scenario.world.start:
        raise Table.of(document).refusal(
            "starts in another month",
            key,
            value=reference.name,
            allowed=f"a scenario that starts in {scenario.world.start}",
        )
    return reference


def _digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of plain data, whatever the order of its keys."""
    return sha256(json.dumps(values, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _bare(scenario: Scenario, file: Path) -> Scenario:
    """A scenario's world with nothing set and nothing claimed; file: the world's."""
    claim = dict.fromkeys(CLAIM_KEYS, "")
    return Scenario(
        name=scenario.world.name,
        title=scenario.world.title,
        world=scenario.world,
        months=scenario.months,
        **claim,
        set=FrozenDict(),
        events=(),
        classes=FrozenDict(),
        file=file,
        bases=(scenario.world.name,),
    )


def _chain(first: Document) -> list[Document]:
    """The scenario's file, the files it stands on, and last the world's."""
    chain: list[Document] = []
    places: list[str] = []
    document = first
    while True:
        place = "" if document.alone else os.path.realpath(document.file)
        if place in places:
            table = Table.of(chain[-1])
            allowed = "bases that end in a world"
            raise table.refusal(
                "cycle of bases", "base", value=table.values["base"], allowed=allowed
            )
        chain.append(document)
        places.append(place)
        if len(chain) > 1 and "base" not in document.data:
            return chain
        document = read_document(_base(document))


def _refuse_classes(chain: Sequence[Document]) -> None:
    """Refuse a file that came without its folder if it, or what it stands on, names classes."""
    for document in chain:
        if "class" in document.data:
            key = "class" if document is chain[0] else "base"
            allowed = "scenarios without classes, which are code"
            raise Table.of(chain[0]).refusal("names classes", key, allowed=allowed)


def _base(document: Document) -> Path:
    """The file of a scenario's base, a world's or another scenario's."""
    return _named(document, "base", shipped.KINDS)


def _named(document: Document, key: str, kinds: tuple[shipped.Kind, ...]) -> Path:
    """The file that a key names: a shipped one of these kinds by name, or one beside this one."""
    table, file = Table.of(document), document.file
    wanted = table.text(key)
    for kind in kinds:
        if wanted in shipped.names(kind):
            return shipped.path(kind, wanted)
    known = [name for kind in kinds for name in shipped.names(kind)]
    others, allowed = [], one_of(known)
    if not document.alone:
        beside = file.parent / wanted
        if wanted.endswith(".toml") and Path(wanted).name == wanted and os.path.isfile(beside):
            return beside
        others = [name for name in toml_files(file.parent) if name != file.name]
        allowed += ", or the name of a .toml file beside this one"
    near = nearest(wanted, [*known, *others])
    what = "scenario" if key == "against" else key
    raise table.refusal(f"unknown {what}", key, value=wanted, allowed=allowed, nearest=near)


def _heading(file: Table) -> dict[str, str]:
    """Title and claim of a scenario."""
    file.only(_KEYS)
    return {"title": file.line("title"), **read_claim(file)}
