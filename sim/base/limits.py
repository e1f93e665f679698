"""Limits on what may be asked for: runs, seeds, workers."""

RUNS_MAX = 1_000_000
"""Runs of an ensemble, of a sweep, and of one case of a study."""
SEED_MAX = 2**63 - 1
WORKERS_MAX = 1024
"""Processes that work for one command."""
