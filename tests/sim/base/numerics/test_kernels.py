"""The four kernels against plain Python, and the laws of sharing out that markets rely on."""

import inspect
import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.numerics import kernels
from sim.base.numerics.kernels import (
    add_due,
    add_rows,
    blend_due,
    choice,
    merit_order,
    priority,
    proportional,
    put_due,
    spread_due,
    total,
    total_by,
)

COMPILED = (
    *(add_due, add_rows, blend_due, choice, merit_order, priority),
    *(proportional, put_due, spread_due, total_by),
)
QUANTA = (1.0, 2.0**-10, 2.0**-24)


def indices(places):
    return np.array(places, dtype=np.uint32)


def floats(rows):
    return np.array(rows, dtype=np.float64)


@st.composite
def markets(draw):
    """Supply, demand, seller of each edge, price and quantum; all amounts in whole quanta.

    Few distinct prices, so that ties are common, and sellers without edges or goods occur.
    """
    runs, sellers, edges = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(0, 9))
    quantum = draw(st.sampled_from(QUANTA))

    def table(width, values):
        row = st.lists(values, min_size=width, max_size=width)
        return floats(draw(st.lists(row, min_size=runs, max_size=runs))).reshape(runs, width)

    amounts = st.one_of(st.just(0), st.integers(0, 50), st.integers(0, 10**9))
    supply, demand = table(sellers, amounts) * quantum, table(edges, amounts) * quantum
    price = table(edges, st.sampled_from([0.5, 1.0, 2.0]))
    seller = draw(st.lists(st.integers(0, sellers - 1), min_size=edges, max_size=edges))
    return supply, demand, indices(seller), price, quantum


def share_out(have, wishes, quantum):
    """One seller in exact arithmetic: every wish in the same proportion, rounded down."""
    asked, have, quantum = sum(map(Fraction, wishes)), Fraction(have), Fraction(quantum)
    share = min(have / asked, Fraction(1)) if asked > 0 and have > 0 else Fraction(0)
    return [float(Fraction(wish) * share // quantum * quantum) for wish in wishes]


def proportional_oracle(supply, demand, seller, quantum):
    granted = np.zeros_like(demand)
    for run, offers in enumerate(supply):
        for s, have in enumerate(offers):
            edges = np.flatnonzero(seller == s)
            granted[run, edges] = share_out(have, demand[run, edges].tolist(), quantum)
    return granted


def priority_oracle(supply, demand, seller, price, quantum):
    granted = np.zeros_like(demand)
    for run, offers in enumerate(supply):
        for s, have in enumerate(offers):
            left = Fraction(have)
            for level in sorted(set(price[run, seller == s].tolist()), reverse=True):
                edges = np.flatnonzero((seller == s) & (price[run] == level))
                granted[run, edges] = share_out(left, demand[run, edges].tolist(), quantum)
                left -= sum(map(Fraction, granted[run, edges].tolist()))
    return granted


def by_seller(amount, seller, sellers):
    """What each seller gives in all, exactly."""
    return [
        [sum(map(Fraction, row[seller == s].tolist()), Fraction(0)) for s in range(sellers)]
        for row in amount
    ]


def assert_grants_close(got, exact, quantum):
    # have / want is rounded once and may fall just short of a whole quantum, never more than one.
    assert np.abs(got - exact).max(initial=0.0) <= quantum


def assert_within_supply_and_demand(granted, supply, demand, seller, quantum):
    assert (granted >= 0.0).all()
    assert (granted <= demand).all()
    assert np.array_equal(granted / quantum, np.floor(granted / quantum))
    given_out = by_seller(granted, seller, supply.shape[1])
    assert all(
        given_out[run][s] <= Fraction(supply[run, s])
        for run in range(len(supply))
        for s in range(supply.shape[1])
    )


# ---- total and total_by --------------------------------------------------------------------------


def test_total_adds_in_index_order():
    # ((1e16 + 1) - 1e16) + 1: the first 1 is lost in 1e16, the second is not.
    assert total(floats([[1e16, 1.0, -1e16, 1.0]])).tolist() == [1.0]
    assert total(floats([[1e16, -1e16, 1.0, 1.0]])).tolist() == [2.0]


@given(st.lists(st.lists(st.floats(-1e9, 1e9), min_size=5, max_size=5), min_size=1, max_size=4))
def test_total_is_the_loop_over_the_last_axis(rows):
    def loop(row):
        added = 0.0
        for value in row:
            added += value
        return added

    assert total(floats(rows)).tolist() == [loop(row) for row in rows]


def test_total_keeps_leading_axes_and_takes_strided_views():
    values = np.arange(24.0).reshape(2, 3, 4)
    # 0+1+2+3 = 6, then 4 x 4 = 16 more for each later row.
    assert total(values).tolist() == [[6.0, 22.0, 38.0], [54.0, 70.0, 86.0]]
    assert total(values[:, ::2, 1:3]).tolist() == [[3.0, 19.0], [27.0, 43.0]]


def test_total_of_nothing_is_zero():
    assert total(np.zeros((2, 0))).tolist() == [0.0, 0.0]


def test_total_by_adds_members_of_each_group_in_order():
    values = floats([[1e16, 5.0, 1.0, -1e16], [1.0, 2.0, 3.0, 4.0]])
    # Group 0 holds places 0, 2, 3, group 1 holds place 1, group 2 nobody.
    added = total_by(values, indices([0, 1, 0, 0]), 3)
    assert added.tolist() == [[0.0, 5.0, 0.0], [8.0, 2.0, 0.0]]


# ---- proportional --------------------------------------------------------------------------------


def test_proportional_serves_all_alike_and_rounds_down():
    # Seller 0 has 10 for wishes of 5, 10 and 12: 10/27 each, 1.85, 3.70, 4.44 rounded down.
    # Seller 1 has 3 for a wish of 1.
    got = proportional(floats([[10, 3]]), floats([[5, 10, 12, 1]]), indices([0, 0, 0, 1]), 1.0)
    assert got.tolist() == [[1.0, 3.0, 4.0, 1.0]]
    # In halves: 1.5, 3.5, 4.
    got = proportional(floats([[10, 3]]), floats([[5, 10, 12, 1]]), indices([0, 0, 0, 1]), 0.5)
    assert got.tolist() == [[1.5, 3.5, 4.0, 1.0]]


@given(markets())
def test_proportional_matches_exact_sharing(market):
    supply, demand, seller, _, quantum = market
    granted = proportional(supply, demand, seller, quantum)
    assert_within_supply_and_demand(granted, supply, demand, seller, quantum)
    assert_grants_close(granted, proportional_oracle(supply, demand, seller, quantum), quantum)


@given(markets())
def test_proportional_wastes_less_than_a_quantum_an_edge(market):
    supply, demand, seller, _, quantum = market
    granted = proportional(supply, demand, seller, quantum)
    asked = by_seller(demand, seller, supply.shape[1])
    served = by_seller(granted, seller, supply.shape[1])
    for run, offers in enumerate(supply):
        for s, have in enumerate(offers):
            possible = min(Fraction(have), asked[run][s])
            edges = int((seller == s).sum())
            assert possible - served[run][s] <= edges * Fraction(quantum)


def test_proportional_gives_nothing_without_supply_or_wish():
    wishes = floats([[0.0, 4.0, 4.0]])
    got = proportional(floats([[5, 0, -3]]), wishes, indices([0, 1, 2]), 1.0)
    assert got.tolist() == [[0.0, 0.0, 0.0]]


# ---- priority ------------------------------------------------------------------------------------


def test_priority_serves_the_dearest_first_and_ties_alike():
    # 10 units: price 3 takes 4; 6 are left for wishes of 4 and 8 at price 2, half of each;
    # nothing is left for price 1.
    wishes, prices = floats([[5, 4, 4, 8]]), floats([[1, 3, 2, 2]])
    got = priority(floats([[10]]), wishes, indices([0, 0, 0, 0]), prices, 1.0)
    assert got.tolist() == [[0.0, 4.0, 2.0, 4.0]]


def test_priority_leaves_rounding_to_the_next_price():
    # 7 units for wishes of 5 and 5 at price 2: 3.5 each, rounded down to 3, and 1 is left.
    wishes, prices = floats([[5, 5, 9]]), floats([[2, 2, 1]])
    got = priority(floats([[7]]), wishes, indices([0, 0, 0]), prices, 1.0)
    assert got.tolist() == [[3.0, 3.0, 1.0]]


@given(markets())
def test_priority_matches_exact_sharing_level_by_level(market):
    supply, demand, seller, price, quantum = market
    granted = priority(supply, demand, seller, price, quantum)
    assert_within_supply_and_demand(granted, supply, demand, seller, quantum)
    exact = priority_oracle(supply, demand, seller, price, quantum)
    # What rounding leaves at one level goes on to the next, so it may add up over the edges.
    assert_grants_close(granted, exact, quantum * (1 + len(seller)))


@given(markets())
def test_priority_is_proportional_where_all_prices_are_equal(market):
    supply, demand, seller, price, quantum = market
    flat = np.ones_like(price)
    same = priority(supply, demand, seller, flat, quantum)
    assert same.tobytes() == proportional(supply, demand, seller, quantum).tobytes()


@given(markets())
def test_nobody_is_served_while_a_dearer_wish_of_the_same_seller_is_open(market):
    supply, demand, seller, price, quantum = market
    granted = priority(supply, demand, seller, price, quantum)
    edges = range(len(seller))
    for run in range(len(supply)):
        for cheap in edges:
            rivals = [
                e for e in edges if seller[e] == seller[cheap] and price[run, e] > price[run, cheap]
            ]
            unmet = [e for e in rivals if granted[run, e] < demand[run, e]]
            # Only what rounding left may pass by a dearer edge: less than a quantum for each.
            assert not unmet or granted[run, cheap] <= quantum * len(rivals)


@given(markets(), st.randoms(use_true_random=False))
def test_equal_prices_are_treated_alike_whatever_their_order(market, random):
    supply, demand, seller, price, quantum = market
    order = list(range(len(seller)))
    random.shuffle(order)
    straight = priority(supply, demand, seller, price, quantum)
    shuffled = priority(
        supply, demand[:, order].copy(), seller[order].copy(), price[:, order].copy(), quantum
    )
    assert shuffled.tobytes() == straight[:, order].tobytes()


def test_a_price_that_is_no_number_does_not_hang():
    # In a process of its own, since a compiled loop cannot be interrupted.
    code = (
        "import numpy as np; from sim.base.numerics.kernels import priority; "
        "priority(np.ones((1, 1)), np.ones((1, 2)), np.zeros(2, dtype=np.uint32), "
        "np.array([[1.0, np.nan]]), 1.0)"
    )
    subprocess.run([sys.executable, "-c", code], timeout=30, check=False)


# ---- choice --------------------------------------------------------------------------------------


def test_choice_is_a_logit_over_open_edges():
    # Chooser 0: utilities 0 and ln 3 give 1/4 and 3/4; chooser 1: one closed, one open edge;
    # chooser 2: all closed; chooser 3 has no edge.
    utility = floats([[0.0, math.log(3.0), -np.inf, -7.0, -np.inf]])
    shares = choice(utility, indices([0, 0, 1, 1, 2]), 4)
    assert shares[0, :2] == pytest.approx([0.25, 0.75], rel=1e-15)
    assert shares[0, 2:].tolist() == [0.0, 1.0, 0.0]


utilities = st.one_of(st.floats(-800.0, 800.0), st.just(-np.inf))


@given(st.lists(st.tuples(utilities, st.integers(0, 2)), min_size=1, max_size=8))
def test_choice_matches_a_plain_logit(edges):
    utility = floats([[u for u, _ in edges]])
    chooser = indices([c for _, c in edges])
    shares = choice(utility, chooser, 3)[0]
    for c in range(3):
        mine = [i for i, (_, of) in enumerate(edges) if of == c]
        best = max((edges[i][0] for i in mine), default=-math.inf)
        if best == -math.inf:
            assert all(shares[i] == 0.0 for i in mine)
            continue
        weights = [math.exp(edges[i][0] - best) for i in mine]
        wanted = [w / math.fsum(weights) for w in weights]
        assert shares[mine].tolist() == pytest.approx(wanted, rel=1e-13, abs=1e-300)
        assert math.fsum(shares[mine]) == pytest.approx(1.0, abs=1e-14)


@given(st.lists(utilities, min_size=2, max_size=6), st.floats(-300.0, 300.0))
def test_choice_depends_on_differences_of_utility_only(utility, shift):
    together = indices([0] * len(utility))
    here = choice(floats([utility]), together, 1)
    there = choice(floats([[u + shift for u in utility]]), together, 1)
    assert there == pytest.approx(here, rel=1e-9, abs=1e-12)


# ---- put_due, add_due and merit_order ------------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "slot"), [(1.0, 0), (2.4, 1), (2.6, 2), (3.0, 2), (9.0, 2), (0.0, 0), (-1.0, 0)]
)
def test_put_due_enters_at_the_rounded_lead_within_the_pipeline(lead, slot):
    due = np.ones((2, 3))
    put_due(due, np.array([5.0, 0.0]), np.array([lead, lead]))
    assert due[0, slot] == 6.0 and due[0].sum() == 8.0
    assert due[1].tolist() == [1.0, 1.0, 1.0]


def test_blend_due_takes_the_mean_of_what_is_there_and_what_enters():
    due, mean = floats([[4, 0, 2], [1, 1, 1]]), floats([[1, 9, 3], [5, 5, 5]])
    blend_due(mean, due, np.array([2.0, 0.0]), np.array([6.0, 7.0]), np.array([3.4, 1.0]))
    assert mean.tolist() == [[1.0, 9.0, (2.0 * 3.0 + 2.0 * 6.0) / 4.0], [5.0, 5.0, 5.0]]
    blend_due(mean, due, np.array([2.0, 0.0]), np.array([6.0, 7.0]), np.array([2.0, 1.0]))
    assert mean[0, 1] == 6.0  # nothing was there


@pytest.mark.parametrize(
    ("months", "due"), [(0.0, 0.0), (1.0, 5.0), (2.5, 5 + 7 + 4.0), (3.0, 20.0), (99.0, 20.0)]
)
def test_add_due_counts_a_month_in_part(months, due):
    out = np.empty(1)
    add_due(floats([[5, 7, 8]]), np.array([months]), out)
    assert out.tolist() == [due]


def ran(chips, power, limit, newest):
    out = np.empty((1, 2))
    merit_order(floats([chips]), floats([power]), np.array([limit]), newest, out)
    return out[0].tolist()


def test_merit_order_runs_the_newest_chips_first():
    # Vintages 0, 1, 2, 3; 1 is the newest, so ages run 1, 0, 3, 2. They need 2, 10, 20, 60 kW.
    chips, power = [10, 2, 20, 20], [1, 1, 3, 1]
    assert ran(chips, power, 1000.0, newest=1) == [52.0, 92.0]
    assert ran(chips, power, 12.0, newest=1) == [12.0, 12.0]
    assert ran(chips, power, 22.0, newest=1) == [22.0, 22.0]  # half of vintage 3
    assert ran(chips, power, 62.0, newest=1) == [42.0, 62.0]  # 30 kW run half of vintage 2
    assert ran(chips, power, 0.0, newest=1) == [0.0, 0.0]
    assert ran([1], [0.5], 0.0, newest=0) == [0.0, 0.0]
    assert ran([4], [0.0], 0.0, newest=0) == [4.0, 0.0]  # chips that need no power
    # From vintage 3 on: 20 kW, then 42 of the 60 kW of vintage 2.
    assert ran(chips, power, 62.0, newest=3) == [34.0, 62.0]


vintages = st.lists(st.tuples(st.floats(0.0, 1e6), st.floats(0.01, 10.0)), min_size=1, max_size=12)


@given(vintages, st.floats(0.0, 1e7), st.integers(0, 11))
def test_merit_order_uses_all_power_that_its_chips_can_use(stock, limit, newest):
    chips, power = [c for c, _ in stock], [p for _, p in stock]
    running, drawn = ran(chips, power, limit, newest % len(stock))
    needed = math.fsum(c * p for c, p in stock)
    assert drawn == pytest.approx(min(needed, limit), rel=1e-9, abs=1e-3)
    assert drawn <= limit
    assert running <= math.fsum(chips) * (1 + 1e-12)
    # More power never runs fewer chips.
    assert ran(chips, power, 2.0 * limit, newest % len(stock))[0] >= running * (1 - 1e-12)


# ---- all kernels ---------------------------------------------------------------------------------


@given(markets())
def test_compiled_and_plain_code_give_equal_bits(market):
    supply, demand, seller, price, quantum = market
    runs, sellers = supply.shape
    # choice is left out: its exp comes from another library in each, and is compared to 4 ulp.
    for kernel, arguments in (
        (total_by, (demand, seller, sellers)),
        (proportional, (supply, demand, seller, quantum)),
        (priority, (supply, demand, seller, price, quantum)),
    ):
        assert kernel(*arguments).tobytes() == kernel.py_func(*arguments).tobytes()
    compiled, plain = np.empty(runs), np.empty(runs)
    add_rows(supply, compiled)
    add_rows.py_func(supply, plain)
    assert compiled.tobytes() == plain.tobytes()
    compiled, plain = choice(price, seller, sellers), choice.py_func(price, seller, sellers)
    assert compiled == pytest.approx(plain, rel=4 * np.finfo(float).eps)


@given(markets())
def test_a_run_does_not_depend_on_its_block(market):
    supply, demand, seller, price, quantum = market
    sellers = supply.shape[1]

    def shared(rows):
        s, d, p = supply[rows].copy(), demand[rows].copy(), price[rows].copy()
        return (
            total(s),
            total_by(d, seller, sellers),
            proportional(s, d, seller, quantum),
            priority(s, d, seller, p, quantum),
            choice(p, seller, sellers),
        )

    block = shared(slice(None))
    for run in range(len(supply)):
        for alone, all_runs in zip(shared(slice(run, run + 1)), block, strict=True):
            assert alone[0].tobytes() == all_runs[run].tobytes()


@given(markets())
def test_kernels_leave_their_inputs_alone(market):
    supply, demand, seller, price, quantum = market
    before = [a.tobytes() for a in (supply, demand, seller, price)]
    proportional(supply, demand, seller, quantum)
    priority(supply, demand, seller, price, quantum)
    choice(price, seller, supply.shape[1])
    assert [a.tobytes() for a in (supply, demand, seller, price)] == before


def test_every_kernel_is_under_forty_lines():
    found = [k for k in vars(kernels).values() if hasattr(k, "py_func")]
    assert set(found) == set(COMPILED)
    for kernel in found:
        assert len(inspect.getsource(kernel.py_func).splitlines()) < 40
