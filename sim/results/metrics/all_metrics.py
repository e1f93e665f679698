"""The metrics table: one formula per column, over a whole block of runs.

Flows are per month in USD of that month; a figure without a value before its first case carries
its last known value from the opening.
"""

from __future__ import annotations

from sim.results.metrics.labs import LAB_METRICS
from sim.results.metrics.supply import SUPPLY_METRICS

METRICS = SUPPLY_METRICS + LAB_METRICS
RESIDUALS: tuple[tuple[str, str, str], ...] = (
    ("ledger_residual", "USD", "largest violation of a money identity; exactly 0"),
    (
        "compute_residual",
        "fraction",
        "largest violation of a chip, compute, input or energy identity over the month's turnover",
    ),
)
NAMES = tuple(m.name for m in METRICS) + tuple(name for name, _, _ in RESIDUALS)
