"""A Gulf investor: a state's sovereign funds, fed by hydrocarbons, with money for AI."""

from __future__ import annotations

import numpy as np

from agents.finance.debtor import Debtor
from agents.finance.investor import Investor
from agents.framework.columns import Quantity, account, parameter, perceived, ratio, state


class GulfInvestor(Investor, Debtor):
    """Decides how much to pledge to labs and sites, and what of its other assets to sell.

    Income follows oil and gas; attacks make it cautious, and caution fades slowly.
    """

    population_name = "gulf"
    label = "Gulf investor"

    oil_volume_left = parameter("fraction", "Hydrocarbon volume that still reaches its buyers")
    oil_price_gain = parameter("1", "Rise of the oil price per unit of Gulf volume lost")
    risk_peace = parameter("fraction", "Part of its flow withheld in peace")
    attacks = parameter("fraction", "Risk that attacks of this month add")
    risk_decay = parameter("1/month", "Part of the added risk that fades in a month")
    flow_growth = parameter("1/year", "Growth of money meant for AI at constant income")
    share_to_labs = parameter("fraction", "Part of its AI money for labs, the rest for sites")
    asset_return = parameter("1/year", "Return on its other assets")
    budget_share = parameter(
        "fraction", "The state's spending over hydrocarbon income at the start"
    )
    budget_growth = parameter("1/year", "Growth of that spending")
    liquidation_max = parameter("1/year", "Other assets sold for AI when income fails, at most")
    assets_frozen = parameter("fraction", "Part of its other assets that cannot be sold")
    cash_months = parameter("month", "Outlays kept in cash")
    closing_months = parameter("month", "From a pledge to its first money")
    tranche_months = parameter("month", "Time over which a pledge is paid")

    portfolio = account("asset", "Other assets: claims on the rest of the economy", "investing")

    hydrocarbon_income = state(
        "USD/year", "Income from oil and gas at the starting volume and price"
    )
    ai_flow = state("USD/year", "Money meant for AI in calm times")
    budget = state("USD/year", "Spending of the state")
    income_index = state("x start", "Hydrocarbon income over that of the start")
    risk = state("fraction", "Part of its flow withheld")
    pledged_now = state("USD", "Pledged this month")
    sold = state("USD", "Other assets sold this month")

    pledges_due = perceived("USD", "Pledges that come due this month")

    def earn(self) -> Quantity:
        """Income over that of the start: volume x price, v (1 + gain (1 - v))
        [gulf-income-left, oil-supply-disrupted]."""
        volume = self.oil_volume_left
        return volume * (1.0 + self.oil_price_gain * np.maximum(1.0 - volume, 0.0))

    def weigh_risk(self) -> Quantity:
        """Risk after one month: peace + (r - peace) (1 - decay) + attacks, at most 1: it jumps with
        attacks and fades slowly [gulf-attack-risk-premium]."""
        faded = self.risk_peace + (self.risk - self.risk_peace) * (1.0 - self.risk_decay)
        return np.minimum(faded + self.attacks, 1.0)

    def calm_flow(self) -> Quantity:
        """USD a month meant for AI at the starting income and the risk of peace."""
        return self.ai_flow / 12.0

    def pledge(self) -> Quantity:
        """USD to pledge this month: flow x income index x (1 - risk) over what peace withholds,
        and where income fails, sales of other assets up to their limit; nothing in distress
        [gulf-ai-flow, gulf-income-to-funds, gulf-swf-assets]."""
        willing = self.calm_flow() * ratio(1.0 - self.risk, 1.0 - self.risk_peace)
        missing = willing * np.maximum(1.0 - self.income_index, 0.0)
        spare = self.free_assets() * self.liquidation_max / 12.0
        money = willing * self.income_index + np.minimum(missing, spare)
        return np.where(np.greater(self.distress, 0.0), 0.0, money)

    def free_assets(self) -> Quantity:
        """USD of other assets that can be sold."""
        return self.portfolio * (1.0 - self.assets_frozen)

    def grow_flow(self) -> Quantity:
        """Money meant for AI after one month: f (1 + g)^(1/12) in USD a year."""
        return self.ai_flow * np.power(1.0 + self.flow_growth, 1.0 / 12.0)

    def grow_budget(self) -> Quantity:
        """Spending of the state after one month: b (1 + g)^(1/12) in USD a year."""
        return self.budget * np.power(1.0 + self.budget_growth, 1.0 / 12.0)

    def cash_wanted(self) -> Quantity:
        """USD to keep: so many months of the state's spending and AI money, and what is due."""
        return self.cash_months * (self.budget + self.ai_flow) / 12.0 + self.pledges_due

    def sell_assets(self) -> Quantity:
        """USD of other assets to sell so that cash returns to what is wanted."""
        return np.minimum(np.maximum(self.cash_wanted() - self.cash, 0.0), self.free_assets())

    def buy_assets(self) -> Quantity:
        """USD of other assets to buy out of cash beyond what is wanted."""
        return np.maximum(self.cash - self.cash_wanted(), 0.0)
