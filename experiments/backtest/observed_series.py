"""What the model says of each series of observations, in the units of the observation.

Every series is either read, with a reader that gives one number a run, or unspoken, with the
reason; so are single rows that a caution of `configs/observations/README.md` rules out. Beside a
reader stand the words for tables: what is compared, and by which mechanism the model is known to
miss it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.supply.data_center import HOURS
from sim.base.numerics.kernels import total
from sim.config.observations import Observation, load_observations
from sim.config.scenario.scenario import Scenario
from sim.results.record import Block

FACILITY = 1.9
"""Facility power over chip power (configs/observations/README.md)."""
H100E_PER_GB200 = 2.5
"""H100e of one GPU of a GB200: dense FLOP of 16 bits, 2.25-2.6 [assumptions:chips.
h100e_per_gb200_gpu]."""
VENDORS = {
    "Nvidia": "nvidia",
    "Google TPU": "google_tpu",
    "AMD": "amd",
    "Amazon Trainium": "amazon_trainium",
}
OPERATORS = {
    "Amazon": "amazon",
    "Google": "google",
    "Meta": "meta",
    "Microsoft": "microsoft",
    "Oracle": "oracle",
}
CHINA = "China"
LABS = {
    "OpenAI": "openai",
    "Anthropic": "anthropic",
    "Google DeepMind": "google_deepmind",
    "Meta": "meta",
    "xAI": "xai",
}
BIG_FOUR = ("microsoft", "google", "amazon", "meta")
KEPT = (
    *(("fabs", c) for c in ("shipped", "shipped_cumulative", "power_per_h100e", "price")),
    ("fabs", "revenue"),
    *(("fleets", c) for c in ("active", "active_gw", "offered", "capex")),
    *(("labs", c) for c in ("revenue", "compute_used", "compute_bill")),
    ("chips", "units"),
)
"""Columns that readers need of a block."""


class Seen:
    """A block of runs as readers see it: columns by agent, metrics, and what stood at the eve."""

    def __init__(self, scenario: Scenario, block: Block) -> None:
        self.scenario, self.block = scenario, block

    def month(self, day: date) -> int:
        """Number of the month that a day lies in."""
        return self.scenario.calendar.number(f"{day.year:04d}-{day.month:02d}")

    def of(self, population: str, column: str, agent: str) -> Floats:
        """A column of one agent, (runs, months)."""
        row = self.block.names[population].index(agent)
        return self.block.record.agents[population, column][:, :, row]

    def all(self, population: str, column: str) -> Floats:
        """A column added over all agents, (runs, months)."""
        return total(self.block.record.agents[population, column])

    def metric(self, name: str) -> Floats:
        """A metric, (runs, months)."""
        return self.block.record.metrics[name]

    def initial(self, population: str, agent: str, quantity: str) -> float:
        """An initial value of the world file."""
        entries = {entry.name: entry for entry in self.scenario.world.of(population)}
        return entries[agent].initial[quantity].single

    def known(self, row: Observation) -> float | None:
        """The last value of a row's series and entity from before the start; None for none."""
        before = known_before(self.scenario, row)
        return before[-1][1] if before else None


Reader = Callable[[Seen, Observation], Floats]
"""What runs say of a row, (runs,); 0 where a run has nothing to say."""


@dataclass(frozen=True)
class Series:
    """A series that the model speaks of.

    family: with which others it is pooled. compared: what is held against it, in words. misses: the
    mechanism by which the model is known to miss it, "" where none is known. left_out: rows that a
    caution rules out, by the end of their period, and why.
    """

    family: str
    read: Reader
    compared: str
    misses: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)


def known_before(scenario: Scenario, row: Observation) -> list[tuple[date, float]]:
    """Days and values of a row's series and entity that end before the start, oldest first."""
    start = scenario.calendar.dates()[0]
    return sorted(
        (other.period_end, other.value)
        for other in load_observations()
        if (other.series, other.entity) == (row.series, row.entity) and other.period_end < start
    )


def _vendor_stock(seen: Seen, row: Observation) -> Floats:
    shipped = seen.of("fabs", "shipped_cumulative", VENDORS[row.entity])
    return shipped[:, seen.month(row.period_end)]


def _world_stock(seen: Seen, row: Observation) -> Floats:
    stocks = [seen.of("fabs", "shipped_cumulative", vendor) for vendor in VENDORS.values()]
    return total(np.stack(stocks, axis=-1))[:, seen.month(row.period_end)]


def _owner_stock(seen: Seen, row: Observation) -> Floats:
    """What was known of the eve, and what Nvidia shipped to the owner's fleets since."""
    world, nvidia = seen.scenario.world, VENDORS["Nvidia"]
    owned = {
        fleet.name
        for fleet in world.of("fleets")
        if (fleet.region == "china" if row.entity == CHINA else fleet.operator == _owner(row))
    }
    edges = seen.block.edges["chips"]
    mine = [i for i, (vendor, fleet) in enumerate(edges) if vendor == nvidia and fleet in owned]
    units = seen.block.record.flows["chips", "units"][:, : seen.month(row.period_end) + 1, mine]
    return (seen.known(row) or 0.0) + total(total(units))


def _owner(row: Observation) -> str:
    return OPERATORS[row.entity]


def _vendor_power(seen: Seen, row: Observation) -> Floats:
    """MW: what was known of the eve, or else the world file's stock at the power of its newest
    chips; and chips shipped since at the power of their month."""
    vendor = VENDORS[row.entity]
    shipped = seen.of("fabs", "shipped", vendor) * seen.of("fabs", "power_per_h100e", vendor)
    since = total(shipped[:, : seen.month(row.period_end) + 1]) / FACILITY / 1e3
    before = seen.known(row)
    if before is None:
        chips = seen.initial("fabs", vendor, "shipped_cumulative")
        before = chips * seen.initial("fabs", vendor, "power_per_h100e") / FACILITY / 1e3
    return before + since


def _vendor_revenue(seen: Seen, row: Observation) -> Floats:
    """USD of the three months that end with the row's."""
    last = seen.month(row.period_end)
    revenue = seen.of("fabs", "revenue", VENDORS[row.entity])
    return total(revenue[:, last - 2 : last + 1])


def _big_four_capex(seen: Seen, row: Observation) -> Floats:
    """AI spending of the year, and all other capital spending as in the year before the start."""
    last, fleets = seen.month(row.period_end), seen.scenario.world.of("fleets")
    names = [fleet.name for fleet in fleets if fleet.operator in BIG_FOUR]
    spent = [seen.of("fleets", "capex", name)[:, last - 11 : last + 1] for name in names]
    ai_before = sum(seen.initial("fleets", name, "capex_run_rate") for name in names)
    return total(total(np.stack(spent, axis=-1))) + ((seen.known(row) or 0.0) - ai_before)


def _lab_revenue(seen: Seen, row: Observation) -> Floats:
    return 12.0 * seen.of("labs", "revenue", LABS[row.entity])[:, seen.month(row.period_end)]


def _lab_compute(seen: Seen, row: Observation) -> Floats:
    """H100e that offer the hours that the lab had in the month: hours x running chips / offered."""
    last = seen.month(row.period_end)
    hours = seen.of("labs", "compute_used", LABS[row.entity])[:, last]
    running = seen.all("fleets", "active")[:, last] * HOURS
    return hours / HOURS * ratio(running, seen.all("fleets", "offered")[:, last])


def _lab_power(seen: Seen, row: Observation) -> Floats:
    """GW: its chips at the mean facility power of all that run."""
    last = seen.month(row.period_end)
    power = ratio(seen.all("fleets", "active_gw")[:, last], seen.all("fleets", "active")[:, last])
    return _lab_compute(seen, row) * power


def _cloud_bill(seen: Seen, row: Observation) -> Floats:
    last = seen.month(row.period_end)
    return total(seen.of("labs", "compute_bill", LABS[row.entity])[:, last - 11 : last + 1])


def _list_price(seen: Seen, row: Observation) -> Floats:
    return seen.of("fabs", "price", VENDORS["Nvidia"])[:, seen.month(row.period_end)]


def _list_price_gb200(seen: Seen, row: Observation) -> Floats:
    return H100E_PER_GB200 * _list_price(seen, row)


def _rent(seen: Seen, row: Observation) -> Floats:
    return seen.metric("rental_price_usd_per_h100e_hour")[:, seen.month(row.period_end)]


def _price_fall(seen: Seen, row: Observation) -> Floats:
    """Price of fixed capability a year before over that of the month."""
    last = seen.month(row.period_end)
    price = seen.metric("price_fixed_capability_usd_per_mtok")
    return ratio(price[:, last - 12], price[:, last])


def _training_growth(seen: Seen, row: Observation) -> Floats:
    """Yearly factor of the frontier's pre-training from the first month on."""
    last = seen.month(row.period_end)
    flop = seen.metric("frontier_training_flop")
    return np.power(ratio(flop[:, last], flop[:, 0]), 12.0 / last)


LINES = """\
three rules are missing that act together: makers order lines for the growth that they have seen, \
at most `fabs.growth_expected_max` a month, and have them `fabs.expansion_lead_months` later, \
while in 2023 packaging was multiplied within months on lines that had stood idle or made other \
chips (whoever sold little at the start can only multiply its own few lines); memory follows \
makers' plans; and the share of cash flow that boards give to AI is a parameter, \
`fleets.capex_share`, that moves spending with expected return alone, while in fact it rose \
severalfold as a surprise"""
OTHER_SPENDING = """\
what the four spend beyond AI is no part of the model and stands at its level of 2022, from which \
they cut it in 2023"""

MEAN_PRICE = """\
a maker has one price per H100e, networking included, that falls by a trend and rises with its \
order book; new kinds of chips come at a lower price per H100e at once, beside the old ones"""
HOURS_OF_LABS = """\
labs rent out of a stock of chips that stays too small, and grow by `labs.compute_growth_max` a \
month at most; partners gave Anthropic and xAI sites and billions at once"""
ONE_PRICE = """\
an hour has one price per FLOP, so chips of all kinds are rented alike; in the shortage of 2023 an \
H100 cost more than the same FLOP of older chips"""

SERIES: Mapping[str, Series] = {
    "chip_stock_by_vendor": Series(
        "chips", _vendor_stock, "chips that the maker has shipped since 2022", LINES
    ),
    "world_chip_stock": Series(
        "chips", _world_stock, "the same of the four makers that the series adds up", LINES
    ),
    "nvidia_stock_by_owner": Series(
        "chips by owner",
        _owner_stock,
        "the last value before the start, and Nvidia's chips shipped to the owner's fleets since",
        LINES,
    ),
    "chip_power_by_vendor": Series(
        "power",
        _vendor_power,
        f"the last value before the start, or the world file's, and facility power of chips "
        f"shipped since over {FACILITY}",
        LINES,
    ),
    "lab_power": Series(
        "labs",
        _lab_power,
        "the lab's chips at the mean facility power of all chips that run",
        HOURS_OF_LABS,
    ),
    "lab_compute": Series(
        "labs",
        _lab_compute,
        "chips that offer the hours that the lab had in the month",
        HOURS_OF_LABS,
    ),
    "training_compute_growth": Series(
        "labs",
        _training_growth,
        "yearly growth of the frontier's pre-training since the start; the series is of all "
        "notable models since 2010",
    ),
    "nvidia_datacenter_revenue": Series(
        "money", _vendor_revenue, "Nvidia's revenue of the three months", LINES
    ),
    "hyperscaler_capex": Series(
        "money",
        _big_four_capex,
        "the four's spending on AI in the year, and what they spent on all else in 2022",
        OTHER_SPENDING,
        {"2024-12-31": "counts finance leases, which those before do not"},
    ),
    "lab_revenue_annualised": Series("money", _lab_revenue, "twelve times the month's revenue"),
    "anthropic_cloud_spend": Series(
        "money", _cloud_bill, "what it paid for hours in the year", HOURS_OF_LABS
    ),
    "h100_price": Series(
        "prices",
        _list_price,
        "Nvidia's list price per H100e, networking included, of what it sells then",
        MEAN_PRICE,
    ),
    "gb200_price": Series(
        "prices",
        _list_price_gb200,
        f"that list price for {H100E_PER_GB200} H100e, as many as one of its GPUs counts for",
        MEAN_PRICE,
    ),
    "h100_rental_price": Series(
        "prices", _rent, "spot rent of the month, mean over regions", ONE_PRICE
    ),
    "price_decline_fixed_capability": Series(
        "prices", _price_fall, "price of fixed capability a year before over that of the month"
    ),
}
UNSPOKEN: Mapping[str, str] = {
    "chip_smuggling_to_china": (
        "chips of several classes, and the model's leak is a parameter that this row itself set"
    ),
}
"""Series that the model cannot speak of, and why."""
