"""The capital market: lends to fleets, buys labs' equity, passes income on to households."""

from __future__ import annotations

import numpy as np

from agents.agent import EconomicAgent
from agents.columns import Quantity, parameter


class CapitalMarket(EconomicAgent):
    """Venture, public equity and bonds as one account between savers and firms."""

    population_name = "capital"
    label = "capital market"

    cash_target = parameter("USD", "Working balance that the market keeps")

    def draw_savings(self) -> Quantity:
        """USD that savers put in so that the balance returns to its target."""
        return np.maximum(self.cash_target - self.cash, 0.0)

    def pay_savers(self) -> Quantity:
        """USD that savers receive out of what stands above the target."""
        return np.maximum(self.cash - self.cash_target, 0.0)
