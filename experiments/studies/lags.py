"""How far one series is behind another: in months, as lags and delays are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from agents.framework.columns import Floats


def months_behind(follower: Floats, leader: Floats, window: slice) -> Floats:
    """Months since `leader` first had what `follower` has, mean over a window, (runs,).

    Both are (runs, months) over the same months. The leader is taken as the most that it has
    reached so far, interpolated between months. Who is level or ahead is 0 months behind; who
    stands below where the leader began is behind by all months since.
    """
    most = np.maximum.accumulate(leader, axis=1)
    months = range(*window.indices(leader.shape[1]))
    found: Floats = np.mean([_behind(follower[:, now], most, now) for now in months], axis=0)
    return found


def _behind(level: Floats, most: Floats, now: int) -> Floats:
    below = (most[:, : now + 1] < level[:, None]).sum(axis=1)
    after, rows = np.clip(below, 1, now), np.arange(len(level))
    if now == 0:
        return np.zeros(len(level))
    high, low = most[rows, after], most[rows, after - 1]
    part = np.where(high > low, (level - low) / np.where(high > low, high - low, 1.0), 0.0)
    reached = np.where(below == 0, 0.0, after - 1 + np.clip(part, 0.0, 1.0))
    return np.where(below > now, 0.0, now - reached)
