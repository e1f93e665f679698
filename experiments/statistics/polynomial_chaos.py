"""Sparse polynomial chaos: an outcome as a sum of few polynomials of many inputs.

Inputs lie in the unit cube, a column each. A term is a product of orthonormal Legendre polynomials
of one or two inputs: over the cube its mean is 0, its variance 1, and that with any other term 0,
so that squares of coefficients are shares of variance.

Terms are chosen by forward selection. One is taken while its correlation with what the others leave
is larger than chance would make the largest of all that were looked at: Bonferroni's bound over all
terms of a stage, `ALPHA` for all stages together. Pairs are looked for between inputs that matter
alone and all others (weak heredity); two inputs that matter through their pair only are not found.
In the end the terms are held against the same bounds beside all others: an input that was taken for
its likeness to what others explained later goes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from agents.framework.columns import Floats

ALPHA = 0.05
"""Chance, at most, that any input is taken that does not matter."""
SINGLE, PAIR, FINE = 4, 2, 8
"""Degrees that are looked for in single inputs, and in either input of a pair; and the degree up to
which inputs and pairs that were found are refined."""
PARTNERS = 24
"""Inputs, those that matter most alone, whose pairs with all others are looked at."""
TERMS_SHARE = 0.2
"""Terms, at most, as a share of the points."""

NEW = 0.1
"""Least length of a term, as a share, that those before it do not hold already."""

Term = tuple[tuple[int, int], ...]
"""Inputs and degrees of a product, in order of the inputs."""


def legendre(points: Floats, degree: int) -> Floats:
    """Orthonormal Legendre polynomials of degrees 1 to `degree` on [0, 1]: (degree, *shape)."""
    x = 2.0 * points - 1.0
    before, now = np.ones_like(x), x
    found = [np.sqrt(3.0) * x]
    for k in range(1, degree):
        before, now = now, ((2 * k + 1) * x * now - k * before) / (k + 1)
        found.append(np.sqrt(2.0 * k + 3.0) * now)
    return np.stack(found)


def column(points: Floats, term: Term) -> Floats:
    """A term at points (points, inputs)."""
    made = np.ones(len(points))
    for which, degree in term:
        made = made * legendre(points[:, which], degree)[-1]
    return made


@dataclass(frozen=True)
class Expansion:
    """The terms that were found, with coefficients and their standard errors, (terms,).

    scatter: variance that they leave. bound: standard score that an input had to pass to be found.
    """

    inputs: int
    mean: float
    terms: tuple[Term, ...]
    coefficients: Floats
    errors: Floats
    scatter: float
    bound: float = 0.0

    def at(self, points: Floats) -> Floats:
        """The outcome at points, (points,)."""
        found = np.full(len(points), self.mean)
        for term, coefficient in zip(self.terms, self.coefficients, strict=True):
            found += coefficient * column(points, term)
        return found

    @cached_property
    def squares(self) -> Floats:
        """Variance that each term makes: squared coefficients less what their errors add."""
        return self.coefficients**2 - self.errors**2

    @property
    def variance(self) -> float:
        """Variance of the outcome: of all terms, and what they leave."""
        return float(np.sum(self.squares)) + self.scatter

    @property
    def first(self) -> Floats:
        """Variance that each input makes alone, (inputs,)."""
        return self._sum(t for t in self.terms if len(t) == 1)

    @property
    def total(self) -> Floats:
        """Variance that each input makes alone and in pairs, (inputs,)."""
        return self._sum(self.terms)

    @property
    def pairs(self) -> float:
        """Variance that pairs make beyond their inputs alone."""
        made = [s for t, s in zip(self.terms, self.squares, strict=True) if len(t) == 2]
        return max(0.0, float(sum(made)))

    def _sum(self, terms: Iterable[Term]) -> Floats:
        square = dict(zip(self.terms, self.squares, strict=True))
        found = np.zeros(self.inputs)
        for term in terms:
            for which, _ in term:
                found[which] += square[term]
        return np.maximum(found, 0.0)


def fit(points: Floats, values: Floats, terms: tuple[Term, ...]) -> Expansion:
    """Least squares over given terms."""
    table = np.column_stack([np.ones(len(points)), *(column(points, term) for term in terms)])
    return fit_table(table, values, terms, points.shape[1])


def fit_table(table: Floats, values: Floats, terms: tuple[Term, ...], inputs: int) -> Expansion:
    """Least squares over columns that are made: ones, and one a term."""
    q, r = np.linalg.qr(table)
    found = np.linalg.solve(r, q.T @ values)
    left = values - table @ found
    freedom = max(1, len(values) - table.shape[1])
    spread = float(left @ left) / freedom
    errors = np.sqrt(spread * np.sum(np.linalg.inv(r) ** 2, axis=1))
    return Expansion(inputs, float(found[0]), terms, found[1:], errors[1:], spread)


def expand(points: Floats, values: Floats, alpha: float = ALPHA) -> Expansion:
    """The expansion of values (points,) at points (points, inputs) of the unit cube."""
    search = _Search(points, values)
    inputs = points.shape[1]
    search.take(_singles(range(inputs), SINGLE), alpha / 2.0)
    search.take(_singles(search.inputs, FINE), alpha)
    partners = sorted(search.inputs, key=search.strength, reverse=True)[:PARTNERS]
    search.take_pairs(partners, alpha / 2.0)
    search.take(_finer_pairs(search.pairs), alpha)
    return _pruned(points, values, search)


def _pruned(points: Floats, values: Floats, search: _Search) -> Expansion:
    """The fit without terms that do not pass beside all others, and without inputs none of whose
    terms passes the bound of a first look."""
    kept = tuple(search.terms)
    while True:
        found = fit(points, values, kept)
        ratio = np.abs(found.coefficients) / found.errors
        scores = dict(zip(kept, ratio.tolist(), strict=True))
        sure = {i for t, score in scores.items() if score > search.first_look[len(t)] for i, _ in t}
        left = tuple(
            t for t in kept if scores[t] > search.bounds[t] and all(i in sure for i, _ in t)
        )
        if left == kept:
            return replace(found, bound=search.first_look[1])
        kept = left


def _singles(inputs: Iterable[int], most: int) -> list[Term]:
    """Single inputs in all degrees up to `most`."""
    return [((which, degree),) for which in inputs for degree in range(1, most + 1)]


def _finer_pairs(pairs: Iterable[tuple[int, int]]) -> list[Term]:
    """Higher degrees of pairs, and of their inputs."""
    made: dict[Term, None] = {}
    for one, other in pairs:
        made |= dict.fromkeys(_singles((one, other), FINE))
        for a, b in product(range(1, FINE), repeat=2):
            if a + b <= FINE:
                made[((one, a), (other, b))] = None
    return list(made)


class _Search:
    """Forward selection: the terms taken so far, their orthonormal columns, and what is left.

    bounds: the standard score that each term had to pass. first_look: those of the first look at
    single inputs and at pairs, by the number of inputs.
    """

    def __init__(self, points: Floats, values: Floats) -> None:
        self.points = points
        self._low = legendre(points, SINGLE)
        self.bounds: dict[Term, float] = {}
        self.first_look: dict[int, float] = {}
        size = len(points)
        self._base = np.full((size, 1), 1.0 / np.sqrt(size))
        self._left = values - np.mean(values)
        self._gains: dict[Term, float] = {}
        self._most = int(TERMS_SHARE * size)

    @property
    def terms(self) -> list[Term]:
        """The terms taken, in order."""
        return list(self._gains)

    @property
    def inputs(self) -> list[int]:
        """Inputs of all terms, in the order in which they were found."""
        return list(dict.fromkeys(which for term in self.terms for which, _ in term))

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Pairs of inputs of all terms."""
        return list(dict.fromkeys((t[0][0], t[1][0]) for t in self.terms if len(t) == 2))

    def strength(self, which: int) -> float:
        """What an input's terms explained when they were taken."""
        return sum(gain for term, gain in self._gains.items() if which in dict(term))

    def take(self, terms: list[Term], alpha: float) -> None:
        """Take what passes of a list of terms; alpha: chance of any that does not matter."""
        new = [term for term in terms if term not in self._gains]
        if not new:
            return
        table = np.column_stack([self._column(term) for term in new])
        sizes = np.sqrt(np.sum(table * table, axis=0))
        bound = self._bound(alpha / len(new), 1)
        while True:
            scores = np.abs(self._left @ table) / sizes
            passed = np.flatnonzero(scores > bound * self._unit)
            order = passed[np.argsort(-scores[passed], kind="stable")]
            if not self._take([new[place] for place in order], bound):
                return

    def take_pairs(self, partners: list[int], alpha: float) -> None:
        """Take what passes of products of a partner and any other input."""
        inputs = self.points.shape[1]
        count = len(partners) * inputs - len(partners) * (len(partners) + 1) // 2
        if count < 1:
            return
        bound = self._bound(alpha / (count * PAIR * PAIR), 2)
        while True:
            found = dict(self._scored(partners, bound * self._unit))
            if not self._take(sorted(found, key=found.__getitem__, reverse=True), bound):
                return

    def _scored(self, partners: list[int], least: float) -> Iterator[tuple[Term, float]]:
        """Pairs that explain more than `least`, with how much: in the length of what is left."""
        low = self._low
        for one, a, b in product(partners, range(PAIR), range(PAIR)):
            mine = low[a][:, one]
            sizes = np.sqrt((mine * mine) @ (low[b] * low[b]))
            scores = np.abs((self._left * mine) @ low[b]) / sizes
            scores[one] = 0.0
            for other in np.flatnonzero(scores > least):
                yield tuple(sorted(((one, a + 1), (int(other), b + 1)))), float(scores[other])

    def _column(self, term: Term) -> Floats:
        """A term at the points."""
        if len(term) == 1 and term[0][1] <= SINGLE:
            which, degree = term[0]
            found: Floats = self._low[degree - 1, :, which]
            return found
        return column(self.points, term)

    @property
    def _unit(self) -> float:
        """How far along a term of length 1 that does not matter what is left reaches by chance."""
        freedom = len(self._left) - self._base.shape[1]
        return float(np.sqrt(self._left @ self._left / freedom))

    def _bound(self, chance: float, inputs: int) -> float:
        """The standard score that a term must pass, which chance does so rarely."""
        from scipy.stats import t as student

        bound = float(student.isf(chance / 2.0, len(self._left) - 2))
        self.first_look.setdefault(inputs, bound)
        return bound

    def _take(self, terms: list[Term], bound: float) -> bool:
        """Take terms in order, each held against what those before it leave; whether any was."""
        before = len(self._gains)
        for term in terms:
            if term in self._gains or len(self._gains) >= self._most:
                continue
            made = self._column(term)
            whole = float(np.sqrt(made @ made))
            for _ in range(2):  # once more, for rounding
                made = made - self._base @ (self._base.T @ made)
            size = float(np.sqrt(made @ made))
            if size < NEW * whole or abs(float(made @ self._left)) <= bound * size * self._unit:
                continue
            made = made / size
            gain = float(made @ self._left)
            self._left = self._left - gain * made
            self._base = np.column_stack([self._base, made])
            self._gains[term] = gain * gain
            self.bounds[term] = bound
        return len(self._gains) > before
