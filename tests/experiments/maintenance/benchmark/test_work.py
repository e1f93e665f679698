"""Work done, counted: what must not grow by accident, whatever the machine and its clock."""

from __future__ import annotations

from dataclasses import replace

from experiments.maintenance.benchmark import baseline, work
from experiments.maintenance.benchmark.start import FACE, NO_CACHE, UNUSED, cpu_of, modules_after
from sim.config.scenario.loader import load_scenario

CALLS_MAX = 6_600
"""Most calls of Python functions in a month of the baseline: 5 % above what it took at last."""
BYTES_MAX = 740_000
"""Most bytes that a month of `RUNS` runs holds for a moment, beside what stays."""
RUNS, MONTHS = 8, 3


def test_a_month_takes_no_more_calls_than_it_did() -> None:
    step = work.warm(1, MONTHS)
    for _ in range(MONTHS):
        assert work.calls(step).total() <= CALLS_MAX


def test_a_month_holds_no_more_memory_than_it_did() -> None:
    step = work.warm(RUNS, MONTHS)
    for _ in range(MONTHS):
        assert work.bytes_held(step) <= BYTES_MAX


def test_calls_are_counted_by_module() -> None:
    called = work.calls(lambda: [work.package(name) for name in ("sim.engine", "pandas")])
    assert called[work.__name__] == 2
    assert called["pandas"] == 0


def test_the_face_of_the_model_imports_nothing_that_runs_do_not_need() -> None:
    assert not modules_after(FACE) & set(UNUSED)


def test_kernels_work_where_no_folder_may_be_written() -> None:
    code = (
        "import numpy as np; from sim.base.numerics.kernels import total; "
        "assert total(np.ones((2, 3))).tolist() == [3.0, 3.0]; "
        "from sim.base.numerics import kernels; assert not kernels.add_rows.stats.cache_path; "
        "from agents.framework.columns import ratio; assert ratio(1.0, 2.0) == 0.5"
    )
    assert cpu_of(NO_CACHE + code) > 0.0


def test_parts_of_a_blocks_time_are_less_than_the_whole() -> None:
    scenario = load_scenario("baseline", months=2)
    plan = replace(baseline._plan(1), scenario=scenario, replications=2)
    whole, recording, writing = baseline._round(plan, plan.job(), next(plan.tasks()))
    assert 0.0 < recording < whole
    assert 0.0 < writing < whole
