"""Data centers' money: what chips are expected to earn, capital spending, how it is paid for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.supply.data_center import DataCenter

COSTS = {
    "chip_price": 25_000.0,
    "server_network_multiple": 1.2,
    "new_chip_power": 1.3,
    "site_cost": 13e9,
    "new_site_cost": 13e9,
    "power_price": 0.08,
    "power_multiple": 1.0,
    "wacc": 0.1,
    "economic_life_months": 60.0,
}
"""A calm month: chips and servers 30,000 USD, 1.3 kW of site 16,900 USD, in all 46,900 USD."""


# ---- expectations and returns --------------------------------------------------------------------


def test_expected_rent_closes_a_share_of_the_gap(agent_of):
    fleet = agent_of(DataCenter, expected_rent=2.2, rent=3.2, rent_expectation_weight=0.15)
    assert fleet.expect_rent() == pytest.approx(2.35)


def test_full_cost_is_chip_server_and_site(agent_of):
    # 25,000 x 1.2 + 1.3 kW x 13,000 USD/kW = 30,000 + 16,900.
    fleet = agent_of(DataCenter, **COSTS)
    assert fleet.full_cost() == pytest.approx(46_900.0)
    assert fleet.site_share_of_cost() == pytest.approx(16_900.0 / 46_900.0)


EARNING = COSTS | {
    "expected_rent": 2.2,
    "utilization_cap": 0.95,
    "expected_rent_decline": 0.12,
    "lease_term_months": 30.0,
    "forward_hours": 0.0,
    "forward_price": 0.0,
    "coming_hours": 0.0,
}


def test_expected_return_is_the_discounted_rent_net_of_energy(agent_of):
    # Net 2.2 - 1.3 x 0.08 = 2.096 USD an hour, falling by 12 % and discounted by 10 % a year:
    # month by month over five years, at mid-month.
    net = 730.0 * 0.95 * 2.096
    worth = sum(net * (0.88 / 1.1) ** ((month + 0.5) / 12.0) for month in range(60))
    # The rule's annuity is continuous, so they differ by some 1e-5.
    assert agent_of(DataCenter, **EARNING).expected_return() == pytest.approx(
        worth / 46_900.0, rel=1e-4
    )


def test_no_return_where_rent_does_not_pay_the_energy(agent_of):
    fleet = agent_of(DataCenter, **{**EARNING, "expected_rent": 0.1})  # energy is 0.104
    assert fleet.expected_return() == 0.0


@pytest.mark.parametrize(
    ("column", "better"),
    [
        ("expected_rent", 2.4),
        ("utilization_cap", 0.98),
        ("power_price", 0.05),
        ("chip_price", 20_000.0),
        ("new_site_cost", 10e9),
        ("expected_rent_decline", 0.05),
        ("wacc", 0.05),
        ("economic_life_months", 72.0),
    ],
)
def test_what_raises_the_expected_return(agent_of, column, better):
    now = agent_of(DataCenter, **EARNING).expected_return()
    assert agent_of(DataCenter, **{**EARNING, column: better}).expected_return() > now


def test_hours_sold_ahead_earn_what_they_were_signed_at_for_the_term_of_a_lease(agent_of):
    # All next hours sold at 1.5: net 1.396 for 2.5 years at 10 %, then the falling rent.
    fleet = agent_of(
        DataCenter, **{**EARNING, "forward_hours": 9.0, "coming_hours": 9.0, "forward_price": 1.5}
    )
    signed = sum(1.396 * 1.1 ** (-(month + 0.5) / 12.0) for month in range(30))
    later = sum(2.096 * (0.88 / 1.1) ** ((month + 0.5) / 12.0) for month in range(30, 60))
    sold = 730.0 * 0.95 * (signed + later) / 46_900.0
    assert fleet.expected_return() == pytest.approx(sold, rel=1e-4)
    # A third of them sold: a third of the way from spot to contract.
    spot = agent_of(DataCenter, **EARNING).expected_return()
    part = {"forward_hours": 3.0, "coming_hours": 9.0, "forward_price": 1.5}
    mixed = agent_of(DataCenter, **{**EARNING, **part}).expected_return()
    assert mixed == pytest.approx(spot + (sold - spot) / 3.0, rel=1e-4)


def test_contracts_hold_up_returns_when_rents_collapse(agent_of):
    sold = {"forward_hours": 9.0, "coming_hours": 9.0, "forward_price": 1.5}
    low = {**EARNING, "expected_rent": 0.5}
    with_contracts = agent_of(DataCenter, **{**low, **sold}).expected_return()
    assert with_contracts > 2.0 * agent_of(DataCenter, **low).expected_return()


# ---- capital spending ----------------------------------------------------------------------------

PLANNING = EARNING | {
    "taxes": 0.0,
    "called_up": 0.0,
    "group_cash_flow": 240e9,
    "group_share": 0.5,
    "capex_share": 0.65,
    "roi_elasticity": 0.7,
    "roi_max": 1.0,
    "debt": 24e9,
    "debt_limit_ebitda": 1.2,
    "debt_build_years": 6.0,
    "debt_life_months": 84.0,
    "interest_rate": 0.05,
    "equity_reach": 0.0,
    "pledged_pace": 0.0,
    "chips_book": 30e9,
    "sites_book": 20e9,
    "cash": 10e9,
    "min_cash_share": 0.04,
    "payout_share": 0.35,
    "capex_adjust_per_month": 0.12,
    "capex_max_change_per_month": 0.1,
    "capex_plan": 8e9,
    "distress": 0.0,
    "idle_hours": 0.0,
    "called_off": 0.0,
    "contract_response": 0.5,
    "vendor_credit_share": 0.0,
}
"""Half of the group's cash flow is 120e9: 0.65 of it are 78e9, and debt room of 1.2 x 120e9 - 24e9
= 120e9 over 6 years is 20e9 a year; (78e9 + 20e9) / 12 = 8.1667e9 USD a month is the target. It
can pay for 0.65 x 120 - 1.2 interest - 3.43 due + 120 room + 5.2 spare cash = 198.6e9 a year."""


@pytest.mark.parametrize(
    ("change", "plan"),
    [
        ({}, 8.02e9),  # 8 + 0.12 x 0.1667
        ({"capex_plan": 9e9}, 8.9e9),  # 9 - 0.12 x 0.8333
        ({"capex_plan": 1e9}, 1.1e9),  # 1 + 0.12 x 7.17 = 1.86, but at most a tenth more
        ({"capex_plan": 90e9}, 81e9),  # 90 - 0.12 x 81.83 = 80.2, but at most a tenth less
        # No room left, and of 78 + 5.2 of cash the service of 200 takes 10 + 28.571: 44.629 a
        # year can be paid for, 3.7190 a month; 8 - 0.12 x 4.2810.
        ({"debt": 200e9}, 7.48628e9),
        ({"group_cash_flow": -200e9}, 7.2e9),  # no cash flow: 8 - 0.12 x 8 = 7.04, limited
        ({"group_share": 0.25}, 7.51e9),  # half the cash flow: (39 + 8) / 12 = 3.917
        ({"expected_rent": 20.0, "roi_max": 4.0}, 8.8e9),  # 198.6 / 12 = 16.5: beyond the limit
        ({"roi_max": 0.25}, 7.4113e9),  # 98 x 0.25^0.7 = 37.13; / 12 = 3.094
        ({"pledged_pace": 12e9}, 8.14e9),  # funds' money is spent: 110 / 12 = 9.1667
        # 693.5 million hours beyond what comes are a million H100e: 46.9e9, half of it a year,
        # (98 + 23.45) / 12 = 10.1208.
        ({"forward_hours": 793.5e6, "coming_hours": 1e8, "forward_price": 2.2}, 8.2545e9),
        ({"forward_hours": 9e7, "coming_hours": 1e8, "forward_price": 2.2}, 8.02e9),  # covered
        ({"called_off": 69.35e6}, 7.99655e9),  # 0.1 million H100e fewer: (98 - 2.345) / 12
        ({"called_off": 6935e6}, 7.2e9),  # no more than to nothing
        ({"capex_plan": 0.0}, 0.449167e9),  # begins again with 0.05 x 8.1667, a tenth more
        ({"distress": 1.0}, 0.0),
    ],
)
def test_capex_plan(agent_of, change, plan):
    assert agent_of(DataCenter, **{**PLANNING, **change}).plan_capex() == pytest.approx(
        plan, rel=1e-4
    )


def test_new_shares_are_planned_on_as_far_as_investors_reach(agent_of):
    """A tenth a year of 50e9 of books at the expected return, less 24e9 of debt."""
    fleet = agent_of(DataCenter, **{**PLANNING, "equity_reach": 0.1})
    worth = fleet.expected_return() * 50e9 - 24e9
    assert fleet.worth() == pytest.approx(worth) and worth > 30e9
    target = (98e9 + 0.1 * worth) / 12.0
    assert fleet.plan_capex() == pytest.approx(8e9 + 0.12 * (target - 8e9))
    assert agent_of(DataCenter, **{**PLANNING, "debt": 200e9}).worth() == 0.0


@given(
    capex_plan=st.floats(5e9, 1e12),
    group_cash_flow=st.floats(-1e12, 1e12),
    debt=st.floats(0.0, 1e12),
    expected_rent=st.floats(0.0, 100.0),
    limit=st.floats(0.0, 0.3),
)
def test_capex_never_moves_by_more_than_its_limit(agent_of, limit, **drawn):
    band = {"roi_max": 1.6, "capex_max_change_per_month": limit}
    fleet = agent_of(DataCenter, **{**PLANNING, **band, **drawn})
    change = fleet.plan_capex() / fleet.capex_plan - 1.0
    assert abs(change) <= limit + 1e-12


@given(
    capex_plan=st.floats(1.0, 1e12),
    group_cash_flow=st.floats(0.0, 1e12),
    debt=st.floats(0.0, 2e12),
    cash=st.floats(-1e11, 1e11),
    expected_rent=st.floats(0.0, 100.0),
    pledged_pace=st.floats(0.0, 1e11),
)
def test_a_plan_never_rises_beyond_what_can_be_paid(agent_of, **drawn):
    """Cash flow after owners and the service of debt, room for debt, shares, and spare cash."""
    fleet = agent_of(DataCenter, **{**PLANNING, "roi_max": 4.0, "equity_reach": 0.1, **drawn})
    flow, debt = fleet.group_cash_flow * 0.5, fleet.debt
    paid_for = 0.65 * flow - debt * (0.05 + 12.0 / 84.0) + max(1.2 * flow - debt, 0.0)
    paid_for += 0.1 * fleet.worth() + fleet.pledged_pace + max(fleet.cash - 0.04 * flow, 0.0)
    most = max(paid_for, 0.0) / 12.0
    assert fleet.plan_capex() <= max(most, fleet.capex_plan) * (1 + 1e-12)
    if fleet.capex_plan > most:
        assert fleet.plan_capex() < fleet.capex_plan


@given(more=st.floats(0.0, 1e9), gone=st.floats(0.0, 1e9))
def test_signing_never_cuts_plans_and_calling_off_never_raises_them(agent_of, more, gone):
    """At a price signed at what spot hours are worth, so that only the volume counts."""
    book = {**PLANNING, "forward_price": 2.2, "expected_rent_decline": 0.0, "coming_hours": 1e8}

    def plan(**change):
        return agent_of(DataCenter, **{**book, "forward_hours": 2e8, **change}).plan_capex()

    assert plan(forward_hours=2e8 + more) >= plan() * (1 - 1e-12)
    assert plan(called_off=gone) <= plan() * (1 + 1e-12)


def test_what_vendors_carry_need_not_be_paid_for_within_the_year(agent_of):
    # Over its limit of 144e9 a fleet can pay for 44.629e9 a year; with three tenths of the chips,
    # 0.63966 of all, carried it plans 44.629 / (1 - 0.1919) = 55.227e9: 8 - 0.12 x 3.39775.
    fleet = agent_of(DataCenter, **{**PLANNING, "debt": 200e9, "vendor_credit_share": 0.3})
    assert fleet.plan_capex() == pytest.approx(7.592270e9, rel=1e-5)


@pytest.mark.parametrize(("debt", "carried"), [(100.0, 0.0), (144.0, 0.0), (145.0, 0.3)])
def test_vendors_carry_a_part_of_the_bill_where_debt_is_over_its_limit(agent_of, debt, carried):
    fleet = agent_of(
        DataCenter,
        group_cash_flow=240.0,
        group_share=0.5,
        debt_limit_ebitda=1.2,
        debt=debt,
        vendor_credit_share=0.3,
    )
    assert fleet.debt_limit() == pytest.approx(144.0)
    assert fleet.delay_payment() == carried


# ---- financing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "share", "own"), [(240.0, 0.5, 120.0), (240.0, 0.0, 0.0), (-50.0, 0.5, 0.0)]
)
def test_a_fleet_counts_its_part_of_the_groups_cash_flow(agent_of, flow, share, own):
    fleet = agent_of(DataCenter, group_cash_flow=flow, group_share=share, min_cash_share=0.25)
    assert (fleet.cash_flow(), fleet.least_cash()) == (own, own / 4.0)


FUNDING = EARNING | {
    "group_cash_flow": 240.0,
    "group_share": 0.5,
    "debt": 84.0,
    "debt_limit_ebitda": 1.2,
    "debt_life_months": 84.0,
    "payout_share": 0.35,
    "min_cash_share": 0.04,
    "max_cash_share": 1.0,
    "equity_reach": 0.1,
    "chips_book": 100.0,
    "sites_book": 50.0,
}
"""A cash flow of 120 a year; owners get 3.5 a month, 1 of debt falls due; cash from 4.8 to 120;
debt up to 144."""
SHARES = 0.1 * (150.0 * 1.12058 - 144.0) / 12.0
"""A month's new shares of a fleet with 144 of debt: expected return 730 x 0.95 x 2.096 x 36.155 /
46,900."""


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        # Loans, repayments, new shares, payouts.
        ({"cash": 50.0}, (0.0, 1.0, 0.0, 3.5)),
        ({"cash": 5.0}, (4.3, 1.0, 0.0, 3.5)),  # 0.5 would be left, 4.8 are kept
        ({"cash": 200.0}, (0.0, 1.0, 0.0, 79.0)),  # 195.5 would be left, 120 may stay
        ({"cash": -10.0}, (19.3, 1.0, 0.0, 3.5)),
        # At the limit new loans replace what falls due, 144 / 84; then shares; owners wait.
        ({"cash": 0.0, "debt": 144.0}, (1.71429, 1.71429, SHARES, 0.0)),
        # Shares only while chips are worth more than they cost.
        (
            {"cash": 0.0, "debt": 144.0, "expected_rent": 1.5, "chips_book": 900.0},
            (1.71429, 1.71429, 0.0, 0.0),
        ),
        # Over it: no payouts, and cash beyond the least repays.
        ({"cash": 50.0, "debt": 200.0}, (0.0, 45.2, 0.0, 0.0)),
        ({"cash": 0.0, "debt": 200.0}, (0.0, 200.0 / 84.0, 0.0, 0.0)),
        ({"cash": 900.0, "debt": 200.0}, (0.0, 200.0, 0.0, 0.0)),
    ],
)
def test_financing_follows_the_pecking_order(agent_of, change, asked):
    money = agent_of(DataCenter, **{**FUNDING, **change}).finance()
    assert tuple(float(part) for part in money) == pytest.approx(asked, rel=1e-4)


@given(
    cash=st.floats(-1e3, 1e3),
    debt=st.floats(0.0, 1e3),
    group_cash_flow=st.floats(0.0, 1e3),
    expected_rent=st.floats(0.0, 6.0),
    chips_book=st.floats(0.0, 1e4),
)
def test_cash_first_bonds_second_shares_third(agent_of, **drawn):
    fleet = agent_of(DataCenter, **{**FUNDING, **drawn})
    money = fleet.finance()
    least, limit = 0.02 * fleet.group_cash_flow, 0.6 * fleet.group_cash_flow
    debt = fleet.debt - money.repaid + money.borrowed
    cash = fleet.cash + money.borrowed - money.repaid + money.issued - money.paid_out
    assert min(money) >= 0.0 and money.repaid <= fleet.debt * (1 + 1e-12)
    if money.borrowed > 1e-9:  # never more than it needs, nor than lenders allow
        assert debt <= limit + 1e-6
        assert cash <= least + 1e-6
    if money.issued > 1e-9:
        assert debt >= limit - 1e-6
        assert fleet.expected_return() > 1.0
        assert money.issued <= 0.1 * fleet.worth() / 12.0 + 1e-9
    if fleet.debt > limit:
        assert money.paid_out == 0.0
        assert debt < fleet.debt
        assert cash <= max(least, fleet.cash - fleet.debt) + 1e-6
    if cash < least - 1e-6:  # owners wait first
        assert money.paid_out == 0.0
    assert cash <= max(0.5 * fleet.group_cash_flow, least, fleet.cash - fleet.debt) + 1e-6
