"""Scenarios made from another one: with an event, with other values, ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sim.base.errors import RequestError, nearest, one_of
from sim.base.frozen import FrozenDict
from sim.config.registry import load_registry
from sim.config.scenario.builder import Draft
from sim.config.scenario.scenario import Scenario
from sim.config.toml.table import Table


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
