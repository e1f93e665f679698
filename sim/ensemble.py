"""Ensembles in this process: many runs of one scenario, in blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.framework.columns import Floats
from sim import engine
from sim.base import checks
from sim.base.limits import RUNS_MAX
from sim.base.memory import leaving_nothing
from sim.config.scenario.scenario import Scenario
from sim.config.world.limits import runs_at_once
from sim.config.world.schema import POPULATIONS
from sim.config.world.world import World
from sim.opening.opening import open_economy
from sim.results.record import Block, Record

if TYPE_CHECKING:
    from sim.results.runs import Results

BLOCK = 64
"""Most runs in a block: their columns stay within a processor's second-level cache."""
Progress = Callable[[int, int], None]


@leaving_nothing()
def run_block(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    *,
    tables: Sequence[str] = ("metrics",),
    keep: Collection[tuple[str, str]] = (),
    design: Mapping[str, Floats] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Run the given replications side by side; the result of each does not depend on the others.

    design: parameter overlays per run, path -> (runs,). keep: single columns to record beside the
    tables, as for `sim.results.record.Record`. progress is told the months done.
    Raises InvariantError if an identity breaks.
    """
    economy = open_economy(scenario, seed, replications, design)
    record = Record(economy, tables, keep)
    while economy.month < economy.calendar.months:
        engine.month(economy, record)
        if progress is not None:
            progress(economy.month)
    names = {p.name: p.names for p in economy.populations.values()}
    kept = {relation for relation, _ in record.flows}
    edges = {
        r.name: tuple(
            (r.origin.names[s], r.goal.names[t]) for s, t in zip(r.source, r.target, strict=True)
        )
        for r in economy.relations.values()
        if r.name in kept
    }
    return Block(record, tuple(replications), names, edges)


def blocks_of(world: World, runs: int, block: int | None = None) -> Iterator[range]:
    """Replications 0 to runs - 1 in blocks of so many runs, by default as many as memory allows."""
    if block is None:
        agents = {population: len(world.of(population)) for population in POPULATIONS}
        block = runs_at_once(agents, len(world.edges), BLOCK)
    for first in range(0, runs, block):
        yield range(first, min(first + block, runs))


def run_ensemble(
    scenario: Scenario,
    runs: int = 1,
    seed: int = 1,
    *,
    tables: Sequence[str] = ("metrics",),
    block: int | None = None,
    progress: Progress | None = None,
) -> Results:
    """Run replications 0 to runs - 1 of a scenario; they differ by their draws only.

    tables: of those of `sim.results.layout.TABLES`. block: runs side by side, by default 64, and
    fewer of a large world; it changes speed and no number. progress is told run-months done and in
    all. Returns Results, whose `metrics()` is a table (run, month, ...) and `array(name)` is (runs,
    months).
    """
    from sim.results.runs import Results

    runs, seed = checks.argument("runs", runs, 1, RUNS_MAX), checks.argument("seed", seed)
    blocks = []
    run_months = runs * scenario.months
    for replications in blocks_of(scenario.world, runs, block):

        def told(
            months: int, before: int = replications.start, size: int = len(replications)
        ) -> None:
            if progress is not None:
                progress(before * scenario.months + months * size, run_months)

        blocks.append(run_block(scenario, seed, replications, tables=tables, progress=told))
    return Results.from_blocks(scenario, seed, blocks)
