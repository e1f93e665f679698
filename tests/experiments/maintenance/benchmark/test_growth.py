"""What the part about growth reads of a process."""

from __future__ import annotations

import subprocess
import sys

HELD = 400_000_000
PARENT = f"""
import subprocess, sys
held = bytearray({HELD})
held[::1_000] = b"x" * len(held[::1_000])
child = "from experiments.maintenance.benchmark.growth import peak_memory; print(peak_memory())"
print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout)
"""


def test_memory_of_a_process_is_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARENT], capture_output=True, check=True, text=True
    )
    assert 50_000_000 < int(done.stdout) < HELD
