"""A lessor: leases of a data center, their price, and its plans for hours signed ahead."""

from __future__ import annotations

import numpy as np

from agents.finance.firm import Firm
from agents.framework.columns import Quantity, parameter, perceived, ratio, state


class Lessor(Firm):
    """The contract side of a fleet. Hours are H100e-hours a month."""

    lease_discount = parameter("x spot", "Lease price over the expected spot price")
    lease_term_months = parameter("month", "Mean term of a lease")
    lease_offer_share = parameter("1/month", "Uncommitted hours that may be leased in a month")
    forward_limit = parameter("x offered", "Hours signed ahead over hours offered, at most")
    contract_response = parameter(
        "1/year", "Part of what is signed and not on the way that plans add in a year"
    )
    call_off_memory_months = parameter("month", "Time for which called-off hours weigh on plans")

    offered = state("H100e-hour", "Hours offered this month")
    expected_rent = state("USD/H100e-hour", "Spot rent expected")
    called_off = state("H100e-hour/month", "Forward hours that tenants called off, faded over time")

    uncommitted = perceived("H100e-hour", "Hours offered beyond leases")
    idle_hours = perceived("H100e-hour", "Hours that nobody used last month")
    forward_hours = perceived("H100e-hour/month", "Hours signed ahead and not yet delivered")
    forward_price = perceived("USD/H100e-hour", "Mean price at which they were signed")
    coming_hours = perceived("H100e-hour/month", "Hours of chips ordered and on the way")

    def offer_lease_hours(self) -> Quantity:
        """Hours a month offered on new leases: a share of the uncommitted [make-vs-contract]."""
        return self.uncommitted * self.lease_offer_share

    def set_lease_price(self) -> Quantity:
        """USD per H100e-hour of a new lease, now or ahead: a discount on the expected rent
        [compute-price-implied]."""
        return self.lease_discount * self.expected_rent

    def offer_forward_hours(self) -> Quantity:
        """Hours a month that may still be signed ahead: the limit over hours offered now, less what
        is signed; operators sign hours that they have yet to build [make-vs-contract]."""
        return np.maximum(self.forward_limit * self.offered - self.forward_hours, 0.0)

    def sold_ahead(self) -> Quantity:
        """Part of the next chips' hours that is signed: hours signed ahead over those of chips
        ordered and on the way, at most one."""
        return ratio(self.forward_hours, np.maximum(self.forward_hours, self.coming_hours))

    def hours_to_build(self) -> Quantity:
        """Hours a month by which contracts change plans: signed beyond what stands idle and what is
        on the way, less what tenants called off, since it had been counted on
        [miss-second-order]."""
        beyond = self.forward_hours - self.idle_hours - self.coming_hours
        return np.maximum(beyond, 0.0) - self.called_off

    def remember_called_off(self) -> Quantity:
        """Called-off hours a month later, without what is called off then: h (1 - 1/memory)."""
        return self.called_off * (1.0 - 1.0 / self.call_off_memory_months)
