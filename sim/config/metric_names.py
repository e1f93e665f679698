"""The names of metrics, without their formulas, which import the whole economy.

A scenario is checked against them when it is loaded, and loading imports nothing heavy.
"""

from __future__ import annotations

METRIC_NAMES = (
    "compute_stock_h100e",
    "compute_shipped_cumulative_h100e",
    "compute_power_gw",
    "chips_shipped_h100e",
    "chip_price_usd_per_h100e",
    "vendor_margin",
    "vendor_payouts_usd",
    "rental_price_usd_per_h100e_hour",
    "utilization",
    "capex_usd",
    "gulf_share_of_funding",
    "gulf_assets_usd",
    "lab_funding_usd",
    "sites_cancelled_gw",
    "power_delay_months",
    "frontier_training_flop",
    "frontier_software_efficiency",
    "frontier_capability",
    "follower_capability",
    "capability_lag_months",
    "capability_gap_oom",
    "open_lag_months",
    "lab_revenue_annualised_usd",
    "lab_gross_margin",
    "lab_operating_margin_before_rnd",
    "rnd_spend_usd",
    "final_run_share",
    "post_training_share",
    "rl_compute_wasted_share",
    "flagship_tenure_months",
    "recoup_ratio",
    "tokens_per_day",
    "price_frontier_usd_per_mtok",
    "price_fixed_capability_usd_per_mtok",
    "token_value_usd_per_mtok",
    "token_cost_usd_per_mtok",
    "token_value_to_cost",
    "value_capture_share",
    "task_value_automated_share",
    "active_users",
    "paying_users",
    "digital_workers",
    "measured_score",
    "lab_revenue_hhi",
    "insolvencies",
    "ledger_residual",
    "compute_residual",
)
"""In the order of `sim.results.metrics.all_metrics.NAMES`."""


RESIDUALS = ("ledger_residual", "compute_residual")
