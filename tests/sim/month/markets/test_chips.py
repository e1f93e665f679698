"""The chip market: what export control lets through, and bills that vendors carry."""

import copy

import numpy as np
import pytest

from sim import engine
from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block
from sim.month.markets import chips
from sim.opening.opening import open_economy
from sim.results.record import Record

_OPENED = open_economy(load_scenario("baseline"), 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month, with a month's chips made: as many as lines allow."""
    made = copy.deepcopy(_OPENED)
    made.fabs.produced = made.fabs.capacity
    return made


# ---- export control ------------------------------------------------------------------------------


def into_china(economy, moved):
    """Foreign chips of an edge figure that reach China, (runs,)."""
    chips_, fleets, fabs = economy.chips, economy.fleets, economy.fabs
    there = chips_.target == fleets.index["china_hyperscalers_china"]
    return total(moved[:, there & (chips_.source != fabs.index["huawei"])])


def test_the_leak_is_a_share_of_what_others_make(economy):
    """1.2 % of 473,366 + 78,360 + 110,276 + 57,998 = 720,000: 8,640 a month."""
    leak = chips._leak(economy)[:, economy.regions.index["china"]]
    assert leak == pytest.approx(8640.0)


@pytest.mark.parametrize(
    ("controlled", "asked", "passed"),
    [
        # 25,000 licensed and 8,640 leaked.
        (1.0, 100_000.0, 33_640.0),
        (1.0, 20_000.0, 20_000.0),
        # A tenth of Nvidia's 473,366 lies below the threshold and is free to go.
        (0.9, 100_000.0, 80_976.6),
        (0.9, 60_000.0, 60_000.0),
        (0.0, 100_000.0, 100_000.0),
    ],
)
def test_control_lets_through_classes_below_it_then_licences_and_the_leak(
    economy, controlled, asked, passed
):
    economy.fabs.controlled_share[:, economy.fabs.index["nvidia"]] = controlled
    wished = np.full_like(economy.chips.on_order, asked)
    granted = chips._licensed(economy, wished)
    assert into_china(economy, granted) == pytest.approx(passed, abs=0.01)
    others = economy.chips.target != economy.fleets.index["china_hyperscalers_china"]
    assert (granted[:, others] == asked).all()


def test_domestic_output_grows_as_fast_as_its_makers_can():
    """By 0.3 to 1.2 a year (assumptions:chips.china_domestic_growth)."""
    record = run_block(load_scenario("baseline"), 1, range(4), tables=("agents",)).record
    shipped = record.agents["fabs", "shipped"][:, :, _OPENED.fabs.index["huawei"]]
    yearly = shipped.reshape(4, 6, 12).sum(axis=2)
    growth = yearly[:, 1:] / yearly[:, :-1] - 1.0
    assert (growth > 0.3).all() and (growth < 1.2).all()


# ---- bills that vendors carry --------------------------------------------------------------------


def bills(economy, name):
    """What a fleet owes its vendors after a month in which it pays as it can, (runs,)."""
    row = economy.fleets.index[name]
    engine.month(economy, Record(economy))
    return total(economy.chips.owed[:, economy.chips.target == row])


def test_vendors_wait_for_fleets_over_their_limit_and_for_nobody_else(economy):
    """With a limit of nothing CoreWeave is over it, whatever it owes; Amazon carries none."""
    tight = copy.deepcopy(economy)
    tight.fleets.debt_limit_ebitda = 0.0
    owed, longer = bills(copy.deepcopy(economy), "coreweave_us"), bills(tight, "coreweave_us")
    # Of owed and billed, 1.5 / 2.5 stay open; with three tenths over 24 months 8.25 / 9.25.
    assert longer / owed == pytest.approx((8.25 / 9.25) / (1.5 / 2.5), rel=1e-4)
    amazon = copy.deepcopy(economy)
    amazon.fleets.debt_limit_ebitda = 0.0
    assert bills(amazon, "amazon_us") == pytest.approx(bills(economy, "amazon_us"), rel=1e-9)
