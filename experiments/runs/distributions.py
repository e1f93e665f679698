"""The laws of all parameters: what a design samples where a file asks for the whole registry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from agents.framework.columns import Floats
from sim.base.errors import RequestError
from sim.config.registry import Parameter, load_registry
from sim.config.scenario.changes import with_set
from sim.config.scenario.scenario import Scenario


def registered(entry: Parameter, low: float | None = None, high: float | None = None) -> Law:
    """The law of a parameter, over a range of the file's own if it gives one: that is even, or even
    in the logarithm where the registered law is."""
    if low is not None and high is not None:
        by_size = entry.distribution == "loguniform" and low > 0.0
        return Law("loguniform" if by_size else "uniform", low, high)
    if entry.distribution == "fixed" or not entry.low < entry.high:
        allowed = "[low, high]"
        raise RequestError("the registry holds it fixed", value="registry", allowed=allowed)
    return Law(entry.distribution, entry.low, entry.high, entry.value)


def sampled(entry: Parameter) -> bool:
    """Whether designs sample it: the registry does not hold it fixed, and gives a range."""
    return entry.distribution != "fixed" and entry.low < entry.high


def in_force(scenario: Scenario) -> Iterator[Parameter]:
    """The registry's entries whose values hold in a scenario, in the order of the registry: those
    that reach an agent of its world past narrower entries and past what the scenario sets."""
    registry = load_registry()
    reached = set[str]()
    for entry in registry.parameters.values():
        if entry.selector:
            continue
        narrow = (p.path for p in registry.narrow(*entry.at.place))
        for ladder in entry.at.ladders(scenario.rows, [*narrow, *scenario.set]):
            if not any(path in scenario.set for path in ladder):
                reached.add(next(path for path in ladder if path in registry.parameters))
    return (entry for path, entry in registry.parameters.items() if path in reached)


def registry_laws(scenario: Scenario) -> dict[str, Law]:
    """The law of every parameter in force that the registry does not hold fixed."""
    return {entry.path: registered(entry) for entry in in_force(scenario) if sampled(entry)}


def with_exceptions(scenario: Scenario) -> Scenario:
    """The scenario for such a design: entries in force that narrow a parameter that varies, and do
    not vary themselves, are set to their value. A design's value for all would overrule them."""
    registry = load_registry()
    fixed = {
        entry.path: entry.value
        for entry in in_force(scenario)
        if entry.selector
        and not sampled(entry)
        and sampled(registry.parameters[str(entry.at.whole)])
    }
    return with_set(scenario, fixed)


LawKind = Literal["uniform", "loguniform", "triangular", "whole", "values"]


@dataclass(frozen=True)
class Law:
    """How a path is spread over its range.

    kind: uniform, loguniform and triangular over [low, high], only the last with a peak, at `mode`;
    whole numbers from low to high, all alike; or the listed values of a grid.
    """

    kind: LawKind
    low: float
    high: float
    mode: float = 0.0
    values: tuple[float, ...] = ()

    def at(self, unit: Floats) -> Floats:
        """The quantiles of the law at points of [0, 1]."""
        low, width = self.low, self.high - self.low
        match self.kind:
            case "loguniform":
                found = low * np.exp(unit * math.log(self.high / low))
            case "triangular":
                peak = (self.mode - low) / width
                rising = low + width * np.sqrt(unit * peak)
                falling = self.high - width * np.sqrt((1.0 - unit) * (1.0 - peak))
                found = np.where(unit < peak, rising, falling)
            case "whole":
                found = low + np.minimum(np.floor(unit * (width + 1.0)), width)
            case _:
                found = low + width * unit
        return np.clip(found, self.low, self.high)

    def to_dict(self) -> dict[str, Any]:
        """The law as plain data for a manifest."""
        if self.kind == "values":
            return {"values": list(self.values)}
        mode = {"mode": self.mode} if self.kind == "triangular" else {}
        return {"law": self.kind, "low": self.low, "high": self.high, **mode}

    @classmethod
    def of_dict(cls, told: Mapping[str, Any]) -> Law:
        """The law that a manifest tells."""
        if "values" in told:
            values = tuple(told["values"])
            return cls("values", min(values), max(values), values=values)
        return cls(told["law"], told["low"], told["high"], told.get("mode", 0.0))
