"""The guards that keep the baseline stable: each fails visibly when it is taken away.

Numbers of the guards are those of the feasibility notes that the model was designed from.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.framework.columns import Floats, Quantity, ratio
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from sim.base.errors import RequestError
from sim.config.registry import load_registry
from sim.config.scenario.changes import with_event
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.ensemble import run_block
from sim.results.record import Record

DECEMBER_2025 = 11


class BlindFab(ChipFab):
    """Orders lines as if nothing were in its pipeline."""

    def expand(self) -> Quantity:
        ahead = np.exp(self.orders_growth * self.expansion_lead_months)
        wanted = self.orders_level * ahead - self.capacity
        return np.clip(wanted, 0.0, self.capacity)


class HastyOperator(DataCenter):
    """Orders chips whether or not it can connect them."""

    def order_chips(self) -> Quantity:
        budget = self.capex_plan * (1.0 - self.site_share_of_cost())
        return ratio(budget, self.chip_price * self.server_network_multiple)


def record(scenario: Scenario, runs: int = 1) -> Record:
    return run_block(scenario, 1, range(runs), tables=("metrics", "agents")).record


def column(made: Record, name: str) -> Floats:
    """One column of one population added over agents, (runs, months)."""
    population, _, quantity = name.partition(".")
    return made.agents[population, quantity].sum(axis=2)


def with_class(scenario: Scenario, population: str, kind: type) -> Scenario:
    return replace(scenario, classes={population: f"{kind.__module__}:{kind.__name__}"})


@pytest.fixture(scope="module")
def baseline() -> Record:
    return record(load_scenario("baseline"))


def test_guard_1_without_a_pipeline_in_hand_2025_falls_short(baseline: Record) -> None:
    """No lines on order at the start: a fifth fewer chips by the end of 2025."""
    bare = record(load_scenario("baseline", set={"fabs.initial_pipeline_growth": 0.0}, months=12))
    name = "compute_shipped_cumulative_h100e"
    with_lines, without = (r.metrics[name][0, DECEMBER_2025] for r in (baseline, bare))
    assert without < 0.85 * with_lines


def test_guard_2_a_rent_step_that_would_zigzag_is_refused() -> None:
    """Adjustment 0.6 x elasticity 1.8 = 1.08 > 1, each of them inside its own limits."""
    steep = {"regions.rent_adjust": 0.6, "elsewhere.price_elasticity": 1.8}
    with pytest.raises(RequestError, match="zigzag"):
        load_scenario("baseline", set=steep)


def test_guard_2_the_rent_does_not_zigzag(baseline: Record) -> None:
    """A zigzag turns every month; the rent turns in fewer than one month in four."""
    steps = np.diff(np.log(baseline.metrics["rental_price_usd_per_h100e_hour"][0]))
    turns = np.sum(np.sign(steps[1:]) != np.sign(steps[:-1]))
    assert turns < len(steps) / 4


def test_guard_4_fabs_that_forget_their_pipeline_overbuild(baseline: Record) -> None:
    """Counting the pipeline keeps capacity near what ships; forgetting it does not."""
    solvent = load_scenario("baseline", months=48, set={"fabs.months_to_exit": 120})
    blind = record(with_class(solvent, "fabs", BlindFab))  # or they would fail of it
    spare = column(baseline, "fabs.capacity") / column(baseline, "fabs.shipped")
    blind_spare = column(blind, "fabs.capacity") / column(blind, "fabs.shipped")
    assert spare.max() < 1.5
    assert blind_spare.max() > 2.0 * spare.max()


def test_guard_5_chips_are_ordered_for_power_that_can_be_connected(baseline: Record) -> None:
    """With power short the gate keeps chips lit; without it many times more stand in the dark."""
    squeeze = load_scenario("power_squeeze")
    gated, hasty = record(squeeze), record(with_class(squeeze, "fleets", HastyOperator))

    def dark(made: Record) -> float:
        share = 1.0 - column(made, "fleets.active") / column(made, "fleets.installed")
        return float(share[0, 24:].mean())

    assert dark(baseline) < 0.08
    assert dark(gated) < 0.08
    assert dark(hasty) > 3.0 * dark(gated)


def test_guard_5_orders_do_not_chatter(baseline: Record) -> None:
    """World orders move by at most a tenth a month once the opening has settled."""
    orders = column(baseline, "fleets.ordered")[0, 6:]
    assert np.abs(np.diff(np.log(orders))).max() < 0.1


def test_guard_6_a_lasting_fall_of_demand_moves_shipments_slowly() -> None:
    """60 % of demand from elsewhere goes in 2027: no month moves shipments by 15 %."""
    event = {
        "name": "bust",
        "start": "2027-01",
        "months": 48,
        "set": {"elsewhere.demand_loss": 0.6},
        "scale": {},
    }
    shocked = record(with_event(load_scenario("baseline"), event))
    shipped = shocked.metrics["chips_shipped_h100e"][0, 23:]
    assert np.abs(np.diff(np.log(shipped))).max() < 0.15


def test_guard_6_plans_never_move_faster_than_boards_do(baseline: Record) -> None:
    """10 % a month at most, plans that move between an operator's regions apart."""
    plans = column(baseline, "fleets.capex_plan")[0]
    limit = load_registry().columns("fleets")["capex_max_change_per_month"].value
    assert np.abs(np.diff(plans) / plans[:-1]).max() <= limit + 1e-9


def test_guard_7_the_backlog_gain_is_bounded_and_the_price_does_not_saw(baseline: Record) -> None:
    """Gain at most 0.1, price inside the margin band, no yearly turn of the price path."""
    assert load_registry().columns("fabs")["backlog_price_gain"].max <= 0.1
    price = baseline.agents["fabs", "price"][0]
    relative = price / baseline.agents["fabs", "reference_price"][0]
    floor = load_registry().columns("fabs")["price_floor_multiple"].value
    ceiling = load_registry().columns("fabs")["price_ceiling_multiple"].value
    assert relative.min() >= floor - 1e-9
    assert relative.max() <= ceiling + 1e-9
    for path in np.log(relative).T:
        slopes = np.sign(np.round(np.diff(path), 9))  # a price at its ceiling does not move
        moves = slopes[slopes != 0.0]
        assert np.sum(moves[1:] != moves[:-1]) <= 12  # two a year; a saw turns every other month


def test_guard_8_demand_for_tokens_is_near_unit_elastic() -> None:
    """Designs sample 0.8 to 1.3: an elasticity of 2 moves revenue of 2030 sixfold."""
    elasticity = load_registry().columns("customers")["token_price_elasticity"]
    assert 0.8 <= elasticity.low <= elasticity.value <= elasticity.high <= 1.3


def test_guard_8_the_market_is_bounded(baseline: Record) -> None:
    """Revenue stays within what people and tasks can pay, and an elastic demand shows the danger:
    at 2 tokens run away and with them the revenue that a bounded budget keeps."""
    shares = baseline.agents["customers", "spend_share"]
    ceiling = load_registry().columns("customers")["spend_ceiling"].value
    assert shares.max() <= ceiling + 1e-9
    elastic = record(load_scenario("baseline", set={"customers.token_price_elasticity": 2.0}))
    revenue = "lab_revenue_annualised_usd"
    calm, wild = (r.metrics[revenue][0, -1] for r in (baseline, elastic))
    assert wild > 2.0 * calm


@pytest.fixture(scope="module")
def many() -> Record:
    return record(load_scenario("baseline"), runs=8)


def test_guard_9_no_winner_takes_all(many: Record) -> None:
    """Revenue stays spread over labs, and followers stay within reach: in every month without
    jumps, and over any year with them, since a jump of the leader puts them further back until it
    is replicated."""
    assert many.metrics["lab_revenue_hhi"].max() < 0.65
    assert many.metrics["capability_lag_months"].max() < 24.0
    gap = np.cumsum(many.metrics["capability_gap_oom"], axis=1)
    assert ((gap[:, 12:] - gap[:, :-12]) / 12.0).max() < 2.0
    steady = record(load_scenario("baseline", set={"labs.jump_rate": 0.0}), runs=8)
    assert steady.metrics["capability_gap_oom"].max() < 2.0


def test_guard_9_without_inertia_spillover_and_teachers_the_lead_widens(many: Record) -> None:
    """Each lab on its own: the gap to the followers grows beyond what it is with them."""
    alone = {
        "labs.spillover_rate": 0.0,
        "labs.distillation_gain": 1.0,
        "labs.compute_poor.distillation_gain": 1.0,
    }
    apart = record(load_scenario("baseline", set=alone), runs=8)
    gaps = [np.median(r.metrics["capability_gap_oom"][:, -12:]) for r in (many, apart)]
    assert gaps[1] > 1.5 * gaps[0]


def test_guard_11_the_gap_is_steadier_than_the_lag(many: Record) -> None:
    """As the frontier slows, the lag in months grows though the gap in orders of magnitude stays:
    both are reported. Means by year, median over runs, from 2027 on."""

    def spread(name: str) -> float:
        values = np.median(many.metrics[name], axis=0)[24:]
        years = values.reshape(-1, 12).mean(axis=1)
        return float(years.max() / years.min())

    assert spread("capability_gap_oom") < spread("capability_lag_months")
