"""Events whose months differ by run: each run is as if the scenario itself said so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.base.errors import RequestError
from sim.base.frozen import FrozenDict
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Event, Scenario
from sim.ensemble import run_block

MONTHS = 9
SHOCK = FrozenDict({"labs.demand_loss": 0.4})
LESS = FrozenDict({"fleets.capex_share": 0.5})
OTHER = FrozenDict({"labs.demand_loss": 0.2, "labs.compute_poor.demand_loss": 0.1})


def shocked(start: int, months: int) -> Scenario:
    events = (
        Event("less", 3, 3, FrozenDict(), LESS),
        Event("other", 2, 4, OTHER, FrozenDict()),
        Event("shock", start, months, SHOCK, LESS),
    )
    return replace(load_scenario("baseline", months=MONTHS), events=events)


WINDOWS = [(1, 3), (4, 1), (0, 9), (1, 3), (8, 5)]


def test_a_run_has_the_bits_of_the_scenario_that_says_the_same() -> None:
    design = {
        "events.shock.start": np.array([float(start) for start, _ in WINDOWS]),
        "events.shock.months": np.array([float(months) for _, months in WINDOWS]),
    }
    found = run_block(shocked(5, 2), 1, [0] * len(WINDOWS), design=design).record.metrics
    for row, window in enumerate(WINDOWS):
        alone = run_block(shocked(*window), 1, [0]).record.metrics
        for name, values in alone.items():
            assert values[0].tobytes() == found[name][row].tobytes(), (window, name)
    utilization = found["tokens_per_day"]
    assert np.array_equal(utilization[0], utilization[3])
    assert not np.array_equal(utilization[0], utilization[1])


def test_one_field_leaves_the_other_as_it_is() -> None:
    design = {"events.shock.months": np.array([3.0])}
    found = run_block(shocked(1, 7), 1, [0], design=design).record.metrics
    alone = run_block(shocked(1, 3), 1, [0]).record.metrics
    assert np.array_equal(found["tokens_per_day"], alone["tokens_per_day"])


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("events.shok.months", 2.0, "did you mean events.shock.months"),
        ("events.shock.end", 2.0, "unknown event or field"),
        ("events.shock.months", 0.0, "out of range"),
        ("events.shock.months", 1.5, "not a whole number"),
        ("events.shock.start", 9.0, "out of range"),
    ],
)
def test_what_is_no_window_is_refused(path: str, value: float, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        run_block(shocked(1, 2), 1, [0], design={path: np.array([value])})
