"""A vintage: the parameters that describe a start, calibrated to what was known by its day.

`configs/vintages/NAME.toml` gives its day, the world whose start it describes, and every parameter
that differs from the registry's, with range, source, and the day from which the newest fact behind
it was known. What it does not give has the registry's value. A scenario stands on one by its key
`vintage`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from sim.base import checks
from sim.base.errors import RequestError
from sim.base.frozen import FrozenDict
from sim.config import shipped
from sim.config.evidence import origins
from sim.config.registry import KINDS, Kind, Parameter, load_registry
from sim.config.toml.document import read_document
from sim.config.toml.table import Table

KEYS = ("title", "known", "world", "value")
VALUE_KEYS = ("value", "low", "high", "kind", "source", "note", "known")


@dataclass(frozen=True)
class Vintage:
    """A calibration to what was known by a day.

    known: the day. world: the world whose start it describes. parameters: by path; those that
    differ from the registry's. since: the day from which the newest fact behind each was known.
    """

    name: str
    title: str
    known: date
    world: str
    parameters: Mapping[str, Parameter]
    since: Mapping[str, date]

    @property
    def set(self) -> dict[str, float]:
        """Path -> value, as a scenario sets them."""
        return {path: entry.value for path, entry in self.parameters.items()}


def load_vintage(name_or_path: str | os.PathLike[str]) -> Vintage:
    """A shipped vintage by name, or one from a .toml file.

    Raises RequestError with file, line and key for whatever is wrong in it, among it a fact that is
    later than its day.
    """
    file = shipped.locate("vintage", name_or_path)
    root = Table.of(read_document(file))
    root.only(KEYS)
    known = _day(root, "known")
    values = root.table("value", optional=True)
    since = {path: _since(values.table(path), known) for path in values}
    return Vintage(
        name=file.stem,
        title=root.line("title"),
        known=known,
        world=root.name("world"),
        parameters=FrozenDict({path: _parameter(values, path) for path in values}),
        since=FrozenDict(since),
    )


def _parameter(values: Table, path: str) -> Parameter:
    """An entry in the place of the registry's: unit, bounds, law and timing are those."""
    table = values.table(path)
    table.only(VALUE_KEYS)
    with values.at(path):
        entry = load_registry().find(path)
    value = table.number("value", entry.min, entry.max, entry.unit)
    low = table.number("low", entry.min, value, entry.unit)
    if entry.distribution == "loguniform" and low <= 0.0:
        raise table.refusal("no logarithm", "low", value=low, allowed="above 0 for loguniform")
    return replace(
        entry,
        value=value,
        low=low,
        high=table.number("high", value, entry.max, entry.unit),
        kind=cast(Kind, table.choice("kind", KINDS)),
        source=table.source("source"),
        note=table.text("note", entry.note),
        shown_in=(),
    )


def _since(table: Table, known: date) -> date:
    """The day of the newest fact behind an entry; no fact may be later than the vintage."""
    day = _day(table, "known")
    if day > known:
        raise table.refusal("later than the vintage", "known", value=str(day), allowed=f"{known}")
    with table.at("source"):
        for origin in origins(table.source("source")):
            if origin.after(known):
                raise RequestError(
                    "later than the vintage", value=origin.reference, allowed=f"until {known}"
                )
    return day


def _day(table: Table, key: str) -> date:
    text = table.text(key)
    with table.at(key):
        return checks.day(text)
