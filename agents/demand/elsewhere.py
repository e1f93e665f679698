"""Demand for compute from elsewhere: enterprise cloud and governments, not AI labs."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, luck, parameter, perceived, ratio, state


class Elsewhere(EconomicAgent):
    """Buys hours on the spot market along a growth path, and less when they are dear."""

    population_name = "elsewhere"
    label = "demand from elsewhere"

    growth_start = parameter("1/year", "Growth of demand at constant price, at the start")
    growth_long_run = parameter("1/year", "Growth of demand at constant price, in the long run")
    growth_decay_months = parameter("month", "Time constant between the two")
    price_elasticity = parameter("1", "Fall of ln hours per unit of ln rent")
    demand_volatility = parameter("1/month", "Standard deviation of monthly news about demand")
    demand_memory = parameter("fraction", "Share of past news that lasts another month")
    demand_loss = parameter("fraction", "Share of demand that is gone this month")

    base_demand = state("H100e-hour/month", "Hours wanted at the starting rent, without news")
    growth = state("1/year", "Growth of base demand")
    news = state("1", "Lasting news about demand, in ln")
    start_rent = state("USD/H100e-hour", "Rent at which base demand is defined")
    hours_wanted = state("H100e-hour", "Hours wanted this month at the posted rent")
    hours_used = state("H100e-hour", "Hours bought this month")
    hours_refused = state("H100e-hour", "Hours wanted and not had this month")

    rent = perceived("USD/H100e-hour", "Spot rent posted in its market")
    luck_news = luck("normal", "News of the month")

    def slow_growth(self) -> Quantity:
        """Yearly growth of base demand after one month: g + (long run - g) / decay months."""
        return self.growth + (self.growth_long_run - self.growth) / self.growth_decay_months

    def grow_demand(self) -> Quantity:
        """Base demand of the next month: h exp(g / 12)."""
        return self.base_demand * np.exp(self.growth / 12.0)

    def hear_news(self) -> Quantity:
        """Lasting news: memory x news + volatility x draw."""
        return self.demand_memory * self.news + self.demand_volatility * self.luck_news

    def price_response(self) -> Quantity:
        """Hours wanted per hour of base demand: (rent / start)^-elasticity e^news (1 - loss)."""
        dear = ratio(self.rent, self.start_rent)
        response = np.power(np.maximum(dear, 1e-3), -self.price_elasticity)
        return response * np.exp(self.news) * (1.0 - self.demand_loss)

    def want_hours(self) -> Quantity:
        """Hours wanted this month at the posted rent."""
        return self.base_demand * self.price_response()
