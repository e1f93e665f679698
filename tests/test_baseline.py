"""The reference baseline against what is known of 2025, median of 16 runs."""

from __future__ import annotations

import numpy as np
import pytest

from agents.columns import Floats
from sim.ensemble import run_block
from sim.metrics import METRICS, NAMES
from sim.record import Record
from sim.scenario import load_scenario

RUNS = 16
SHIPPED_TO_2025 = 19_737_835.0
"""H100e shipped by four vendors to the end of 2025 (obs:world_chip_stock/world/2025-12-31)."""


@pytest.fixture(scope="module")
def made() -> Record:
    return run_block(load_scenario("baseline"), 1, range(RUNS), tables=("metrics", "agents")).record


def median(values: Floats) -> Floats:
    return np.median(values, axis=0)


def test_every_metric_is_finite_and_moves(made: Record) -> None:
    for name in NAMES:
        assert np.isfinite(made.metrics[name]).all(), name
    for metric in METRICS:
        assert np.ptp(median(made.metrics[metric.name])) > 0.0, metric.name


def test_money_balances_exactly_and_goods_to_a_billionth(made: Record) -> None:
    assert not made.metrics["ledger_residual"].any()
    assert made.metrics["compute_residual"].max() <= 1e-9


def test_runs_differ_by_their_draws(made: Record) -> None:
    ends = made.metrics["compute_stock_h100e"][:, -1]
    assert len(np.unique(ends)) == RUNS


def test_shipments_to_the_end_of_2025(made: Record) -> None:
    shipped = median(made.metrics["compute_shipped_cumulative_h100e"])[11]
    assert SHIPPED_TO_2025 / 1.3 < shipped < SHIPPED_TO_2025 * 1.3


def test_rent_stays_in_its_band_through_2026(made: Record) -> None:
    rent = median(made.metrics["rental_price_usd_per_h100e_hour"])[:24]
    assert rent.min() > 1.0
    assert rent.max() < 4.0


def test_capital_spending_of_2025(made: Record) -> None:
    assert 0.25e12 < median(made.metrics["capex_usd"])[:12].sum() < 0.7e12


def test_power_delays_the_buildout_by_months_not_years(made: Record) -> None:
    """1 to 12 months once the first year's slack is used [power-delay]."""
    delay = median(made.metrics["power_delay_months"])[12:]
    assert delay.min() > 1.0
    assert delay.max() < 12.0


def test_rent_stays_above_energy_cost(made: Record) -> None:
    """0.3 kW at 0.075 USD/kWh is 2 cents; the rent stays far above what an hour's energy costs."""
    rent = made.agents["regions", "rental_price"]
    power = made.agents["regions", "power_price"]
    newest = made.agents["fabs", "power_per_h100e"].max(axis=2, keepdims=True)
    assert (rent > power * newest).all()


def test_no_account_explodes(made: Record) -> None:
    """Cash of fabs and fleets stays below ten years of their sector's turnover."""
    for sector, turnover in (("fabs", "revenue"), ("fleets", "rental_income")):
        cash = made.agents[sector, "cash"].sum(axis=2)[:, -1]
        yearly = 12.0 * made.agents[sector, turnover].sum(axis=2)[:, -1]
        assert (cash < 10.0 * yearly).all(), sector
