"""Whether a path speeds up, and its fastest year, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.studies.questions.software_explosion import SOFTWARE, fastest_year, speeding_up


def left(path):
    return {"a": SimpleNamespace(metrics={SOFTWARE: np.power(10.0, path)[None]})}


def test_a_steady_path_does_not_speed_up():
    assert speeding_up(left(np.arange(72) / 12.0), "a") == pytest.approx([0.0])


def test_twice_the_pace_in_the_second_half_is_an_order_of_magnitude_a_year_more():
    path = np.concatenate([np.arange(36) / 12.0, 3.0 + np.arange(36) / 6.0])
    assert speeding_up(left(path), "a") == pytest.approx([1.0])


def test_the_fastest_year_is_found_anywhere():
    path = np.zeros(72)
    path[20:32] = np.arange(12) / 4.0
    path[32:] = 3.0
    assert fastest_year(left(path), "a") == pytest.approx([3.0])
