"""Where agents stand: by layer, each in a place of its own, those of a group together."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config.world.schema import POPULATIONS
from sim.figures.network_layout import BELOW, HEIGHT, ORDER, ROWS, SPREAD, WIDTH, places


def test_every_population_has_a_layer() -> None:
    assert sorted(ORDER) == sorted(POPULATIONS)


@pytest.mark.parametrize("number", [1, ROWS, ROWS + 1, 700])
def test_a_large_layer_has_columns_and_nobody_stands_on_another(number: int) -> None:
    populations = ["fabs", "labs", *["customers"] * number, "capital", "outside"]
    stand = places(populations, [""] * len(populations))
    at = {*zip(stand.x.tolist(), stand.y.tolist(), strict=True)}
    assert len(at) == len(populations)
    assert stand.x.min() >= 0.0
    assert stand.x.max() <= WIDTH
    customers = slice(2, 2 + number)
    assert stand.crowded[customers].all() == (number > ROWS)
    assert np.ptp(stand.x[customers]) <= SPREAD
    assert stand.row[customers].max() < ROWS
    assert stand.y[:-2].max() < HEIGHT < stand.y[-1] == BELOW
    assert stand.x[0] < stand.x[1] < stand.x[customers].min()


def test_those_of_a_group_stand_together_in_the_order_in_which_groups_come() -> None:
    stand = places(["labs"] * 4, ["b", "a", "b", "a"])
    assert np.argsort(stand.y).tolist() == [0, 2, 1, 3]


def test_a_wide_layer_leaves_as_much_room_as_a_narrow_one() -> None:
    stand = places(["fabs", *["fleets"] * 300, "labs"], [""] * 302)
    fleets = stand.x[1:301]
    assert fleets.min() - stand.x[0] == pytest.approx(stand.x[301] - fleets.max(), abs=0.2)


def test_nobody_stands_nowhere() -> None:
    assert len(places([], []).x) == 0
