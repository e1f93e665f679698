"""The runs of one page and what its user does to them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.base import checks
from sim.base.errors import RequestError, one_line
from sim.config.registry import load_registry
from sim.config.scenario.changes import ended, with_event, with_set
from sim.config.scenario.scenario import Scenario
from sim.model import EconomyModel
from sim.page.session import live_overlays, memory_budget, shocks, starts
from sim.page.session.change import WAITS, Change, said
from sim.page.session.starts import UNDISTURBED

TITLE_MAX = 80
TABLES = memory_budget.TABLES


@dataclass(frozen=True)
class Acting:
    """The event that brings a lever about in the running model."""

    name: str
    sets: Mapping[str, float]


class Session:
    """The models of one page: the live one first, then those it is compared with, month by month
    together and with the same draws.

    scenario: a Scenario, or the name of a shipped one. levers: path -> value, laid at the start.
    Whatever is refused with a RequestError leaves all as it was. A model that breaks a law leaves
    the session where it stopped: `restart`, `choose` and all that is done at the start still work.
    """

    def __init__(
        self,
        scenario: Scenario | str = "baseline",
        seed: int = 1,
        months: int | None = None,
        levers: Mapping[str, float] | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.base = starts.cut(starts.chosen(scenario), months)
        """The scenario as it was chosen, without what the user did."""
        self.seed = checks.argument("seed", seed)
        self.compared: tuple[str, ...] = ()
        """What is compared: names of shipped scenarios, or UNDISTURBED."""
        self.levers: dict[str, float] = starts.checked(self.base, levers or {})
        """Path -> value of the levers that were moved, as they stand now."""
        self._broken: Exception | None = None
        self.models: tuple[EconomyModel, ...] = ()
        self._begin(self.base, self.seed, self.levers, ())

    @property
    def scenario(self) -> Scenario:
        """The live scenario, with levers and shocks so far."""
        return self.models[0].scenario

    @property
    def names(self) -> tuple[str, ...]:
        """A title for every model, each another. Where the live run is held against itself without
        the user's changes, it says that it has them."""
        found: list[str] = []
        mine = " with my changes" if UNDISTURBED in self.compared and self._changes else ""
        for model, name in zip(self.models, ("", *self.compared), strict=True):
            own = model.scenario.title + (mine if model is self.models[0] else "")
            own = "without my changes" if name == UNDISTURBED else own
            title, number = one_line(own, TITLE_MAX), 2
            while title in found:
                title, number = f"{one_line(own, TITLE_MAX)} ({number})", number + 1
            found.append(title)
        return tuple(found)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Changes of the user since the start, in order."""
        return tuple(self._changes)

    @property
    def month(self) -> int:
        """Months done."""
        return self.models[0].month

    @property
    def months(self) -> int:
        """Months of the run."""
        return self.base.months

    @property
    def over(self) -> bool:
        """True if all months are done."""
        return self.month >= self.months

    @property
    def pending(self) -> tuple[str, ...]:
        """Paths of levers that wait for the next start."""
        with self.lock:
            moved = {p for p in {*self.levers, *self.laid} if self._asked(p) != self._now(p)}
            return tuple(sorted(moved))

    @property
    def lever_events(self) -> frozenset[str]:
        """Names of the events by which levers act, or acted, in the running model."""
        return frozenset(self._lever_events)

    def step(self, months: int = 1) -> int:
        """Run so many months of all models, at most to the end; returns the months done.

        Raises what a model raises, and again at every call until the models are opened anew.
        """
        with self.lock:
            if self._broken is not None:
                raise self._broken.with_traceback(None)
            last = min(self.months, self.month + checks.argument("months", months))
            while self.month < last:
                self._step()
            return self.month

    def restart(self) -> None:
        """Back to the first month: levers stay where they are, shocks go."""
        with self.lock:
            self._begin(self.base, self.seed, self.levers, self.compared)

    def replay(self) -> None:
        """Run again from the first month to this one with every change in its month: the numbers
        are those seen."""
        with self.lock:
            self.models = tuple(
                starts.run_to(starts.opened(m.scenario, self.seed, m.record.tables), m.month)
                for m in self.models
            )
            self._broken = None

    def choose(
        self,
        scenario: Scenario | str | None = None,
        seed: int | None = None,
        months: int | None = None,
    ) -> None:
        """A new start. What is not given stays; another scenario drops the levers, and of what is
        compared what starts in another month."""
        with self.lock:
            seed = self.seed if seed is None else checks.argument("seed", seed)
            if scenario is None:
                base = self.base if months is None else starts.cut(self.base, months)
                self._begin(base, seed, self.levers, self.compared)
                return
            base = starts.cut(starts.chosen(scenario), months)
            kept = [n for n in self.compared if starts.start_of(n, base) == base.world.start]
            self._begin(base, seed, {}, tuple(kept))

    def compare(self, names: Sequence[str]) -> None:
        """Run other scenarios beside the live one, from the first month to this one.

        names: at most two, of shipped scenarios that start in the same month, or
        UNDISTURBED. One that ends before the live one stops there.
        """
        with self.lock:
            wanted = starts.beside(self.base, names)
            others = self._others(self.base, self.seed, wanted)
            self.models = (self.models[0], *(starts.run_to(model, self.month) for model in others))
            self.compared = wanted

    def set_lever(self, path: str, value: float) -> None:
        """Move a lever: from the next month on, or from the next start where it acts only then."""
        with self.lock:
            self._move(path, {**self.levers, **starts.checked(self.base, {path: value})})

    def reset_lever(self, path: str) -> None:
        """Put a lever back to what the scenario says."""
        with self.lock:
            load_registry().find(path, self.base.rows)
            if path in self.levers:
                self._move(path, {p: v for p, v in self.levers.items() if p != path})

    def shock(self, name: str) -> None:
        """Have a shock of `sim.page.session.shocks` begin next month."""
        with self.lock:
            shock = shocks.find(name)
            if reason := shocks.why_not(self.scenario, self.over, shock):
                raise RequestError(reason, key="shock", value=name)
            events = shocks.events(self.scenario, shock, self.month)
            self._act([], events)
            self._shocks += events
            change = Change(events[0]["start"], "shock", shock.words, events[0], self.month)
            self._changes.append(replace(change, name=name))

    def _begin(
        self,
        base: Scenario,
        seed: int,
        levers: Mapping[str, float],
        compared: tuple[str, ...],
        events: Sequence[Mapping[str, Any]] = (),
        changes: Sequence[Change] | None = None,
    ) -> None:
        """Open all models at the first month; all or, if one is refused, nothing changes."""
        live = with_set(base, levers) if levers else base
        for event in events:
            live = with_event(live, event)
        memory_budget.check_room([live, *(starts.other(base, name) for name in compared)])
        model = starts.opened(live, seed)
        self.models = (model, *self._others(base, seed, compared))
        self.base, self.seed, self.compared = base, seed, compared
        self.levers, self.laid = dict(levers), dict(levers)
        self._acting: dict[str, Acting] = {}
        self._lever_events: set[str] = set()
        self._shocks = list(events)
        start = base.calendar.start
        laid = [Change(start, "lever", said(p, v), path=p, value=v) for p, v in levers.items()]
        self._changes = laid if changes is None else list(changes)
        self._broken = None

    def _others(self, base: Scenario, seed: int, names: Sequence[str]) -> list[EconomyModel]:
        scenarios = [starts.other(base, name) for name in names]
        memory_budget.check_room([base, *scenarios])
        return [starts.opened(scenario, seed) for scenario in scenarios]

    def _step(self) -> None:
        try:
            for model in self.models:
                model.step()
        except Exception as error:
            # A month that was left half done cannot go on, whatever stopped it.
            self._broken = error
            raise

    def _move(self, path: str, levers: dict[str, float]) -> None:
        """Have levers stand like this, one of them moved, and log it."""
        kept = [c for c in self._changes if (c.path, c.made) != (path, self.month)]
        value = levers.get(path)
        if self.month == 0:
            start = self.base.calendar.start
            change = Change(start, "lever", said(path, value), path=path, value=value)
            changes = kept if value is None else [*kept, change]
            self._begin(self.base, self.seed, levers, self.compared, self._shocks, changes)
            return
        begun = {} if self.over else self._lay(levers)
        self.levers = levers
        words = said(path, value)
        if path in self.pending:
            words += WAITS
        month = self.base.calendar.label(min(self.month, self.months - 1))
        change = Change(month, "lever", words, begun.get(path, {}), self.month, path, value)
        before = [c.value for c in kept if c.path == path] or [None]
        self._changes = kept if before[-1] == value else [*kept, change]

    def _lay(self, levers: Mapping[str, float]) -> dict[str, dict[str, Any]]:
        """Have levers act in the running model from next month on; returns the events that begin
        by the lever they are for."""
        rows, month = self.base.rows, self.month
        wanted = live_overlays.live_sets(load_registry(), rows, self.base.set, self.laid, levers)
        held = {p: a for p, a in self._acting.items() if wanted.get(p) == a.sets}
        ends = [a.name for p, a in self._acting.items() if p not in held]
        taken = {e.name for e in self.scenario.events if e.name not in ends or e.start < month}
        events: dict[str, dict[str, Any]] = {}
        for path in wanted.keys() - held.keys():
            name = _free(f"lever_{path.replace('.', '_')}", taken)
            taken.add(name)
            start, rest = self.base.calendar.label(month), self.months - month
            events[path] = {"name": name, "start": start, "months": rest, "set": wanted[path]}
        self._act(ends, list(events.values()))
        begun = {p: Acting(str(e["name"]), wanted[p]) for p, e in events.items()}
        self._acting = held | begun
        self._lever_events |= {a.name for a in begun.values()}
        return events

    def _act(self, ends: Sequence[str], events: Sequence[Mapping[str, Any]]) -> None:
        """End events of the live model and begin others next month; all of it or nothing."""
        tried = self.scenario
        for name in ends:
            tried = ended(tried, name, self.month)
        for event in events:
            tried = with_event(tried, event)
        live = self.models[0]
        for name in ends:
            live.end(name)
        for event in events:
            overlay = {key: event.get(key, {}) for key in ("set", "scale")}
            live.apply(event["name"], months=event["months"], **overlay)

    def _asked(self, path: str) -> float:
        own = {**self.base.set, **self.levers}
        return live_overlays.value_of(load_registry(), self.base.rows, own, path)

    def _now(self, path: str) -> float:
        """The value of a path in the running model under the levers."""
        acting = {p: v for a in self._acting.values() for p, v in a.sets.items()}
        own = {**self.base.set, **self.laid, **acting}
        return live_overlays.value_of(load_registry(), self.base.rows, own, path)


def _free(stem: str, taken: set[str]) -> str:
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
