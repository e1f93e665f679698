"""Work done, counted: what must not grow by accident, whatever the machine and its clock."""

from __future__ import annotations

import sys
import tracemalloc
from dataclasses import replace
from typing import Any

from experiments.benchmark import baseline
from experiments.benchmark.start import FACE, NO_CACHE, UNUSED, cpu_of, modules_after
from sim import engine
from sim.opening import open_economy
from sim.record import Record
from sim.scenario import load_scenario

CALLS_MAX = 6_600
"""Most calls of Python functions in a month of the baseline: 5 % above what it took at last."""
BYTES_MAX = 740_000
"""Most bytes that a month of `RUNS` runs holds for a moment, beside what stays."""
RUNS, WARM, MONTHS = 8, 2, 3


def months(runs: int) -> tuple[Any, Record]:
    """An economy some months on, when all that is made once has been made."""
    economy = open_economy(load_scenario(months=WARM + MONTHS), 1, range(runs))
    record = Record(economy)
    for _ in range(WARM):
        engine.month(economy, record)
    return economy, record


def test_a_month_takes_no_more_calls_than_it_did() -> None:
    economy, record = months(1)
    calls = 0

    def count(frame: Any, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call"

    for _ in range(MONTHS):
        calls = 0
        sys.setprofile(count)
        try:
            engine.month(economy, record)
        finally:
            sys.setprofile(None)
        assert calls <= CALLS_MAX


def test_a_month_holds_no_more_memory_than_it_did() -> None:
    economy, record = months(RUNS)
    for _ in range(MONTHS):
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            engine.month(economy, record)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak - before <= BYTES_MAX


def test_the_face_of_the_model_imports_nothing_that_runs_do_not_need() -> None:
    assert not modules_after(FACE) & set(UNUSED)


def test_kernels_work_where_no_folder_may_be_written() -> None:
    code = (
        "import numpy as np; from sim.kernels import total; "
        "assert total(np.ones((2, 3))).tolist() == [3.0, 3.0]; "
        "from sim import kernels; assert not kernels.add_rows.stats.cache_path; "
        "from agents.columns import ratio; assert ratio(1.0, 2.0) == 0.5"
    )
    assert cpu_of(NO_CACHE + code) > 0.0


def test_parts_of_a_blocks_time_are_less_than_the_whole() -> None:
    scenario = load_scenario("baseline", months=2)
    plan = replace(baseline._plan(1), scenario=scenario, replications=2)
    whole, recording, writing = baseline._round(plan, plan.job(), next(plan.tasks()))
    assert 0.0 < recording < whole
    assert 0.0 < writing < whole
