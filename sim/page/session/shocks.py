"""Shock buttons: what shipped scenarios do to the economy, from next month on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sim.base.errors import RequestError, nearest, one_of
from sim.config.parameter_path import ParameterPath
from sim.config.registry import load_registry
from sim.config.scenario.loader import reference_of
from sim.config.scenario.scenario import Scenario
from sim.page.session.origin import shipped_scenario


@dataclass(frozen=True)
class Shock:
    """One button: what stands on it, and the shipped scenario that it takes its events from."""

    name: str
    words: str
    scenario: str


SHOCKS = (
    Shock("hormuz", "Hormuz", "hormuz_closure"),
    Shock("taiwan", "Taiwan outage", "taiwan_outage"),
    Shock("gulf", "Gulf stop", "gulf_stop"),
    Shock("refuse", "Refuse distillation", "distillation_refused"),
    Shock("controls", "Tighter controls", "controls_tight"),
    Shock("breakthrough", "Breakthrough", "one_lab_breakthrough"),
)


def buttons(scenario: Scenario, over: bool) -> list[dict[str, Any]]:
    """The buttons of a run as plain data; `why_not` is "" for one that can be pressed."""
    return [
        {
            "name": shock.name,
            "words": shock.words,
            "about": shipped_scenario(shock.scenario).title,
            "why_not": why_not(scenario, over, shock),
        }
        for shock in SHOCKS
    ]


def find(name: object) -> Shock:
    """The shock of a name; RequestError, with the nearest name, if there is none."""
    known = [shock.name for shock in SHOCKS]
    if name not in known:
        near = nearest(name, known) if isinstance(name, str) else None
        raise RequestError("unknown shock", value=name, allowed=one_of(known), nearest=near)
    return SHOCKS[known.index(str(name))]


def why_not(scenario: Scenario, over: bool, shock: Shock) -> str:
    """Why a shock cannot begin next month, in words; "" if it can."""
    return "the run is over" if over else why_nowhere(scenario, shock)


def why_nowhere(scenario: Scenario, shock: Shock) -> str:
    """Why a shock has nothing to act on in a world, in words; "" if it has."""
    for event in _effects(shock, 1):
        for path in event["set"] | event["scale"]:
            try:
                load_registry().find(path, scenario.rows)
            except RequestError:
                agents = ParameterPath.of(path).agents
                return f"there is no {agents} in the world of “{scenario.title}”"
    return ""


def events(scenario: Scenario, shock: Shock, month: int) -> list[dict[str, Any]]:
    """The shock's events from month number `month` on, with the keys of a scenario file.

    They last as long as in the scenario they come from, and to the end where it has them from its
    start. Names are new to the scenario: a shock that comes again is numbered.
    """
    taken = {event.name for event in scenario.events}
    found = _effects(shock, scenario.months - month)
    number = 1
    while taken & {_numbered(event["name"], number) for event in found}:
        number += 1
    start = scenario.calendar.label(month)
    return [{**e, "name": _numbered(e["name"], number), "start": start} for e in found]


def _effects(shock: Shock, rest: int) -> list[dict[str, Any]]:
    """The events of the shock's scenario, and its set values as an event of `rest` months."""
    scenario = shipped_scenario(shock.scenario)
    found = [
        {
            "name": f"{shock.name}_{event.name}",
            "months": event.months,
            "set": dict(event.set),
            "scale": dict(event.scale),
        }
        for event in sorted(scenario.events, key=lambda e: (e.start, -e.months))
    ]
    if found:
        return found
    changed = dict(_changed(shock.scenario))
    return [{"name": f"{shock.name}_set", "months": rest, "set": changed, "scale": {}}]


@cache
def _changed(name: str) -> Mapping[str, float]:
    """The values that a shipped scenario sets otherwise than its reference."""
    scenario = shipped_scenario(name)
    usual = reference_of(scenario).set
    return {path: value for path, value in scenario.set.items() if usual.get(path) != value}


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"
