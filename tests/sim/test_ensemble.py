"""Many runs of one scenario: blocks, what is told of them, and runs that break a law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim import ensemble
from sim.base.errors import InvariantError
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.ensemble import attempts, run_block, run_blocks, run_ensemble
from sim.results.record import Block

LAG = "labs.replication_lag"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("baseline", months=2)


def failing(*bad: float) -> Callable[..., Block]:
    """Runs that break a law of the model where the replication lag is one of these."""

    def run(scenario: Any, seed: int, replications: Any, **options: Any) -> Block:
        broken = np.flatnonzero(np.isin(options["design"][LAG], bad))
        if len(broken):
            raise InvariantError("2025-02", "all cash", 7.0, "USD", int(broken[-1]))
        return run_block(scenario, seed, replications, **options)

    return run


def test_progress_tells_run_months_of_all_blocks(scenario: Scenario) -> None:
    told: list[tuple[int, int]] = []
    run_ensemble(scenario, runs=5, block=2, progress=lambda done, whole: told.append((done, whole)))
    assert told == [(done, 10) for done in (2, 4, 6, 8, 9, 10)]


def test_the_size_of_a_block_changes_no_number(scenario: Scenario) -> None:
    few, many = (run_ensemble(scenario, runs=5, block=size) for size in (2, 5))
    assert few.metrics().equals(many.metrics())


def test_blocks_share_replications_and_design_among_them(scenario: Scenario) -> None:
    design = {LAG: np.array([3.0, 4.0, 5.0])}
    blocks = list(run_blocks(scenario, 1, (4, 4, 7), design, block=2))
    assert [block.replications for block in blocks] == [(4, 4), (7,)]
    alone = run_block(scenario, 1, (7,), design={LAG: np.array([5.0])})
    for name, values in alone.record.metrics.items():
        assert np.array_equal(values, blocks[1].record.metrics[name])


def test_a_run_that_breaks_a_law_is_found_by_halving(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = {LAG: np.array([2.0, 3.0, 4.0, 5.0, 6.0])}
    monkeypatch.setattr(ensemble, "run_block", failing(4.0))
    found = list(attempts(scenario, 1, range(5), design, block=4))
    assert [(rows, isinstance(outcome, Block)) for rows, outcome in found] == [
        (range(2), True),
        (range(2, 3), False),
        (range(3, 4), True),
        (range(4, 5), True),
    ]
    with pytest.raises(InvariantError, match="run 2"):
        list(run_blocks(scenario, 1, range(5), design))
