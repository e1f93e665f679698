"""Levers: the parameters of the registry that a world has, as plain data for the browser."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.config.parameter_path import ParameterPath
from sim.config.registry import Parameter, load_registry
from sim.config.scenario.overlays import defaults_of, disturbed, undisturbed
from sim.config.scenario.scenario import Event
from sim.figures.figure import SECTORS
from sim.page.session import live_overlays

if TYPE_CHECKING:
    from sim.page.session.session import Session

LIVE, LATER = "live", "from the next start"


def levers(session: Session) -> list[dict[str, Any]]:
    """Every lever of the session's world, in the order of the registry.

    value: what the path has now, its default: what the scenario says. low and high: the ends of the
    slider; min and max: what may be typed. pending: whether it waits for the next start.
    """
    with session.lock:
        rows, own = session.base.rows, session.base.set
        now = {**own, **session.levers}
        registry = load_registry()
        here = {p: e for p, e in registry.parameters.items() if e.at.is_in(rows)}
        here |= {p: registry.find(p, rows) for p in session.levers if p not in here}
        waits = frozenset(session.pending)
        acting = _others(session)
        return [
            {
                **_lever(entry, _value(session, own, entry.path), _value(session, now, entry.path)),
                "changed": entry.path in session.levers,
                "pending": entry.path in waits,
                "note_live": _note(session, entry.path, acting),
            }
            for entry in here.values()
        ]


def notes(session: Session, path: str) -> str:
    """Other events on a path's rows next month, in words; "" if there is none."""
    with session.lock:
        return _note(session, path, _others(session))


def _value(session: Session, overlay: Mapping[str, float], path: str) -> float:
    return live_overlays.value_of(load_registry(), session.base.rows, overlay, path)


def _lever(entry: Parameter, default: float, value: float) -> dict[str, Any]:
    """The registry entry of a lever, and its values."""
    wide = entry.low < entry.high
    low, high = (entry.low, entry.high) if wide else (entry.min, entry.max)
    named = f"{entry.selector}: " if entry.selector else ""
    live = entry.applies == "month"
    return {
        "path": entry.path,
        "population": entry.population,
        "sector": SECTORS[entry.population],
        "words": (named + entry.column).replace("_", " "),
        "value": value,
        "default": default,
        "unit": entry.unit,
        "low": low,
        "high": high,
        "min": entry.min,
        "max": entry.max,
        "step": _step(low, high),
        "log": entry.distribution == "loguniform",
        "kind": entry.kind,
        "source": entry.source,
        "note": entry.note,
        "live": live,
        "acts": LIVE if live else LATER,
    }


def _step(low: float, high: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that makes a hundred steps or more.

    >>> _step(3, 12)
    0.05
    """
    if high <= low:
        return 1.0
    fine = (high - low) / 100.0
    power = math.floor(math.log10(fine))
    most = fine / 10.0**power
    first = next(digit for digit in (5, 2, 1) if digit <= most * (1.0 + 1e-9))
    return float(f"{first}e{power}")


def _others(session: Session) -> list[Event]:
    """Events that act next month and are not those of levers."""
    month = session.month
    return [
        event
        for event in session.scenario.events
        if event.start <= month < event.start + event.months
        and event.name not in session.lever_events
    ]


def _note(session: Session, path: str, others: list[Event]) -> str:
    """The other event that overrides the path, for all of its rows or some."""
    place = ParameterPath.of(path).place
    touching = [
        e for e in others if any(ParameterPath.of(p).place == place for p in (*e.set, *e.scale))
    ]
    if not touching:
        return ""
    rows, defaults = session.base.rows, defaults_of(load_registry(), *place)
    levers = [e for e in session.scenario.events if e.name in session.lever_events]
    month = session.month
    active = [e for e in levers if e.start <= month < e.start + e.months] + touching
    said = {p for e in touching for p in (*e.set, *e.scale)}
    words = []
    for part in (path, *sorted(live_overlays.narrower(path, said, rows))):
        ladder = ParameterPath.of(part).ladder(rows)
        found = disturbed(undisturbed(ladder, session.scenario.set, defaults), ladder, active)
        winner = next((e for e in touching if e.name == found.event), None)
        if winner is not None:
            label = session.base.calendar.label(winner.start + winner.months - 1)
            where = "" if part == path else f" for {part}"
            words.append(f"{winner.name} makes it {found.value:.6g}{where} until {label}")
    return "; ".join(words)
