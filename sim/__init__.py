"""The world that agents decide in, and what its users touch.

Names load lazily, so that listing scenarios or reading a configuration imports neither mesa nor
numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.ensemble import run_ensemble as run_ensemble
    from sim.model import EconomyModel as EconomyModel
    from sim.results import open_results as open_results
    from sim.scenario import list_scenarios as list_scenarios
    from sim.scenario import load_scenario as load_scenario

_HOME = {
    "EconomyModel": "sim.model",
    "list_scenarios": "sim.scenario",
    "load_scenario": "sim.scenario",
    "open_results": "sim.results",
    "run_ensemble": "sim.ensemble",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
