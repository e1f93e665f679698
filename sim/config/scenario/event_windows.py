"""When events begin and how long they last, run by run: paths `events.NAME.start` and
`events.NAME.months` of a design.

`start` counts months from the scenario's first month, as `Event.start` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agents.framework.columns import Floats
from sim.base import checks
from sim.base.calendar import MONTHS_MAX
from sim.base.errors import RequestError, nearest, one_of
from sim.config.scenario.scenario import Event, Scenario

PREFIX = "events."
FIELDS = ("months", "start")


def is_event_path(path: str) -> bool:
    """True if a path of a design sets the time of an event instead of a parameter."""
    return path.startswith(PREFIX)


def check_event_path(scenario: Scenario, path: str) -> str:
    """The field that an event path names; RequestError, with the nearest name, if there is none."""
    known = [f"{PREFIX}{event.name}.{field}" for event in scenario.events for field in FIELDS]
    if path not in known:
        raise RequestError(
            "unknown event or field",
            key=path,
            allowed=one_of(known),
            nearest=nearest(path, known),
        )
    return path.rpartition(".")[2]


def check_event_value(scenario: Scenario, path: str, value: object) -> int:
    """A month of the run as its number, or a length in months; RequestError if it is neither."""
    field = check_event_path(scenario, path)
    low, high = (0, scenario.months - 1) if field == "start" else (1, MONTHS_MAX)
    try:
        return checks.integer(value, low, high)
    except RequestError as error:
        raise error.located(path) from None


class Windows:
    """The months in which events act, which may differ by run."""

    def __init__(self, scenario: Scenario, design: Mapping[str, Floats]) -> None:
        self._given: dict[str, dict[str, Floats]] = {}
        for path, values in design.items():
            for value in np.unique(values):
                whole = int(value) if float(value).is_integer() else float(value)
                check_event_value(scenario, path, whole)
            name, field = path.removeprefix(PREFIX).split(".")
            self._given.setdefault(name, {})[field] = np.reshape(values, (-1, 1))

    def active(self, events: Sequence[Event], month: int) -> list[tuple[Event, Floats]]:
        """The events that act in any run in a month, each with 1 for the runs in which it does,
        (runs, 1), or (1, 1) where all runs are alike."""
        found = []
        for event in events:
            given = self._given.get(event.name, {})
            start = given.get("start", np.full((1, 1), float(event.start)))
            months = given.get("months", np.full((1, 1), float(event.months)))
            acts = ((start <= month) & (month < start + months)).astype(np.float64)
            if acts.any():
                found.append((event, acts))
        return found
