"""What a design samples where it asks for the whole registry."""

import numpy as np

from experiments.runs.designs import sample
from experiments.runs.distributions import in_force, registry_laws, with_exceptions
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.opening.opening import open_economy


def test_what_a_scenario_sets_is_not_the_registry_s():
    found = {entry.path for entry in in_force(load_scenario("backtest_2023"))}
    assert "fabs.expansion_cost" not in found
    assert "regions.china.rent_start" not in found
    assert "fleets.hyperscaler.capex_share" not in found
    assert {"fleets.enterprise.capex_share", "fleets.neocloud.capex_share"} <= found


def test_a_value_for_all_leaves_none_of_the_narrower_entries_in_force():
    scenario = load_scenario("baseline", set={"fleets.capex_share": 0.5})
    assert not [e.path for e in in_force(scenario) if e.column == "capex_share"]


def test_a_broad_entry_past_which_all_are_narrowed_reaches_nobody():
    """Every group of fleets has a share of its own in the backtest."""
    found = {entry.path for entry in in_force(load_scenario("backtest_2023"))}
    assert "fleets.capex_share" not in found


def test_entries_without_a_range_keep_their_value_beside_a_broad_one_that_varies():
    scenario = with_exceptions(load_scenario("baseline", months=1))
    pool = "labs.pool.entry_hazard"
    assert scenario.set[pool] == load_registry().parameters[pool].value == 0.0
    laws = registry_laws(scenario)
    values = sample("monte_carlo", 3, laws, 1)
    design = {path: np.ascontiguousarray(values[:, j]) for j, path in enumerate(laws)}
    labs = open_economy(scenario, 1, [0, 1, 2], design).labs
    hazard = labs.columns["entry_hazard"]
    assert np.all(hazard[:, labs.rows("pool")] == 0.0)
    assert np.all(hazard[:, labs.rows("frontier")] > 0.0)
