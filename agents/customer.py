"""A customer: a cohort of one segment in one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.agent import EconomicAgent
from agents.columns import Quantity, account, luck, parameter, perceived, ratio, state

if TYPE_CHECKING:
    from agents.lab import Lab

DAYS = 365.0 / 12.0
"""Days in a month."""


class Customer(EconomicAgent):
    """Decides how far it adopts, how it weighs suppliers, and how many tokens it wants.

    A cohort has people, who use a service free or by subscription, or a budget for tokens, or both.
    """

    population_name = "customers"
    label = "customer cohort"

    adoption_rate = parameter("1/month", "Logistic rate at which people adopt")
    adoption_volatility = parameter("1", "Standard deviation of ln adoption of a month")
    adoption_ceiling = parameter("fraction", "Share of the cohort's people who ever use AI weekly")
    paid_share = parameter("fraction", "Users who subscribe")
    subscription_price = parameter("USD/month", "Price of a subscription")
    paid_usage = parameter("x free", "Tokens of a subscriber over those of a free user")
    tokens_per_user_start = parameter("token/day", "Tokens of a free user at the start")
    messages_growth = parameter("1/year", "Growth of messages per user at the start")
    messages_growth_decay = parameter("month", "Time constant of that growth")
    tokens_per_oom = parameter("1/OOM", "Rise of ln tokens per message with capability")
    free_flagship_share = parameter("fraction", "Tokens of free users that the flagship serves")
    small_share = parameter("fraction", "Tokens of the budget that go to small models")

    spend_rate = parameter("1/month", "Logistic rate at which solvable tasks are paid for")
    spend_ceiling = parameter("fraction", "Share of solvable tasks ever paid for")
    solvable_start = parameter("fraction", "Share of tasks that models can solve at the start")
    solvable_slope = parameter("1/OOM", "Rise of the log odds of that share with capability")
    task_value = parameter("USD/Mtok", "Worth of a million tokens on tasks that are solved")
    token_price_elasticity = parameter("1", "Fall of ln tokens per unit of ln price")

    capability_slope = parameter("1/OOM", "Weight of capability in the choice of supplier")
    price_slope = parameter("1", "Weight of ln price in the choice of supplier")
    inertia = parameter("1/month", "Speed of log odds toward what the cohort prefers now")
    brand_persistence = parameter("fraction", "Part of a supplier's first lead that is lasting")

    payment_months = parameter("month", "Mean time to pay invoices for tokens")

    payables = account("liability", "Tokens bought and not yet paid for")

    people = state("person", "People in the cohort")
    adopted = state("fraction", "Share of people who use AI weekly")
    spend_max = state("USD/year", "Spending if every task were solvable and paid for")
    spend_share = state("fraction", "Share of solvable tasks paid for")
    messages = state("x start", "Messages per user")
    users = state("person", "Weekly users")
    paying = state("person", "Subscribers")
    budget = state("USD/month", "Spending on tokens at the price of the start")
    tokens = state("token", "Tokens used this month")
    rationed = state("token", "Tokens wanted and not had this month")
    token_value = state("USD/Mtok", "What a million tokens are worth to the cohort")
    first_task_value = state("USD/Mtok", "Worth of a million tokens on solved tasks, at the start")
    first_capability = state("OOM", "Capability of its suppliers at the start")
    first_price = state("USD/Mtok", "Price of its suppliers at the start")

    capability = perceived("OOM", "Capability of its suppliers' best models, by share")
    price = perceived("USD/Mtok", "Price of tokens over its suppliers, by share")
    luck_adoption = luck("normal", "News of the month about adoption")
    months = perceived("month", "Months since the start")

    def adopt(self) -> Quantity:
        """Share of people who use AI: a + r a (1 - a / ceiling), r with the month's news
        [adoption-logistic-rate, us-weekly-use-2025-11]."""
        room = np.maximum(1.0 - ratio(self.adopted, self.adoption_ceiling), 0.0)
        grown = self.adopted + self.adoption_rate * self.month_news() * self.adopted * room
        return np.minimum(grown, np.maximum(self.adopted, self.adoption_ceiling))

    def adopt_tasks(self) -> Quantity:
        """Share of solvable tasks paid for, by the same law [adoption-friction]."""
        room = np.maximum(1.0 - ratio(self.spend_share, self.spend_ceiling), 0.0)
        grown = self.spend_share + self.spend_rate * self.month_news() * self.spend_share * room
        return np.minimum(grown, np.maximum(self.spend_share, self.spend_ceiling))

    def month_news(self) -> Quantity:
        """Pace of adoption this month over its mean: e^(s z - s^2 / 2)."""
        spread = self.adoption_volatility
        return np.exp(spread * self.luck_adoption - spread * spread / 2.0)

    def grow_messages(self) -> Quantity:
        """Messages per user over the start: growth that decays, m exp(g e^(-t / decay) / 12)
        [usage-per-user-growth]."""
        growth = self.messages_growth * np.exp(-self.months / self.messages_growth_decay)
        return self.messages * np.exp(growth / 12.0)

    def solvable(self) -> Quantity:
        """Share of tasks that the models it uses can solve: logistic in capability, bounded by 1
        [value-superlinear, near-term-tam]."""
        odds = np.log(self.solvable_start / (1.0 - self.solvable_start))
        gain = self.capability - self.first_capability
        return 1.0 / (1.0 + np.exp(-np.clip(odds + self.solvable_slope * gain, -500.0, 500.0)))

    def value_tokens(self) -> Quantity:
        """Worth of a million tokens: value on solved tasks x share solved [task-hour-cost-human,
        tokens-per-task-hour, token-value-over-cost]."""
        return self.task_value * self.solvable()

    def plan_budget(self) -> Quantity:
        """USD a month for tokens: what solvable tasks are worth spending on, as far as they are
        paid for, in proportion to what tasks are worth now over the start, less what a price near
        their worth deters [value-capture, near-term-tam]."""
        worth = np.clip(1.0 - ratio(self.price, self.value_tokens()), 0.0, 1.0)
        spending = self.spend_max / 12.0 * ratio(self.task_value, self.first_task_value)
        return spending * self.solvable() * self.spend_share * worth

    def tokens_per_user(self) -> Quantity:
        """Tokens a month of a free user: more messages, and longer ones with better models
        [tokens-per-message, usage-per-user-growth]."""
        gain = np.clip(self.capability - self.first_capability, -50.0, 50.0)
        longer = np.exp(self.tokens_per_oom * gain)
        return self.tokens_per_user_start * DAYS * self.messages * longer

    def budget_tokens(self) -> Quantity:
        """Tokens that a USD of budget buys: ln tokens fall by the elasticity per unit of ln price,
        from what it bought at the start; at an elasticity of 1 the budget is spent whole."""
        dearer = np.maximum(ratio(self.price, self.first_price), 1e-9)
        return ratio(1e6, self.first_price) * np.power(dearer, -self.token_price_elasticity)

    def prefer(self, lab: Lab) -> Quantity:
        """Utility of a supplier apart from its brand: slope x capability - slope x ln price, over
        the mix of large and small models that the cohort buys [price-niche,
        capability-to-typical-use]."""
        capability = lab.offer_capability + self.small_share * (
            lab.offer_small_capability - lab.offer_capability
        )
        price = lab.offer_price + self.small_share * (lab.offer_small_price - lab.offer_price)
        return self.capability_slope * capability - self.price_slope * np.log(
            np.maximum(price, 1e-9)
        )
