"""Ensembles in this process: many runs of one scenario, in blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.columns import Floats
from sim import checks, engine
from sim.opening import open_economy
from sim.record import Record
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.results import Results

RUNS_MAX = 1_000_000
BLOCK = 64
"""Runs in a block: their columns stay within a processor's second-level cache."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Block:
    """Names of the rows that a record's arrays range over, beside the arrays themselves."""

    record: Record
    replications: tuple[int, ...]
    names: dict[str, tuple[str, ...]]
    edges: dict[str, tuple[tuple[str, str], ...]]


def run_block(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    *,
    tables: Sequence[str] = ("metrics",),
    design: Mapping[str, Floats] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Run the given replications side by side; the result of each does not depend on the others.

    design: parameter overlays per run, path -> (runs,). progress is told the months done.
    Raises InvariantError if an identity breaks.
    """
    economy = open_economy(scenario, seed, replications, design)
    record = Record(economy, tables)
    while economy.month < economy.calendar.months:
        engine.month(economy, record)
        if progress is not None:
            progress(economy.month)
    names = {p.name: p.names for p in economy.populations.values()}
    edges = {
        r.name: tuple(
            (r.origin.names[s], r.goal.names[t]) for s, t in zip(r.source, r.target, strict=True)
        )
        for r in economy.relations.values()
    }
    return Block(record, tuple(replications), names, edges)


def run_ensemble(
    scenario: Scenario,
    runs: int = 1,
    seed: int = 1,
    *,
    tables: Sequence[str] = ("metrics",),
    block: int = BLOCK,
    progress: Progress | None = None,
) -> Results:
    """Run replications 0 to runs - 1 of a scenario; they differ by their draws only.

    tables: of "metrics", "agents", "flows". block: rows that run side by side, which changes speed
    and no number. progress is told run-months done and in all. Returns Results, whose `metrics()`
    is a table (run, month, ...) and `array(name)` is (runs, months).
    """
    from sim.results import Results

    runs, seed = checks.argument("runs", runs, 1, RUNS_MAX), checks.argument("seed", seed)
    blocks = []
    run_months = runs * scenario.months
    for first in range(0, runs, block):
        replications = range(first, min(first + block, runs))

        def told(months: int, before: int = first, size: int = len(replications)) -> None:
            if progress is not None:
                progress(before * scenario.months + months * size, run_months)

        blocks.append(run_block(scenario, seed, replications, tables=tables, progress=told))
    return Results.from_blocks(scenario, seed, blocks)
