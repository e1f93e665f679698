"""Debtors: months in distress are counted, paid months are taken off, and too many end it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.finance.debtor import Debtor


@pytest.mark.parametrize(
    ("arrears", "before", "after"),
    [(1.0, 0.0, 1.0), (1e12, 2.0, 3.0), (0.0, 3.0, 2.0), (0.0, 0.0, 0.0), (0.0, 0.5, 0.0)],
)
def test_a_month_of_open_bills_counts_up_and_a_paid_one_down(agent_of, arrears, before, after):
    assert agent_of(Debtor, arrears=arrears, distress=before).count_distress() == after


@pytest.mark.parametrize(("months", "leaves"), [(0.0, 0.0), (2.9, 0.0), (3.0, 1.0), (9.0, 1.0)])
def test_it_leaves_after_so_many_months(agent_of, months, leaves):
    assert agent_of(Debtor, distress=months, months_to_exit=3.0).leave() == leaves


def months_until_it_leaves(agent_of, arrears, months_to_exit):
    """The month, from 1, in which a debtor with these open bills leaves; None if it stays."""
    distress = 0.0
    for month, open_bills in enumerate(arrears, start=1):
        distress = float(agent_of(Debtor, arrears=open_bills, distress=distress).count_distress())
        if agent_of(Debtor, distress=distress, months_to_exit=months_to_exit).leave():
            return month
    return None


@pytest.mark.parametrize(
    ("arrears", "leaves"),
    [
        ([5.0] * 6, 3),
        ([5.0, 0.0] * 6, None),  # who pays every other month stays
        ([5.0, 5.0, 0.0, 5.0, 5.0], 5),  # a paid month buys two
        ([0.0] * 9, None),
    ],
)
def test_paid_months_put_the_end_off(agent_of, arrears, leaves):
    assert months_until_it_leaves(agent_of, arrears, 3.0) == leaves


@given(st.lists(st.sampled_from([0.0, 1.0]), max_size=30), st.integers(1, 6))
def test_nobody_leaves_before_that_many_months_of_open_bills(agent_of, arrears, limit):
    month = months_until_it_leaves(agent_of, arrears, float(limit))
    if month is not None:
        assert sum(arrears[:month]) >= limit
        assert arrears[month - 1] == 1.0
