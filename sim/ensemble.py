"""Ensembles in this process: many runs of one scenario, in blocks of rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.framework.columns import Floats
from sim import engine
from sim.base import checks
from sim.base.errors import InvariantError
from sim.base.limits import RUNS_MAX
from sim.base.memory import leaving_nothing
from sim.base.progress import Progress, after, untold
from sim.config.scenario.scenario import Scenario
from sim.config.world.limits import counts_of, runs_at_once
from sim.config.world.world import World
from sim.opening.opening import open_economy
from sim.results.record import Block, Record

if TYPE_CHECKING:
    from sim.results.runs import Runs

BLOCK = 64
"""Most runs in a block: their columns stay within a processor's second-level cache."""
Design = Mapping[str, Floats]
"""Parameters by run over those of a scenario, path -> (runs,)."""


@leaving_nothing()
def run_block(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    *,
    tables: Sequence[str] = ("metrics",),
    keep: Collection[tuple[str, str]] = (),
    design: Design | None = None,
    progress: Progress = untold,
) -> Block:
    """Run the given replications side by side; the result of each does not depend on the others.

    keep: single columns to record beside the tables, as for `sim.results.record.Record`. progress
    is told run-months done. Raises InvariantError if an identity breaks.
    """
    economy = open_economy(scenario, seed, replications, design)
    record = Record(economy, tables, keep)
    while economy.month < economy.calendar.months:
        engine.month(economy, record)
        progress(economy.month * len(replications))
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
        block = runs_at_once(counts_of(world), len(world.edges), BLOCK)
    for first in range(0, runs, block):
        yield range(first, min(first + block, runs))


def attempts(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    design: Design | None = None,
    *,
    tables: Sequence[str] = ("metrics",),
    keep: Collection[tuple[str, str]] = (),
    block: int | None = None,
    halving: bool = True,
    progress: Progress = untold,
) -> Iterator[tuple[range, Block | InvariantError]]:
    """Run replications block after block: the places of runs, and their block or what broke in it.

    A block in which a run breaks a law of the model is halved until that run is alone, since the
    numbers of a run do not depend on the others; without `halving` it is given up as a whole.
    design, tables and keep are as for `run_block`, of all runs; block: runs side by side, by
    default as many as memory allows. progress is told run-months done.
    """
    waiting = deque(blocks_of(scenario.world, len(replications), block))
    while waiting:
        rows = waiting.popleft()
        some = slice(rows.start, rows.stop)
        try:
            found = run_block(
                scenario,
                seed,
                replications[some],
                tables=tables,
                keep=keep,
                design={path: values[some] for path, values in (design or {}).items()},
                progress=after(progress, rows.start * scenario.months),
            )
        except InvariantError as error:
            if halving and len(rows) > 1:
                middle = len(rows) // 2
                waiting.extendleft((rows[middle:], rows[:middle]))
            else:
                yield rows, error
        else:
            yield rows, found


def run_blocks(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    design: Design | None = None,
    *,
    tables: Sequence[str] = ("metrics",),
    keep: Collection[tuple[str, str]] = (),
    block: int | None = None,
    progress: Progress = untold,
) -> Iterator[Block]:
    """Run replications block after block; arguments as for `attempts`.

    Raises InvariantError if a law of the model breaks.
    """
    for _, outcome in attempts(
        scenario,
        seed,
        replications,
        design,
        tables=tables,
        keep=keep,
        block=block,
        halving=False,
        progress=progress,
    ):
        if isinstance(outcome, InvariantError):
            raise outcome
        yield outcome


def run_ensemble(
    scenario: Scenario,
    runs: int = 1,
    seed: int = 1,
    *,
    tables: Sequence[str] = ("metrics",),
    block: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Runs:
    """Run replications 0 to runs - 1 of a scenario; they differ by their draws only.

    tables: of those of `sim.results.table_columns.TABLES`. block: runs side by side, by default 64,
    and fewer of a large world; it changes speed and no number. progress is told run-months done and
    in all. Returns Runs, whose `metrics()` is a table (run, month, ...) and `array(name)` (runs,
    months).
    """
    from sim.results.runs import Runs

    runs, seed = checks.argument("runs", runs, 1, RUNS_MAX), checks.argument("seed", seed)
    whole = runs * scenario.months
    told = untold if progress is None else lambda done: progress(done, whole)
    blocks = run_blocks(scenario, seed, range(runs), tables=tables, block=block, progress=told)
    return Runs.from_blocks(scenario, seed, list(blocks))
