"""Drawbridge's world: the month in which agents decide, its results, and the page.

Names load lazily, so that listing scenarios or reading a configuration imports neither mesa nor
numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.config.scenario.loader import list_scenarios as list_scenarios
    from sim.config.scenario.loader import load_scenario as load_scenario
    from sim.ensemble import run_ensemble as run_ensemble
    from sim.model import EconomyModel as EconomyModel
    from sim.results.open import open_results as open_results

_HOME = {
    "EconomyModel": "sim.model",
    "list_scenarios": "sim.config.scenario.loader",
    "load_scenario": "sim.config.scenario.loader",
    "open_results": "sim.results.open",
    "run_ensemble": "sim.ensemble",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from sim.base.foreign_modules import check

    check("agents", "configs")
    return getattr(import_module(_HOME[name]), name)
