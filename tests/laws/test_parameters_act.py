"""Every registered parameter moves something: no number stands in the registry for show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from agents.framework.columns import Floats
from sim.config.metric_names import RESIDUALS
from sim.config.registry import Parameter, load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Event, Scenario
from sim.ensemble import run_block
from sim.results.record import Record

MONTHS = (6, 24, 48)
"""How far to run for a parameter to move something, from the start or the first event: most do so
early, and only those that rest so long are run further."""
BROAD = [p for p in load_registry().parameters.values() if not p.selector]


def ends(parameter: Parameter) -> tuple[float, float]:
    """Two values to try: the ends of what is sampled, of what is allowed where nothing is."""
    if parameter.low < parameter.high:
        return parameter.low, parameter.high
    return parameter.min, parameter.max


def moved(scenario: Scenario, parameters: list[Parameter]) -> set[str]:
    """Paths whose change alone changes any metric, all tried in one block of rows.

    Row 0 is undisturbed, two rows a parameter follow; the same replication everywhere, so draws are
    the same.
    """
    rows = 2 * len(parameters) + 1
    registry = load_registry()
    design = {}
    for place, parameter in enumerate(parameters):
        for entry in (parameter, *registry.narrow(parameter.population, parameter.column)):
            values = np.full(rows, entry.value)
            values[1 + 2 * place : 3 + 2 * place] = ends(entry)
            design[entry.path] = values
    own = {path: values for path, values in design.items() if known(scenario, path)}
    record = run_block(scenario, 1, [0] * rows, design=own).record
    return {
        p.path
        for place, p in enumerate(parameters)
        if differs(record, 1 + 2 * place) or differs(record, 2 + 2 * place)
    }


def known(scenario: Scenario, path: str) -> bool:
    parts = path.split(".")
    rows = scenario.rows.get(parts[0], {})
    return len(parts) == 2 or parts[1] in rows or parts[1] in rows.values()


def differs(record: Record, row: int) -> bool:
    """By more than rounding; residuals are nothing but rounding."""
    return any(
        not np.allclose(kept[0], kept[row], rtol=1e-9, atol=0.0)
        for name, kept in record.metrics.items()
        if name not in RESIDUALS
    )


def test_every_parameter_of_the_baseline_moves_some_metric() -> None:
    still = [p for p in BROAD if not p.shown_in]
    for months in MONTHS:
        acting = moved(load_scenario("baseline", months=months), still) if still else set()
        still = [p for p in still if p.path not in acting]
    assert [p.path for p in still] == []


@pytest.mark.parametrize("name", sorted({p.shown_in[0] for p in BROAD if p.shown_in}))
def test_the_others_move_some_metric_in_the_scenario_that_shows_them(name: str) -> None:
    shown = load_scenario(name)
    still = [p for p in BROAD if p.shown_in[:1] == (name,)]
    begin = min((event.start for event in shown.events), default=0)
    windows = {begin + months for months in MONTHS if begin + months < shown.months}
    for months in sorted({*windows, shown.months}):
        still = resting_in(replace(shown, months=months), still) if still else []
    assert [p.path for p in still] == []


def resting_in(shown: Scenario, parameters: list[Parameter]) -> list[Parameter]:
    """Those that move nothing: all that rest in a scenario in one block; what its events set, with
    the event and without."""
    as_shown: Mapping[str, Floats] = {}
    still: list[Parameter] = []
    resting: list[Parameter] = []
    for parameter in parameters:
        events = tuple(e for e in shown.events if not touches(e, parameter))
        if shown.events == events and parameter.path not in shown.set:
            resting.append(parameter)
            continue
        as_shown = as_shown or run_block(shown, 1, [0]).record.metrics
        own = {path: value for path, value in shown.set.items() if path != parameter.path}
        calm = run_block(replace(shown, events=events, set=own), 1, [0]).record.metrics
        if all(np.array_equal(as_shown[metric], values) for metric, values in calm.items()):
            still.append(parameter)
    acting = moved(shown, resting) if resting else set()
    return still + [p for p in resting if p.path not in acting]


def touches(event: Event, parameter: Parameter) -> bool:
    paths = (*event.set, *event.scale)
    return any(
        p.split(".")[0] == parameter.population and p.split(".")[-1] == parameter.column
        for p in paths
    )
