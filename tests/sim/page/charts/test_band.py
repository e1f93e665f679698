"""The band: the percentiles of the runs that an ensemble of the same seed has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.config.scenario.loader import load_scenario
from sim.config.world.generate import GenerationPlan
from sim.ensemble import run_ensemble
from sim.model import EconomyModel
from sim.page.charts.band import Ensemble
from sim.results.metrics.all_metrics import NAMES

SCENARIO = load_scenario("baseline", months=4)


def test_quantiles_are_those_of_an_ensemble() -> None:
    """However many months are stepped at a time; the live run is the first of the runs."""
    ensemble = Ensemble(SCENARIO, 7, n=5)
    assert ensemble.advance(0.0) == (1, 4)
    assert ensemble.band().months == 1
    assert ensemble.advance(60.0) == (4, 4)
    assert ensemble.advance(60.0) == (4, 4)
    band, results = ensemble.band(), run_ensemble(SCENARIO, runs=5, seed=7)
    assert (band.n, band.months, {*band.quantiles}) == (5, 4, {*NAMES})
    for name in NAMES:
        expected = np.percentile(results.array(name), (5.0, 50.0, 95.0), axis=0)
        assert band.quantiles[name].tolist() == expected.tolist()
    live = EconomyModel(SCENARIO, rng=7).run().record.metrics["capex_usd"]
    assert results.array("capex_usd")[0].tolist() == live[0].tolist()


def test_before_the_first_month_there_is_an_empty_band() -> None:
    band = Ensemble(SCENARIO, 7, n=2).band()
    assert (band.n, band.months) == (2, 0)
    assert band.quantiles["capex_usd"].shape == (3, 0)


def test_a_band_that_was_handed_out_stays_as_it_is() -> None:
    ensemble = Ensemble(SCENARIO, 7, n=2)
    ensemble.advance(0.0)
    before = ensemble.band()
    ensemble.advance(0.0)
    assert before.quantiles["capex_usd"].shape == (3, 1)


def test_of_a_large_world_there_are_fewer_runs_and_they_are_counted() -> None:
    counts = {"labs": 500, "fabs": 100, "fleets": 2_000, "customers": 20_000}
    large = replace(SCENARIO, world=GenerationPlan(SCENARIO.world, counts, 4, 1).world())
    assert 1 <= Ensemble(large, 7).n < 64 == Ensemble(SCENARIO, 7).n
