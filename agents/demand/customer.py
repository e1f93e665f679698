"""A customer: a cohort of one segment in one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, account, luck, parameter, perceived, ratio, state

if TYPE_CHECKING:
    from agents.labs.lab import Lab

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
    allowance = parameter("token/day", "Tokens that the public pays for, for each person")
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
    token_price_elasticity = parameter("1", "Fall of ln tokens per unit of ln price, far below v")
    value_capture = parameter("fraction", "Part of the worth of a service that fees pay for")

    coding_share = parameter("fraction", "Coding-like tasks among those it uses models for")
    benchmark_trust = parameter("fraction", "Weight of benchmarks beside experience in its choice")
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
    bought = state("token", "Tokens bought out of the budget this month")
    spending = state("USD", "Subscriptions and tokens bought this month")
    fees = state("USD", "Subscriptions paid this month")
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
        ceiling = self.reach()
        room = np.maximum(1.0 - ratio(self.adopted, ceiling), 0.0)
        grown = self.adopted + self.adoption_rate * self.month_news() * self.adopted * room
        return np.minimum(grown, np.maximum(self.adopted, ceiling))

    def reach(self) -> Quantity:
        """Share of people who would ever use AI: the ceiling, and of all others the part of a
        user's tokens that the allowance covers [adoption-logistic-rate]."""
        covered = ratio(self.allowed_tokens(), self.tokens_per_user())
        return self.adoption_ceiling + (1.0 - self.adoption_ceiling) * covered

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

    def value_tasks(self) -> Quantity:
        """USD that a million tokens are worth on the best task they are bought for, v: value on
        solved tasks x share solved [task-hour-cost-human, tokens-per-task-hour,
        token-value-over-cost]."""
        return self.task_value * self.solvable()

    def value_tokens(self) -> Quantity:
        """USD that a million of the cohort's tokens are worth, mean over those it buys and those
        that come with a service; the first token would go to the best task
        [token-value-over-cost]."""
        served = np.maximum(self.tokens - self.bought, 0.0)
        worth = self.bought * self.value_bought() + served * self.value_served()
        return np.where(np.greater(self.tokens, 0.0), ratio(worth, self.tokens), self.value_tasks())

    def value_bought(self) -> Quantity:
        """USD that a million tokens bought at price p are worth: the mean under the demand curve
        q = k (p^-e - v^-e), whose tasks are worth p to v, p e / (e - 1) (1 - x^(1 - e)) /
        (1 - x^-e) at x = v / p; p ln x / (1 - 1 / x) at e = 1, and p where no task is worth more.
        If less is served than was wanted, it is less of every task."""
        room = np.log(np.maximum(ratio(self.value_tasks(), self.price), 1.0))
        steepness = self.token_price_elasticity
        return self.price * mean_decay((steepness - 1.0) * room) / mean_decay(steepness * room)

    def value_served(self) -> Quantity:
        """USD that a million tokens of subscribers, free users and the allowance are worth: at the
        margin they cost nothing, so fees show their worth, fees / (capture x tokens). It is no more
        than the best task, and no less than the fees, which nobody would pay otherwise. Where
        nobody subscribes no worth has been shown, and none is counted [value-capture,
        consumer-surplus-ratio]."""
        paid = ratio(1e6 * self.fees, np.maximum(self.tokens - self.bought, 0.0))
        return np.minimum(paid / self.value_capture, np.maximum(self.value_tasks(), paid))

    def plan_budget(self) -> Quantity:
        """USD a month for tokens: what solvable tasks are worth spending on, as far as they are
        paid for, in proportion to what tasks are worth now over the start, less what a price near
        their worth deters: of tasks worth up to v, Pareto-distributed with exponent e, those worth
        less than p are left, (p / v)^e [value-capture, near-term-tam]."""
        left = np.power(ratio(self.price, self.value_tasks()), self.token_price_elasticity)
        spending = self.spend_max / 12.0 * ratio(self.task_value, self.first_task_value)
        return spending * self.solvable() * self.spend_share * np.clip(1.0 - left, 0.0, 1.0)

    def tokens_per_user(self) -> Quantity:
        """Tokens a month of a free user: more messages, and longer ones with better models
        [tokens-per-message, usage-per-user-growth]."""
        gain = np.clip(self.capability - self.first_capability, -50.0, 50.0)
        longer = np.exp(self.tokens_per_oom * gain)
        return self.tokens_per_user_start * DAYS * self.messages * longer

    def allowed_tokens(self) -> Quantity:
        """Tokens of these that the allowance pays for: as many as it gives, and no more than a user
        has use for."""
        return np.minimum(self.allowance * DAYS, self.tokens_per_user())

    def budget_tokens(self) -> Quantity:
        """Tokens that a USD of budget buys: ln tokens fall by the elasticity per unit of ln price,
        from what it bought at the start; at an elasticity of 1 the budget is spent whole."""
        dearer = np.maximum(ratio(self.price, self.first_price), 1e-9)
        return ratio(1e6, self.first_price) * np.power(dearer, -self.token_price_elasticity)

    def find_useful(self, lab: Lab) -> Quantity:
        """Capability of a lab's flagship in the cohort's own tasks, OOM: general capability, plus
        skill by focus, e log10(focus over an even one) in each kind of tasks, less what lessons do
        not teach in coding-like tasks [capability-pc1, capability-pc2, distill-not-rl]."""
        coding = np.log10(2.0 * np.maximum(lab.offer_focus, 1e-3))
        others = np.log10(2.0 * np.maximum(1.0 - lab.offer_focus, 1e-3))
        skill = others + self.coding_share * (coding - others)
        missing = self.coding_share * lab.lessons_miss * lab.offer_taught
        useful: Quantity = lab.offer_capability + lab.niche_elasticity * skill - missing
        return useful

    def prefer(self, lab: Lab) -> Quantity:
        """Utility of a supplier apart from its brand: slope x capability - slope x ln price, over
        the mix of large and small models that the cohort buys. It knows capability by use, and in
        part only by benchmarks, which may overstate it [price-niche, capability-to-typical-use,
        distill-benchmaxx, benchmark-vs-impact]."""
        smaller = self.small_share * (lab.offer_small_capability - lab.offer_capability)
        capability = self.find_useful(lab) + smaller + self.benchmark_trust * lab.offer_inflation
        price = lab.offer_price + self.small_share * (lab.offer_small_price - lab.offer_price)
        return self.capability_slope * capability - self.price_slope * np.log(
            np.maximum(price, 1e-9)
        )


def mean_decay(length: Quantity) -> Quantity:
    """Mean of e^-t for t from 0 to a length, of either sign: (1 - e^-length) / length, 1 at 0."""
    return np.where(np.equal(length, 0.0), 1.0, ratio(-np.expm1(-length), length))
