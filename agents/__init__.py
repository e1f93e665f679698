"""Who decides: one file per kind of agent, with its columns and its decisions.

Kinds load lazily, so that reading a configuration does not import mesa.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.ai_model import AIModel as AIModel
    from agents.capital_market import CapitalMarket as CapitalMarket
    from agents.chip_fab import ChipFab as ChipFab
    from agents.compute_poor_lab import ComputePoorLab as ComputePoorLab
    from agents.customer import Customer as Customer
    from agents.data_center import DataCenter as DataCenter
    from agents.decentralised_pool import DecentralisedPool as DecentralisedPool
    from agents.elsewhere import Elsewhere as Elsewhere
    from agents.frontier_lab import FrontierLab as FrontierLab
    from agents.gulf_investor import GulfInvestor as GulfInvestor
    from agents.inputs import Input as Input
    from agents.lab import Lab as Lab
    from agents.open_host import OpenHost as OpenHost
    from agents.outside import Outside as Outside
    from agents.parent import Parent as Parent
    from agents.region import Region as Region

_HOME = {
    "AIModel": "agents.ai_model",
    "CapitalMarket": "agents.capital_market",
    "ChipFab": "agents.chip_fab",
    "ComputePoorLab": "agents.compute_poor_lab",
    "Customer": "agents.customer",
    "DataCenter": "agents.data_center",
    "DecentralisedPool": "agents.decentralised_pool",
    "Elsewhere": "agents.elsewhere",
    "FrontierLab": "agents.frontier_lab",
    "GulfInvestor": "agents.gulf_investor",
    "Input": "agents.inputs",
    "Lab": "agents.lab",
    "OpenHost": "agents.open_host",
    "Outside": "agents.outside",
    "Parent": "agents.parent",
    "Region": "agents.region",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'agents' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
