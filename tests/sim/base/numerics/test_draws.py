"""Luck: a draw is keyed by names and by nothing else, and has the law it claims."""

from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.numerics import draws as draws_module
from sim.base.numerics.draws import Draws

NAMES = ("nvidia", "amd", "huawei")
MANY = tuple(f"agent_{i}" for i in range(50))
names_of_agents = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=12),
    min_size=1,
    max_size=6,
    unique=True,
).map(tuple)
months = st.integers(-2400, 2400)


def word(*names):
    digest = blake2b("\x1f".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def mixed(x):
    """SplitMix64's finaliser in Python integers."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def plain_uniform(seed, replication, purpose, name, month):
    key = mixed(mixed(word("run", seed, replication)) ^ word("key", purpose, name))
    counter = 2 * month * 0x9E3779B97F4A7C15
    return mixed(mixed((key + counter) % 2**64)) / 2**64


# ---- keyed by names ------------------------------------------------------------------------------


@given(names_of_agents, months, st.integers(0, 10**12), st.randoms(use_true_random=False))
def test_order_and_company_of_names_change_no_draw(names, month, seed, random):
    luck = Draws(seed, [0, 1])
    among_all = luck.uniform("yield", names, month)
    shuffled = list(names)
    random.shuffle(shuffled)
    reordered = luck.uniform("yield", tuple(shuffled), month)
    for place, name in enumerate(names):
        alone = luck.uniform("yield", (name,), month)
        assert alone[:, 0].tobytes() == among_all[:, place].copy().tobytes()
        assert alone[:, 0].tobytes() == reordered[:, shuffled.index(name)].copy().tobytes()


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5, unique=True), months)
def test_a_replication_has_the_same_luck_in_every_block(replications, month):
    block = Draws(7, replications)
    for row, replication in enumerate(replications):
        alone = Draws(7, [replication])
        assert (
            alone.uniform("p", NAMES, month)[0].tolist()
            == block.uniform("p", NAMES, month)[row].tolist()
        )
        assert (
            alone.normal("p", NAMES, month)[0].tolist()
            == block.normal("p", NAMES, month)[row].tolist()
        )


def test_what_was_drawn_before_changes_nothing():
    fresh = Draws(1, [0]).normal("yield", NAMES, 5)
    used = Draws(1, [0])
    for month in range(5):
        used.normal("yield", NAMES, month)
        used.uniform("project", MANY, month)
    assert used.normal("yield", NAMES, 5).tolist() == fresh.tolist()


@given(st.integers(0, 2**70), st.integers(0, 10**9), months)
def test_uniform_is_the_hash_of_its_names(seed, replication, month):
    got = Draws(seed, [replication]).uniform("fabs.luck_yield", ("nvidia",), month)
    wanted = plain_uniform(seed, replication, "fabs.luck_yield", "nvidia", month)
    assert got.tolist() == [[pytest.approx(wanted, abs=2.0**-52)]]


def test_another_seed_replication_purpose_name_or_month_is_another_draw():
    drawn = [
        value
        for seed in (0, 1, 2)
        for purpose in ("yield", "news", "yiel", "dnews")
        for month in (-25, -1, 0, 1, 2, 71, 1199)
        for value in Draws(seed, range(5))
        .uniform(purpose, (*NAMES, "nvidi", "a", ""), month)
        .ravel()
    ]
    # 3 seeds x 4 purposes x 7 months x 5 replications x 6 names = 2,520 words of 53 bits.
    assert len(set(drawn)) == len(drawn) == 2520


def test_purpose_and_name_do_not_run_together():
    luck = Draws(1, [0])
    assert luck.uniform("ab", ("c",), 0) != luck.uniform("a", ("bc",), 0)


def test_normal_and_uniform_draws_of_a_purpose_are_not_the_same_numbers():
    luck = Draws(1, range(500))
    normal, uniform = luck.normal("p", MANY, 3), luck.uniform("p", MANY, 4)
    assert abs(correlation(normal, uniform)) < 0.03


def test_a_normal_draw_is_made_of_two_uniform_ones_that_no_other_draw_uses():
    luck = Draws(1, [0, 1])
    radius, angle = (luck.uniform("p", NAMES, 3, part) for part in (0, 1))
    wanted = np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle)
    assert luck.normal("p", NAMES, 3) == pytest.approx(wanted, rel=1e-12)
    used = [luck.uniform("p", NAMES, m, part).ravel() for m in range(-3, 9) for part in (0, 1)]
    assert len(set(np.concatenate(used))) == 12 * 2 * 6


# ---- the laws ------------------------------------------------------------------------------------

# 2,000 runs x 50 names: the standard error of a mean is sigma / sqrt(1e5) = sigma x 0.0032.
BLOCK = Draws(20250101, range(2000))


def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def test_uniform_draws_fill_the_unit_interval_evenly():
    drawn = BLOCK.uniform("project", MANY, 3).ravel()
    assert drawn.shape == (100_000,)
    assert 0.0 < drawn.min() < 1e-3 and 1.0 - 1e-3 < drawn.max() < 1.0
    assert drawn.mean() == pytest.approx(0.5, abs=0.004)  # 4 x 0.289 x 0.0032
    assert drawn.var() == pytest.approx(1.0 / 12.0, abs=0.001)
    # 20 bins of 5,000: chi-squared with 19 degrees of freedom exceeds 45 once in 1,000 times.
    counts = np.bincount((drawn * 20).astype(int), minlength=20)
    assert ((counts - 5000) ** 2 / 5000).sum() < 45.0


def test_normal_draws_have_the_moments_of_a_standard_normal():
    drawn = BLOCK.normal("yield", MANY, 3).ravel()
    assert drawn.mean() == pytest.approx(0.0, abs=0.013)  # 4 x 0.0032
    assert drawn.var() == pytest.approx(1.0, abs=0.018)  # 4 x sqrt(2 / 1e5)
    assert (drawn**3).mean() == pytest.approx(0.0, abs=0.05)  # 4 x sqrt(15 / 1e5)
    assert (drawn**4).mean() == pytest.approx(3.0, abs=0.13)  # 4 x sqrt(96 / 1e5)
    assert (np.abs(drawn) < 1.96).mean() == pytest.approx(0.95, abs=0.003)


def test_draws_of_neighbours_are_unrelated():
    now = BLOCK.uniform("project", MANY, 0)
    # The standard error of a correlation of 1e5 pairs is 0.0032.
    assert abs(correlation(now, BLOCK.uniform("project", MANY, 1))) < 0.013
    assert abs(correlation(now, BLOCK.uniform("project", MANY, -1))) < 0.013
    assert abs(correlation(now, BLOCK.uniform("other", MANY, 0))) < 0.013
    assert abs(correlation(now[:, :-1], now[:, 1:])) < 0.013
    assert abs(correlation(now[:-1], now[1:])) < 0.013
    assert abs(correlation(now, Draws(20250102, range(2000)).uniform("project", MANY, 0))) < 0.013


@pytest.mark.parametrize("word_of_bits", [0, 2**64 - 1])
def test_uniform_is_never_zero_or_one(monkeypatch, word_of_bits):
    # The extreme words come once in 2**64 draws, so they are put in by hand.
    monkeypatch.setattr(draws_module, "_mixed", lambda w: np.full_like(w, word_of_bits))
    drawn = Draws(1, [0]).uniform("p", NAMES, 0)
    assert (drawn > 0.0).all() and (drawn < 1.0).all()
    assert np.isfinite(Draws(1, [0]).normal("p", NAMES, 0)).all()


@given(months, months)
def test_months_before_the_start_are_months_like_any_other(month, other):
    luck = Draws(3, [0, 1])
    one, two = luck.uniform("p", NAMES, month), luck.uniform("p", NAMES, other)
    assert one.shape == (2, 3) and one.dtype == np.float64
    assert np.array_equal(one, two) == (month == other)
