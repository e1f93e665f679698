"""Drawbridge's agents: a file per kind, with its columns and its decisions.

Kinds load lazily, so that reading a configuration does not import mesa.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.demand.customer import Customer as Customer
    from agents.demand.elsewhere import Elsewhere as Elsewhere
    from agents.finance.capital_market import CapitalMarket as CapitalMarket
    from agents.finance.gulf_investor import GulfInvestor as GulfInvestor
    from agents.finance.outside import Outside as Outside
    from agents.finance.parent import Parent as Parent
    from agents.labs.ai_model import AIModel as AIModel
    from agents.labs.decentralised_pool import DecentralisedPool as DecentralisedPool
    from agents.labs.lab import ComputePoorLab as ComputePoorLab
    from agents.labs.lab import FrontierLab as FrontierLab
    from agents.labs.lab import Lab as Lab
    from agents.labs.open_host import OpenHost as OpenHost
    from agents.supply.chip_fab import ChipFab as ChipFab
    from agents.supply.data_center import DataCenter as DataCenter
    from agents.supply.inputs import Input as Input
    from agents.supply.region import Region as Region

_HOME = {
    "AIModel": "agents.labs.ai_model",
    "CapitalMarket": "agents.finance.capital_market",
    "ChipFab": "agents.supply.chip_fab",
    "ComputePoorLab": "agents.labs.lab",
    "Customer": "agents.demand.customer",
    "DataCenter": "agents.supply.data_center",
    "DecentralisedPool": "agents.labs.decentralised_pool",
    "Elsewhere": "agents.demand.elsewhere",
    "FrontierLab": "agents.labs.lab",
    "GulfInvestor": "agents.finance.gulf_investor",
    "Input": "agents.supply.inputs",
    "Lab": "agents.labs.lab",
    "OpenHost": "agents.labs.open_host",
    "Outside": "agents.finance.outside",
    "Parent": "agents.finance.parent",
    "Region": "agents.supply.region",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'agents' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
