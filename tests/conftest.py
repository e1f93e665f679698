"""Hypothesis: small and the same every time in `make test`, large and random in `make campaign`."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    # Tests that run beside each other would fight over the processors; read when numpy is imported.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from hypothesis import HealthCheck, settings

settings.register_profile("suite", derandomize=True, max_examples=25, deadline=None)
settings.register_profile(
    "campaign",
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")
