"""Capacity: sites begin in merit order of time to power, and below a region's ceiling."""

import copy
from itertools import pairwise

import numpy as np
import pytest

from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block
from sim.month import capacity
from sim.month.perceive import supply as perceive_supply
from sim.opening.opening import open_economy

_OPENED = open_economy(load_scenario("baseline"), 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month, plans made."""
    made = copy.deepcopy(_OPENED)
    perceive_supply.power_prices(made)
    perceive_supply.site_pipelines(made)
    return made


def held(economy):
    """GW connected and under construction in each region, (runs, regions)."""
    fleets = economy.fleets
    return economy.fleet_power.to_source(fleets.connected_gw + total(fleets.sites))


def test_no_site_begins_beyond_the_ceiling_of_its_region(economy):
    free = copy.deepcopy(economy)
    capacity.begin_sites(free)
    begun = held(free) - held(economy)
    us = economy.regions.index["us"]
    assert (begun[:, us] > 0.1).all()

    economy.regions.power_limit_gw[:, us] = held(economy)[:, us] + 0.1
    limit = economy.regions.power_limit_gw[:, us].copy()
    capacity.begin_sites(economy)
    assert held(economy)[:, us] == pytest.approx(limit)
    others = np.arange(len(economy.regions)) != us
    np.testing.assert_allclose(held(economy)[:, others], held(free)[:, others])
    assert (total(economy.fleets.refused_gw) > total(free.fleets.refused_gw)).all()


def test_what_stands_stays_where_a_ceiling_comes_later(economy):
    economy.regions.power_limit_gw = 0.0
    before = held(economy)
    capacity.begin_sites(economy)
    np.testing.assert_array_equal(held(economy), before)
    assert not economy.fleets.started_gw.any()


def test_plans_know_that_a_full_region_has_no_power(economy):
    us = economy.fleet_power.source == economy.regions.index["us"]
    assert (economy.fleets.power_lead[:, us] < 48.0).all()
    economy.regions.power_limit_gw[:, economy.regions.index["us"]] = 0.0
    perceive_supply.site_pipelines(economy)
    assert (economy.fleets.power_lead[:, us] == economy.fleets.planning_months[:, us]).all()


def test_a_ceiling_delays_by_more_the_lower_it_is():
    stock = []
    for name in ("us_power_30", "us_power_60", "us_power_100", "us_power_60_demand_response"):
        record = run_block(load_scenario(name), 1, [0, 1], tables=("metrics", "agents")).record
        us = [place for place, m in enumerate(_OPENED.fleets.members) if m.region == "us"]
        gw = record.agents["fleets", "connected_gw"][:, :, us].sum(axis=2)
        ceiling = {"us_power_30": 30.0, "us_power_60": 60.0, "us_power_100": 100.0}.get(name, 136.0)
        assert (gw <= ceiling * (1 + 1e-9)).all()
        stock.append(record.metrics["compute_stock_h100e"][:, -1])
    assert all((less < more * 1.001).all() for less, more in pairwise(stock))
