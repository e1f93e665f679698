"""Short words for metrics, as charts name them; the formulas stand in
`sim.results.metrics.all_metrics`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from sim.base.number_format import NAMELESS

WORDS: Mapping[str, str] = {
    "token_value_to_cost": "worth of a token over its cost",
    "token_value_usd_per_mtok": "worth of tokens",
    "token_cost_usd_per_mtok": "cost of tokens",
    "value_capture_share": "part of the worth that is paid",
    "frontier_capability": "frontier capability",
    "follower_capability": "followers' capability",
    "capability_lag_months": "followers behind",
    "open_lag_months": "open weights behind",
    "capability_gap_oom": "gap to followers",
    "compute_stock_h100e": "chips installed",
    "compute_shipped_cumulative_h100e": "chips shipped since 2022",
    "chips_shipped_h100e": "chips shipped",
    "compute_power_gw": "power in use",
    "utilization": "utilization",
    "power_delay_months": "delay of power",
    "sites_cancelled_gw": "sites cancelled",
    "chip_price_usd_per_h100e": "chip price",
    "rental_price_usd_per_h100e_hour": "rental price",
    "price_frontier_usd_per_mtok": "price of frontier tokens",
    "price_fixed_capability_usd_per_mtok": "price of fixed capability",
    "vendor_margin": "margin of chip makers",
    "vendor_payouts_usd": "payouts of chip makers",
    "capex_usd": "capital spending",
    "gulf_share_of_funding": "Gulf share of funding",
    "gulf_assets_usd": "other assets of Gulf funds",
    "lab_funding_usd": "funding of labs",
    "lab_revenue_annualised_usd": "revenue of labs",
    "lab_gross_margin": "gross margin",
    "lab_operating_margin_before_rnd": "operating margin before R&D",
    "lab_revenue_hhi": "concentration of revenue",
    "rnd_spend_usd": "R&D spending",
    "final_run_share": "final runs in research hours",
    "post_training_share": "post-training in runs",
    "rl_compute_wasted_share": "post-training without tasks",
    "frontier_training_flop": "pre-training of the frontier",
    "frontier_software_efficiency": "software of the frontier",
    "flagship_tenure_months": "tenure of flagships",
    "recoup_ratio": "recoupment",
    "tokens_per_day": "tokens a day",
    "task_value_automated_share": "task value automated",
    "active_users": "weekly users",
    "paying_users": "paying users",
    "digital_workers": "digital workers",
    "measured_score": "best benchmark score",
    "insolvencies": "insolvencies",
    "ledger_residual": "money out of balance",
    "compute_residual": "compute out of balance",
}
"""Every metric there is, in the order in which the page offers them."""
WHOLE = 1e6
"""From here on numbers of a table have no digits behind the point."""


def digits(value: float) -> str:
    """A number of a table: six digits that matter and all before the point; no power of ten but for
    what is very small.

    >>> [digits(x) for x in (4.81102e10, 13240.25, 2.0, 0.0376255, 1.8e-16, float("nan"))]
    ['48,110,200,000', '13,240.2', '2', '0.0376255', '1.8e-16', '–']
    """
    if not math.isfinite(value):
        return "–"
    whole = abs(value) >= WHOLE
    return f"{value:,.0f}" if whole and abs(value) < NAMELESS else f"{value:,.6g}"


@lru_cache(maxsize=1)
def units() -> Mapping[str, str]:
    """The unit of every metric."""
    from sim.results.metrics.all_metrics import METRICS, RESIDUALS

    return {m.name: m.unit for m in METRICS} | {name: unit for name, unit, _ in RESIDUALS}
