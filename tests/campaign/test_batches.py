"""Batches at length: a hundred faults, and ten thousand runs."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from time import perf_counter, sleep

import psutil
import pytest

from experiments.runs.sweep import run_sweep
from experiments.runs.sweep_file import load_sweep
from experiments.runs.sweep_folder import Store
from sim.results.open import open_sweep
from tests.experiments.faults import TEN, Field, survive
from tests.experiments.sweeps import file_of, parts_of, plan_of

pytestmark = pytest.mark.campaign
BLOCKS = 12
FAULTS = int(os.environ.get("DRAWBRIDGE_FAULTS", "100"))
RUNS = int(os.environ.get("DRAWBRIDGE_RUNS", "10000"))
MEMORY_MAX = 1.5e9


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("expected")
    run_sweep(plan_of(folder, samples=BLOCKS * 32), folder / "sweep", workers=0)
    return parts_of(folder / "sweep")


@pytest.mark.parametrize("seed", range(FAULTS // 10))
def test_a_hundred_faults_in_any_order(
    tmp_path: Path, expected: dict[str, bytes], seed: int
) -> None:
    luck = random.Random(seed)
    field = Field(file_of(tmp_path, samples=BLOCKS * 32), tmp_path / "sweep", luck)
    survive(field, luck.sample(TEN, len(TEN)), expected, BLOCKS * 64)


def memory(process: psutil.Process) -> int:
    """Memory of a process and of all that it has started, bytes; what they share counts once."""
    found = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            found += one.memory_full_info().pss
        except psutil.Error:  # it has just gone
            continue
    return found


def test_ten_thousand_runs_stream_in_little_memory(tmp_path: Path) -> None:
    """The whole registry, 72 months, two workers; a tenth as many runs need as much memory."""
    peaks = {}
    for runs in (RUNS // 10, RUNS):
        text = f'base = "baseline"\ndesign = "monte_carlo"\nsamples = {runs}\nvary = "registry"\n'
        file = tmp_path / f"runs{runs}.toml"
        file.write_text(text)
        words = ["sweep", str(file), "--workers", "2", "--out", str(tmp_path / f"out{runs}")]
        process = subprocess.Popen([sys.executable, "-m", "experiments", *words])
        watched, peak = psutil.Process(process.pid), 0
        while process.poll() is None:
            try:
                peak = max(peak, memory(watched))
            except psutil.Error:
                break
            sleep(1.0)
        assert process.wait() == 0
        peaks[runs] = peak
    print({runs: f"{peak / 1e6:.0f} MB" for runs, peak in peaks.items()})
    assert peaks[RUNS] < MEMORY_MAX
    assert peaks[RUNS] < 1.25 * peaks[RUNS // 10]

    plan = load_sweep(tmp_path / f"runs{RUNS}.toml")
    began = perf_counter()
    with Store(tmp_path / f"out{RUNS}", plan).writing(resume=True) as store:
        assert store.runs_done == RUNS
    assert perf_counter() - began < 2.0
    assert open_sweep(tmp_path / f"out{RUNS}").array("utilization").shape == (RUNS, 1, 72)


def test_two_workers_are_worth_having(tmp_path: Path) -> None:
    """On two processors that nobody else uses."""
    walls = {}
    for count in (1, 2):
        plan = plan_of(tmp_path, samples=512, months=72)
        walls[count] = run_sweep(plan, tmp_path / f"by{count}", workers=count).wall
    assert walls[1] / walls[2] >= 1.7
