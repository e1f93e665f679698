"""An input of chip making with few sources: helium, high-bandwidth memory."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, parameter, perceived, ratio, state


class Input(EconomicAgent):
    """The makers of one input as a single seller; serves the highest margins first."""

    population_name = "inputs"
    label = "input maker"

    gulf_share = parameter("fraction", "Share of world supply that comes from the Gulf")
    helium_gulf_loss = parameter("fraction", "Share of the Gulf's supply of the input that is lost")
    supply_loss = parameter("fraction", "Share of all supply lost for any other reason")
    need_per_h100e = parameter("unit/H100e", "Units that one H100e takes")
    other_demand = parameter("unit/month", "Demand of users outside AI chips at the usual price")
    other_elasticity = parameter(
        "1", "Price elasticity of those users' demand, as a positive number"
    )
    spare_share = parameter("fraction", "Capacity kept above the customers' plans")
    plan_months = parameter("month", "How far ahead of customers' plans capacity is ready")
    expansion_max_per_month = parameter("1/month", "Fastest growth of capacity")
    stock_target_months = parameter("month", "Stock that fabs hold, in months of their need")
    unit_price_start = parameter("USD/unit", "Price at the start")
    price_trend = parameter("1/year", "Yearly fall of the price without shortage")
    shortage_price_max = parameter("x calm", "Highest price in a shortage over the calm price")

    capacity = state("unit/month", "What can be made in a month without losses")
    supply = state("unit/month", "What is made this month, net of losses")
    sold_to_fabs = state("unit", "Delivered to fabs this month")
    sold_to_others = state("unit", "Delivered to all other users this month")
    calm_price = state("USD/unit", "Price without shortage")
    price = state("USD/unit", "Price of the month")

    planned_need = perceived(
        "unit/month", "Need of fabs' capacity, with what is due within the planning time"
    )
    needed = perceived("unit/month", "What fabs use in a month with all lines running")

    def produce(self) -> Quantity:
        """Supply of the month: capacity (1 - Gulf share x Gulf loss)(1 - other loss)
        [helium-gulf-share]."""
        gulf = 1.0 - self.gulf_share * self.helium_gulf_loss
        return self.capacity * gulf * (1.0 - self.supply_loss)

    def set_calm_price(self) -> Quantity:
        """Price without shortage after one month of progress: p (1 - trend)^(1/12)."""
        return self.calm_price * np.power(1.0 - self.price_trend, 1.0 / 12.0)

    def set_price(self) -> Quantity:
        """Price at which other users give up what fabs need: users with low margins leave first, so
        p = p0 (other demand / what is left for them)^(1/elasticity), never below p0; restocking
        waits rather than bids [helium-outbid-rule]."""
        left = np.maximum(self.supply - self.needed, 0.0)
        scarce = ratio(self.other_demand, left)
        scarce = np.where(np.equal(left, 0.0) & np.greater(self.other_demand, 0.0), np.inf, scarce)
        tight = np.clip(scarce, 1.0, np.inf)
        rise = np.power(tight, 1.0 / self.other_elasticity)
        return self.calm_price * np.minimum(rise, self.shortage_price_max)

    def expand(self) -> Quantity:
        """Capacity of the next month: grows toward the customers' ordered plans and a spare share,
        at most at the fastest rate; plans are shared a lead time ahead [hbm-suppliers]."""
        target = (self.planned_need + self.other_demand) * (1.0 + self.spare_share)
        fastest = self.capacity * (1.0 + self.expansion_max_per_month)
        return np.clip(target, self.capacity, fastest)
