"""A data-center operator's fleet in one region: sites, chips, leases and their financing."""

from __future__ import annotations

import numpy as np

from agents.finance.firm import Financing
from agents.framework.columns import (
    Quantity,
    account,
    luck,
    parameter,
    perceived,
    pipeline,
    ratio,
    state,
)
from agents.supply.lessor import Lessor

HOURS = 730.0
"""Hours in a month: 8,760 / 12."""
SITE_MONTHS = 72
"""Longest time to power that a site pipeline can hold, in months."""
TRANSIT_MONTHS = 8
"""Longest time from shipment to running, in months."""
SEED = 0.05
"""Part of its target with which a fleet begins to plan again after a stop."""
MONTHS_AHEAD = np.arange(1.0, SITE_MONTHS + 1.0)
VINTAGES = 96
"""Vintages that a fleet can hold, one a month; the longest economic life in months."""


def annuity(rate: Quantity, years: Quantity) -> Quantity:
    """Present value of 1 a year, paid all the time: (1 - e^(-r t)) / r; rate in ln a year."""
    return (1.0 - np.exp(-rate * years)) / rate


class DataCenter(Lessor):
    """Decides capital spending, sites, chip orders, lease prices, own running and financing.

    Power is facility power in GW, chips are in H100e, months-ahead pipelines count from next month.
    """

    population_name = "fleets"
    label = "data center"

    capex_share = parameter("fraction", "Capital spending planned out of operating cash flow")
    core_growth_start = parameter("1/year", "Growth of cash flow outside AI rental at the start")
    core_growth_long_run = parameter("1/year", "Growth of that cash flow in the long run")
    core_growth_decay = parameter("month", "Time constant between the two")
    roi_elasticity = parameter("1", "Rise of ln capex per unit of ln expected return over cost")
    roi_max = parameter("x cost", "Highest return over cost that a plan responds to")
    wacc = parameter("1/year", "Cost of capital")
    expected_rent_decline = parameter("1/year", "Fall of rent that buyers of chips expect")
    rent_expectation_weight = parameter("1/month", "Weight of the newest rent in expectations")
    debt_limit_ebitda = parameter("x EBITDA", "Debt that lenders allow over yearly cash flow")
    debt_build_years = parameter("year", "Time over which unused debt room is drawn for capex")
    capex_adjust_per_month = parameter("1/month", "Share of the gap to the target closed a month")
    capex_max_change_per_month = parameter("1/month", "Fastest change of capital spending plans")
    equity_reach = parameter("1/year", "New shares a year over what the fleet is worth")
    fire_sale_discount = parameter(
        "fraction", "Loss on book when chips and sites are sold in failure"
    )
    min_cash_share = parameter("year", "Cash kept, in years of operating cash flow")
    payout_share = parameter("fraction", "Cash flow that goes to owners and other business")
    max_cash_share = parameter("year", "Cash above which owners are paid, in years of cash flow")
    income_memory_months = parameter("month", "Time over which income is averaged for plans")
    debt_life_months = parameter("month", "Repayment time of debt")
    vendor_credit_share = parameter(
        "fraction", "Chip bill that vendors carry for a fleet whose debt is over its limit"
    )

    build_lead_months = parameter("month", "From ground breaking to power")
    site_cost = parameter("USD/GW", "Building, cooling, electrical and generation, without chips")
    site_cover_months = parameter("month", "Site pipeline wanted beyond the time to power")
    planning_months = parameter("month", "Power that would come later than this is not planned on")
    siting_mobility = parameter("1/month", "Plans that move to a region with power a year sooner")
    site_life_months = parameter("month", "Depreciation time of sites")
    site_adjust_months = parameter("month", "Time over which a gap in the site pipeline is closed")
    site_rush = parameter("x plan", "Most that is begun in a month over what spending plans for")
    cancel_hazard = parameter("1/month", "Attrition of projects that can still be dropped")
    cancel_threshold = parameter("fraction", "Cost rise at which half of all projects are dropped")
    cancel_slope = parameter("fraction", "Width of that threshold over projects")
    committed_months = parameter("month", "Months to power within which none is dropped")
    relocation_share = parameter("fraction", "Cancelled power that moves to other regions")

    server_network_multiple = parameter("x chip price", "Chips, hosts and network over chips alone")
    order_power_cover_months = parameter("month", "Power counted on beyond the vendor's lead time")
    order_adjust_months = parameter("month", "Time over which free power is filled with orders")
    vendor_price_sensitivity = parameter(
        "1", "Fall of ln order share per unit of ln list price over reference"
    )
    lead_time_aversion = parameter("1/month", "Fall of ln order share per month of vendor's lead")
    chip_price_premium = parameter("fraction", "Offered above list to be served first")
    deploy_lag_months = parameter("month", "From shipment to running")
    economic_life_months = parameter(
        "month", "Age at which chips are retired, and depreciation time"
    )
    failure_rate = parameter("1/year", "Chips that fail for good")
    utilization_cap = parameter("fraction", "Hours offered over hours of powered chips")
    idle_power_share = parameter("fraction", "Power of an idle chip over a busy one")

    workload_mobility = parameter("1/month", "Unserved own workloads that move into the cloud")
    initial_own_use_share = parameter(
        "fraction", "Own workloads over hours not leased, at the start"
    )

    chips_book = account("asset", "Chips and servers at cost less depreciation", "investing")
    sites_book = account(
        "asset", "Sites at cost less depreciation, under construction included", "investing"
    )

    chips = pipeline("H100e", "Installed chips by month of arrival", VINTAGES)
    chip_power = pipeline("kW/H100e", "Facility power of a chip of that month", VINTAGES)
    chip_cost = pipeline("USD", "What the chips and servers of that month cost", VINTAGES)
    chip_worth = pipeline("USD", "What of that cost is not yet worn", VINTAGES)
    transit = pipeline(
        "H100e", "Chips shipped and not yet running, by months ahead", TRANSIT_MONTHS
    )
    transit_gw = pipeline("GW", "Facility power of those chips", TRANSIT_MONTHS)
    transit_cost = pipeline("USD", "What those chips and their servers cost", TRANSIT_MONTHS)
    sites = pipeline("GW", "Sites planned and under construction, by months ahead", SITE_MONTHS)
    site_cost_at_start = pipeline("1", "Cost index when a project began", SITE_MONTHS)
    site_luck = pipeline("1", "Standing of a project when costs rise, drawn at start", SITE_MONTHS)

    installed = state("H100e", "Chips installed")
    installed_gw = state("GW", "Facility power that installed chips need")
    connected_gw = state("GW", "Facility power connected")
    active = state("H100e", "Chips that have power and run")
    active_gw = state("GW", "Facility power of those chips when busy")
    arrived = state("H100e", "Chips that began to run this month")
    retired = state("H100e", "Chips retired or failed this month")
    ordered = state("H100e", "Chips the fleet wished to order this month")
    received = state("H100e", "Chips shipped to the fleet this month")
    started_gw = state("GW", "Sites begun this month")
    refused_gw = state("GW", "Sites wanted this month for which no power was to be had in time")
    opened_gw = state("GW", "Sites that came due this month")
    cancelled_gw = state("GW", "Sites cancelled this month")
    relocated_gw = state("GW", "Power moved here from the operator's cancelled sites")
    site_extras = state("USD", "Added cost of fast power for the sites begun this month")
    power_wait = state("GW month", "Power begun this month x months beyond the construction time")
    leased_used = state("H100e-hour", "Hours delivered on leases")
    own_wanted = state("H100e-hour", "Hours of own workloads wanted")
    own_used = state("H100e-hour", "Hours of own workloads")
    spot_sold = state("H100e-hour", "Hours sold on the spot market")
    idle = state("H100e-hour", "Hours offered and not used")
    own_demand = state("H100e-hour/month", "Own workloads wanted at the starting rent")
    draw_gw = state("GW", "Mean facility power drawn")
    core_cash_flow = state("USD/year", "Operating cash flow outside AI rental")
    core_growth = state("1/year", "Growth of operating cash flow outside AI rental")
    scrapped = state("H100e", "Chips of this fleet that found no buyer when it left")
    pledged_pace = state("USD/year", "Money of sovereign funds a year, smoothed")
    rental_margin = state("USD/year", "Smoothed AI rental income less energy, a year")
    capex_plan = state("USD/month", "Capital spending planned")
    capex = state("USD/month", "Capital spending of the month: chips, servers and sites")

    group_cash_flow = perceived("USD/year", "Operating cash flow of its operator, all fleets")
    called_up = perceived("USD", "Money that its parent called up this month for labs")
    group_share = perceived("fraction", "The fleet's part of its operator's assets")
    rent = perceived("USD/H100e-hour", "Spot rent posted in the region")
    power_price = perceived("USD/kWh", "Power price in the region")
    chip_price = perceived(
        "USD/H100e", "Price of chips over the vendors it buys from, with premium"
    )
    power_multiple = perceived("x undisturbed", "Power price over its undisturbed level")
    new_chip_power = perceived("kW/H100e", "Facility power of the chips it would order now")
    vendor_lead = perceived("month", "Order book of those vendors, in months of output")
    on_order = perceived("H100e", "Chips ordered and not shipped")
    on_order_gw = perceived("GW", "Facility power of chips ordered and in transit")
    power_due = perceived("GW", "Sites due within the vendor's lead time and the cover")
    sites_due = perceived("GW", "Sites due within the planning time")
    power_lead = perceived("month", "Time to power of sites begun last month in the region")
    new_site_cost = perceived("USD/GW", "Cost of a site on the power to be had now")
    chip_age = pipeline("month", "Age of each vintage", VINTAGES)
    workload_response = perceived("1", "Hours wanted over base demand in the region's market")
    workload_growth = perceived("1/year", "Growth of base demand in the region's market")
    luck_project = luck("uniform", "Standing of the projects begun this month")

    def expect_rent(self) -> Quantity:
        """Expected spot rent, adaptive: e + w (rent - e) in USD/H100e-hour
        [forecast-extrapolation-rate]."""
        return self.expected_rent + self.rent_expectation_weight * (self.rent - self.expected_rent)

    def grow_core(self) -> Quantity:
        """Cash flow outside AI rental after one month: f (1 + g)^(1/12) in USD a year."""
        return self.core_cash_flow * np.power(1.0 + self.core_growth, 1.0 / 12.0)

    def slow_core(self) -> Quantity:
        """Its yearly growth after one month: g + (long run - g) / decay months."""
        return (
            self.core_growth
            + (self.core_growth_long_run - self.core_growth) / self.core_growth_decay
        )

    def full_cost(self) -> Quantity:
        """Cost of one H100e at work in USD: chip and server, and its share of a site
        [dc-cost-per-gw]."""
        server = self.chip_price * self.server_network_multiple
        return server + self.new_chip_power * 1e-6 * self.new_site_cost

    def expected_return(self) -> Quantity:
        """Present value of an H100e's rent net of energy over its life, over its full cost. Spot
        rent is expected to fall, so its sum is an annuity at wacc plus decline; hours sold ahead
        earn the price they were signed at for the term of a lease, and spot rent after it
        [hyperscaler-capex-driver, make-vs-contract]."""
        energy = self.new_chip_power * self.power_price
        spot = np.maximum(self.expected_rent - energy, 0.0)
        signed = np.maximum(self.forward_price - energy, 0.0)
        falling = np.log(1.0 + self.wacc) - np.log(1.0 - self.expected_rent_decline)
        life = self.economic_life_months / 12.0
        term = np.minimum(self.lease_term_months / 12.0, life)
        whole, early = annuity(falling, life), annuity(falling, term)
        leased = signed * annuity(np.log(1.0 + self.wacc), term) + spot * (whole - early)
        sold = self.sold_ahead()
        worth = sold * leased + (1.0 - sold) * spot * whole
        return ratio(12.0 * HOURS * self.utilization_cap * worth, self.full_cost())

    def cash_flow(self) -> Quantity:
        """Operating cash flow in USD a year, core business and AI rental: the fleet's part of its
        operator's, by assets, since a group pays and borrows as one."""
        return np.maximum(self.group_cash_flow, 0.0) * self.group_share

    def debt_limit(self) -> Quantity:
        """USD of debt that lenders allow: a multiple of cash flow."""
        return self.debt_limit_ebitda * self.cash_flow()

    def delay_payment(self) -> Quantity:
        """Part of the chip bill that vendors carry: the share where debt is over its limit, else
        nothing: vendors want to sell where lenders stop [debt-vs-equity]."""
        over = np.greater(self.debt, self.debt_limit())
        return np.where(over, self.vendor_credit_share, 0.0)

    def worth(self) -> Quantity:
        """USD that investors would pay for the fleet: books at the expected return over cost, less
        debt."""
        books = self.chips_book + self.sites_book
        return np.maximum(self.expected_return() * books - self.debt, 0.0)

    def plan_capex(self) -> Quantity:
        """Capital spending plan in USD a month: a share of operating cash flow, of debt room and of
        what new shares bring, scaled by expected return, plus what contracts add or take, and no
        more than can be paid for in a year beside what vendors carry; boards move slowly, a share
        of the gap a month and never more than the fastest change; nothing in distress
        [hyperscaler-finance-sources, ai-capex-total, miss-second-order]."""
        flow = self.cash_flow()
        clipped = np.minimum(self.expected_return(), self.roi_max)
        room = np.maximum(self.debt_limit() - self.debt, 0.0)
        shares = self.equity_reach * self.worth() + self.pledged_pace
        yearly = self.capex_share * flow + room / self.debt_build_years + shares
        wanted = yearly * np.power(clipped, self.roi_elasticity) + self.capex_for_contracts()
        service = self.debt * self.interest_rate + 12.0 * ratio(self.debt, self.debt_life_months)
        spare = np.maximum(self.cash - self.least_cash(), 0.0)
        others = 12.0 * (self.taxes + self.called_up)
        paid_for = (1.0 - self.payout_share) * flow - service - others + room + shares + spare
        carried = self.delay_payment() * (1.0 - self.site_share_of_cost())
        target = np.minimum(wanted, np.maximum(paid_for, 0.0) / (1.0 - carried)) / 12.0
        moved = self.capex_plan + self.capex_adjust_per_month * (target - self.capex_plan)
        low = self.capex_plan * (1.0 - self.capex_max_change_per_month)
        base = np.maximum(self.capex_plan, SEED * target)
        high = base * (1.0 + self.capex_max_change_per_month)
        return np.where(np.greater(self.distress, 0.0), 0.0, np.clip(moved, low, high))

    def capex_for_contracts(self) -> Quantity:
        """USD a year that contracts add to plans, or take from them: the response times the full
        cost of the chips that the hours to build need [make-vs-contract, miss-second-order]."""
        chips = ratio(self.hours_to_build(), HOURS * self.utilization_cap)
        return self.contract_response * self.full_cost() * chips

    def site_share_of_cost(self) -> Quantity:
        """Sites' share of the cost of new capacity, where power and chips grow together."""
        site = self.new_chip_power * 1e-6 * self.new_site_cost
        return ratio(site, self.full_cost())

    def start_sites(self) -> Quantity:
        """GW to begin: closes the gap between the pipeline that planned spending fills in the time
        to power and the one in hand, with power still unused counted in [dc-cost-per-gw-allin]."""
        planned = ratio(self.capex_plan * self.site_share_of_cost(), self.new_site_cost)
        unused = np.maximum(self.connected_gw - self.installed_gw - self.on_order_gw, 0.0)
        months = self.power_lead + self.site_cover_months
        gap = planned * months - self.sites_due - unused
        return np.clip(gap / self.site_adjust_months, 0.0, self.site_rush * planned)

    def wish_to_move(self, other: DataCenter) -> Quantity:
        """Share of the spending plan that moves to the operator's fleet in another region this
        month: mobility x years by which power comes sooner there, at most one
        [dc-location-fungible]."""
        years = np.clip((self.power_lead - other.power_lead) / 12.0, 0.0, 1.0)
        return self.siting_mobility * years

    def order_chips(self) -> Quantity:
        """H100e to order: what planned spending buys, a, but only for power connectable within the
        vendor's lead time and a cover, f: a smooth minimum (a^-4 + f^-4)^(-1/4), since a hard limit
        makes orders jump and no limit leaves chips without power [power-delay]."""
        budget = self.capex_plan * (1.0 - self.site_share_of_cost())
        affordable = ratio(budget, self.chip_price * self.server_network_multiple)
        free_gw = self.connected_gw + self.power_due - self.installed_gw - self.on_order_gw
        fits = ratio(np.maximum(free_gw, 0.0) * 1e6, self.new_chip_power) / self.order_adjust_months
        tight = np.minimum(ratio(affordable, fits), 1e6)
        return affordable * np.power(1.0 + np.power(tight, 4.0), -0.25) * np.greater(fits, 0.0)

    def cost_index(self) -> Quantity:
        """Cost of a new project over its cost at the undisturbed power price and without a premium
        for fast power; chips and servers at today's price in both, energy at its present value over
        the chips' life [dc-cost-rise-observed, power-cost-share]."""
        server = self.chip_price * self.server_network_multiple
        site = self.new_chip_power * 1e-6
        years = (1.0 - np.power(1.0 + self.wacc, -self.economic_life_months / 12.0)) / self.wacc
        calm_price = ratio(self.power_price, self.power_multiple)
        energy = self.new_chip_power * 12.0 * HOURS * years * calm_price
        now = server + site * self.new_site_cost + energy * self.power_multiple
        return ratio(now, server + site * self.site_cost + energy)

    def drop_projects(self) -> Quantity:
        """Share of each project to drop, shape (..., months ahead): all of it where its standing,
        drawn once when it began, is below logistic((rise - threshold) / slope) net of the value at
        no rise, the rise of the cost index since it began, and where the fleet is in distress; else
        attrition; nothing within the committed months [dc-cost-rise-cancels,
        dc-neocloud-fragility, dc-equilibrium-offsets]."""
        rise = ratio(np.expand_dims(self.cost_index(), -1), self.site_cost_at_start) - 1.0
        threshold = np.expand_dims(self.cancel_threshold, -1)
        slope = np.expand_dims(self.cancel_slope, -1)
        calm = 1.0 / (1.0 + np.exp(threshold / slope))
        shocked = 1.0 / (1.0 + np.exp(np.clip((threshold - rise) / slope, -500.0, 500.0)))
        broke = np.expand_dims(np.greater(self.distress, 0.0), -1)
        dropped = np.less(self.site_luck, shocked - calm) | broke
        share = np.where(dropped, 1.0, np.expand_dims(self.cancel_hazard, -1))
        free = np.greater(MONTHS_AHEAD, np.expand_dims(self.committed_months, -1))
        return np.where(free, share, 0.0)

    def keep_running(self) -> Quantity:
        """1 per vintage, (..., vintages), while the posted rent pays the energy of an hour of its
        chips, else 0: kW x power price < rent [dc-sunk-cost-rule, h100-energy-cost]."""
        energy = self.chip_power * np.expand_dims(self.power_price, -1)
        return np.where(np.less(energy, np.expand_dims(self.rent, -1)), 1.0, 0.0)

    def retire_chips(self) -> Quantity:
        """Share of each vintage that leaves this month, (..., vintages): all at the end of its
        economic life, else the chips that fail for good."""
        old = np.greater_equal(self.chip_age, np.expand_dims(self.economic_life_months, -1))
        return np.where(old, 1.0, np.expand_dims(self.failure_rate / 12.0, -1))

    def want_own_hours(self) -> Quantity:
        """Hours of own workloads wanted: they respond to the rent as demand from elsewhere does."""
        return self.own_demand * self.workload_response

    def grow_own_demand(self) -> Quantity:
        """Own workloads of the next month at the starting rent: h exp(g / 12)."""
        return self.own_demand * np.exp(self.workload_growth / 12.0)

    def move_workloads(self) -> Quantity:
        """Own workloads, at the starting rent, that move into the cloud: a share of what the fleet
        could not serve this month."""
        unserved = ratio(self.own_wanted - self.own_used, self.workload_response)
        return np.minimum(unserved * self.workload_mobility, self.own_demand)

    def least_cash(self) -> Quantity:
        """USD that the fleet keeps in cash, out of its cash flow."""
        return self.min_cash_share * self.cash_flow()

    def finance(self) -> Financing:
        """Cash flow first, bonds second, shares third. Loans fall due in equal parts; new ones keep
        the least cash, up to the debt that lenders allow over cash flow; beyond that new shares,
        while chips are worth more than they cost. Owners get their share of cash flow and what
        stands above the most cash, nothing while debt is over its limit: then all spare cash
        repays [hyperscaler-finance-sources]."""
        flow = self.cash_flow()
        limit = self.debt_limit()
        over = np.greater(self.debt, limit)
        due = ratio(self.debt, self.debt_life_months)
        owners = np.where(over, 0.0, self.payout_share * flow / 12.0)
        left = self.cash - due - owners
        short = np.maximum(self.least_cash() - left, 0.0)
        borrowed = np.minimum(short, np.maximum(limit - self.debt + due, 0.0))
        worthwhile = np.greater(self.expected_return(), 1.0)
        shares = np.where(worthwhile, self.equity_reach * self.worth() / 12.0, 0.0)
        issued = np.minimum(short - borrowed, shares)
        owners = np.maximum(owners - (short - borrowed - issued), 0.0)
        most = np.where(over, self.least_cash(), self.max_cash_share * flow)
        spare = np.maximum(left - most, 0.0)
        repaid = np.where(over, np.minimum(spare, self.debt - due), 0.0)
        return Financing(borrowed, due + repaid, issued, owners + np.where(over, 0.0, spare))
