"""Worlds and modules of one's own, which a manifest names and does not hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.reproduce import remake
from experiments.reproduce.reproduce import reproduce
from sim.config.scenario.loader import load_scenario
from sim.config.shipped import FOLDER
from sim.ensemble import run_block
from sim.results.runs import Runs

Ask = Callable[..., Any]
OWN = """
title = "A world and a lab of my own"
base = "my_world.toml"
months = 1
class = { "labs.openai" = "my_labs:SteadyLab" }
"""
LAB = """
from agents import FrontierLab


class SteadyLab(FrontierLab):
    def set_price(self):
        return min(self.offer_price, super().set_price())
"""


def test_own_worlds_and_modules_are_looked_for_beside_the_scenario(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remake, "simulate", None)
    own = tmp_path / "own"
    own.mkdir()
    world = (FOLDER / "worlds" / "world_2025.toml").read_text()
    (own / "my_world.toml").write_text(world)
    (own / "mine.toml").write_text(OWN)
    (own / "my_labs.py").write_text(LAB)
    chosen = load_scenario(own / "mine.toml")
    Runs.from_blocks(chosen, 1, [run_block(chosen, 1, (0,))]).write(tmp_path / "made")

    answer = ask("reproduce", "made")
    assert answer.code == 2
    assert 'scenario.base = "my_world"; allowed: the world\'s file in the folder' in answer.err

    (own / "my_labs.py").write_text(LAB + "\n# another remark\n")
    answer = ask("reproduce", "made", "--beside", "own")
    assert answer.code == 2
    assert "the module is not the one that made these results: classes.my_labs" in answer.err

    (own / "my_labs.py").write_text(LAB)
    (own / "my_world.toml").write_text(world.replace("value = 0.5,", "value = 0.51,", 1))
    answer = ask("reproduce", "made", "--beside", "own")
    assert answer.code == 2
    assert "the world my_world has changed" in answer.err

    (own / "my_world.toml").write_text(world)
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert reproduce(tmp_path / "made", beside=Path("own")).same
