"""A decentralised pool: how much is contributed, what slow links lose, and what it does not do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.decentralised_pool import DecentralisedPool
from agents.labs.lab import FrontierLab
from agents.supply.data_center import HOURS

NETWORK = {
    "frontier_research": 2e8,
    "pool_start": 0.001,
    "pool_growth": 20.0,
    "pool_expansion": 300.0,
    "contributed_hours": 0.0,
    "contributed_first": 0.0,
}


@pytest.mark.parametrize(
    ("now", "first", "hours"),
    [
        (0.0, 0.0, 2e5),  # a thousandth of a frontier lab's
        (1e6, 1e5, 1e6 * 20.0 ** (1 / 12)),
        (2.9e7, 1e5, 3e7),  # up to 300 times the first hours
        (3e7, 1e5, 3e7),
    ],
)
def test_hours_grow_twenty_fold_a_year_up_to_a_multiple_of_the_first(agent_of, now, first, hours):
    state = {"contributed_hours": now, "contributed_first": first}
    assert agent_of(DecentralisedPool, **{**NETWORK, **state}).contribute() == pytest.approx(hours)


def test_where_there_is_no_frontier_nothing_is_contributed(agent_of):
    pool = agent_of(DecentralisedPool, **{**NETWORK, "frontier_research": 0.0})
    assert pool.contribute() == 0.0


@pytest.mark.parametrize(
    ("nodes", "share"),
    [(1.0, 1.0), (0.5, 1.0), (10_000.0, 1.0 / 6.0), (8.0, 1.0 / 1.5)],
)
def test_training_over_slow_links_falls_with_nodes(agent_of, nodes, share):
    """A factor of 6 at 10,000 nodes, and 1.5 for every factor of 8."""
    pool = agent_of(
        DecentralisedPool, contributed_hours=nodes * 8.0 * HOURS, node_size=8.0, node_penalty=0.195
    )
    assert pool.usable_share() == pytest.approx(share, rel=0.01)


@given(hours=st.floats(0.0, 1e12), more=st.floats(1.0, 1e3), penalty=st.floats(0.0, 0.99))
def test_more_contributed_hours_never_train_less(agent_of, hours, more, penalty):
    few, many = (
        h
        * agent_of(
            DecentralisedPool, contributed_hours=h, node_size=8.0, node_penalty=penalty
        ).usable_share()
        for h in (hours, hours * more)
    )
    assert few <= many * (1.0 + 1e-12)


def test_a_lab_with_sites_gets_nothing_and_loses_nothing(agent_of):
    lab = agent_of(FrontierLab, compute_used=5.0)
    assert lab.contribute() == 0.0 and lab.usable_share() == 1.0


def test_it_buys_no_hours_sells_no_tokens_and_keeps_nothing_closed(agent_of):
    pool = agent_of(DecentralisedPool, cash=1e6)
    assert pool.want_compute() == pool.keep_for_serving() == pool.task_cost() == 0.0
    assert pool.open_flagship() == pool.open_small() == 1.0
    assert np.asarray(pool.price_for_less()) == 0.0
