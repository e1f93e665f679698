"""Relations: edges between populations; what is gathered along them and added up at their ends."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.demand.elsewhere import Elsewhere
from agents.framework.columns import state
from agents.framework.population import Member, Population
from agents.framework.relation import Relation, edge_order
from agents.labs.lab import Lab

COLUMNS = {"units": state("t", "Moved this month"), "usd": state("USD", "Paid this month")}


def agents(rows, runs, kind=Lab):
    return Population(
        kind.population_name, kind, [Member(f"a{i}", "", kind) for i in range(rows)], runs
    )


def relation(pairs, origins, goals, runs=1):
    return Relation("trade", agents(origins, runs), agents(goals, runs, Elsewhere), pairs, COLUMNS)


def test_edges_may_be_given_as_an_array():
    pairs = [(2, 1), (0, 1), (1, 0), (0, 0)]
    given = np.array(pairs, dtype=np.uint32)
    listed, arrays = relation(pairs, 3, 2), relation(given, 3, 2)
    for name in ("source", "target"):
        assert getattr(arrays, name).tolist() == getattr(listed, name).tolist()
        assert getattr(arrays, name).dtype == np.uint32
    assert given[edge_order(given)].tolist() == [[0, 0], [1, 0], [0, 1], [2, 1]]


@st.composite
def graphs(draw):
    """A relation in a block of runs, with numbers at its origins, goals and edges."""
    runs, origins, goals = (draw(st.integers(1, n)) for n in (3, 4, 4))
    ends = st.tuples(st.integers(0, origins - 1), st.integers(0, goals - 1))
    edges = relation(draw(st.lists(ends, max_size=10, unique=True)), origins, goals, runs)
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def at(places):
        return numbers.lognormal(0.0, 20.0, (runs, places))

    return edges, at(origins), at(goals), at(len(edges))


def added_up(values, ends, places):
    """Plain sums in edge order, from zero."""
    sums = [[0.0] * places for _ in values]
    for run, row in enumerate(values.tolist()):
        for value, end in zip(row, ends.tolist(), strict=True):
            sums[run][end] += value
    return sums


def test_edges_are_sorted_by_target_then_source():
    edges = relation([(2, 1), (0, 1), (1, 0), (0, 0)], 3, 2)
    assert list(zip(edges.source.tolist(), edges.target.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (0, 1),
        (2, 1),
    ]
    assert edges.source.dtype == edges.target.dtype == np.uint32
    assert len(edges) == 4
    assert edges.units.shape == (1, 4) and edges.units.dtype == np.float64


def test_gathers_and_scatters_by_hand():
    edges = relation([(0, 0), (1, 0), (1, 1)], 2, 2)
    assert edges.from_source(np.array([[5.0, 7.0]])).tolist() == [[5.0, 7.0, 7.0]]
    assert edges.from_target(np.array([[5.0, 7.0]])).tolist() == [[5.0, 5.0, 7.0]]
    assert edges.to_source(np.array([[1.0, 20.0, 300.0]])).tolist() == [[1.0, 320.0]]
    assert edges.to_target(np.array([[1.0, 20.0, 300.0]])).tolist() == [[21.0, 300.0]]


@given(graphs())
def test_gathers_and_scatters_match_plain_loops_bit_for_bit(graph):
    edges, at_origins, at_goals, at_edges = graph
    for run in range(len(at_edges)):
        row = edges.from_source(at_origins)[run].tolist()
        assert row == [at_origins[run, s] for s in edges.source]
        row = edges.from_target(at_goals)[run].tolist()
        assert row == [at_goals[run, t] for t in edges.target]
    origins, goals = len(edges.origin), len(edges.goal)
    assert edges.to_source(at_edges).tolist() == added_up(at_edges, edges.source, origins)
    assert edges.to_target(at_edges).tolist() == added_up(at_edges, edges.target, goals)


@given(graphs())
def test_a_run_does_not_depend_on_its_block(graph):
    edges, _, _, at_edges = graph
    pairs = list(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    alone = relation(pairs, len(edges.origin), len(edges.goal), runs=1)
    for run in range(len(at_edges)):
        row = at_edges[run : run + 1]
        assert alone.to_source(row)[0].tobytes() == edges.to_source(at_edges)[run].tobytes()
        assert alone.to_target(row)[0].tobytes() == edges.to_target(at_edges)[run].tobytes()


@given(graphs())
def test_memory_order_of_the_values_does_not_matter(graph):
    edges, at_origins, _, at_edges = graph
    assert (
        edges.to_target(np.asfortranarray(at_edges)).tolist() == edges.to_target(at_edges).tolist()
    )
    wide = np.repeat(at_edges, 2, axis=1)[:, ::2]
    assert edges.to_source(wide).tolist() == edges.to_source(at_edges).tolist()
    gathered = edges.from_source(np.asfortranarray(at_origins))
    assert gathered.tolist() == edges.from_source(at_origins).tolist()


def test_an_edge_is_open_while_both_ends_live():
    edges = relation([(0, 0), (1, 0), (1, 1)], 2, 2, runs=2)
    assert edges.open_edges().tolist() == [[1.0, 1.0, 1.0]] * 2
    edges.origin.alive[0, 1] = False
    edges.goal.alive[1, 0] = False
    assert edges.open_edges().tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def test_a_relation_without_edges_carries_nothing():
    edges = relation([], 2, 3, runs=2)
    assert len(edges) == 0 and edges.units.shape == (2, 0)
    assert edges.to_source(edges.units).tolist() == [[0.0, 0.0]] * 2
    assert edges.to_target(edges.units).tolist() == [[0.0, 0.0, 0.0]] * 2
    assert edges.from_source(np.ones((2, 2))).shape == (2, 0)


def test_edges_within_a_population():
    labs = agents(3, 1)
    teaching = Relation("teaching", labs, labs, [(0, 1), (0, 2)], COLUMNS)
    assert teaching.to_source(np.array([[3.0, 4.0]])).tolist() == [[7.0, 0.0, 0.0]]
    assert teaching.to_target(np.array([[3.0, 4.0]])).tolist() == [[0.0, 3.0, 4.0]]


# ---- two-sided rules -----------------------------------------------------------------------------


class Teacher(Lab):
    """Stands for a kind of the package: asked once, with both ends read along the edges."""

    __module__ = "agents.teacher"

    def wish_to_teach(self, other):
        assert np.shape(self.cash) == np.shape(other.cash)
        return self.cash * 10.0 + other.cash


class Stern(Teacher):
    """A user's class, asked edge by edge."""

    __module__ = "somebody.elses"

    def wish_to_teach(self, other):
        assert isinstance(self.cash, float) and isinstance(other.cash, float)
        return super().wish_to_teach(other) if other.cash > 3.0 else 0.0


def test_a_two_sided_rule_is_asked_of_each_edge_with_both_ends():
    members = [Member("a", "", Teacher), Member("b", "", Stern), Member("c", "", Teacher)]
    labs = Population("labs", Teacher, members, runs=2)
    assert labs.names == ("a", "c", "b")
    labs.cash = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    edges = Relation("teaching", labs, labs, [(0, 1), (1, 2), (2, 0), (2, 1)], COLUMNS)
    # By target: (2, 0), (0, 1), (2, 1), (1, 2); row 2 is the stern b, who wants more than 3.
    decided = edges.decide(Teacher.wish_to_teach)
    assert decided.tolist() == [[0.0, 12.0, 0.0, 23.0], [64.0, 45.0, 65.0, 56.0]]


def test_a_two_sided_rule_without_edges_decides_nothing():
    labs = Population("labs", Teacher, [Member("a", "", Teacher)], runs=2)
    assert Relation("teaching", labs, labs, [], COLUMNS).decide(Teacher.wish_to_teach).size == 0


def test_columns_are_declared():
    edges = relation([(0, 0)], 1, 1)
    assert edges.declared == COLUMNS and set(edges.columns) == set(COLUMNS)


def test_columns_are_written_in_place_and_unknown_ones_refused():
    edges = relation([(0, 0), (1, 0)], 2, 1)
    taken = edges.units
    edges.units = np.array([[1.0, 2.0]])
    assert taken is edges.units and taken.tolist() == [[1.0, 2.0]]
    with pytest.raises(AttributeError, match="trade has no column 'unit'"):
        edges.unit = 1.0
    with pytest.raises(AttributeError, match="trade has no column 'unit'"):
        _ = edges.unit


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))]
)
def test_a_relation_can_be_copied_and_pickled(copied):
    edges = relation([(0, 0), (1, 0)], 2, 1)
    edges.units = np.array([[1.0, 2.0]])
    assert copied(edges).to_target(edges.units).tolist() == [[3.0]]
