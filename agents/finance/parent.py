"""A parent: a corporation that owns a lab, or a part of one, and pays for it."""

from __future__ import annotations

import numpy as np

from agents.finance.investor import Investor
from agents.framework.columns import Quantity, parameter, perceived, state


class Parent(Investor):
    """Decides how much of its business's cash flow goes to its labs.

    Money comes up from the fleets of its operator, or from a business outside the model.
    """

    population_name = "parents"
    label = "parent"

    lab_budget_share = parameter("fraction", "Most it spends on its labs, over its cash flow")
    cash_flow_growth = parameter("1/year", "Growth of the cash flow of a parent without fleets")
    closing_months = parameter("month", "From the decision to the first money")
    tranche_months = parameter("month", "Time over which the money is paid")

    cash_flow = state("USD/year", "Cash flow of its business outside the model")

    fleets_cash_flow = perceived("USD/year", "Cash flow of its operator's fleets")
    pledges_due = perceived("USD", "Pledges that come due this month")

    def lab_budget(self) -> Quantity:
        """USD a month that it may pledge to its labs [hyperscaler-finance-sources]."""
        flow = self.cash_flow + np.maximum(self.fleets_cash_flow, 0.0)
        return self.lab_budget_share * flow / 12.0

    def call_up(self) -> Quantity:
        """USD that it calls up from its business for what is due beyond its cash."""
        return np.maximum(self.pledges_due - self.cash, 0.0)

    def pay_on(self) -> Quantity:
        """USD beyond what is due, shares of labs' revenue above all, that go to its owners."""
        return np.maximum(self.cash - self.pledges_due, 0.0)

    def grow_cash_flow(self) -> Quantity:
        """Cash flow outside the model after one month: f (1 + g)^(1/12)."""
        return self.cash_flow * np.power(1.0 + self.cash_flow_growth, 1.0 / 12.0)
