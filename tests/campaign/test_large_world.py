"""A year of 20,000 firms and a million cohorts, in a process that does nothing else."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest


@pytest.mark.campaign
def test_a_large_world_runs_a_year_in_little_memory() -> None:
    code = [sys.executable, "-m", "experiments.maintenance.benchmark", "--large"]
    done = subprocess.run(code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    estimated, peak = (
        float(re.search(rf"{label} \| ([0-9.]+) GB", done.stdout)[1])
        for label in ("memory estimated", "memory at most")
    )
    assert peak <= estimated <= 1.5 * peak
