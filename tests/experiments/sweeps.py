"""Small sweeps to break: a few blocks of short runs, and the bytes that they should leave."""

from __future__ import annotations

from pathlib import Path

from experiments.runs.sweep_file import load_sweep
from experiments.runs.sweep_plan import SweepPlan

TEXT = """
base = "baseline"
months = {months}
design = "lhs"
samples = {samples}
replications = {replications}
tables = {tables}
[vary]
"labs.replication_lag" = "registry"
"fleets.capex_share" = [0.2, 0.6]
"""


def file_of(
    folder: Path, samples: int = 75, replications: int = 2, months: int = 2, tables: str = "[]"
) -> Path:
    """A sweep file; by default 150 runs in three blocks."""
    file = folder / "small.toml"
    text = TEXT.format(months=months, samples=samples, replications=replications, tables=tables)
    file.write_text(text)
    return file


def plan_of(folder: Path, seed: int = 1, **shape: object) -> SweepPlan:
    return load_sweep(file_of(folder, **shape), seed)  # type: ignore[arg-type]


def parts_of(folder: Path) -> dict[str, bytes]:
    """Every file of the parts, hidden ones too: the same sweep leaves the same bytes."""
    return {path.name: path.read_bytes() for path in sorted((folder / "parts").iterdir())}
