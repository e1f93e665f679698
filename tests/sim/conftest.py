"""A small configuration on disk, so that what reads files is tested apart from what ships."""

from pathlib import Path

import pytest

from sim.config import shipped

PARAMETERS = """
["regions.rent_adjust"]
value = 0.25
unit = "1/month"
low = 0.1
high = 0.4
min = 0.0
max = 2.0
distribution = "uniform"
applies = "month"
kind = "assumption"
source = "assumptions:compute.spot_price_adjust"
note = "Times the elasticity of demand it stays below 1."

["regions.rent_start"]
value = 2.2
unit = "USD/H100e-hour"
low = 1.8
high = 2.6
min = 0.1
max = 20
distribution = "loguniform"
applies = "start"
kind = "observation"
source = "obs:h100_rental_price/market/2024-03-31; h100-rental-price"
note = "For a shock take regions.rent_adjust."

["elsewhere.price_elasticity"]
value = 1.5
unit = "1"
low = 1.0
high = 2.0
min = 0.0
max = 10.0
distribution = "triangular"
applies = "month"
kind = "assumption"
source = "assumption: between tokens and power"
note = "Fall of hours wanted with the rent."

["fabs.capacity_loss"]
value = 0.0
unit = "fraction"
low = 0.0
high = 0.1
min = 0.0
max = 1.0
distribution = "fixed"
applies = "month"
kind = "assumption"
source = "assumption: rests in the baseline"
note = "Lines out of action."
shown_in = "outage"

["labs.replication_lag"]
value = 6
unit = "month"
low = 3
high = 12
min = 0
max = 60
distribution = "triangular"
applies = "month"
kind = "evidence"
source = "replication-lag"
note = "From a release to its copy."

["labs.compute_poor.replication_lag"]
value = 9
low = 6
high = 15
kind = "derived"
source = "replication-lag; assumption: half again"
note = "With less compute it takes longer."

["labs.nowhere.replication_lag"]
value = 8
low = 6
high = 15
kind = "derived"
source = "replication-lag"
note = "A group that this world has not."

["labs.compute_growth_start"]
value = 1.0
unit = "1/year"
low = 0.5
high = 1.5
min = -2.0
max = 5.0
distribution = "triangular"
applies = "start"
kind = "derived"
source = "sie-gk"
note = "Growth of compute wanted, at the start."

["labs.compute_growth_long_run"]
value = 0.5
unit = "1/year"
low = 0.2
high = 0.8
min = -2.0
max = 5.0
distribution = "triangular"
applies = "month"
kind = "derived"
source = "sie-gk"
note = "Where it goes."
"""

WORLD = """
title = "A tiny world"
about = "Two zones"
start = "2025-01"
months = 24

[regions]
us = { zone = "world", title = "US" }
asia = { zone = "world" }
china = { zone = "china" }

[inputs.memory]
capacity = { value = 100, source = "hbm-suppliers" }

[fabs.nvidia]
group = "merchant"
region = "asia"
output = { value = 50, low = 40, high = 60, source = "obs:chip_stock/Nvidia/2024-12-31" }
price = { value = 28_000, source = "assumption: list" }
shipped_cumulative = { value = 400, source = "assumption: all" }
power_per_h100e = { value = 1.3, source = "assumption: facility" }
backlog_months = { value = 4, source = "assumption: waits" }
cash = { value = 1e9, source = "assumption: filings" }

[fabs.amd]
group = "merchant"
region = "asia"
output = { value = 5, source = "assumption: a tenth" }
price = { value = 10_000, source = "assumption: list" }
shipped_cumulative = { value = 40, source = "assumption: all" }
power_per_h100e = { value = 1.2, source = "assumption: facility" }
backlog_months = { value = 4, source = "assumption: waits" }
cash = { value = 1e8, source = "assumption: filings" }

[fleets.azure]
group = "hyperscaler"
region = "us"
operator = "microsoft"
chips_shipped = { value = 300, source = "assumption: stock" }
chips_in_transit = { value = 30, source = "assumption: two months" }
connected_gw = { value = 0.5, source = "assumption: power" }
sites_due = { value = 0.2, months = 14, growth = 0.045, source = "assumption: sites" }
cash = { value = 5e9, source = "assumption: filings" }
debt = { value = 1e9, source = "assumption: filings" }
core_cash_flow = { value = -1e6, source = "assumption: filings" }
capex_run_rate = { value = 1e9, source = "assumption: filings" }

[labs.openai]
group = "frontier"
region = "us"
compute = { value = 200, source = "assumption: share" }
cash = { value = 8e9, source = "assumption: rounds" }
staff = { value = 2200, source = "assumption: pages" }
software = { value = 1, source = "assumption: spread" }
flagship_flop = { value = 4e25, source = "assumption: runs" }
capability = { value = 0, source = "assumption: scores" }

[labs.mistral]
group = "compute_poor"
region = "us"
compute = { value = 20, source = "assumption: share" }
cash = { value = 1e9, source = "assumption: rounds" }
staff = { value = 150, source = "assumption: pages" }
software = { value = 0.5, source = "assumption: spread" }
flagship_flop = { value = 4e24, source = "assumption: runs" }
capability = { value = -1.5, source = "assumption: scores" }

[labs.deepseek]
group = "compute_poor"
region = "china"
dormant = true
compute = { value = 10, source = "assumption: share" }
cash = { value = 1e8, source = "assumption: rounds" }
staff = { value = 180, source = "assumption: pages" }
software = { value = 1.5, source = "assumption: spread" }
flagship_flop = { value = 4e24, source = "assumption: runs" }
capability = { value = -0.6, source = "assumption: scores" }

[customers.consumer_us]
group = "consumer"
region = "us"
people = { value = 2e8, source = "assumption: internet users" }
adopted = { value = 0.2, source = "assumption: a fifth" }

[elsewhere]
cloud = { region = "us", share = { value = 0.9, source = "assumption: most" } }
state = { region = "asia", share = { value = 0.1, source = "assumption: the rest" } }

[capital.market]
[outside.rest]

[[edges]]
relation = "chips"
source = "merchant"
target = "azure"
weight = { value = 0.5, source = "assumption: halves" }

[[edges]]
relation = "lease"
source = "fleets"
target = "labs"
weight = { value = 1, source = "assumption: one fleet" }

[[edges]]
relation = "tokens"
source = "labs"
target = "customers"
weight = { value = 1, source = "assumption: alike" }

[history.chips_shipped]
value = HISTORY
source = "obs:chip_stock/all/2024-12-31"

[history.frontier_capability]
value = FRONTIER
source = "assumption: a straight line"
""".replace("HISTORY", str(list(range(1, 37)))).replace(
    "FRONTIER", str([round(0.08 * (i - 36), 2) for i in range(1, 37)])
)

BASELINE = """
title = "Baseline"
base = "tiny"
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for the shipped configuration: a registry, a world, a scenario."""
    folder = tmp_path / "shelf"
    for inner in ("worlds", "scenarios"):
        (folder / inner).mkdir(parents=True)
    (folder / "parameters.toml").write_text(PARAMETERS)
    (folder / "worlds" / "tiny.toml").write_text(WORLD)
    (folder / "scenarios" / "baseline.toml").write_text(BASELINE)
    monkeypatch.setattr(shipped, "FOLDER", folder)
    return folder


@pytest.fixture
def folder(shelf, tmp_path, monkeypatch):
    """A user's own folder, beside the shipped configuration."""
    mine = tmp_path / "mine"
    mine.mkdir()
    monkeypatch.chdir(mine)
    return mine
