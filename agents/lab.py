"""An AI lab: what frontier and compute-poor labs have in common."""

from __future__ import annotations

import numpy as np

from agents.agent import EconomicAgent
from agents.columns import Quantity, parameter, perceived, state


class Lab(EconomicAgent):
    """Decides how much compute to ask for and how much money to raise for it."""

    population_name = "labs"
    label = "lab"

    compute_growth_start = parameter("1/year", "Growth of compute wanted at the start")
    compute_growth_long_run = parameter("1/year", "Growth of compute wanted in the long run")
    compute_growth_decay_months = parameter("month", "Time constant between the two")
    lease_share = parameter("fraction", "Compute wanted on lease rather than spot")
    supplier_openness = parameter(
        "fraction", "Share of new leases that a supplier without history can count on, at least"
    )
    runway_months = parameter("month", "Compute bills that the lab keeps in cash")

    compute_wanted = state("H100e-hour/month", "Hours wanted")
    compute_growth = state("1/year", "Growth of hours wanted")
    compute_used = state("H100e-hour", "Hours received this month, leased and spot")
    compute_bill = state("USD", "Paid for hours this month")

    leased_hours = perceived("H100e-hour", "Hours committed on leases")

    def slow_growth(self) -> Quantity:
        """Yearly growth of wanted compute after one month: g + (long run - g) / decay months."""
        gap = self.compute_growth_long_run - self.compute_growth
        return self.compute_growth + gap / self.compute_growth_decay_months

    def want_compute(self) -> Quantity:
        """Hours wanted next month: h exp(g / 12) [sie-gk, openai-compute-stock]."""
        return self.compute_wanted * np.exp(self.compute_growth / 12.0)

    def want_leases(self) -> Quantity:
        """Hours a month of new leases: the share of wanted hours held on lease, less those held
        [make-vs-contract]."""
        return np.maximum(self.compute_wanted * self.lease_share - self.leased_hours, 0.0)

    def raise_equity(self) -> Quantity:
        """USD to raise: what tops cash up to the runway of compute bills."""
        return np.maximum(self.compute_bill * self.runway_months - self.cash, 0.0)
