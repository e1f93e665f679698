"""Finance of a lab: expected growth, valuation, rounds of shares, and a credit line."""

from __future__ import annotations

import numpy as np

from agents.finance.firm import Financing, Firm
from agents.framework.columns import Quantity, parameter, perceived, state


class LabFinance(Firm):
    """The lab expects growth, is valued by investors, and asks them for money.

    Growth is in ln a year. Shares are sold in rounds; their money arrives months later.
    """

    runway_months = parameter(
        "month", "Months of planned losses that cash and pledges should cover"
    )
    growth_expected_start = parameter("1/year", "Growth of revenue expected at the start")
    expectation_weight = parameter("1/month", "Weight of the newest growth in expectations")
    overreaction = parameter("x", "Response to news over what its weight calls for")
    valuation_base_multiple = parameter("x revenue", "Worth of yearly revenue that does not grow")
    valuation_growth_multiple = parameter(
        "x revenue per 1/year", "Added worth of yearly revenue per unit of expected growth"
    )
    valuation_research_multiple = parameter(
        "x R&D", "Worth of a year's research at the frontier, whatever it earns yet"
    )
    valuation_gap_discount = parameter("1/OOM", "Fall of ln of that worth behind the best model")
    max_dilution = parameter("1/year", "Share of the lab sold to outsiders in a year, at most")
    plan_growth_max = parameter("1/year", "Fastest growth of costs that a round is planned for")
    credit_limit_revenue = parameter("year", "Credit line over yearly revenue")

    public_compute = parameter(
        "fraction", "Research hours that the public grants it, over those of a frontier lab"
    )

    growth_expected = state("1/year", "Growth of revenue expected")
    revenue_before = state("USD", "Revenue of the month before")
    valuation = state("USD", "What investors think it is worth")
    asked = state("USD", "Money asked for this month")
    granted = state("USD", "Money pledged to it this month")
    dilution = state("fraction", "Share sold to outsiders, faded over a year")
    pledged = state("USD", "Pledged and not yet paid")
    grants = state("USD", "What the public paid for research this month")

    research_planned = perceived("USD/month", "Research that it planned, hours, data and staff")
    gap_to_best = perceived("OOM", "Capability on sale behind the best of all labs")
    owned_share = perceived("fraction", "Part of it that parents own")
    trade_growth = perceived("1/year", "Growth expected of all labs together, by revenue")

    frontier_research = perceived(
        "H100e-hour/month", "Research hours of a frontier lab, mean over such hours"
    )

    def public_hours(self) -> Quantity:
        """Research hours a month that the public purse grants it: a fraction of those of a frontier
        lab, so that the gap in compute is the fraction's inverse [lag-from-gap,
        us-china-cap-gap]."""
        return self.public_compute * self.frontier_research

    def expect_growth(self) -> Quantity:
        """Expected growth: g + w o (x - g), x the newest growth a year: it lags a steady rise and
        over-reacts to news [forecast-extrapolation-rate, forecast-overupdate]."""
        known = np.greater(self.revenue_before, 0.0) & np.greater(self.revenue, 0.0)
        now = np.log(np.where(known, self.revenue, 1.0))
        news = 12.0 * (now - np.log(np.where(known, self.revenue_before, 1.0)))
        surprise = np.clip(news, -2.0, 4.0) - self.growth_expected
        step = np.minimum(self.expectation_weight * self.overreaction, 1.0)
        return self.growth_expected + np.where(known, step * surprise, 0.0)

    def costs(self) -> Quantity:
        """USD of the month that it pays in cash: serving, research, staff, sales, administration,
        partners; without what grants pay."""
        made = self.cost_of_revenue + self.research_cost + self.staff_cost - self.grants
        return made + self.sales_cost + self.administration_cost + self.partner_share

    def value(self) -> Quantity:
        """USD that investors think it is worth, the larger of two: a multiple of yearly revenue
        that rises with expected growth, and a multiple of yearly R&D that falls with the distance
        to the best model, and once less growth is expected of the whole trade than at the start.
        R&D counts as far as it is planned: hours that customers did not want, and that had to be
        taken, are worth nothing to them [unprofitable-model-useful]."""
        growth = np.maximum(self.growth_expected, 0.0)
        multiple = self.valuation_base_multiple + self.valuation_growth_multiple * growth
        meant = np.minimum(self.research_cost + self.staff_cost, self.research_planned)
        research = 12.0 * meant * self.valuation_research_multiple
        gloom = np.minimum(self.trade_growth - self.growth_expected_start, 0.0)
        behind = np.exp(gloom - self.valuation_gap_discount * self.gap_to_best)
        return np.maximum(12.0 * self.revenue * multiple, research * behind)

    def planned_loss(self) -> Quantity:
        """USD a month, mean over the coming year: costs are planned for its end, revenue earned
        half-way, both at the expected growth, at most the fastest planned."""
        growth = np.clip(self.growth_expected, 0.0, self.plan_growth_max)
        return np.maximum(self.costs() * np.exp(growth) - self.revenue * np.exp(growth / 2.0), 0.0)

    def ask(self) -> Quantity:
        """USD to ask investors for: planned losses of the runway less cash and pledges, as far as
        the share that may be sold to outsiders allows: value x d / (1 - d), d what is left of the
        year's dilution, over the part that parents do not own [gulf-capital-accessible]."""
        need = self.runway_months * self.planned_loss() - self.cash - self.pledged
        free = np.clip(self.max_dilution - self.dilution, 0.0, 0.9)
        outside = np.maximum(1.0 - self.owned_share, 0.01)
        return np.clip(need, 0.0, self.valuation * free / (1.0 - free) / outside)

    def finance(self) -> Financing:
        """A credit line, in proportion to revenue, keeps a month of costs in cash; cash above
        half the runway repays it. Owners are not paid: a lab spends its money on research over its
        runway."""
        costs = self.costs()
        short = np.maximum(costs - self.cash, 0.0)
        room = np.maximum(12.0 * self.credit_limit_revenue * self.revenue - self.debt, 0.0)
        repaid = np.clip(self.cash - self.runway_months / 2.0 * costs, 0.0, self.debt)
        nothing = np.zeros_like(short)
        return Financing(np.minimum(short, room), repaid, nothing, nothing)
