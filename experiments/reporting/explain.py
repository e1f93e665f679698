"""One parameter: what it is, where its value comes from, and what it moves most."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from experiments.reporting.text_table import WIDTH, aligned
from sim.base.number_format import amount, change, exact, percent, span
from sim.config.parameter_path import ParameterPath, narrowing

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.config.registry import Parameter
    from sim.config.scenario.scenario import Scenario

LABEL = 11
"""Characters for what a fact is called."""
RUNS = 16
"""Runs per value of the parameter; all values meet the same draws."""
LAST = 12
"""Months at the end over which metrics are averaged."""
TOP = 5
LEAST = 0.001
"""Relative change below which a metric counts as not moved."""


@dataclass(frozen=True)
class Effect:
    """A metric, averaged over the last months and all runs, at three values of a parameter.

    change, low and high: by how much the metric at the parameter's high end exceeds that at its low
    end, as a share of the latter; median and 5th and 95th percentile over pairs of runs with the
    same draws.
    """

    metric: str
    unit: str
    at_low: float
    in_force: float
    at_high: float
    change: float
    low: float
    high: float

    @property
    def size(self) -> float:
        """How far the metric moves: its change as a share of the larger end."""
        return self.change / (1.0 + self.change) if self.change > 0.0 else -self.change


def card(scenario: Scenario, path: str) -> str:
    """What is known of a parameter in a scenario, a few lines.

    Raises RequestError with the nearest name for a path that there is not.
    """
    parameter = _entry(scenario, path)
    value, why = in_force(scenario, path)
    timing = {
        "start": "once, at the start: it may be set or swept, not shocked",
        "month": "every month: it may be set, swept or shocked by an event",
    }
    lines = [f"{path} = {exact(value, parameter.unit)}"]
    meaning = _meaning(parameter)
    lines += wrap(meaning, WIDTH) if meaning else []
    lines.append("")
    facts = {
        "value": f"{exact(value, parameter.unit)}, {why}",
        "sampled": _sampled(parameter),
        "allowed": span(parameter.min, parameter.max, exact, " to "),
        "applies": timing[parameter.applies],
        "kind": parameter.kind,
        "source": parameter.source,
        "note": parameter.note,
        "events": "; ".join(_events(scenario, path)),
        "acts in": ", ".join(parameter.shown_in),
        "exceptions": ", ".join(_exceptions(scenario, path)),
    }
    for label, text in facts.items():
        start = f"{label:<{LABEL}}"
        lines += wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * LABEL)
    return "\n".join(lines)


def effects_text(scenario: Scenario, path: str) -> str:
    """What a parameter moves most, as a small table."""
    parameter = _entry(scenario, path)
    if not parameter.low < parameter.high:
        return "What it moves: not measured, its range is a single value."
    shown = _where_it_acts(scenario, parameter)
    moved = [e for e in effects(shown, path) if abs(e.change) >= LEAST][:TOP]
    months = min(LAST, shown.months)
    head = (
        f'What it moves most in "{shown.title}"\n'
        f"mean of the last {months} months, {RUNS} runs a value, same draws"
    )
    if not moved:
        return f"{head}\nNothing: no metric changes by {percent(LEAST)} from {_ends(parameter)}."
    ends = (f"at {_short(parameter.low)}", "in force", f"at {_short(parameter.high)}")
    rows = [("", *ends, "change (5–95 % of runs)")]
    for e in moved:
        band = f"{change(e.change)} ({span(e.low, e.high, change, ' to ')})"
        low, middle, high = map(amount, (e.at_low, e.in_force, e.at_high))
        rows.append((f"{e.metric}, {e.unit}", low, middle, high, band))
    return "\n".join((head, *aligned(rows)))


def effects(scenario: Scenario, path: str, seed: int = 1) -> list[Effect]:
    """What every metric does as a parameter goes from the low to the high end of its range.

    Sorted by the size of the change, a doubling as far as a halving, largest first. A path of
    several rows sets them all.
    """
    from sim.ensemble import run_block
    from sim.results.metrics.all_metrics import METRICS

    parameter = _entry(scenario, path)
    runs = tuple(range(RUNS))
    ends = np.repeat((parameter.low, parameter.high), RUNS)
    base = run_block(scenario, seed, runs).record.metrics
    both = run_block(scenario, seed, runs + runs, design={path: ends}).record.metrics
    found = []
    for metric in METRICS:
        settled = _last_months(both[metric.name])
        low, high = settled[:RUNS], settled[RUNS:]
        middle = _last_months(base[metric.name])
        relative = _relative(high - low, low, middle, high)
        quantiles = np.percentile(relative, (50.0, 5.0, 95.0))
        means = [float(np.mean(values)) for values in (low, middle, high)]
        found.append(Effect(metric.name, metric.unit, *means, *map(float, quantiles)))
    return sorted(found, key=lambda e: e.size, reverse=True)


def in_force(scenario: Scenario, path: str) -> tuple[float, str]:
    """The undisturbed value of a path in a scenario, and what decides it.

    Any overlay of the scenario beats any default; among each, the narrowest that covers the path.
    """
    from sim.config.registry import load_registry

    registry, covering = load_registry(), ParameterPath.of(path).ladder(scenario.rows)
    for wider in covering:
        if wider in scenario.set:
            through = "" if wider == path else f" through {wider}"
            return scenario.set[wider], f'set by "{scenario.title}"{through}'
    wider = next(p for p in covering if p in registry.parameters)
    through = "" if wider == path else f" of {wider}"
    return registry.parameters[wider].value, f"the default{through}"


def _entry(scenario: Scenario, path: str) -> Parameter:
    from sim.config.registry import load_registry

    return load_registry().find(path, scenario.rows)


def _meaning(parameter: Parameter) -> str:
    """What the column says of itself, on its kind or on a class of it."""
    import agents
    from agents.framework.columns import columns_of

    for name in agents.__all__:
        kind = getattr(agents, name)
        if kind.population_name == parameter.population and parameter.column in columns_of(kind):
            return columns_of(kind)[parameter.column].meaning
    return ""


def _sampled(parameter: Parameter) -> str:
    if parameter.distribution == "fixed" or parameter.low == parameter.high:
        return "fixed"
    return f"{_ends(parameter)}, {parameter.distribution}"


def _ends(parameter: Parameter) -> str:
    return span(parameter.low, parameter.high, exact, " to ")


def _events(scenario: Scenario, path: str) -> list[str]:
    told = []
    for event in scenario.events:
        start = scenario.calendar.label(event.start)
        for verb, overlay in (("sets", event.set), ("scales by", event.scale)):
            for covering in ParameterPath.of(path).ladder(scenario.rows):
                if covering in overlay:
                    when = f"from {start} for {event.months} months"
                    told.append(f"{event.name} {verb} {exact(overlay[covering])} {when}")
    return told


def _exceptions(scenario: Scenario, path: str) -> list[str]:
    """Rows and groups below a broad path whose value is their own."""
    from sim.config.registry import load_registry

    at = ParameterPath.of(path)
    if at.selector:
        return []
    rows = scenario.rows[at.population]
    own = dict.fromkeys([*rows.values(), *rows])
    known = {p.selector for p in load_registry().narrow(*at.place)}
    known |= narrowing(scenario.set, at.place)
    values = {s: in_force(scenario, str(at.narrowed(s)))[0] for s in own if s in known}
    usual = in_force(scenario, path)[0]
    return [f"{selector} {exact(value)}" for selector, value in values.items() if value != usual]


def _where_it_acts(scenario: Scenario, parameter: Parameter) -> Scenario:
    """The scenario to measure in: for a parameter that rests in the baseline one that shows it,
    unless that scenario's own events set it."""
    from sim.config.scenario.loader import list_scenarios, load_scenario

    if scenario.name != "baseline":
        return scenario
    known = {name for name, _ in list_scenarios()}
    for name in parameter.shown_in:
        if name in known:
            shows = load_scenario(name)
            if not _events(shows, parameter.path):
                return shows
    return scenario


def _short(value: float) -> str:
    """A chosen number as a heading: without digits that it does not have."""
    return amount(value) if abs(value) >= 1e6 else exact(float(f"{value:.3g}"))


def _last_months(values: Floats) -> Floats:
    settled: Floats = np.mean(values[:, -LAST:], axis=1)
    return settled


def _relative(gap: Floats, *scales: Floats) -> Floats:
    """A change as a share of the first scale that is not 0, run by run; 0 where nothing moved."""
    size = np.zeros_like(gap)
    for scale in scales:
        size = np.where(size == 0.0, np.abs(scale), size)
    relative: Floats = np.divide(gap, size, out=np.zeros_like(gap), where=size > 0.0)
    return relative
