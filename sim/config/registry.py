"""The registry: every parameter with its default, unit, range, source and how it may change.

`configs/parameters.toml` is the only place where a default lives. A broad entry
(`population.column`) describes a column; a narrow one (`population.group.column` or
`population.row.column`) gives some rows another value. The narrower entry governs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, cast

from sim.base import checks
from sim.base.errors import RequestError, nearest, one_of
from sim.base.frozen import FrozenDict
from sim.config import shipped
from sim.config.parameter_path import FORM, ParameterPath, Rows
from sim.config.toml.document import read_document
from sim.config.toml.table import Table

Distribution = Literal["fixed", "uniform", "loguniform", "triangular"]
Applies = Literal["start", "month"]
Kind = Literal["evidence", "observation", "assumption", "derived"]

DISTRIBUTIONS = ("fixed", "uniform", "loguniform", "triangular")
APPLIES = ("start", "month")
KINDS = ("evidence", "observation", "assumption", "derived")
NARROW_KEYS = ("value", "low", "high", "kind", "source", "note", "shown_in")
BROAD_KEYS = (*NARROW_KEYS, "unit", "min", "max", "distribution", "applies")
_WORD = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")


@dataclass(frozen=True)
class Parameter:
    """One entry. `low` to `high` is what designs sample, `min` to `max` what is allowed.

    selector: the group or row it is narrowed to, "" for the whole population.
    applies: "month" may be shocked by events, "start" only set.
    shown_in: scenarios in which it acts, where it moves nothing in the baseline.
    """

    path: str
    population: str
    selector: str
    column: str
    value: float
    unit: str
    low: float
    high: float
    min: float
    max: float
    distribution: Distribution
    applies: Applies
    kind: Kind
    source: str
    note: str
    shown_in: tuple[str, ...] = ()

    @property
    def at(self) -> ParameterPath:
        """The path in its parts."""
        return ParameterPath(self.population, self.selector, self.column)


@dataclass(frozen=True)
class Registry:
    """All entries by path, in the order of the file."""

    parameters: Mapping[str, Parameter]

    def columns(self, population: str) -> Mapping[str, Parameter]:
        """The broad entries of a population by column; empty for a population without any."""
        return self._broad.get(population, {})

    def narrow(self, population: str, column: str) -> list[Parameter]:
        """The entries that give some rows of a column another value."""
        return self._narrow.get((population, column), [])

    def find(self, path: str, rows: Rows | None = None) -> Parameter:
        """The entry that governs a path, under that path's name.

        rows: the agents of a world; with them groups and rows are checked, and a row without an
        entry of its own is governed by the next on its ladder.
        Raises RequestError, with the nearest name, for a path that names nothing.
        """
        at = self._parsed(path)
        broad = self._column(at)
        if not at.selector:
            return broad
        if rows is not None:
            _check_selector(at, rows)
        governing = next(p for p in at.ladder(rows or {}) if p in self.parameters)
        return replace(self.parameters[governing], path=path, selector=at.selector)

    def check(self, path: str, value: object, rows: Rows | None = None) -> float:
        """`value` as a number that the parameter may take; RequestError if it may not."""
        entry = self.find(path, rows)
        try:
            return checks.number(value, entry.min, entry.max, entry.unit)
        except RequestError as error:
            raise error.located(path) from None

    def monthly_instead(self, entry: Parameter) -> str | None:
        """The monthly parameter that would do for one that acts at the start only, or None.

        Either the note names it, or it is a column of the same population whose name begins with
        the same two words.
        """
        monthly = {c: p.path for c, p in self.columns(entry.population).items() if _monthly(p)}
        monthly |= {p.path: p.path for p in self.parameters.values() if _monthly(p)}
        for word in _WORD.findall(entry.note):
            if word in monthly:
                return monthly[word]
        stem = entry.column.split("_")[:2]
        return next((p for c, p in monthly.items() if c.split("_")[:2] == stem), None)

    def _parsed(self, path: object) -> ParameterPath:
        try:
            return ParameterPath.of(path)
        except ValueError:
            near = nearest(path, self._paths) if isinstance(path, str) else None
            key = path if isinstance(path, str) else repr(path)
            raise RequestError(
                "not a parameter path", key=key, allowed=FORM, nearest=near
            ) from None

    def _column(self, at: ParameterPath) -> Parameter:
        """The broad entry of a path's column; RequestError, with the nearest, if there is none."""
        columns = self.columns(at.population)
        if at.column in columns:
            return columns[at.column]
        wanted = str(at.whole)
        namesakes = [p for p in self._paths if ParameterPath.of(p).column == at.column]
        inside = [entry.path for entry in columns.values()]
        near = nearest(wanted, namesakes) or nearest(wanted, inside) or nearest(wanted, self._paths)
        if near is not None:
            near = str(ParameterPath.of(near).narrowed(at.selector))
        allowed = f"a parameter of {at.population if columns else one_of(self._broad)}"
        raise RequestError("unknown parameter", key=str(at), allowed=allowed, nearest=near)

    @cached_property
    def _paths(self) -> list[str]:
        return [entry.path for entry in self.parameters.values() if not entry.selector]

    @cached_property
    def _broad(self) -> dict[str, dict[str, Parameter]]:
        broad: dict[str, dict[str, Parameter]] = {}
        for entry in self.parameters.values():
            if not entry.selector:
                broad.setdefault(entry.population, {})[entry.column] = entry
        return broad

    @cached_property
    def _narrow(self) -> dict[tuple[str, str], list[Parameter]]:
        narrow: dict[tuple[str, str], list[Parameter]] = {}
        for entry in self.parameters.values():
            if entry.selector:
                narrow.setdefault((entry.population, entry.column), []).append(entry)
        return narrow


def load_registry(file: Path | None = None) -> Registry:
    """Read a registry, the shipped one by default (once a process).

    Raises RequestError with file, line and key for whatever is wrong in it.
    """
    return _shipped(shipped.FOLDER / "parameters.toml") if file is None else _read(file)


@cache
def _shipped(file: Path) -> Registry:
    return _read(file)


def _read(file: Path) -> Registry:
    root = Table.of(read_document(file))
    entries: dict[str, Parameter] = {}
    for narrow in (False, True):  # broad entries first: narrow ones inherit from them
        for path in root:
            table = root.table(path, hint='a table, its path in quotes: ["population.column"]')
            try:
                at = ParameterPath.of(path)
            except ValueError:
                allowed = f"{FORM}, in quotes"
                raise root.refusal("not a parameter path", path, allowed=allowed) from None
            if bool(at.selector) is narrow:
                entries[path] = _entry(table, at, entries)
    return Registry(FrozenDict({path: entries[path] for path in root}))


def _entry(table: Table, at: ParameterPath, broad: Mapping[str, Parameter]) -> Parameter:
    """One entry, checked; a narrow one takes unit, bounds and law from its broad one."""
    if at.selector:
        table.only(NARROW_KEYS)
        parent = broad.get(str(at.whole))
        if parent is None:
            near = nearest(str(at.whole), broad)
            raise table.refusal("narrows a parameter that has no entry", nearest=near)
        unit, least, most = parent.unit, parent.min, parent.max
        distribution, applies = parent.distribution, parent.applies
    else:
        table.only(BROAD_KEYS)
        unit = table.text("unit")
        least = table.number("min")
        most = table.number("max", low=least)
        distribution = cast(Distribution, table.choice("distribution", DISTRIBUTIONS))
        applies = cast(Applies, table.choice("applies", APPLIES))
    value = table.number("value", least, most, unit)
    low = table.number("low", least, value, unit)
    high = table.number("high", value, most, unit)
    if distribution == "loguniform" and low <= 0.0:
        raise table.refusal("no logarithm", "low", value=low, allowed="above 0 for loguniform")
    return Parameter(
        path=str(at),
        population=at.population,
        selector=at.selector,
        column=at.column,
        value=value,
        unit=unit,
        low=low,
        high=high,
        min=least,
        max=most,
        distribution=distribution,
        applies=applies,
        kind=cast(Kind, table.choice("kind", KINDS)),
        source=table.source("source"),
        note=table.text("note"),
        shown_in=table.texts("shown_in"),
    )


def _check_selector(at: ParameterPath, rows: Rows) -> None:
    """Refuse a selector that is neither a row nor a group of the population."""
    if not at.is_in(rows):
        members = rows.get(at.population, {})
        known = [*dict.fromkeys(group for group in members.values() if group), *members]
        allowed = f"a group or row of {at.population}: {one_of(known)}"
        near = nearest(at.selector, known)
        near = near and str(at.narrowed(near))
        raise RequestError("unknown group or row", key=str(at), allowed=allowed, nearest=near)


def _monthly(entry: Parameter) -> bool:
    return entry.applies == "month"
