"""What a world file may contain: populations, the values that open their books, relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.config.world.relation_kinds import RELATION_KINDS


@dataclass(frozen=True)
class Initial:
    """One value that a world gives every agent of a population.

    low, high: what is allowed. dated: the longest time in months over which the value may be spread
    as a pipeline (`months`, `growth`), 0 where it is one number. optional: 0 where it is not given.
    """

    unit: str
    meaning: str
    dated: int = 0
    optional: bool = False
    low: float = 0.0
    high: float = 1e16


POPULATIONS = (
    "regions",
    "inputs",
    "fabs",
    "fleets",
    "labs",
    "customers",
    "elsewhere",
    "gulf",
    "parents",
    "capital",
    "outside",
)
NEEDED = ("regions", "inputs", "fleets")
"""Populations of at least one agent: chips need an input and a site, and a site a region."""
SINGLE = ("capital", "outside")
"""Populations of exactly one agent, through which every account closes."""
LOCATED = ("fabs", "fleets", "labs", "customers", "elsewhere")
"""Populations whose agents stand in a region."""

INITIAL: Mapping[str, Mapping[str, Initial]] = {
    "regions": {},
    "inputs": {"capacity": Initial("unit/month", "What can be made in a month")},
    "fabs": {
        "output": Initial("H100e/month", "Output with all lines running"),
        "price": Initial("USD/H100e", "List price", low=1.0),
        "shipped_cumulative": Initial("H100e", "Shipped since 2022"),
        "power_per_h100e": Initial("kW/H100e", "Facility power of the chips it ships now"),
        "backlog_months": Initial("month", "Order book in months of output", high=1200.0),
        "cash": Initial("USD", "Money at hand"),
    },
    "fleets": {
        "chips_shipped": Initial("H100e", "Chips shipped to it, those in transit included"),
        "chips_in_transit": Initial("H100e", "Of these, not yet running"),
        "connected_gw": Initial("GW", "Facility power connected"),
        "sites_due": Initial("GW", "Sites under construction, by month of power", dated=72),
        "cash": Initial("USD", "Money at hand"),
        "debt": Initial("USD", "Money borrowed and not yet repaid"),
        "core_cash_flow": Initial("USD/year", "Operating cash flow, AI rental included", low=-1e16),
        "capex_run_rate": Initial("USD/year", "Capital spending at the start"),
    },
    "labs": {
        "compute": Initial("H100e", "Compute in use, leased and spot"),
        "cash": Initial("USD", "Money at hand"),
        "staff": Initial("person", "People employed"),
        "software": Initial("x OpenAI", "Software efficiency of training", low=1e-6, high=1e6),
        "flagship_flop": Initial("FLOP", "Training of its best model on sale", high=1e30),
        "capability": Initial(
            "OOM", "Capability over OpenAI's flagship of end-2024", low=-20.0, high=20.0
        ),
        "open_weights": Initial(
            "0/1", "1 if the weights of its best model are open", optional=True, high=1.0
        ),
    },
    "customers": {
        "people": Initial("person", "People in the cohort"),
        "adopted": Initial(
            "fraction", "Share of people who use AI weekly", optional=True, high=1.0
        ),
        "spend_max": Initial(
            "USD/year", "Spending if all tasks were solvable and paid for", optional=True
        ),
        "spend_share": Initial(
            "fraction", "Share of solvable tasks paid for", optional=True, high=1.0
        ),
    },
    "elsewhere": {
        "share": Initial(
            "fraction", "Share of its zone's hours that are neither leased nor own use", high=1.0
        ),
    },
    "gulf": {
        "assets": Initial("USD", "Assets of the state's funds"),
        "hydrocarbon_income": Initial("USD/year", "Income from oil and gas"),
        "ai_flow": Initial("USD/year", "Money for AI"),
    },
    "parents": {
        "cash_flow": Initial(
            "USD/year", "Cash flow of its business outside the model", optional=True
        ),
    },
    "capital": {},
    "outside": {},
}
"""Population -> key -> what it is. Stands by key in an agent's table as {value, source, …}."""

HISTORY_MONTHS = 36
HISTORY: Mapping[str, Initial] = {
    "chips_shipped": Initial("H100e/month", "Chips shipped in the world"),
    "frontier_capability": Initial(
        "OOM", "Best capability on sale over OpenAI's flagship of end-2024", low=-100.0, high=20.0
    ),
}
"""Series of the months before the start, oldest first."""

RELATIONS: Mapping[str, tuple[str, str]] = {
    kind.name: kind.ends for kind in RELATION_KINDS.values() if kind.listed
}
"""Relations whose edges a world lists, with the populations at both ends; all others follow from
regions, zones and operators."""
WEIGHT = Initial(
    "1", "Share of the target that goes to the source, or the source's preference", high=1e6
)
