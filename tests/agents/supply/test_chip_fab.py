"""Chip fabs: when they stop, what they make, how the price moves, and when they build lines."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.supply.chip_fab import ChipFab

shares = st.floats(0.0, 1.0)
amounts = st.one_of(st.just(0.0), st.floats(1e-6, 1e7))


# ---- the stop rule -------------------------------------------------------------------------------


def test_a_fab_stops_where_energy_eats_its_whole_margin(agent_of):
    # s (m - 1) > margin with s = 0.03 and a margin of 0.50: m > 1 + 0.50 / 0.03 = 17.67
    # [fab-stop-multiple].
    fabs = agent_of(
        ChipFab,
        foundry_energy_share=0.03,
        foundry_margin=0.5,
        energy_multiple=[1.0, 10.0, 17.66, 17.68, 25.0],
    )
    assert fabs.runs().tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]


@given(share=st.floats(0.001, 0.03), margin=st.floats(0.5, 0.95))
def test_no_leading_fab_stops_below_ten_times_the_power_price(agent_of, share, margin):
    # The bounds of the sources: energy at most 0.03 of revenue, margin at least 0.5.
    fab = agent_of(ChipFab, foundry_energy_share=share, foundry_margin=margin, energy_multiple=10.0)
    assert fab.runs() == 1.0


def test_a_stopped_fab_makes_nothing(agent_of):
    assert agent_of(ChipFab, **MAKING).output() == 1000.0
    assert agent_of(ChipFab, **{**MAKING, "energy_multiple": 18.0}).output() == 0.0


# ---- output --------------------------------------------------------------------------------------


MAKING = {
    "capacity": 1000.0,
    "capacity_loss": 0.0,
    "output_volatility": 0.02,
    "luck_yield": 0.0,
    "input_cover": 1e6,
    "inventory_max_months": 2.0,
    "inventory": 0.0,
    "order_book": 4000.0,
    "energy_multiple": 1.0,
    "foundry_energy_share": 0.03,
    "foundry_margin": 0.5,
}
"""A fab with 1,000 H100e a month and nothing in its way."""


@pytest.mark.parametrize(
    ("change", "made"),
    [
        ({"capacity_loss": 0.9}, 100.0),
        ({"input_cover": 250.0}, 250.0),  # the scarcest input
        ({"luck_yield": -1.0}, 1000.0 * math.exp(-0.02)),
        ({"luck_yield": 50.0}, 1100.0),  # e^1 would be 2.7 times: yield stops at a tenth more
        # Room for 2 months of finished chips and the order book: 2,000 + 500 - 2,300 = 200.
        ({"order_book": 500.0, "inventory": 2300.0}, 200.0),
        ({"order_book": 0.0, "inventory": 2000.0}, 0.0),
        ({"order_book": 0.0, "inventory": 9000.0}, 0.0),
    ],
)
def test_output_is_the_least_of_capacity_inputs_and_room(agent_of, change, made):
    assert agent_of(ChipFab, **{**MAKING, **change}).output() == pytest.approx(made, rel=1e-12)


@given(
    capacity=amounts,
    capacity_loss=shares,
    input_cover=amounts,
    inventory=amounts,
    order_book=amounts,
    luck_yield=st.floats(-5.0, 5.0),
)
def test_output_never_exceeds_what_lines_inputs_and_room_allow(agent_of, **drawn):
    fab = agent_of(ChipFab, **{**MAKING, **drawn})
    made = fab.output()
    lines = 1.1 * fab.capacity * (1.0 - fab.capacity_loss)
    room = max(2.0 * fab.capacity + fab.order_book - fab.inventory, 0.0)
    assert 0.0 <= made <= min(lines * (1 + 1e-12), fab.input_cover, room)


# ---- cost and margin -----------------------------------------------------------------------------


def test_cost_and_margin(agent_of):
    # (1 - 0.725) x 40,000 = 11,000 [nvidia-gross-margin, gpu-supplier-cost-example]; power twice
    # as dear adds 0.03, and inputs a tenth dearer 0.1: 11,000 x 1.13 = 12,430, over 25,000.
    fab = agent_of(
        ChipFab,
        gross_margin=0.725,
        reference_price=40_000.0,
        price=25_000.0,
        foundry_energy_share=0.03,
        energy_multiple=2.0,
        input_cost_multiple=1.1,
    )
    assert fab.unit_cost() == pytest.approx(12_430.0)
    assert fab.margin() == pytest.approx(1.0 - 12_430.0 / 25_000.0)


def test_dearer_energy_and_inputs_lower_the_margin_and_a_dearer_chip_raises_it(agent_of):
    calm = {
        "gross_margin": 0.7,
        "reference_price": 100.0,
        "price": 100.0,
        "foundry_energy_share": 0.03,
        "energy_multiple": 1.0,
        "input_cost_multiple": 1.0,
    }
    margin = agent_of(ChipFab, **calm).margin()
    assert margin == pytest.approx(0.7)
    assert agent_of(ChipFab, **{**calm, "energy_multiple": 3.0}).margin() < margin
    assert agent_of(ChipFab, **{**calm, "input_cost_multiple": 1.5}).margin() < margin
    assert agent_of(ChipFab, **{**calm, "price": 120.0}).margin() > margin


@pytest.mark.parametrize(
    ("rule", "value", "trend"),
    [
        ("set_reference_price", "reference_price", "price_trend"),
        ("set_power_per_h100e", "power_per_h100e", "power_trend"),
        ("set_line_cost", "line_cost", "expansion_cost_trend"),
    ],
)
def test_twelve_months_of_progress_make_a_year_of_trend(agent_of, rule, value, trend):
    level = 100.0
    for _ in range(12):
        level = float(getattr(agent_of(ChipFab, **{value: level, trend: 0.3}), rule)())
    assert level == pytest.approx(70.0)


# ---- price ---------------------------------------------------------------------------------------


PRICING = {
    "price": 100.0,
    "reference_price": 100.0,
    "capacity": 1000.0,
    "order_book": 4000.0,
    "backlog_target_months": 4.0,
    "backlog_price_gain": 0.06,
    "price_reversion": 0.1,
    "price_floor_multiple": 0.45,
    "overhead_share": 0.1,
    "price_ceiling_multiple": 1.4,
    "gross_margin": 0.725,
    "foundry_energy_share": 0.03,
    "energy_multiple": 1.0,
    "input_cost_multiple": 1.0,
}
"""A fab whose order book rests at its target of four months, price at the reference."""


def test_price_rests_at_the_target_and_follows_the_backlog(agent_of):
    def price(**change):
        return agent_of(ChipFab, **{**PRICING, **change}).set_price()

    assert price() == pytest.approx(100.0)
    # A book twice the target: exp(0.06 ln 2) = 1.0425; half of it: 1 / 1.0425.
    assert price(order_book=8000.0) == pytest.approx(104.25, abs=0.01)
    assert price(order_book=2000.0) == pytest.approx(95.93, abs=0.01)
    # Books beyond ten times the target count as ten: exp(0.06 ln 10) = 1.1482, likewise empty ones.
    assert price(order_book=1e9) == pytest.approx(114.82, abs=0.01)
    assert price(order_book=0.0) == pytest.approx(87.10, abs=0.01)
    # A tenth of the gap to the reference in ln: 120 x exp(0.1 ln(100 / 120)) = 117.83.
    assert price(price=120.0) == pytest.approx(117.83, abs=0.01)


def test_price_never_falls_below_full_cost(agent_of):
    """Cost 0.81 of the reference, 0.9 with a tenth of revenue for research and administration,
    lies above the floor of 0.45; inputs at three times their cost lift it above the ceiling."""
    idle = {**PRICING, "order_book": 0.0, "price": 90.0, "gross_margin": 0.19}
    assert agent_of(ChipFab, **idle).set_price() == pytest.approx(90.0)
    dear = agent_of(ChipFab, **{**idle, "input_cost_multiple": 3.0})
    assert dear.set_price() == pytest.approx(270.0)


@given(
    price=st.floats(1.0, 1e5),
    reference_price=st.floats(1.0, 1e5),
    order_book=amounts,
    capacity=amounts,
)
def test_price_stays_inside_the_band(agent_of, **drawn):
    fab = agent_of(ChipFab, **{**PRICING, **drawn})
    assert 0.45 * fab.reference_price <= fab.set_price() <= 1.4 * fab.reference_price


@pytest.mark.parametrize("start", [45.0, 70.0, 140.0])
def test_price_returns_to_the_reference_without_a_saw(agent_of, start):
    path = [start]
    for _ in range(72):
        path.append(float(agent_of(ChipFab, **{**PRICING, "price": path[-1]}).set_price()))
    steps = np.diff(path)
    assert path[-1] == pytest.approx(100.0, rel=1e-3)
    assert (steps >= 0.0).all() or (steps <= 0.0).all()


@given(book=amounts, more=st.floats(0.0, 1e6))
def test_a_longer_book_never_lowers_the_price(agent_of, book, more):
    low = agent_of(ChipFab, **{**PRICING, "order_book": book}).set_price()
    assert agent_of(ChipFab, **{**PRICING, "order_book": book + more}).set_price() >= low


# ---- forecast and expansion ----------------------------------------------------------------------


def test_forecast_smooths_level_and_growth(agent_of):
    # Expected 1,000 e^0.02 = 1,020.2; a fifth of the way to 1,500: 1,116.2. The level grew by
    # ln 1.1162 = 0.1099, a fifth of the way from 0.02 to there is 0.0380.
    fab = agent_of(
        ChipFab,
        orders_level=1000.0,
        orders_growth=0.02,
        orders_received=1500.0,
        order_forecast_smoothing=0.2,
        growth_expected_max=0.05,
    )
    forecast = fab.forecast()
    assert forecast.level == pytest.approx(1116.16, abs=0.01)
    assert forecast.growth == pytest.approx(0.0380, abs=1e-4)


@given(level=amounts, growth=st.floats(0.0, 0.05), orders=amounts)
def test_growth_beyond_what_was_ever_seen_is_not_extrapolated(agent_of, level, growth, orders):
    fab = agent_of(
        ChipFab,
        orders_level=level,
        orders_growth=growth,
        orders_received=orders,
        order_forecast_smoothing=0.3,
        growth_expected_max=0.05,
    )
    forecast = fab.forecast()
    assert 0.0 <= forecast.growth <= 0.05
    expected = level * math.exp(growth)
    assert min(expected, orders) * (1 - 1e-12) <= forecast.level
    assert forecast.level <= max(expected, orders) * (1 + 1e-12)


PLANNING = {
    "orders_level": 1000.0,
    "orders_growth": 0.02,
    "expansion_lead_months": 15.0,
    "capacity": 900.0,
    "capacity_due": 400.0,
    "expansion_max_per_month": 0.06,
    "distress": 0.0,
}
"""Orders of 1,000 a month that grow by 2 % a month, lines take 15 months."""


@pytest.mark.parametrize(
    ("change", "ordered"),
    [
        ({}, 49.86),  # 1,000 e^(0.02 x 15) = 1,349.86, less 900 and 400 on the way
        ({"capacity_due": 500.0}, 0.0),  # the pipeline covers it
        ({"orders_growth": 0.0}, 0.0),  # capacity beyond a level that does not grow
        ({"capacity_due": 0.0}, 54.0),  # 449.86 are missing, makers deliver 6 % of 900
        ({"capacity": 300.0}, 42.0),  # 6 % of 300 + 400
        ({"capacity_due": 0.0, "distress": 1.0}, 0.0),  # nothing in distress
    ],
)
def test_expansion_counts_capacity_and_pipeline(agent_of, change, ordered):
    fab = agent_of(ChipFab, **{**PLANNING, **change})
    assert fab.expand() == pytest.approx(ordered, abs=0.01)


def test_lines_ordered_every_month_do_not_overshoot_what_the_forecast_needs(agent_of):
    # A fab that ignored its pipeline would order fifteen times what is missing.
    capacity, due = 1000.0, [0.0] * 15
    for _ in range(60):
        capacity += due.pop(0)
        fab = agent_of(ChipFab, **{**PLANNING, "capacity": capacity, "capacity_due": sum(due)})
        due.append(float(fab.expand()))
    assert capacity + sum(due) == pytest.approx(1349.86, abs=0.01)


# ---- money ---------------------------------------------------------------------------------------

EARNING = {
    "gross_margin": 0.7,
    "reference_price": 100.0,
    "price": 100.0,
    "foundry_energy_share": 0.03,
    "energy_multiple": 1.0,
    "input_cost_multiple": 1.0,
    "revenue_smoothed": 100.0,
    "overhead": 20.0,
}
"""0.7 of 100 a month, less 20 of research and administration: 50 a month."""


@pytest.mark.parametrize(
    ("change", "flow"),
    [
        ({}, 600.0),
        ({"overhead": 80.0}, 0.0),  # no cash flow is not a negative one
        ({"price": 60.0}, 360.0),  # half of sales are margin
        ({"price": 20.0}, 0.0),
        ({"revenue_smoothed": 0.0}, 0.0),
    ],
)
def test_cash_flow_is_margin_less_overhead(agent_of, change, flow):
    assert agent_of(ChipFab, **{**EARNING, **change}).cash_flow() == pytest.approx(flow)


def test_overhead_follows_revenue_slowly_so_a_fall_of_sales_hurts(agent_of):
    plan = {"overhead_share": 0.3, "overhead_adjust_months": 6.0}
    grown = agent_of(ChipFab, **plan, overhead=20.0, revenue_smoothed=100.0)
    assert grown.adjust_overhead() == pytest.approx(20.0 + 10.0 / 6.0)
    overhead, shares = 30.0, []
    for _ in range(24):  # sales fall to a half at once
        fab = agent_of(ChipFab, **plan, overhead=overhead, revenue_smoothed=50.0)
        overhead = float(fab.adjust_overhead())
        shares.append(overhead / 50.0)
    assert shares == sorted(shares, reverse=True)
    assert 0.5 < shares[0] < 0.6 and shares[-1] == pytest.approx(0.3, abs=0.01)


FUNDING = EARNING | {"payout_cash_cap_months": 4.0, "debt_limit_ebitda": 1.5}
"""Revenue of 100 a month, cash kept up to 4 months of it, debt up to 1.5 x 600 = 900."""


@pytest.mark.parametrize(
    ("cash", "debt", "asked"),
    [
        (30.0, 0.0, (70.0, 0.0, 0.0, 0.0)),  # borrows up to a month of revenue
        (30.0, 860.0, (40.0, 0.0, 0.0, 0.0)),  # as far as lenders allow
        (30.0, 1000.0, (0.0, 0.0, 0.0, 0.0)),
        (250.0, 90.0, (0.0, 0.0, 0.0, 0.0)),  # between the two nothing moves
        (500.0, 60.0, (0.0, 60.0, 0.0, 40.0)),  # 100 to spare: debt first, owners get the rest
        (500.0, 900.0, (0.0, 100.0, 0.0, 0.0)),
        (-20.0, 0.0, (120.0, 0.0, 0.0, 0.0)),
    ],
)
def test_a_fab_keeps_a_month_of_revenue_and_pays_out_what_it_does_not_need(
    agent_of, cash, debt, asked
):
    fab = agent_of(ChipFab, **FUNDING, cash=cash, debt=debt)
    assert tuple(float(a) for a in fab.finance()) == pytest.approx(asked)


@given(
    cash=st.floats(-1e6, 1e6),
    debt=st.floats(0.0, 1e6),
    revenue=st.floats(0.0, 1e5),
    overhead=st.floats(0.0, 1e5),
)
def test_new_loans_stay_within_the_limit_and_nothing_is_paid_out_while_debt_is_left(
    agent_of, cash, debt, revenue, overhead
):
    drawn = {"cash": cash, "debt": debt, "revenue_smoothed": revenue, "overhead": overhead}
    fab = agent_of(ChipFab, **{**FUNDING, **drawn})
    money = fab.finance()
    assert min(money) >= 0.0 and money.repaid <= debt and money.issued == 0.0
    if money.borrowed:
        assert debt + money.borrowed <= 1.5 * fab.cash_flow() * (1 + 1e-12)
        assert cash + money.borrowed <= revenue * (1 + 1e-9)
    if money.paid_out:
        assert money.repaid == debt
    assert cash - money.repaid - money.paid_out >= min(cash, 4.0 * revenue) - 1e-6
