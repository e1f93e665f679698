"""Recording: single columns that are kept are those of the whole tables."""

import numpy as np
import pytest

from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block

KEPT = (("fabs", "shipped"), ("chips", "units"), ("fleets", "transit"))


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("baseline", months=2)


def test_what_is_kept_is_what_the_tables_hold(scenario):
    whole = run_block(scenario, 1, [0], tables=("metrics", "agents", "flows"))
    block = run_block(scenario, 1, [0], keep=KEPT)
    made = block.record
    assert made.tables == ("metrics",)
    assert set(made.agents) == {("fabs", "shipped"), ("fleets", "transit")}
    assert set(made.flows) == {("chips", "units")}
    assert block.edges == {"chips": whole.edges["chips"]}
    shipped, units = ("fabs", "shipped"), ("chips", "units")
    assert np.array_equal(made.agents[shipped], whole.record.agents[shipped])
    assert np.array_equal(made.flows[units], whole.record.flows[units])
    assert made.agents["fleets", "transit"].ndim == 4


@pytest.mark.parametrize("wrong", [("fabs", "nothing"), ("nobody", "shipped")])
def test_a_column_there_is_not_cannot_be_kept(scenario, wrong):
    with pytest.raises(KeyError):
        run_block(scenario, 1, [0], keep=[wrong])
