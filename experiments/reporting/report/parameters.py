"""The parameters of a report: those that are not the registry's, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

from sim.base.number_format import exact, figure, span
from sim.config.registry import Parameter, load_registry
from sim.results.results import Results

VALUES = 6
"""Different values of a varied path that are listed; of more only the range."""


@dataclass(frozen=True)
class ParameterRow:
    """A parameter that differs from the registry, or that the design varies."""

    path: str
    here: str
    default: str
    sampled: str
    unit: str
    kind: str
    source: str
    note: str


COLUMNS = ("path", "here", "default", "sampled", "unit", "kind", "source", "note")


def parameter_rows(results: Results) -> list[ParameterRow]:
    """What the design varies, what the scenario sets, and what its events do, in this order."""
    scenario = results.scenario
    told: dict[str, list[str]] = {}
    for path in results.paths:
        values = sorted({float(value) for value in results.design[path]})
        few = len(values) <= VALUES
        said = ", ".join(map(exact, values)) if few else span(values[0], values[-1], figure, " to ")
        told[path] = [f"varied: {said}"]
    for path, value in scenario.set.items():
        told.setdefault(path, []).append(exact(value))
    for event in scenario.events:
        when = f"from {scenario.calendar.label(event.start)} for {event.months} months"
        for verb, overlay in (("set to", event.set), ("times", event.scale)):
            for path, value in overlay.items():
                told.setdefault(path, []).append(f"{event.name}: {verb} {exact(value)} {when}")
    return [_line(path, "; ".join(said), results) for path, said in told.items()]


def _line(path: str, here: str, results: Results) -> ParameterRow:
    if path.startswith("events."):
        return ParameterRow(path, here, "", "", "month", "", "the scenario", "timing of an event")
    entry: Parameter = load_registry().find(path, results.scenario.rows)
    return ParameterRow(
        path=path,
        here=here,
        default=exact(entry.value),
        sampled=f"{span(entry.low, entry.high, exact, ' to ')}, {entry.distribution}",
        unit="" if entry.unit == "1" else entry.unit,
        kind=entry.kind,
        source=entry.source,
        note=entry.note,
    )
