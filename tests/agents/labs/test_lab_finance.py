"""Finance of a lab: expected growth, valuation, money asked for, and cash kept."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.lab import Lab

usd = st.floats(0.0, 1e12)

# ---- expectations --------------------------------------------------------------------------------

OUTLOOK = {
    "growth_expected": 0.5,
    "revenue": 100.0,
    "revenue_before": 100.0,
    "expectation_weight": 0.1,
    "overreaction": 1.0,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 0.45),  # no growth this month: a tenth of the way from 0.5 to 0
        ({"revenue": 110.0}, 0.5 + 0.1 * (12.0 * math.log(1.1) - 0.5)),
        ({"overreaction": 2.0}, 0.4),  # twice the response to the same news
        ({"expectation_weight": 0.8, "overreaction": 2.0}, 0.0),  # never beyond the news
        ({"revenue": 1e9}, 0.5 + 0.1 * (4.0 - 0.5)),  # news count for 4 a year at most
        ({"revenue": 1e-9}, 0.5 + 0.1 * (-2.0 - 0.5)),
        ({"revenue": 0.0}, 0.5),  # without sales there is no growth to see
        ({"revenue_before": 0.0}, 0.5),
    ],
)
def test_expected_growth_goes_a_part_of_the_way_to_the_newest(agent_of, change, expected):
    assert agent_of(Lab, **{**OUTLOOK, **change}).expect_growth() == pytest.approx(expected)


def expected_after(agent_of, months, *, monthly, start, weight):
    """What is expected after so many months of the same monthly growth of revenue, in ln."""
    growth = start
    for _ in range(months):
        seen = {"growth_expected": growth, "revenue": 100.0 * math.exp(monthly)}
        lab = agent_of(Lab, **{**OUTLOOK, **seen, "expectation_weight": weight})
        growth = float(lab.expect_growth())
    return growth


@given(months=st.integers(1, 60), monthly=st.floats(0.02, 0.3), weight=st.floats(0.01, 0.5))
def test_expectations_lag_a_steady_rise_and_arrive(agent_of, months, monthly, weight):
    """From nothing: g (1 - (1 - w)^n), always below the growth there is."""
    seen = expected_after(agent_of, months, monthly=monthly, start=0.0, weight=weight)
    assert seen == pytest.approx(12.0 * monthly * (1.0 - (1.0 - weight) ** months))
    assert seen < 12.0 * monthly


@given(revenue=st.floats(1.0, 1e12), before=st.floats(1.0, 1e12), more=st.floats(1.0, 3.0))
def test_who_over_reacts_moves_further_on_the_same_news(agent_of, revenue, before, more):
    news = {**OUTLOOK, "revenue": revenue, "revenue_before": before}
    calm = agent_of(Lab, **news).expect_growth() - 0.5
    keen = agent_of(Lab, **{**news, "overreaction": more}).expect_growth() - 0.5
    assert keen == pytest.approx(calm * more)


# ---- worth ---------------------------------------------------------------------------------------

WORTH = {
    "growth_expected": 0.5,
    "revenue": 10.0,
    "research_cost": 8.0,
    "staff_cost": 2.0,
    "research_planned": 11.0,
    "gap_to_best": 0.0,
    "valuation_base_multiple": 5.0,
    "valuation_growth_multiple": 10.0,
    "valuation_research_multiple": 15.0,
    "valuation_gap_discount": 0.5,
    "trade_growth": 1.0,
    "growth_expected_start": 0.92,
}
"""By revenue 120 x (5 + 10 x 0.5) = 1,200; by research 120 x 15 = 1,800 at the frontier."""


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({}, 1800.0),
        ({"gap_to_best": 0.5}, 1800.0 * math.exp(-0.25)),
        ({"gap_to_best": 2.0}, 1200.0),  # 1,800 / e is less than what revenue is worth
        ({"growth_expected": 2.0}, 3000.0),  # 120 x 25
        ({"growth_expected": -1.0, "gap_to_best": 9.0}, 600.0),  # no growth is not below none
        ({"research_planned": 7.0}, 7.0 * 12.0 * 15.0),  # the rest had to be taken
        ({"revenue": 0.0}, 1800.0),  # [unprofitable-model-useful]
        ({"revenue": 0.0, "research_cost": 0.0, "staff_cost": 0.0}, 0.0),
    ],
)
def test_worth_is_the_larger_of_revenue_and_research(agent_of, change, value):
    assert agent_of(Lab, **{**WORTH, **change}).value() == pytest.approx(value)


@given(growth=st.floats(-2.0, 4.0), more=st.floats(0.0, 4.0), gap=st.floats(0.0, 8.0))
def test_worth_never_falls_with_growth_nor_rises_with_the_gap(agent_of, growth, more, gap):
    def value(**change):
        return agent_of(Lab, **{**WORTH, **change}).value()

    here = value(growth_expected=growth, gap_to_best=gap)
    assert value(growth_expected=growth + more, gap_to_best=gap) >= here * (1 - 1e-12)
    assert value(growth_expected=growth, gap_to_best=gap + more) <= here * (1 + 1e-12)


# ---- what it asks for ----------------------------------------------------------------------------

COSTS = {
    "cost_of_revenue": 30.0,
    "research_cost": 40.0,
    "staff_cost": 20.0,
    "sales_cost": 5.0,
    "administration_cost": 3.0,
    "partner_share": 2.0,
    "grants": 0.0,
}
"""100 a month."""
ASKING = COSTS | {
    "revenue": 60.0,
    "growth_expected": 0.0,
    "plan_growth_max": 1.0,
    "runway_months": 18.0,
    "cash": 100.0,
    "pledged": 50.0,
    "valuation": 1e6,
    "max_dilution": 0.2,
    "dilution": 0.0,
    "owned_share": 0.0,
}
"""Losses of 40 a month for 18 months are 720, less 150 at hand or promised."""


def test_costs_are_what_it_pays_in_cash(agent_of):
    lab = agent_of(Lab, **COSTS, stock_pay=1e9, depreciation=1e9, interest_cost=1e9)
    assert lab.costs() == 100.0


@pytest.mark.parametrize(
    ("growth", "loss"),
    [
        (0.0, 40.0),
        (0.5, 100.0 * math.exp(0.5) - 60.0 * math.exp(0.25)),
        (9.0, 100.0 * math.e - 60.0 * math.exp(0.5)),  # planned for at most 1 a year
        (-9.0, 40.0),
    ],
)
def test_losses_are_planned_for_a_year_of_growth(agent_of, growth, loss):
    lab = agent_of(Lab, **{**ASKING, "growth_expected": growth})
    assert lab.planned_loss() == pytest.approx(loss)


def test_who_earns_more_than_it_spends_plans_no_loss(agent_of):
    assert agent_of(Lab, **{**ASKING, "revenue": 500.0}).planned_loss() == 0.0


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, 570.0),
        ({"cash": -30.0}, 700.0),
        ({"cash": 670.0}, 0.0),  # the runway is long enough
        ({"pledged": 700.0}, 0.0),  # what is pledged need not be asked for again
        ({"revenue": 200.0}, 0.0),
        # A fifth of 1,000 to outsiders: 1,000 x 0.2 / 0.8 = 250 buys 250 / 1,250.
        ({"valuation": 1000.0}, 250.0),
        ({"valuation": 1000.0, "dilution": 0.1}, 1000.0 * 0.1 / 0.9),
        ({"valuation": 1000.0, "dilution": 0.3}, 0.0),
        # Half comes from parents, so twice as much for the same part to outsiders.
        ({"valuation": 1000.0, "owned_share": 0.5}, 500.0),
        ({"valuation": 1000.0, "owned_share": 1.0}, 570.0),
    ],
)
def test_it_asks_for_its_runway_within_what_may_be_sold(agent_of, change, asked):
    assert agent_of(Lab, **{**ASKING, **change}).ask() == pytest.approx(asked)


@given(
    valuation=usd,
    dilution=st.floats(0.0, 1.0),
    limit=st.floats(0.0, 1.0),
    owned=st.floats(0.0, 0.99),
    cash=st.floats(-1e12, 1e12),
)
def test_outsiders_never_get_more_than_what_is_left_of_the_years_dilution(
    agent_of, valuation, dilution, limit, owned, cash
):
    lab = agent_of(
        Lab,
        **{
            **ASKING,
            "valuation": valuation,
            "dilution": dilution,
            "max_dilution": limit,
            "owned_share": owned,
            "cash": cash,
        },
    )
    asked = lab.ask()
    assert asked >= 0.0
    sold = asked * (1.0 - owned) / max(valuation + asked, 1e-9)
    assert sold <= max(limit - dilution, 0.0) + 1e-9


@given(cash=st.floats(-1e5, 1e5), more=st.floats(0.0, 1e5), pledged=st.floats(0.0, 1e5))
def test_more_money_never_means_a_larger_round(agent_of, cash, more, pledged):
    def asked(**change):
        return agent_of(Lab, **{**ASKING, "cash": cash, "pledged": pledged, **change}).ask()

    assert asked(cash=cash + more) <= asked()
    assert asked(pledged=pledged + more) <= asked()


# ---- cash and credit -----------------------------------------------------------------------------

CREDIT = COSTS | {
    "revenue": 60.0,
    "credit_limit_revenue": 0.25,
    "runway_months": 18.0,
    "debt": 0.0,
    "cash": 500.0,
}
"""Costs of 100 a month; a credit line of 0.25 x 720 = 180; half the runway are 900 of cash."""


@pytest.mark.parametrize(
    ("change", "money"),
    [
        ({}, (0.0, 0.0, 0.0, 0.0)),
        ({"cash": 30.0}, (70.0, 0.0, 0.0, 0.0)),
        ({"cash": -200.0}, (180.0, 0.0, 0.0, 0.0)),  # no more than the line
        ({"cash": 30.0, "debt": 150.0}, (30.0, 0.0, 0.0, 0.0)),
        ({"cash": 30.0, "debt": 400.0}, (0.0, 0.0, 0.0, 0.0)),
        ({"cash": 1000.0, "debt": 60.0}, (0.0, 60.0, 0.0, 0.0)),
        ({"cash": 1000.0, "debt": 400.0}, (0.0, 100.0, 0.0, 0.0)),
        ({"cash": 4000.0, "debt": 60.0}, (0.0, 60.0, 0.0, 0.0)),  # owners are not paid
    ],
)
def test_financing_by_hand(agent_of, change, money):
    found = agent_of(Lab, **{**CREDIT, **change}).finance()
    assert tuple(float(part) for part in found) == pytest.approx(money)


@given(cash=st.floats(-1e6, 1e6), debt=st.floats(0.0, 1e6), revenue=st.floats(0.0, 1e5))
def test_financing_stays_within_its_bounds(agent_of, cash, debt, revenue):
    lab = agent_of(Lab, **{**CREDIT, "cash": cash, "debt": debt, "revenue": revenue})
    money = lab.finance()
    assert min(money) >= 0.0 and money.issued == 0.0  # its shares are sold in rounds
    assert money.repaid <= debt
    if money.borrowed:
        assert debt + money.borrowed <= 3.0 * revenue * (1 + 1e-12)
        assert cash + money.borrowed <= 100.0 + 1e-9
        assert money.repaid == 0.0
    if money.repaid:
        assert cash - money.repaid >= 900.0 - 1e-9
    assert money.paid_out == 0.0


# ---- public compute ------------------------------------------------------------------------------


@pytest.mark.parametrize(("fraction", "hours"), [(0.0, 0.0), (0.1, 30.0), (1.0, 300.0)])
def test_granted_hours_are_a_fraction_of_those_of_a_frontier_lab(agent_of, fraction, hours):
    lab = agent_of(Lab, public_compute=fraction, frontier_research=300.0)
    assert lab.public_hours() == pytest.approx(hours)


def test_what_grants_pay_for_is_no_cost(agent_of):
    paid = {"cost_of_revenue": 1.0, "research_cost": 8.0, "staff_cost": 2.0, "sales_cost": 1.0}
    paid |= {"administration_cost": 1.0, "partner_share": 0.0}
    assert agent_of(Lab, **paid, grants=0.0).costs() == pytest.approx(13.0)
    assert agent_of(Lab, **paid, grants=7.0).costs() == pytest.approx(6.0)
