"""Draws keyed by names: seed, replication, purpose, agent's name and month.

A draw depends on nothing else, so a new agent kind, another block of runs or a shock of size zero
changes no other draw, and replication k meets the same luck in every scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats

Keys = NDArray[np.uint64]
Purpose = tuple[str, tuple[str, ...]]
"""The purpose of a draw, and the names of the agents that draw."""
GOLDEN = 0x9E3779B97F4A7C15
WORD = 2**64


def _digest(*names: object) -> int:
    text = "\x1f".join(map(str, names)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def _mixed(words: Keys) -> Keys:
    """A bijection of 64-bit words in which every input bit moves about half of the output bits
    (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def series(count: int, *names: object) -> Floats:
    """So many uniform draws on (0, 1) from one key, (count,); the first of them do not depend on
    how many there are."""
    first = np.full(1, _digest("series", *names), dtype=np.uint64)
    counter = np.arange(count, dtype=np.uint64) * np.uint64(GOLDEN)
    return _uniform(_mixed(_mixed(first) + counter))


def _uniform(words: Keys) -> Floats:
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


class Draws:
    """The luck of a block of runs. replications: the numbers of the block's runs."""

    def __init__(self, seed: int, replications: Sequence[int]) -> None:
        self.seed = seed
        self.replications = tuple(replications)
        runs = [_digest("run", seed, replication) for replication in self.replications]
        self._runs = np.array(runs, dtype=np.uint64)[:, None]
        self._keys: dict[tuple[Purpose, ...], Keys] = {}

    def keys(self, purposes: tuple[Purpose, ...]) -> Keys:
        """One word per run and name, (runs, names of all purposes), made once."""
        found = self._keys.get(purposes)
        if found is None:
            named = [(purpose, name) for purpose, names in purposes for name in names]
            words = np.array([_digest("key", *key) for key in named], dtype=np.uint64)
            found = _mixed(_mixed(self._runs) ^ words[None, :])
            self._keys[purposes] = found
        return found

    def uniform(self, purpose: str, names: tuple[str, ...], month: int, part: int = 0) -> Floats:
        """Uniform draws on (0, 1), shape (runs, names); month may lie before the start."""
        return self._uniform(((purpose, names),), month, part)

    def normal(self, purpose: str, names: tuple[str, ...], month: int) -> Floats:
        """Standard normal draws, shape (runs, names)."""
        (drawn,) = self.normals(((purpose, names),), month)
        return drawn

    def uniforms(self, purposes: tuple[Purpose, ...], month: int) -> list[Floats]:
        """Uniform draws for several purposes, (runs, names) each."""
        return _apart(self._uniform(purposes, month), purposes)

    def normals(self, purposes: tuple[Purpose, ...], month: int) -> list[Floats]:
        """Standard normal draws for several purposes by the Box-Muller transform, (runs, names)
        each."""
        radius = np.sqrt(-2.0 * np.log(self._uniform(purposes, month)))
        angle = 2.0 * np.pi * self._uniform(purposes, month, part=1)
        return _apart(radius * np.cos(angle), purposes)

    def _uniform(self, purposes: tuple[Purpose, ...], month: int, part: int = 0) -> Floats:
        counter = np.full((1, 1), (2 * month + part) * GOLDEN % WORD, dtype=np.uint64)
        return _uniform(_mixed(_mixed(self.keys(purposes) + counter)))


def _apart(drawn: Floats, purposes: tuple[Purpose, ...]) -> list[Floats]:
    """The columns of each purpose, of those of all."""
    apart, start = [], 0
    for _, names in purposes:
        apart.append(drawn[:, start : start + len(names)])
        start += len(names)
    return apart
