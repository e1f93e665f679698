"""Sensitivity indices against functions whose indices are known."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from experiments.statistics.outcomes import Outcome
from experiments.statistics.sensitivity import analyse, luck_of, write_table
from sim.base.errors import RequestError
from tests.experiments.batches import (
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    fake,
    ishigami,
    saltelli,
    sobol_g,
    sobol_g_indices,
)

LAG = Outcome("capability_lag_months")


def test_ishigami_is_within_two_hundredths() -> None:
    points = saltelli(3, 4096)
    found = analyse(fake(points, ishigami(points), "sobol"), LAG, resamples=50).statistics
    assert found["first"].value == pytest.approx(ISHIGAMI_FIRST, abs=0.02)
    assert found["total"].value == pytest.approx(ISHIGAMI_TOTAL, abs=0.02)


def test_sobol_g_is_within_two_hundredths_also_with_rows_for_the_second_order() -> None:
    points = saltelli(5, 4096, second_order=True)
    found = analyse(fake(points, sobol_g(points), "sobol"), LAG, resamples=50).statistics
    first, total = sobol_g_indices()
    assert found["first"].value == pytest.approx(first, abs=0.02)
    assert found["total"].value == pytest.approx(total, abs=0.02)


def test_intervals_hold_the_truth_and_shrink_with_the_samples() -> None:
    widths = []
    for samples in (128, 2048):
        points = saltelli(3, samples)
        total = analyse(fake(points, ishigami(points), "sobol"), LAG).statistics["total"]
        assert np.all(total.low <= ISHIGAMI_TOTAL)
        assert np.all(total.high >= ISHIGAMI_TOTAL)
        widths.append(total.high - total.low)
    assert np.all(widths[1] < 0.5 * widths[0])


def test_luck_that_all_points_share_changes_no_index() -> None:
    """A draw adds the same to every point: the indices of the means are those without it."""
    points = saltelli(3, 256)
    plain = ishigami(points)
    shifts = np.array([-5.0, 0.0, 9.0])
    lucky = analyse(fake(points, plain[:, None] + shifts, "sobol"), LAG)
    usual = analyse(fake(points, plain, "sobol"), LAG)
    assert lucky.statistics["total"].value == pytest.approx(usual.statistics["total"].value)
    assert usual.luck is None
    assert lucky.luck is not None
    assert lucky.luck.own == pytest.approx(0.0, abs=1e-12)
    whole = np.var(plain) + np.var(shifts)
    assert lucky.luck.common == pytest.approx(np.var(shifts) / whole)


def test_luck_is_taken_apart_by_hand() -> None:
    """Rows 0, 4 and 6, 2: means 2 and 4, draws' means 3 and 3, rest -2, 2, 2, -2."""
    luck = luck_of(np.array([[0.0, 4.0], [6.0, 2.0]]))
    assert luck is not None
    assert luck.common == 0.0
    assert luck.own == pytest.approx(4.0 / 5.0)  # of a variance of 1 + 4
    assert luck.noise == 1.0  # 16 / 1 / 2 replications is more than the 2 between the means


def trajectories(count: int, samples: int) -> np.ndarray:
    from SALib.sample import morris

    problem = {"num_vars": count, "names": [str(n) for n in range(count)]}
    bounds = {"bounds": [[0.0, 1.0]] * count}
    return morris.sample(problem | bounds, samples, num_levels=4, seed=3)


def test_morris_of_a_plane_is_its_slopes() -> None:
    points = trajectories(3, 10)
    values = points @ np.array([2.0, -3.0, 0.0])
    found = analyse(fake(points, values, "morris"), LAG)
    assert found.statistics["mu_star"].value == pytest.approx([2.0, 3.0, 0.0], abs=1e-9)
    assert found.statistics["mu"].value == pytest.approx([2.0, -3.0, 0.0], abs=1e-9)
    assert found.statistics["sigma"].value == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    assert found.order[0] == 1


def test_morris_does_not_care_how_a_range_is_stretched() -> None:
    """A logarithmic range has the same effects as the exponents."""
    points = trajectories(2, 10)
    values = points @ np.array([2.0, -3.0])
    usual, stretched = (
        analyse(fake(p, values, "morris"), LAG).statistics["mu"].value
        for p in (points, 10.0 ** (4.0 * points))
    )
    assert stretched == pytest.approx(usual)


def test_an_interaction_shows_in_sigma() -> None:
    points = trajectories(2, 20)
    found = analyse(fake(points, points[:, 0] * points[:, 1], "morris"), LAG).statistics
    assert np.all(found["sigma"].value > 0.1)


def test_a_run_without_a_number_is_named_and_refused() -> None:
    points = saltelli(3, 8)
    values = np.repeat(ishigami(points)[:, None], 2, axis=1)
    values[17, 1] = np.nan
    with pytest.raises(RequestError, match="scenario_id 17, replication_id 1"):
        analyse(fake(points, values, "sobol"), LAG)


def test_other_designs_and_orders_are_refused() -> None:
    points = saltelli(3, 8)
    values = ishigami(points)
    with pytest.raises(RequestError, match="not a design for sensitivity"):
        analyse(fake(points, values, "lhs"), LAG)
    with pytest.raises(RequestError, match="not the points of a Sobol design"):
        analyse(fake(points[::-1], values, "sobol"), LAG)
    with pytest.raises(RequestError, match="not the points of a Sobol design"):
        analyse(fake(points[:-1], values[:-1], "sobol"), LAG)
    with pytest.raises(RequestError, match="not the points of a Morris design"):
        analyse(fake(points, values, "morris"), LAG)


def test_an_outcome_that_does_not_vary_is_refused() -> None:
    points = saltelli(3, 8)
    with pytest.raises(RequestError, match="same at every point"):
        analyse(fake(points, np.full(len(points), 2.5), "sobol"), LAG)


def test_the_table_has_a_row_per_path_and_statistic(tmp_path: Path) -> None:
    points = saltelli(3, 64)
    found = analyse(fake(points, ishigami(points), "sobol"), LAG)
    write_table([found], tmp_path / "table.csv")
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert len(rows) == 6
    assert {row["points"] for row in rows} == {"320"}
    assert float(rows[0]["low"]) < float(rows[0]["value"]) < float(rows[0]["high"])
    text = found.text()
    assert "320 points x 1 replication" in text
    assert text.index(found.paths[found.order[0]]) < text.index(found.paths[found.order[-1]])
