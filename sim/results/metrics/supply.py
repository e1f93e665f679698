"""Metrics of chips, compute, power and capital spending."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.supply.chip_fab import ChipFab
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy
from sim.results.metrics.metric import Metric, mean


def _chip_price(economy: Economy) -> Floats:
    chips = economy.chips
    return np.where(total(chips.units) > 0.0, ratio(total(chips.usd), total(chips.units)), np.nan)


def _rent(economy: Economy) -> Floats:
    fleets = economy.fleets
    sold = fleets.spot_sold + fleets.own_used
    return mean(fleets.rent, np.where(total(sold)[:, None] > 0.0, sold, fleets.alive * 1.0))


def _utilization(economy: Economy) -> Floats:
    offered = total(economy.fleets.offered)
    used = offered - total(economy.fleets.idle)
    return np.where(offered > 0.0, ratio(used, offered), np.nan)


def _power_delay(economy: Economy) -> Floats:
    fleets = economy.fleets
    begun = total(fleets.started_gw)
    return np.where(begun > 0.0, ratio(total(fleets.power_wait), begun), np.nan)


def _gulf_share(economy: Economy) -> Floats:
    """Money of sovereign funds over all that flows into labs' shares and operators' assets."""
    gulf = total(economy.gulf_labs.usd) + total(economy.gulf_sites.usd)
    flow = total(economy.labs.equity_raised) + total(economy.fleets.capex)
    return np.where(flow > 0.0, ratio(gulf, flow), np.nan)


def _vendor_margin(economy: Economy) -> Floats:
    """Profit of chip makers before tax over their revenue."""
    fabs = economy.fabs
    revenue = total(fabs.revenue)
    return np.where(revenue > 0.0, ratio(total(fabs.decide(ChipFab.profit)), revenue), np.nan)


SUPPLY_METRICS: tuple[Metric, ...] = (
    Metric(
        "compute_stock_h100e",
        "H100e",
        "chips installed in all fleets at the end of the month",
        lambda e: total(e.fleets.installed),
        window="at month's end",
    ),
    Metric(
        "compute_shipped_cumulative_h100e",
        "H100e",
        "chips shipped by all vendors since 2022, without retirement",
        lambda e: total(e.fabs.shipped_cumulative),
        window="since 2022",
    ),
    Metric(
        "compute_power_gw",
        "GW",
        "facility power of installed chips that have power and run, when busy",
        lambda e: total(e.fleets.active_gw),
        window="at month's end",
    ),
    Metric(
        "chips_shipped_h100e",
        "H100e/month",
        "chips shipped by all vendors in the month",
        lambda e: total(e.fabs.shipped),
    ),
    Metric(
        "chip_price_usd_per_h100e",
        "USD/H100e",
        "fleets' payments for chips over chips shipped, all vendors, surcharges included",
        _chip_price,
        before=lambda e: mean(e.fabs.price, e.fabs.capacity),
        first="list prices, mean by capacity",
    ),
    Metric(
        "vendor_margin",
        "fraction",
        "profit of chip makers before tax over their revenue",
        _vendor_margin,
        first="0",
    ),
    Metric(
        "vendor_payouts_usd",
        "USD/month",
        "dividends and buybacks of chip makers",
        lambda e: total(e.fabs.paid_out),
    ),
    Metric(
        "rental_price_usd_per_h100e_hour",
        "USD/H100e-hour",
        "spot rent of the month, mean over regions by hours that were not leased",
        _rent,
        first="0",
    ),
    Metric(
        "utilization",
        "fraction",
        "hours leased, used by owners and sold spot, over hours offered",
        _utilization,
        before=lambda e: np.ones(e.runs),
        first="1",
    ),
    Metric(
        "capex_usd",
        "USD/month",
        "AI capital spending of all operators: chips and servers when delivered, sites when paid",
        lambda e: total(e.fleets.capex),
    ),
    Metric(
        "gulf_share_of_funding",
        "fraction",
        "money of Gulf funds for labs and sites, over labs' funding and operators' spending",
        _gulf_share,
        first="0",
    ),
    Metric(
        "gulf_assets_usd",
        "USD",
        "other assets of Gulf funds: neither cash nor shares of labs and sites",
        lambda e: total(e.gulf.portfolio),
        window="at month's end",
    ),
    Metric(
        "lab_funding_usd",
        "USD/month",
        "money from shares that reached labs: of parents, Gulf funds and the market",
        lambda e: total(e.labs.equity_raised),
    ),
    Metric(
        "sites_cancelled_gw",
        "GW/month",
        "power of sites cancelled in the month, attrition included",
        lambda e: total(e.fleets.cancelled_gw),
    ),
    Metric(
        "power_delay_months",
        "month",
        "time to power beyond the construction time, mean over power begun in the month",
        _power_delay,
        first="0",
    ),
)
