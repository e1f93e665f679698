"""Compute of a lab: hours wanted now, leases, and hours contracted ahead on a revenue plan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Column, Floats, Quantity, parameter, perceived, ratio, state

FORWARD_MONTHS = 36
"""Furthest ahead that hours can be contracted, in months."""
FORWARD_AHEAD = np.arange(1.0, FORWARD_MONTHS + 1.0)


class RevenuePlan(NamedTuple):
    """Revenue planned in USD a month, and its growth in ln a year."""

    revenue: Floats
    growth: Floats


class LabCompute(EconomicAgent):
    """The lab plans its serving and its revenue, and leases and contracts hours to match.

    Hours are H100e-hours a month. Leases are paid whether used or not, those signed ahead too.
    """

    # Columns of a lab's other topics that rules here read.
    distress: Column
    growth_expected: Column
    plan_growth_max: Column

    inference_share_max = parameter("fraction", "Hours that serving may take at most")
    serving_reserve = parameter("fraction", "Serving hours kept beyond expected demand")
    serving_forecast_weight = parameter("1/month", "Weight of the newest growth of demand")
    lease_share = parameter("fraction", "Compute wanted on lease rather than spot")
    lease_shed_share = parameter("fraction", "Leases given up when it cannot pay its bills")
    supplier_openness = parameter(
        "fraction", "Share of new leases that a supplier without history can count on, at least"
    )
    income_memory_months = parameter("month", "Time over which income is averaged for plans")
    forward_share = parameter("fraction", "Compute wanted ahead that is contracted by then")
    forward_months = parameter("month", "How far ahead hours are contracted")
    firm_months = parameter("month", "Months to delivery within which nothing can be called off")
    call_off_rate = parameter(
        "1/month", "Forward hours called off per unit of plan missed beyond the tolerance"
    )
    miss_tolerance = parameter("fraction", "Part of planned revenue that may be missed at no cost")
    plan_memory_months = parameter("month", "Time over which the revenue plan is re-made")
    plan_fade = parameter("1/year", "Rate at which growth is planned to slow down")

    compute_wanted = state("H100e-hour/month", "Hours wanted")
    research_wanted = state("H100e-hour/month", "Research hours wanted")
    compute_used = state("H100e-hour", "Hours received this month, leased and spot")
    serving_growth = state("1/month", "Expected growth of hours that demand takes")
    serving_need = state("H100e-hour", "Hours that all demand of this month would have taken")
    revenue_smoothed = state("USD/month", "Revenue over about a quarter")
    revenue_plan = state("USD/month", "Revenue planned, behind what is contracted ahead")
    plan_growth = state("1/year", "Growth with which that plan was made")
    missed_plan = state("fraction", "Part of planned revenue that did not come")

    leased_hours = perceived("H100e-hour", "Hours committed on leases")
    running_hours = perceived(
        "H100e-hour", "Of those, hours that will still run at the end of what is contracted ahead"
    )
    forward_hours = perceived("H100e-hour/month", "Hours contracted ahead and not yet delivered")
    serving_need_before = perceived("H100e-hour", "Hours that demand would have taken last month")

    # ---- now -------------------------------------------------------------------------------------

    def expect_serving(self) -> Quantity:
        """Expected growth of serving hours a month: g + w (ln change - g), adaptive
        [forecast-extrapolation-rate]."""
        known = np.greater(self.serving_need_before, 0.0)
        change = np.where(known, ratio(self.serving_need, self.serving_need_before), 1.0)
        news = np.clip(np.log(np.maximum(change, 0.5)), -0.5, 0.5)
        return self.serving_growth + self.serving_forecast_weight * (news - self.serving_growth)

    def want_compute(self) -> Quantity:
        """Hours wanted next month: expected serving with its reserve, at most the share serving may
        take, plus research [inference-share-compute-2025]."""
        serving = self.serving_need * np.exp(self.serving_growth) * (1.0 + self.serving_reserve)
        cap = self.inference_share_max / (1.0 - self.inference_share_max)
        return self.research_wanted + np.minimum(serving, self.research_wanted * cap)

    def want_leases(self) -> Quantity:
        """Hours a month of new leases: the share of wanted hours held on lease, less those held
        [make-vs-contract]."""
        return np.maximum(self.compute_wanted * self.lease_share - self.leased_hours, 0.0)

    def keep_for_serving(self) -> Quantity:
        """Hours kept for serving out of those received: expected demand and reserve, since a token
        sold pays more than its hour, up to the share at which research stops."""
        need = self.serving_need * np.exp(self.serving_growth) * (1.0 + self.serving_reserve)
        return np.minimum(need, self.compute_used * self.inference_share_max)

    # ---- ahead -----------------------------------------------------------------------------------

    def plan_revenue(self) -> RevenuePlan:
        """Next month's plan in USD a month: p e^(g / 12) + (revenue - p) / memory, g the growth
        with which it was made. Plans slow down by themselves: g falls by the fade, and moves to the
        growth now expected, from 0 to the fastest planned, over the same memory. So a plan goes on
        for a while after its reasons have gone [openai-rev-2026, openai-rev-2027,
        openai-rev-2028]."""
        hoped = np.clip(self.growth_expected, 0.0, self.plan_growth_max)
        growth = self.plan_growth * np.exp(-self.plan_fade / 12.0)
        growth = growth + (hoped - growth) / self.plan_memory_months
        remade = (self.revenue_smoothed - self.revenue_plan) / self.plan_memory_months
        return RevenuePlan(self.revenue_plan * np.exp(self.plan_growth / 12.0) + remade, growth)

    def miss_plan(self) -> Quantity:
        """Part of the plan that is missed: 1 - revenue / plan, both over about a quarter, so the
        plan at its growth of as long ago as the mean of revenue lies back; 0 where it is reached
        and where nothing was planned [openai-rev-2028-level]."""
        planned = np.greater(self.revenue_plan, 0.0)
        of_quarter = self.revenue_plan * np.exp(
            -self.plan_growth * (self.income_memory_months - 1.0) / 12.0
        )
        reached = np.where(planned, ratio(self.revenue_smoothed, of_quarter), 1.0)
        return np.maximum(1.0 - reached, 0.0)

    def want_forward(self) -> Quantity:
        """Hours a month to contract now for delivery at the end of the time planned ahead: the
        share of the hours that will be wanted then, at planned growth, less leases that will still
        run and what is contracted, spread over that time; none where the plan is missed beyond the
        tolerance, and none in distress [make-vs-contract, miss-second-order]."""
        growth = np.minimum(self.plan_growth, self.plan_growth_max)
        then = self.compute_wanted * np.exp(growth * self.forward_months / 12.0)
        held = self.running_hours + self.forward_hours
        gap = np.maximum(then * self.forward_share - held, 0.0)
        on_plan = np.less_equal(self.missed_plan, self.miss_tolerance)
        sound = on_plan & np.less_equal(self.distress, 0.0)
        return np.where(sound, gap / self.forward_months, 0.0)

    def call_off(self) -> Quantity:
        """Share of forward hours to call off this month, (..., months ahead): the rate times the
        part of the plan missed beyond the tolerance, at most all; nothing within the firm months
        [miss-second-order]."""
        beyond = np.maximum(self.missed_plan - self.miss_tolerance, 0.0)
        share = np.expand_dims(np.minimum(self.call_off_rate * beyond, 1.0), -1)
        free = np.greater(FORWARD_AHEAD, np.expand_dims(self.firm_months, -1))
        return np.where(free, share, 0.0)
