"""A chip maker: foundry, memory, packaging and the designer's margin as one seller."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.finance.firm import Financing, Firm
from agents.framework.columns import (
    Floats,
    Quantity,
    account,
    luck,
    parameter,
    perceived,
    pipeline,
    ratio,
    state,
)

LEAD_MAX = 36
"""Longest expansion lead time in months."""


class Forecast(NamedTuple):
    """Expected orders: level in H100e a month, growth in ln per month."""

    level: Floats
    growth: Floats


class ChipFab(Firm):
    """Decides output, price, expansion and what cash to pay out.

    Chips are counted in H100e (equivalents of one H100), prices in USD per H100e of list price,
    networking included where the vendor sells it.
    """

    population_name = "fabs"
    label = "chip maker"

    capacity_loss = parameter("fraction", "Share of capacity out of action this month")
    output_volatility = parameter("fraction", "Standard deviation of monthly yield")
    expansion_lead_months = parameter("month", "From the order of a line to its first chip")
    expansion_max_per_month = parameter(
        "1/month", "Fastest order of capacity, as a share of capacity and pipeline"
    )
    expansion_cost = parameter("USD per H100e/month", "Cost of one unit of monthly capacity")
    expansion_cost_trend = parameter("1/year", "Yearly fall of that cost")
    initial_pipeline_growth = parameter("1/month", "Growth of output by lines ordered before start")
    initial_pipeline_months = parameter("month", "Time over which those lines come due")
    order_forecast_smoothing = parameter("1/month", "Weight of the newest orders in the forecast")
    growth_expected_max = parameter("1/month", "Highest order growth a fab extrapolates")
    backlog_target_months = parameter("month", "Order book at which the price rests, in output")
    backlog_price_gain = parameter("1/month", "Rise of ln price per unit of ln (backlog / target)")
    price_reversion = parameter("1/month", "Pull of ln price toward the reference price")
    price_trend = parameter("1/year", "Yearly fall of the reference price per H100e")
    price_floor_multiple = parameter("x reference", "Lowest price over the reference price")
    price_ceiling_multiple = parameter("x reference", "Highest price over the reference price")
    gross_margin = parameter("fraction", "Designer's gross margin at the reference price")
    foundry_margin = parameter("fraction", "Operating margin of the foundry and memory maker")
    foundry_energy_share = parameter("fraction", "Energy cost over foundry revenue, undisturbed")
    contract_share = parameter("fraction", "Output promised to customers pro rata to their orders")
    controlled_share = parameter(
        "fraction", "Output of a class that export control covers; the rest is free to go"
    )
    leak_premium = parameter("fraction", "Surcharge over list on chips that evade export control")
    power_trend = parameter("1/year", "Yearly fall of facility power per H100e of new chips")
    inventory_max_months = parameter("month", "Finished chips that stop output, in capacity")
    income_memory_months = parameter("month", "Time over which income is averaged for plans")
    overhead_share = parameter("fraction", "Research and administration over revenue")
    overhead_adjust_months = parameter("month", "Time over which they follow revenue")
    payout_cash_cap_months = parameter("month", "Cash kept, in months of revenue")
    debt_limit_ebitda = parameter("x EBITDA", "Debt that lenders allow over yearly cash flow")
    payment_months = parameter("month", "Mean time that customers take to pay for chips")
    vendor_credit_months = parameter("month", "Mean time to pay for what a vendor carries")
    deposit_share = parameter("fraction", "Part of an order's price that is paid with the order")
    fire_sale_discount = parameter("fraction", "Loss on book when lines are sold in failure")
    plant_life_months = parameter("month", "Depreciation time of plant")

    plant_book = account("asset", "Production lines at cost less depreciation", "investing")
    inventory_book = account("asset", "Inputs and finished chips, at cost")

    price = state("USD/H100e", "List price")
    reference_price = state("USD/H100e", "Cost-plus price that the list price returns to")
    capacity = state("H100e/month", "Output with all lines running")
    line_cost = state("USD per H100e/month", "Cost of one unit of monthly capacity now")
    expansion = pipeline("H100e/month", "Capacity due, by months ahead", LEAD_MAX)
    produced = state("H100e", "Made this month")
    shipped = state("H100e", "Shipped this month")
    shipped_cumulative = state("H100e", "Shipped since 2022")
    inventory = state("H100e", "Finished and not shipped")
    order_book = state("H100e", "Ordered and not shipped")
    orders_level = state("H100e/month", "Smoothed accepted orders")
    orders_growth = state("1/month", "Smoothed growth of accepted orders")
    power_per_h100e = state("kW/H100e", "Facility power of the chips it ships now")
    revenue_smoothed = state("USD/month", "Revenue over about a quarter")
    overhead = state("USD/month", "Research and administration")

    energy_multiple = perceived("x undisturbed", "Power price over its undisturbed level")
    input_cost_multiple = perceived("x start", "Cost of scarce inputs over their cost at the start")
    input_cover = perceived("H100e", "Chips that the scarcest input allows this month")
    orders_received = perceived("H100e", "Orders accepted last month")
    capacity_due = perceived("H100e/month", "All capacity in the expansion pipeline")
    luck_yield = luck("normal", "Yield of the month")

    def runs(self) -> Quantity:
        """1 while energy leaves a margin, else 0: halts where s (m - 1) > margin, s the energy
        share of foundry revenue and m the power price multiple [tsmc-energy-share-revenue,
        fab-stop-multiple, fab-operating-margin]."""
        loss = self.foundry_energy_share * (self.energy_multiple - 1.0)
        return np.where(np.greater(loss, self.foundry_margin), 0.0, 1.0)

    def output(self) -> Quantity:
        """H100e made this month: min(capacity, scarcest input), 0 when halted; lines slow only when
        finished chips pile up, since a price cut comes first [fab-location-logic]."""
        noise = np.exp(self.output_volatility * self.luck_yield)
        able = self.capacity * (1.0 - self.capacity_loss) * np.minimum(noise, 1.1)
        storable = self.capacity * self.inventory_max_months + self.order_book - self.inventory
        made = np.minimum(np.minimum(able, self.input_cover), np.maximum(storable, 0.0))
        return made * self.runs()

    def unit_cost(self) -> Quantity:
        """Cost of one H100e in USD: (1 - gross margin) x reference price, moved by energy and
        scarce inputs [nvidia-gross-margin, gpu-supplier-cost-example]."""
        base = (1.0 - self.gross_margin) * self.reference_price
        energy = self.foundry_energy_share * (self.energy_multiple - 1.0)
        return base * (1.0 + energy + (self.input_cost_multiple - 1.0))

    def margin(self) -> Quantity:
        """Margin over the list price: 1 - unit cost / price; inputs go to the highest first."""
        return 1.0 - ratio(self.unit_cost(), self.price)

    def set_reference_price(self) -> Quantity:
        """Reference price after one month of technical progress: p (1 - trend)^(1/12)."""
        return self.reference_price * np.power(1.0 - self.price_trend, 1.0 / 12.0)

    def set_line_cost(self) -> Quantity:
        """Cost of a unit of monthly capacity after one month of progress: c (1 - trend)^(1/12);
        a line costs the same, but its wafers carry more H100e every year."""
        return self.line_cost * np.power(1.0 - self.expansion_cost_trend, 1.0 / 12.0)

    def set_power_per_h100e(self) -> Quantity:
        """Facility power of new chips after one month of progress: p (1 - trend)^(1/12)."""
        return self.power_per_h100e * np.power(1.0 - self.power_trend, 1.0 / 12.0)

    def set_price(self) -> Quantity:
        """List price: ln p rises by gain x ln(backlog / target) and returns to the reference,
        inside the margin band and never below full cost, which is unit cost over one less the share
        of revenue that research and administration take: nobody sells for years at a price that
        does not pay for them, and what scarce inputs cost is passed on. Without the band a backlog
        rule makes it oscillate [nvidia-gross-margin]."""
        months = ratio(self.order_book, self.capacity)
        tight = np.clip(ratio(months, self.backlog_target_months), 0.1, 10.0)
        pull = np.log(np.maximum(ratio(self.reference_price, self.price), 1e-3))
        step = self.backlog_price_gain * np.log(tight) + self.price_reversion * pull
        full = self.unit_cost() / (1.0 - self.overhead_share)
        low = np.maximum(self.reference_price * self.price_floor_multiple, full)
        high = np.maximum(self.reference_price * self.price_ceiling_multiple, full)
        return np.clip(self.price * np.exp(step), low, high)

    def forecast(self) -> Forecast:
        """Expected orders, by smoothing of level and trend with one slow weight w, so that one
        large order does not build a line: level q e^g + w (orders - q e^g), growth g + w (ln level
        change - g); growth beyond what the industry has seen is not extrapolated
        [forecast-overupdate, forecast-extrapolation-rate]."""
        weight = self.order_forecast_smoothing
        expected = self.orders_level * np.exp(self.orders_growth)
        level = expected + weight * (self.orders_received - expected)
        news = np.log(np.maximum(ratio(level, self.orders_level), 0.1))
        growth = self.orders_growth + weight * (news - self.orders_growth)
        return Forecast(level, np.clip(growth, 0.0, self.growth_expected_max))

    def expand(self) -> Quantity:
        """Capacity to order, H100e a month: what the forecast needs a lead time ahead beyond
        capacity and pipeline, at most what equipment makers deliver; nothing in distress
        [forecast-extrapolation-rate]."""
        ahead = np.exp(self.orders_growth * self.expansion_lead_months)
        owned = self.capacity + self.capacity_due
        wanted = self.orders_level * ahead - owned
        most = np.where(np.greater(self.distress, 0.0), 0.0, self.expansion_max_per_month)
        return np.clip(wanted, 0.0, owned * most)

    def adjust_overhead(self) -> Quantity:
        """Research and administration of the next month in USD: follow revenue slowly, so a fall of
        sales hurts (an assumption)."""
        gap = self.overhead_share * self.revenue_smoothed - self.overhead
        return self.overhead + gap / self.overhead_adjust_months

    def cash_flow(self) -> Quantity:
        """USD a year before interest and wear: margin over unit cost on smoothed revenue, less
        research and administration."""
        earned = self.revenue_smoothed * np.maximum(self.margin(), 0.0)
        return 12.0 * np.maximum(earned - self.overhead, 0.0)

    def finance(self) -> Financing:
        """Loans keep a month of revenue in cash, as far as lenders allow debt over cash flow; cash
        above the cap pays back what is owed, then goes to owners: otherwise chip makers
        would hoard the money of the economy [nvidia-gross-margin]."""
        short = np.maximum(self.revenue_smoothed - self.cash, 0.0)
        room = np.maximum(self.debt_limit_ebitda * self.cash_flow() - self.debt, 0.0)
        spare = np.maximum(self.cash - self.payout_cash_cap_months * self.revenue_smoothed, 0.0)
        repaid = np.minimum(spare, self.debt)
        return Financing(np.minimum(short, room), repaid, np.zeros_like(spare), spare - repaid)
