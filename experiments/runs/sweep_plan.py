"""A sweep as planned: its scenarios, its runs, and the blocks of runs that make its parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from agents.framework.columns import Floats
from experiments.runs.distributions import Law
from sim.base.limits import RUNS_MAX
from sim.config.scenario.scenario import Scenario
from sim.ensemble import blocks_of
from sim.results.files import manifest
from sim.results.files.parts import design_hash


@dataclass(frozen=True)
class Job:
    """What all blocks of a sweep share; it travels to the workers.

    stamp, design_hash: go into every part. version: of the package that planned it.
    """

    scenario: Scenario
    seed: int
    tables: tuple[str, ...]
    paths: tuple[str, ...]
    stamp: str
    design_hash: str
    version: str
    digest: str


@dataclass(frozen=True)
class Task:
    """One block of runs: scenario_id and replication_id of each, whose draws it meets, and what
    varies, (runs, paths)."""

    block: int
    runs: tuple[tuple[int, int], ...]
    draws: tuple[int, ...]
    values: Floats

    def __str__(self) -> str:
        return f"block {self.block}"


@dataclass(frozen=True)
class SweepPlan:
    """A sweep, checked. `values` is (scenarios, paths), in the order of the design.

    own_draws: every run meets draws of its own; else those of its replication, the same in all
    scenarios. Runs are in order of scenario and replication; a block holds as many of them as stay
    within a processor's cache and the memory allowed, so the parts follow from the plan alone.
    """

    name: str
    title: str
    scenario: Scenario
    seed: int
    design: str
    samples: int
    replications: int
    laws: Mapping[str, Law]
    tables: tuple[str, ...]
    paths: tuple[str, ...]
    values: Floats
    own_draws: bool = False

    @property
    def runs(self) -> int:
        """Runs in all."""
        return len(self.values) * self.replications

    @cached_property
    def block(self) -> int:
        """Runs of a block, but perhaps the last."""
        return len(next(blocks_of(self.scenario.world, RUNS_MAX)))

    @property
    def blocks(self) -> int:
        """Blocks in all."""
        return -(-self.runs // self.block)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The fields of the manifest that decide every number."""
        fields = {
            "sweep": {
                "design": self.design,
                "samples": self.samples,
                "replications": self.replications,
                "vary": {path: law.to_dict() for path, law in self.laws.items()},
                "tables": list(self.tables),
                **({"draws": "own"} if self.own_draws else {}),
            },
            "design_hash": design_hash(self.paths, self.values),
            "scenarios": len(self.values),
            "replications": self.replications,
            "block": self.block,
        }
        return manifest.sweep_identity(self.scenario, self.seed, fields)

    @cached_property
    def stamp(self) -> str:
        """SHA-256 of the identity: a part that carries another belongs to another sweep."""
        return manifest.stamp(self.identity)

    def job(self) -> Job:
        """What a worker needs beside the task."""
        return Job(
            self.scenario,
            self.seed,
            self.tables,
            self.paths,
            self.stamp,
            self.identity["design_hash"],
            self.identity["version"],
            self.identity["digest"],
        )

    def task(self, block: int) -> Task:
        """One block of the plan."""
        runs = range(block * self.block, min((block + 1) * self.block, self.runs))
        keys = tuple(divmod(run, self.replications) for run in runs)
        draws = tuple(runs) if self.own_draws else tuple(replication for _, replication in keys)
        return Task(block, keys, draws, self.values[np.array([scenario for scenario, _ in keys])])

    def tasks(self, wanted: Collection[int] | None = None) -> Iterator[Task]:
        """The blocks in order; wanted: only these of them."""
        blocks = range(self.blocks) if wanted is None else sorted(wanted)
        return (self.task(block) for block in blocks)
