"""Processes that studies are judged on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from experiments.runs.workers import processes

KILLED = """
import os, signal, time
from experiments.runs.workers import processes

if __name__ == "__main__":
    with processes(1) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        held = pool.submit(time.sleep, 600)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_ends_with_the_one_that_asked_for_it(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    command = [sys.executable, script]
    # What it prints ends when nobody is left who could print: otherwise this runs out of time.
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60.0)
    assert done.returncode < 0, done.stderr
    assert int(done.stdout)


def test_processes_are_given_back_when_all_is_done() -> None:
    with processes(1) as pool:
        child = psutil.Process(pool.submit(os.getpid).result())
    assert not child.is_running()
