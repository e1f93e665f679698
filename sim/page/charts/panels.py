"""The panels of the page: which charts there are, and of which numbers."""

from __future__ import annotations

from collections.abc import Mapping

from sim.figures.figure import Figure
from sim.figures.stacked_axes import height_of
from sim.page.charts.finance import capex, labs, recoup
from sim.page.charts.lab_series import capability, lab_row, left_out, released
from sim.page.charts.metric_series import figure, metric_row
from sim.page.charts.metric_words import WORDS
from sim.page.charts.token_plane import token
from sim.page.charts.view import Panel, ShownRuns

METRIC_CHOICES: Mapping[str, str] = {
    name: words for name, words in WORDS.items() if not name.endswith("_residual")
}
"""Metrics whose difference can be drawn, in words."""


def race(shown: ShownRuns) -> Figure:
    """Capability of every lab's flagship, how far others are behind, and the gap."""
    made = released(shown.live)
    rows = (
        lab_row(shown, "capability", "OOM", capability(shown.live), dots=made, share=2.0),
        metric_row(
            shown,
            "capability_lag_months",
            "open_lag_months",
            words="behind the frontier",
            each=("followers", "open weights"),
        ),
        metric_row(shown, "capability_gap_oom"),
    )
    note = "; ".join(filter(None, ("a dot is a release", left_out(shown))))
    return figure(shown, "race", "Capability race", rows, note, labs=True)


def token_time(shown: ShownRuns) -> Figure:
    """Worth, cost, and one over the other."""
    both = metric_row(
        shown,
        "token_value_usd_per_mtok",
        "token_cost_usd_per_mtok",
        words="tokens",
        each=("worth", "cost"),
        log=True,
    )
    over = metric_row(shown, "token_value_to_cost", words="worth over cost", log=True)
    note = "logarithmic scales; all labs together, mean over tokens"
    return figure(shown, "token-time", "Worth and cost of tokens over time", (both, over), note)


def compute(shown: ShownRuns) -> Figure:
    """Chips, their power, and how much of them is used."""
    rows = (
        metric_row(shown, "compute_stock_h100e"),
        metric_row(shown, "compute_power_gw"),
        metric_row(shown, "utilization"),
    )
    return figure(shown, "compute", "Compute and power", rows)


def prices(shown: ShownRuns) -> Figure:
    """Prices of chips, of hours and of tokens."""
    listed = ("price_frontier_usd_per_mtok", "price_fixed_capability_usd_per_mtok")
    rows = (
        metric_row(shown, "chip_price_usd_per_h100e"),
        metric_row(shown, "rental_price_usd_per_h100e_hour"),
        metric_row(
            shown, *listed, words="price of tokens", each=("frontier", "fixed capability"), log=True
        ),
    )
    note = "fixed capability: the frontier of a year before, chained; tokens on a logarithmic scale"
    return figure(shown, "prices", "Prices", rows, note)


def adoption(shown: ShownRuns) -> Figure:
    """Users, tokens, and the work that they do."""
    rows = (
        metric_row(
            shown,
            "active_users",
            "paying_users",
            words="users",
            each=("weekly", "paying"),
            log=True,
        ),
        metric_row(shown, "tokens_per_day", log=True),
        metric_row(shown, "task_value_automated_share"),
    )
    return figure(shown, "adoption", "Adoption", rows, "users and tokens on logarithmic scales")


def checks(shown: ShownRuns) -> Figure:
    """Residuals of the books, month by month."""
    rows = (metric_row(shown, "ledger_residual"), metric_row(shown, "compute_residual"))
    note = "largest violation of any identity; money is exact, compute exact but for rounding"
    return figure(shown, "checks", "Conservation", rows, note)


PANELS: tuple[Panel, ...] = (
    Panel(
        "token",
        "Token value against token cost",
        "Value of a million tokens to their users against the cost to serve them: cheaper tokens "
        "lie to the left, more valuable ones higher up.",
        token,
        460,
    ),
    Panel(
        "race",
        "Capability race",
        "Capability of flagships by lab; lag of the others in months and orders of magnitude.",
        race,
        height_of(4.0),
    ),
    Panel(
        "token-time",
        "Worth and cost of tokens over time",
        "The same month by month, and worth over cost.",
        token_time,
        height_of(2.0),
    ),
    Panel(
        "compute",
        "Compute and power",
        "Chips installed, their power and their use.",
        compute,
        height_of(3.0),
    ),
    Panel("prices", "Prices", "Prices of chips, their hours and tokens.", prices, height_of(3.0)),
    Panel(
        "labs",
        "Labs' revenue and margins",
        "Revenue by lab, and the margins of all labs.",
        labs,
        height_of(2.4),
    ),
    Panel(
        "recoup",
        "Recoupment of models",
        "Gross profit of a replaced flagship over the research before it: above 1 it paid off.",
        recoup,
        340,
    ),
    Panel(
        "capex",
        "Capital spending and its funding",
        "Operators' capital spending and its sources, and the sources of the labs' funding.",
        capex,
        height_of(3.0),
    ),
    Panel(
        "adoption", "Adoption", "Users, tokens, and tasks done by models.", adoption, height_of(3.0)
    ),
    Panel(
        "checks",
        "Conservation",
        "Every identity of the books, every month.",
        checks,
        height_of(2.0),
    ),
)
"""In the order in which they stand on the page."""
