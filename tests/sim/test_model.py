"""The Mesa face: a mesa.Model whose agents are views of rows."""

from __future__ import annotations

import gc
import pickle
import weakref

import mesa
import numpy as np
import pytest

from agents.labs.lab import FrontierLab
from agents.supply.data_center import DataCenter
from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_ensemble
from sim.model import EconomyModel

SHORT = load_scenario("baseline", months=4)


def test_a_model_steps_month_by_month_and_stops_at_the_end() -> None:
    model = EconomyModel(SHORT, rng=7)
    assert isinstance(model, mesa.Model)
    model.step()
    assert model.month == 1
    model.run()
    assert (model.month, model.running) == (4, False)
    model.step()
    assert model.month == 4
    assert len(model.metrics()) == 4


def test_a_model_has_the_numbers_of_its_run_in_an_ensemble() -> None:
    alone = EconomyModel(SHORT, rng=7, replication=2).run().metrics()
    together = run_ensemble(SHORT, runs=3, seed=7).metrics()
    of_run = together[together["run"] == 2].drop(columns="run").reset_index(drop=True)
    np.testing.assert_array_equal(alone.iloc[:, 1:].to_numpy(), of_run.iloc[:, 1:].to_numpy())


def test_agents_are_rows_with_mesa_habits() -> None:
    model = EconomyModel(SHORT).run()
    assert len(model.agents) == sum(len(p) for p in model.economy.populations.values())
    fleets = model.agents.select(agent_type=DataCenter)
    cash = np.array(fleets.get("cash"))
    np.testing.assert_array_equal(cash, model.economy.fleets.cash[0])
    lab = model.agent("labs.openai")
    assert isinstance(lab, FrontierLab)
    assert (lab.name, lab.group) == ("openai", "frontier")
    assert isinstance(lab.compute_wanted, float)
    assert lab.want_compute() == pytest.approx(model.economy.labs.compute_wanted[0, 0])
    with pytest.raises(KeyError, match="nobody"):
        model.agent("labs.nobody")


def test_an_agent_refuses_to_be_written() -> None:
    lab = EconomyModel(SHORT).agent("labs.openai")
    with pytest.raises(AttributeError, match="posting"):
        lab.cash = 1e12
    with pytest.raises(AttributeError, match="no column 'casch'"):
        lab.casch = 1.0


def test_reading_changes_nothing() -> None:
    watched, alone = EconomyModel(SHORT), EconomyModel(SHORT)
    for _ in range(SHORT.months):
        watched.step()
        alone.step()
        watched.agents.get("cash")
        watched.graph.number_of_edges()
    assert watched.metrics().equals(alone.metrics())


def test_a_live_shock_is_an_event_that_replays() -> None:
    model = EconomyModel(SHORT)
    model.step()
    with pytest.raises(RequestError, match="capacity_loss"):
        model.apply("typo", set={"fabs.capacity_los": 0.5})
    model.apply("outage", set={"fabs.capacity_loss": 0.5}, months=2)
    with pytest.raises(RequestError, match="outage"):
        model.apply("outage", set={"fabs.capacity_loss": 0.9})
    model.run()
    replayed = EconomyModel(model.scenario).run()
    assert replayed.metrics().equals(model.metrics())
    calm = EconomyModel(SHORT).run().metrics()
    shipped = model.metrics()["chips_shipped_h100e"]
    assert shipped[0] == calm["chips_shipped_h100e"][0]
    assert shipped[1] < 0.7 * calm["chips_shipped_h100e"][1]
    with pytest.raises(RequestError, match="over"):
        model.apply("late", set={"fabs.capacity_loss": 0.5})


def test_an_event_can_be_ended_and_the_run_replays() -> None:
    model = EconomyModel(SHORT)
    model.step()
    for name in ("outage", "second"):
        model.apply(name, set={"fabs.capacity_loss": 0.5}, months=3)
    model.end("second")
    assert [event.name for event in model.scenario.events] == ["outage"]
    model.step()
    assert set(model.economy.fabs.capacity_loss[0]) == {0.5}
    model.end("outage")
    model.step()
    assert set(model.economy.fabs.capacity_loss[0]) == {0.0}
    model.end("outage")
    (event,) = model.scenario.events
    assert (event.start, event.months) == (1, 1)
    with pytest.raises(RequestError, match="did you mean outage"):
        model.end("outag")
    replayed = EconomyModel(model.scenario).run()
    assert replayed.metrics().equals(model.run().metrics())


def test_whole_numbers_are_asked_for() -> None:
    for wrong in (1.7, "a", None, -1, True):
        with pytest.raises(RequestError, match="rng"):
            EconomyModel(SHORT, rng=wrong)  # type: ignore[arg-type]


def test_the_graph_shows_flows() -> None:
    model = EconomyModel(SHORT).run()
    graph = model.graph
    assert "labs.openai" in graph
    chips = [d for _, _, d in graph.edges(data=True) if d["relation"] == "chips"]
    shipped = sum(edge["units"] for edge in chips)
    assert shipped == pytest.approx(model.metrics()["chips_shipped_h100e"].iloc[-1])


def test_datacollector_serves_mesa_users() -> None:
    model = EconomyModel(SHORT).run()
    frame = model.datacollector.get_model_vars_dataframe()
    stock = model.metrics()["compute_stock_h100e"].to_numpy()
    np.testing.assert_array_equal(frame["compute_stock_h100e"].to_numpy(), stock)


def test_a_model_can_be_pickled_and_goes_on_with_the_same_numbers() -> None:
    model = EconomyModel(SHORT)
    model.step()
    copied = pickle.loads(pickle.dumps(model))
    assert copied.run().metrics().equals(model.run().metrics())


def test_a_model_that_is_dropped_is_gone() -> None:
    model = EconomyModel(SHORT)
    model.step()
    assert len(model.agents) > 0
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
