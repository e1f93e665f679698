"""The capital market: lends to firms, buys their shares, passes income on to households."""

from __future__ import annotations

import numpy as np

from agents.finance.investor import Investor
from agents.framework.columns import Quantity, parameter, perceived, state


class CapitalMarket(Investor):
    """Venture, public equity and bonds as one account between savers and firms.

    Money for labs is a pool that fills month by month; what is not placed waits up to a year.
    """

    population_name = "capital"
    label = "capital market"

    lab_pool = parameter("USD/year", "Money a year that the market would place in labs in 2025")
    lab_pool_growth = parameter("1/year", "Growth of that money")
    pool_memory_months = parameter("month", "Months of the pool that wait to be placed, at most")
    closing_months = parameter("month", "From the agreement on a round to its first money")
    tranche_months = parameter("month", "Time over which the money of a round arrives")
    gulf_substitution = parameter(
        "fraction", "Part of missing Gulf money that other investors replace in the end"
    )
    substitution_months = parameter("month", "Time constant of that replacement")

    pool = state("USD", "Money for labs that waits to be placed")
    pool_scale = state("x 2025", "Size of the yearly pool over that of the start")
    replaced = state("fraction", "Part of missing Gulf money that others replace now")

    gulf_missing = perceived(
        "USD", "Gulf money for labs this month that is missing from calm times"
    )

    def grow_pool(self) -> Quantity:
        """Yearly pool over that of the start, after one month: s (1 + g)^(1/12)."""
        return self.pool_scale * np.power(1.0 + self.lab_pool_growth, 1.0 / 12.0)

    def fill_pool(self) -> Quantity:
        """USD to place now: what waited and a month's money, at most the memory's worth; what
        replaces missing Gulf money comes on top [ipo-exposure]."""
        monthly = self.lab_pool * self.pool_scale / 12.0
        waiting = np.minimum(self.pool + monthly, monthly * self.pool_memory_months)
        return waiting + self.replaced * self.gulf_missing

    def replace_gulf(self) -> Quantity:
        """Part of missing Gulf money that others replace: moves to the substitution share with the
        time constant while any is missing, and back to none when it flows again
        [ipo-exposure]."""
        goal = np.where(np.greater(self.gulf_missing, 0.0), self.gulf_substitution, 0.0)
        return self.replaced + (goal - self.replaced) / np.maximum(self.substitution_months, 1.0)

    def draw_savings(self) -> Quantity:
        """USD that savers put in for what the month's loans and shares cost beyond its income."""
        return np.maximum(-self.cash, 0.0)

    def pay_savers(self) -> Quantity:
        """USD of the month's income beyond loans and shares, which savers receive."""
        return np.maximum(self.cash, 0.0)
