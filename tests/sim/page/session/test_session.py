"""A page's session: models in step, levers, shocks, replay, comparison, what is refused."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from sim import engine
from sim.base.errors import InvariantError, RequestError
from sim.config.scenario.loader import load_scenario
from sim.model import EconomyModel
from sim.page.session.session import Session, memory_budget

LAG, SHARE, LOSS = "labs.replication_lag", "fleets.capex_share", "fabs.capacity_loss"
SHORT = load_scenario("baseline", months=8)


def numbers(session: Session, model: int = 0) -> dict[str, np.ndarray]:
    return {n: v.copy() for n, v in session.models[model].record.metrics.items()}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def column(session: Session, path: str) -> np.ndarray:
    population, name = path.split(".")
    return session.models[0].economy.populations[population].columns[name][0].copy()


def test_it_steps_to_the_end_and_no_further() -> None:
    session = Session(SHORT, seed=7)
    assert (session.month, session.months, session.over) == (0, 8, False)
    assert session.step() == 1
    assert session.step(100) == 8
    assert session.over
    assert session.step() == 8
    alone = EconomyModel(SHORT, rng=7).run()
    assert same(numbers(session), alone.record.metrics)


def test_a_lever_at_the_start_is_laid_like_set() -> None:
    session = Session(SHORT)
    session.set_lever(LAG, 9)
    session.set_lever(LAG, 10)
    session.set_lever("regions.rent_start", 3.0)
    assert session.scenario.set[LAG] == 10.0
    assert [c.words for c in session.changes] == [f"{LAG} = 10", "regions.rent_start = 3"]
    assert session.pending == ()
    session.step(2)
    written = load_scenario("baseline", set={LAG: 10, "regions.rent_start": 3.0}, months=8)
    model = EconomyModel(written)
    model.step()
    model.step()
    assert same(numbers(session), model.record.metrics)
    session.restart()
    session.reset_lever(LAG)
    assert LAG not in session.scenario.set


def test_a_lever_acts_on_the_running_model_and_can_be_moved_back() -> None:
    session = Session(SHORT)
    session.step(2)
    before = column(session, SHARE)
    for value in (0.5, 0.45, 0.6, 0.55):  # away from the base, nearer to it, and to another side
        session.set_lever(SHARE, value)
        session.step()
        assert set(column(session, SHARE)) == {value}
    session.reset_lever(SHARE)
    session.step()
    np.testing.assert_array_equal(column(session, SHARE), before)
    assert [c.month for c in session.changes] == [f"2025-{m:02d}" for m in range(3, 8)]
    assert [e.months for e in session.scenario.events] == [1, 1, 1, 1]


def test_moves_within_a_month_are_one() -> None:
    session = Session(SHORT)
    session.step()
    for value in (0.3, 0.4, 0.5):
        session.set_lever(SHARE, value)
    assert [c.words for c in session.changes] == [f"{SHARE} = 0.5"]
    assert [e.name for e in session.scenario.events] == ["lever_fleets_capex_share_1"]
    session.reset_lever(SHARE)
    assert (session.changes, session.scenario.events) == ((), ())


def test_a_lever_laid_at_the_start_is_put_back_with_what_it_covered() -> None:
    session, calm = Session(SHORT), Session(SHORT)
    session.set_lever("labs.teaching_open", 1.0)
    calm.step(3)
    session.step(2)
    assert set(column(session, "labs.teaching_open")) == {1.0}
    session.reset_lever("labs.teaching_open")
    session.step()
    back = column(session, "labs.teaching_open")
    np.testing.assert_array_equal(back, column(calm, "labs.teaching_open"))
    assert len(set(back)) > 1


def test_a_broad_lever_leaves_what_narrower_ones_say() -> None:
    narrow = "labs.frontier.replication_lag"
    laid, live = Session(SHORT), Session(SHORT)
    for path, value in ((narrow, 3.0), (LAG, 9.0)):
        laid.set_lever(path, value)
    live.set_lever(narrow, 3.0)
    live.step()
    live.set_lever(LAG, 9.0)
    laid.step(2)
    live.step()
    np.testing.assert_array_equal(column(live, LAG), column(laid, LAG))
    assert set(column(live, LAG)) == {3.0, 9.0}


def test_what_acts_at_the_start_waits_for_it() -> None:
    session = Session(SHORT)
    session.step()
    session.set_lever("regions.rent_start", 3.0)
    session.set_lever(SHARE, 0.5)
    assert session.pending == ("regions.rent_start",)
    assert [change.waits for change in session.changes] == [True, False]
    assert session.changes[0].words.endswith("from the next start")
    session.restart()
    assert session.pending == ()
    assert (session.scenario.set["regions.rent_start"], session.scenario.set[SHARE]) == (3.0, 0.5)


def test_a_lever_moved_after_the_end_waits_too() -> None:
    session = Session(SHORT)
    session.step(8)
    session.set_lever(SHARE, 0.5)
    assert session.pending == (SHARE,)
    assert session.scenario.events == ()
    with pytest.raises(RequestError, match="over"):
        session.shock("hormuz")


def test_a_replay_has_the_numbers_that_were_seen() -> None:
    session = Session(SHORT, seed=3)
    session.set_lever(LAG, 9)
    session.step()
    session.shock("hormuz")
    session.set_lever(SHARE, 0.5)
    session.step(2)
    session.set_lever(SHARE, 0.45)
    session.reset_lever(LAG)
    session.shock("taiwan")
    session.shock("taiwan")
    session.step(3)
    seen, changes, model = numbers(session), session.changes, session.models[0]
    session.replay()
    assert session.models[0] is not model
    assert (session.month, session.changes) == (6, changes)
    assert same(numbers(session), seen)
    anew = EconomyModel(session.scenario, rng=3).run()
    session.step(2)
    assert same(numbers(session), anew.record.metrics)


def test_a_restart_keeps_levers_and_drops_shocks() -> None:
    session = Session(SHORT)
    session.shock("hormuz")
    session.set_lever(LAG, 9)
    assert [c.kind for c in session.changes] == ["shock", "lever"]
    assert len(session.scenario.events) == 2
    session.step(2)
    session.set_lever(SHARE, 0.5)
    session.restart()
    assert (session.month, session.scenario.events) == (0, ())
    assert session.scenario.set == {LAG: 9.0, SHARE: 0.5}
    assert {c.path for c in session.changes} == {LAG, SHARE}


def test_what_is_compared_runs_in_step_with_the_same_draws() -> None:
    session = Session(SHORT, seed=5)
    session.step(2)
    session.shock("gulf")
    session.step()
    session.compare(["undisturbed", "hormuz_closure"])
    session.step()
    assert [model.month for model in session.models] == [4, 4, 4]
    assert session.names[:2] == ("Baseline with my changes", "without my changes")
    calm = EconomyModel(SHORT, rng=5)
    for _ in range(4):
        calm.step()
    assert same(numbers(session, 1), calm.record.metrics)
    session.restart()
    assert [model.month for model in session.models] == [0, 0, 0]


def test_comparison_is_refused_in_words() -> None:
    session = Session(SHORT)
    with pytest.raises(RequestError, match="2023-01"):
        session.compare(["backtest_2023"])
    with pytest.raises(RequestError, match="at most 2"):
        session.compare(["gulf_stop", "gulf_collapse", "ai_winter"])
    with pytest.raises(RequestError, match="hormuz_closure"):
        session.compare(["hormuz_closur"])
    assert (session.compared, len(session.models)) == ((), 1)
    session.compare(["baseline"])
    assert session.names == ("Baseline", "Baseline (2)")


def test_a_shorter_run_stops_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.page.session import starts

    shorter = replace(load_scenario("gulf_stop"), months=2)
    monkeypatch.setattr(starts, "shipped_scenario", lambda name: shorter)
    session = Session(SHORT)
    session.compare(["gulf_stop"])
    assert session.step(4) == 4
    assert [model.month for model in session.models] == [4, 2]


def test_a_new_start_or_none() -> None:
    session = Session(SHORT)
    session.set_lever(LAG, 9)
    session.compare(["gulf_stop"])
    session.step(2)
    for wrong in (
        {"scenario": "/etc/passwd"},
        {"scenario": "configs/scenarios/baseline.toml"},
        {"scenario": 3},
        {"seed": -1},
        {"seed": 1.5},
        {"months": 0},
        {"months": "6"},
    ):
        with pytest.raises(RequestError):
            session.choose(**wrong)  # type: ignore[arg-type]
    assert (session.month, session.seed, session.base) == (2, 1, SHORT)
    session.choose(seed=4)
    assert (session.month, session.seed, session.levers) == (0, 4, {LAG: 9.0})
    session.choose(months=6)
    assert session.months == 6
    session.choose("backtest_2023")
    assert (session.months, session.levers, session.compared) == (36, {}, ())


def test_a_model_that_breaks_a_law_can_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    month = engine.month

    def break_down(economy: object, record: object) -> None:
        if economy.month == 2:  # type: ignore[attr-defined]
            raise InvariantError("2025-03", "cash", 1.0, "USD", 0)
        month(economy, record)  # type: ignore[arg-type]

    session = Session(SHORT)
    session.compare(["undisturbed"])
    monkeypatch.setattr(engine, "month", break_down)
    for _ in range(2):
        with pytest.raises(InvariantError):
            session.step(5)
    assert [model.month for model in session.models] == [2, 2]
    monkeypatch.undo()
    with pytest.raises(InvariantError):
        session.step()
    session.set_lever(SHARE, 0.5)
    session.restart()
    assert session.step(3) == 3


@pytest.mark.parametrize(
    ("path", "value"), [("labs.replication_la", 5), (LAG, 1e9), (LAG, float("nan")), (LAG, "6")]
)
def test_a_wrong_lever_changes_nothing(path: str, value: float) -> None:
    session = Session(SHORT)
    for _ in range(2):
        scenario = session.scenario
        with pytest.raises(RequestError):
            session.set_lever(path, value)
        assert (session.scenario, session.levers, session.changes) == (scenario, {}, ())
        session.step()


def test_a_lever_that_makes_the_rent_zigzag_changes_nothing() -> None:
    session = Session(SHORT)
    session.step()
    session.set_lever("regions.rent_adjust", 0.5)
    before = session.scenario
    with pytest.raises(RequestError, match="above 1"):
        session.set_lever("elsewhere.price_elasticity", 2.5)
    assert session.scenario == before


def test_models_are_gone_with_their_session() -> None:
    session = Session(SHORT)
    session.compare(["undisturbed"])
    session.step(2)
    session.set_lever(SHARE, 0.5)
    assert len(session.models[0].agents) > 0
    session.step()
    gone = [weakref.ref(model) for model in session.models]
    session.restart()
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    gone = [weakref.ref(session), *(weakref.ref(model) for model in session.models)]
    del session
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]


@pytest.mark.parametrize("name", ["baseline", "synthetic", "backtest_2023"])
def test_the_estimate_of_tables_is_near_what_they_take(name: str) -> None:
    scenario = load_scenario(name)
    record = EconomyModel(scenario, tables=memory_budget.TABLES).record
    arrays = [record.metrics, record.agents, record.flows, record.models, record.payments]
    taken = sum(array.nbytes for kept in arrays for array in kept.values())
    assert 0.9 * taken < memory_budget.recorded(scenario) < 1.5 * taken


def test_large_worlds_keep_metrics_or_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_budget, "TABLES_MAX", 1_000_000)
    assert Session(SHORT, months=3).models[0].record.tables == memory_budget.TABLES
    session = Session(SHORT, months=72)
    assert session.models[0].record.tables == ("metrics",)
    monkeypatch.setattr(memory_budget, "MODELS_MAX", int(1.5 * memory_budget.needed(session.base)))
    with pytest.raises(RequestError, match="allowed: models of at most"):
        session.compare(["undisturbed"])
    with pytest.raises(RequestError, match="GB"):
        session.choose("synthetic")
    assert (session.base.name, len(session.models)) == ("baseline", 1)
