"""Levers as the browser gets them, and the shocks beside them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sim.base.errors import RequestError
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.page.session.levers import levers, notes
from sim.page.session.session import Session, shocks

LAG, LOSS = "labs.replication_lag", "fabs.capacity_loss"
SHORT = load_scenario("baseline", months=12)


def lever(session: Session, path: str) -> dict[str, object]:
    return next(found for found in levers(session) if found["path"] == path)


def test_levers_are_the_registry_of_the_world_as_plain_data() -> None:
    session = Session(SHORT)
    found = levers(session)
    registry = load_registry().parameters
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    paths = [one["path"] for one in found]
    assert len(set(paths)) == len(paths) >= 450
    assert set(paths) <= set(registry)
    for one in found:
        assert one["min"] <= one["low"] <= one["high"] <= one["max"]
        assert one["min"] <= one["value"] <= one["max"]
        assert (one["value"], one["changed"], one["pending"]) == (one["default"], False, False)
        assert one["step"] > 0.0
    lag = lever(session, LAG)
    assert (lag["words"], lag["unit"], lag["acts"]) == ("replication lag", "month", "live")
    assert lever(session, "regions.rent_start")["acts"] == "from the next start"
    assert lever(session, "regions.us.power_price_start")["words"] == "us: power price start"


def test_defaults_are_the_scenarios_own_and_a_world_has_its_own_levers() -> None:
    session = Session("backtest_2023", months=6)
    rent = lever(session, "regions.rent_start")
    assert (rent["default"], rent["value"]) == (3.5, 3.5)
    here = {one["path"] for one in levers(session)}
    members = session.base.rows
    for path in here:
        population, *selector, _ = path.split(".")
        groups = {*members[population], *members[population].values()}
        assert not selector or selector[0] in groups


def test_a_lever_says_what_it_is_at() -> None:
    session = Session(SHORT)
    session.step()
    session.set_lever(LAG, 9)
    session.set_lever("regions.rent_start", 3.0)
    moved, waiting = lever(session, LAG), lever(session, "regions.rent_start")
    assert (moved["value"], moved["changed"], moved["pending"]) == (9.0, True, False)
    assert (waiting["value"], waiting["changed"], waiting["pending"]) == (3.0, True, True)


def test_a_lever_of_no_entry_of_its_own_is_told_too() -> None:
    session = Session(SHORT)
    session.set_lever("fabs.nvidia.capacity_loss", 0.1)
    assert lever(session, "fabs.nvidia.capacity_loss")["value"] == 0.1


def test_a_lever_says_when_an_event_beats_it() -> None:
    session = Session(SHORT)
    session.step()
    assert notes(session, LOSS) == ""
    session.shock("taiwan")
    session.set_lever("fabs.amd.capacity_loss", 0.5)
    said = notes(session, "fabs.amd.capacity_loss")
    assert said == "taiwan_outage makes it 0.9 until 2025-07"
    assert "for fabs.nvidia.capacity_loss" in notes(session, LOSS)
    session.step()
    fabs = session.models[0].economy.fabs
    assert fabs.capacity_loss[0, fabs.rows("amd")] == 0.9
    session.set_lever("fabs.amd.capacity_loss", 0.95)
    assert notes(session, "fabs.amd.capacity_loss") == ""
    assert "amd" not in notes(session, LOSS)
    session.step(6)
    assert notes(session, LOSS) == ""


def test_every_shock_begins_next_month_and_moves_the_model() -> None:
    for shock in shocks.SHOCKS:
        session = Session(SHORT)
        session.step(2)
        session.shock(shock.name)
        events = session.scenario.events
        assert {event.start for event in events} == {2}
        before = {e.name for e in events}
        session.shock(shock.name)
        assert {f"{name}_2" for name in before} | before == {
            e.name for e in session.scenario.events
        }
        assert [c.words for c in session.changes] == [shock.words] * 2
        assert session.changes[0].event["name"] in before
        session.step()
        for path, value in events[0].set.items():
            population, *selector, name = path.split(".")
            agents = session.models[0].economy.populations[population]
            rows = agents.rows(selector[0]) if selector else slice(None)
            assert (agents.columns[name][0, rows] == value).all()


def test_shocks_last_as_long_as_in_their_scenario() -> None:
    session = Session(SHORT)
    session.step(2)
    for name in ("hormuz", "refuse", "breakthrough"):
        session.shock(name)
    lasting = {event.name: event.months for event in session.scenario.events}
    assert lasting == {
        "hormuz_attacks": 1,
        "hormuz_closure": 6,
        "refuse_set": 10,
        "breakthrough_discovery": 1,
    }


def test_events_of_a_shock_begin_together_in_their_scenario() -> None:
    for shock in shocks.SHOCKS:
        assert len({e.start for e in shocks.shipped_scenario(shock.scenario).events}) <= 1


def test_a_shock_that_the_world_has_not_is_out_of_reach_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = SHORT.world
    agents = tuple(agent for agent in world.agents if agent.name not in {"anthropic", "amd"})
    smaller = replace(SHORT, world=replace(world, agents=agents))
    reasons = {shock.name: shocks.why_nowhere(smaller, shock) for shock in shocks.SHOCKS}
    assert reasons["breakthrough"] == "there is no labs.anthropic in the world of “Baseline”"
    assert reasons["taiwan"].startswith("there is no fabs.amd")
    assert reasons["hormuz"] == ""
    session = Session(SHORT, months=3)
    assert [button["why_not"] for button in shocks.buttons(session.scenario, session.over)] == [
        ""
    ] * 6
    with pytest.raises(RequestError, match="did you mean hormuz"):
        session.shock("hormus")
    monkeypatch.setattr(shocks, "why_nowhere", lambda *_: "there is none")
    with pytest.raises(RequestError, match="there is none: shock"):
        session.shock("hormuz")
    session.step(3)
    assert {button["why_not"] for button in shocks.buttons(session.scenario, session.over)} == {
        "the run is over"
    }
