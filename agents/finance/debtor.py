"""A debtor: an agent with bills, which may fail to pay them."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, parameter, state


class Debtor(EconomicAgent):
    """Counts its months with open bills, and leaves after too many."""

    months_to_exit = parameter("month", "Months in distress after which it leaves")

    arrears = state("USD", "Bills of the month that it could not pay")
    distress = state("month", "Months in which it could not pay its bills, paid months taken off")

    left = state("0/1", "1 in the month in which it leaves")
    closed = state("0/1", "1 once it has left")

    def count_distress(self) -> Quantity:
        """Months in distress: one more where bills stood open, one less where none did."""
        return np.where(
            np.greater(self.arrears, 0.0), self.distress + 1.0, np.maximum(self.distress - 1.0, 0.0)
        )

    def leave(self) -> Quantity:
        """1 where it has been in distress too long, else 0."""
        return np.where(np.greater_equal(self.distress, self.months_to_exit), 1.0, 0.0)
