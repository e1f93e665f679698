"""The runs that a figure stands on: how many they are, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from sim.base.number_format import many
from sim.results.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd

    from agents.framework.columns import Floats
    from sim.results.results import Results

READ = 16
"""Runs of which the large tables are read; figures of them say so."""


def runs_in_words(results: Results) -> str:
    """How many runs there are."""
    runs = f"n = {many(results.runs, 'run')}"
    return f"{runs}: {points_in_words(results)}" if isinstance(results, Sweep) else runs


def points_in_words(results: Results) -> str:
    """Points of the design, and replications of each."""
    replications = many(results.replications, "replication")
    return f"{many(results.scenarios, 'point')} × {replications}"


def runs_read_in_words(results: Results) -> str:
    """How many runs figures of large tables stand on."""
    read = min(results.runs, READ)
    of = "" if read == results.runs else f" of {results.runs:,}"
    return f"n = {many(read, 'run')}{of}"


def frames(results: Results, table: str) -> Iterator[pd.DataFrame]:
    """A large table of each of the first runs."""
    return islice(results.frames(table), READ)


def by_point(results: Results, metric: str, months: int) -> Floats:
    """A metric over the last months, mean over them and over replications, (scenarios,).

    Raises RequestError that names the first run that is not finite.
    """
    values = results.series(metric).reshape(results.scenarios, results.replications, -1)
    settled: Floats = values[:, :, -months:].mean(axis=(1, 2))
    return settled
