"""What is taken away says the same run: a file by its digest, a script by its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.page.session.session import Session
from sim.page.sharing.export import as_python, as_toml, text_of
from sim.page.sharing.upload import uploaded

UPLOAD = """
title = "Quotes \\" and \\\\, {braces}, %s, é, 中"
base = "hormuz_closure"
months = 7
[set]
"labs.frontier.replication_lag" = 2.5
[[event]]
name = "closure"
start = "2025-02"
months = 3
set = { "gulf.oil_volume_left" = 0.1 }
"""


def done(scenario: Scenario | str, months: int = 7) -> Session:
    session = Session(scenario, seed=5, months=months)
    session.set_lever("fleets.capex_share", 0.45)
    session.set_lever("regions.rent_start", 3.0)
    session.step(2)
    session.shock("hormuz")
    session.set_lever("fleets.capex_share", 1 / 3)
    session.step()
    session.reset_lever("fleets.capex_share")
    session.set_lever("labs.replication_lag", 5.0)
    session.step()
    return session


def ran(script: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    exec(script, found)
    return found


@pytest.mark.parametrize("name", ["baseline", "drawbridge_world", "controls_tight", "uploaded"])
def test_the_file_and_the_script_are_the_run(name: str, tmp_path: Path) -> None:
    session = done(uploaded("up.toml", UPLOAD.encode()) if name == "uploaded" else name)
    file = tmp_path / "taken.toml"
    file.write_text(as_toml(session), encoding="utf-8")
    again = load_scenario(file)
    assert again.digest == session.scenario.digest
    assert again.title == session.scenario.title
    assert uploaded("taken.toml", file.read_bytes()).digest == again.digest
    model = ran(as_python(session))["model"]
    assert model.month == session.month
    assert model.metrics().equals(session.models[0].metrics())


@pytest.mark.parametrize("name", shipped.names("scenario")[::6])
def test_a_shipped_scenario_can_be_taken_away(name: str, tmp_path: Path) -> None:
    scenario, file = load_scenario(name), tmp_path / "taken.toml"
    file.write_text(text_of(scenario), encoding="utf-8")
    assert load_scenario(file).digest == scenario.digest


def test_a_script_of_nothing_done_is_short() -> None:
    script = as_python(Session("baseline", months=2))
    assert "apply" not in script
    assert ran(script)["model"].month == 0


def test_titles_break_out_of_nothing(tmp_path: Path) -> None:
    evil = 'title = "x\\"\\\\\\" \'\'\' \\"\\"\\" # {0} {scenario}"\nbase = "baseline"\nmonths = 2'
    session = Session(uploaded("evil.toml", evil.encode()))
    (tmp_path / "a.toml").write_text(as_toml(session), encoding="utf-8")
    assert load_scenario(tmp_path / "a.toml").title == session.scenario.title
    assert ran(as_python(session))["scenario"].title == session.scenario.title


def test_a_scenario_of_ones_own_world_stands_on_its_file(tmp_path: Path) -> None:
    world = (shipped.FOLDER / "worlds" / "world_2025.toml").read_text()
    (tmp_path / "own.toml").write_text(world)
    (tmp_path / "mine.toml").write_text('title = "x"\nbase = "own.toml"\nmonths = 2')
    session = Session(load_scenario(tmp_path / "mine.toml"))
    (tmp_path / "taken.toml").write_text(as_toml(session))
    assert load_scenario(tmp_path / "taken.toml").digest == session.scenario.digest
    assert "'mine.toml'" in as_python(session)
    with pytest.raises(RequestError, match="unknown base"):
        uploaded("taken.toml", as_toml(session).encode())
