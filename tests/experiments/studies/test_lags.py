"""How far one series is behind another."""

import numpy as np
import pytest

from experiments.studies.lags import months_behind

LEADER = np.array([[0.0, 2.0, 4.0, 4.0, 8.0]])


def behind(follower, window):
    return months_behind(np.array([follower]), LEADER, window)[0]


@pytest.mark.parametrize(
    ("level", "lag"),
    [
        (8.0, 0.0),
        (9.0, 0.0),
        (6.0, 0.5),
        (4.0, 2.0),
        (3.0, 2.5),
        (1.0, 3.5),
        (0.0, 4.0),
        (-5.0, 4.0),
    ],
)
def test_lag_counts_from_the_month_in_which_the_leader_first_had_it(level, lag):
    assert behind([0.0, 0.0, 0.0, 0.0, level], slice(4, 5)) == lag


def test_lag_of_a_window_is_the_mean_over_its_months():
    assert behind([0.0, 2.0, 2.0, 2.0, 2.0], slice(1, 5)) == pytest.approx((0 + 1 + 2 + 3) / 4)


def test_a_leader_that_falls_back_keeps_what_it_has_had():
    leader = np.array([[0.0, 4.0, 1.0]])
    assert months_behind(np.array([[0.0, 0.0, 2.0]]), leader, slice(2, 3))[0] == 1.5


def test_runs_do_not_see_each_other():
    leader = np.array([[0.0, 1.0, 2.0], [0.0, 5.0, 9.0]])
    follower = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 9.0]])
    assert months_behind(follower, leader, slice(2, 3)).tolist() == [1.0, 0.0]
