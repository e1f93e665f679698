"""Sensitivity indices against functions whose indices are known."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import sobol_indices

from agents.framework.columns import Floats
from experiments.runs import designs
from experiments.statistics.outcomes import Outcome
from experiments.statistics.sensitivity import analyse, luck_of, morris, sobol, write_table
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


def test_indices_are_those_of_another_program() -> None:
    """scipy centres on the rows A and B alone, so its first orders differ, by less the more there
    are; SALib 1.6 gave the numbers, and its intervals came from the same resamples."""
    points = saltelli(3, 1024)
    blocks = ishigami(points).reshape(1024, 5).T
    mixed = blocks[1:-1, None, :]
    other = sobol_indices(func={"f_A": blocks[:1], "f_B": blocks[-1:], "f_AB": mixed}, n=1024)
    found = sobol(points, ishigami(points), 50)
    assert found["total"].value == pytest.approx(other.total_order, rel=1e-12)
    assert found["first"].value == pytest.approx(other.first_order, abs=1e-6)

    points = designs.sobol(16, ("a", "b", "c"), 1)
    found = sobol(points, ishigami(points), 500)
    assert found["first"].value == pytest.approx([0.8942833587, 0.2416447093, 0.1704186855])
    assert found["first"].low == pytest.approx([0.2637135356, -0.1299772989, -0.5116522983])
    assert found["first"].high == pytest.approx([1.4999189426, 0.6590863369, 0.5708219202])
    assert found["total"].value == pytest.approx([1.4305929489, 0.4263493294, 0.4515541671])
    assert found["total"].low == pytest.approx([0.2410492158, 0.2236559358, 0.1495821554])
    assert found["total"].high == pytest.approx([2.4152758765, 0.8373533967, 0.7773060892])

    points = designs.morris(10, ("a", "b", "c"), 1)
    found = morris(points, ishigami(points), 500)
    assert found["mu_star"].value == pytest.approx([10.2035725529, 7.875, 6.2487961033])
    assert found["mu_star"].low == pytest.approx([6.483801853, 7.875, 2.4907688746])
    assert found["mu_star"].high == pytest.approx([13.9233432529, 7.875, 10.0068233321])
    assert found["mu"].value == pytest.approx([10.2035725529, -3.15, 1.2497592207])
    assert found["sigma"].value == pytest.approx([6.0369105696, 7.6079727917, 9.2215332162])


def test_of_two_samples_a_constant_resample_has_no_index() -> None:
    points = saltelli(1, 2)
    found = sobol(points, points[:, 0], 50)
    assert np.all(np.isfinite(found["total"].low))
    assert np.all(np.isfinite(found["first"].high))


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


def trajectories(count: int, samples: int) -> Floats:
    return designs.morris(samples, [str(path) for path in range(count)], 3)


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


def test_morris_of_a_parabola_and_a_product_is_what_theory_says() -> None:
    """Two thirds of the range change (x - 1/2)^2 by 2/9, up or down; a factor's effect is the
    other factor, which stands on 0, 1/3, 2/3 or 1."""
    points = trajectories(3, 4000)
    values = (points[:, 0] - 0.5) ** 2 + points[:, 1] * points[:, 2]
    found = analyse(fake(points, values, "morris"), LAG).statistics
    assert found["mu_star"].value[0] == pytest.approx(1.0 / 3.0, rel=1e-9)
    assert found["mu"].value[0] == pytest.approx(0.0, abs=0.02)
    assert found["sigma"].value[0] == pytest.approx(1.0 / 3.0, abs=0.01)
    assert found["mu"].value[1:] == pytest.approx([0.5, 0.5], abs=0.02)
    assert found["sigma"].value[1:] == pytest.approx(np.sqrt([5.0 / 36.0] * 2), abs=0.01)
    assert found["mu_star"].low is not None
    assert found["mu_star"].high is not None
    assert np.all(found["mu_star"].low <= found["mu_star"].value)
    assert found["mu_star"].low[1] < 0.5 < found["mu_star"].high[1]


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
