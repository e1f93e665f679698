"""Phase 8: customers adopt, choose and use; labs serve up to capacity, route and ration.

Tokens are whole; FLOP = tokens x FLOP per token of the model that serves them, hours = FLOP over
FLOP per hour, so what is sold, served and computed agree by construction and are checked apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.demand.customer import Customer
from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from sim.base.numerics.kernels import choice
from sim.economy.accounts.quanta import whole_tokens
from sim.economy.economy import Economy
from sim.month.markets import lessons as lesson_market
from sim.month.perceive import labs as perceive_labs


class Demand(NamedTuple):
    """Tokens wanted this month by edge, (runs, edges): of subscribers and free users, of budgets on
    large and on small models, and on the public's allowance."""

    subscribed: Floats
    free: Floats
    large: Floats
    small: Floats
    granted: Floats

    def all(self) -> Floats:
        """All of them."""
        return self.subscribed + self.free + self.large + self.small + self.granted


def trade(economy: Economy) -> None:
    """The month of the token market, from adoption to what was served and what it earned."""
    adopt(economy)
    choose(economy)
    demand = want(economy)
    serve(economy, demand, lesson_market.ask(economy))


def adopt(economy: Economy) -> None:
    """People adopt toward the ceiling, tasks are paid for, messages grow."""
    customers = economy.customers
    perceive_labs.suppliers(economy)
    customers.adopted = customers.decide(Customer.adopt)
    customers.spend_share = customers.decide(Customer.adopt_tasks)
    customers.messages = customers.decide(Customer.grow_messages)
    count_users(economy)


def choose(economy: Economy) -> None:
    """Shares are logit in log odds that drift, by inertia, toward what cohorts prefer now: lasting
    brand and distribution, capability and price [share-drift]."""
    tokens, customers = economy.tokens, economy.customers
    wished = tokens.decide(Customer.prefer, by_target=True)
    wished = wished + tokens.appeal * tokens.from_target(customers.brand_persistence)
    pull = tokens.from_target(customers.inertia)
    tokens.log_odds = tokens.log_odds + pull * (wished - tokens.log_odds)
    on_sale = tokens.from_source(economy.of_slot("on_sale", "flagship")) > 0.0
    sells = (tokens.open_edges() > 0.0) & (tokens.weight > 0.0) & on_sale
    utility = np.where(sells, tokens.log_odds, -np.inf)
    tokens.share = choice(utility, tokens.target, len(customers))


def want(economy: Economy) -> Demand:
    """Tokens wanted by edge: users' by share of supplier, budgets' by share at their mean price.
    What an allowance pays for takes the place of tokens that suppliers give away."""
    tokens, customers = economy.tokens, economy.customers
    each = customers.decide(Customer.tokens_per_user)
    allowed = customers.decide(Customer.allowed_tokens)
    subscribed = customers.paying * each * customers.paid_usage
    unpaying = customers.users - customers.paying
    free, granted = unpaying * (each - allowed), unpaying * allowed
    bought = customers.budget * customers.decide(Customer.budget_tokens)
    small = customers.small_share
    coming = tokens.share * tokens.from_source(1.0 - economy.labs.demand_loss)
    return Demand(
        *(
            coming * tokens.from_target(wanted)
            for wanted in (subscribed, free, bought * (1.0 - small), bought * small, granted)
        )
    )


def serve(economy: Economy, demand: Demand, lessons: Floats) -> None:
    """Paying customers are served first, then the public's allowance, on small models: it is paid
    for, but at cost, so a lab serves it before what it gives away and after what it earns by. Free
    users get the flagship for a part of their tokens as long as hours suffice, small models when
    short [free-user-inference-share]; beyond that tokens are rationed, free ones first. lessons:
    tokens that other labs buy of flagships and small models, (runs, edges of teaching); they count
    among those who pay."""
    labs, tokens, customers = economy.labs, economy.tokens, economy.customers
    little = economy.of_slot("flop_per_token", "small")
    per_hour = labs.decide(Lab.flop_per_hour)
    capacity = labs.inference_hours * per_hour
    best = demand.free * tokens.from_target(customers.free_flagship_share)
    paid_flop, best_flop, rest_flop = flop_wanted(economy, demand)
    paid_flop = paid_flop + flop_of_lessons(economy, lessons)
    granted_flop = flop_granted(economy, demand)
    need = paid_flop + granted_flop + best_flop + rest_flop
    labs.serving_need_before = labs.serving_need
    labs.serving_need = ratio(need, per_hour)
    labs.serving_growth = labs.decide(Lab.expect_serving)

    saved = best_flop - tokens.to_source(best) * little
    short = np.maximum(need - capacity, 0.0)
    labs.routed = ratio(np.minimum(short, saved), saved)
    paid_share = ratio(np.minimum(capacity, paid_flop), paid_flop)
    left = np.maximum(capacity - paid_flop, 0.0)
    granted_share = ratio(np.minimum(left, granted_flop), granted_flop)
    left = np.maximum(left - granted_flop, 0.0)
    free_flop = best_flop + rest_flop - labs.routed * saved
    free_share = ratio(np.minimum(left, free_flop), free_flop)

    paid, free = tokens.from_source(paid_share), tokens.from_source(free_share)
    kept = tokens.from_source(1.0 - labs.routed)
    on_big = whole_tokens((demand.subscribed + demand.large) * paid) + whole_tokens(
        best * kept * free
    )
    on_small = whole_tokens(demand.small * paid) + whole_tokens((demand.free - best * kept) * free)
    granted = whole_tokens(demand.granted * tokens.from_source(granted_share))
    labs.allowance_hours = ratio(tokens.to_source(granted) * little, per_hour)
    on_small = on_small + granted
    tokens.units = on_big + on_small
    tokens.small_units = on_small
    lesson_market.deliver(economy, lessons, economy.teaching.from_source(paid_share))
    settle(economy, demand, paid)


def flop_wanted(economy: Economy, demand: Demand) -> tuple[Floats, Floats, Floats]:
    """FLOP that demand takes unrouted, (runs, labs) each: of paying customers, of the part of free
    users' tokens that the flagship serves, and of the rest, on small models."""
    tokens = economy.tokens
    big = economy.of_slot("flop_per_token", "flagship")
    little = economy.of_slot("flop_per_token", "small")
    best = demand.free * tokens.from_target(economy.customers.free_flagship_share)
    paid = tokens.to_source(demand.subscribed + demand.large) * big
    paid = paid + tokens.to_source(demand.small) * little
    rest = tokens.to_source(demand.free - best) * little
    return paid, tokens.to_source(best) * big, rest


def flop_granted(economy: Economy, demand: Demand) -> Floats:
    """FLOP that the public's allowance takes, on small models, (runs, labs)."""
    return economy.tokens.to_source(demand.granted) * economy.of_slot("flop_per_token", "small")


def lessons_on_flagship(economy: Economy, lessons: Floats) -> Floats:
    """Of the tokens that other labs buy, (runs, edges of teaching), those of flagships: whole ones,
    by the access that the teacher gives."""
    return whole_tokens(lessons * economy.teaching.from_source(economy.labs.flagship_access))


def flop_of_lessons(economy: Economy, lessons: Floats) -> Floats:
    """FLOP of the tokens that other labs buy, (runs, labs) by teacher."""
    teaching = economy.teaching
    on_big = lessons_on_flagship(economy, lessons)
    big = teaching.to_source(on_big) * economy.of_slot("flop_per_token", "flagship")
    little = teaching.to_source(lessons - on_big) * economy.of_slot("flop_per_token", "small")
    return big + little


def count_users(economy: Economy) -> None:
    """Users, subscribers and budgets that follow from adoption."""
    customers = economy.customers
    customers.users = customers.people * customers.adopted
    customers.paying = customers.users * customers.paid_share
    customers.budget = customers.decide(Customer.plan_budget)


def settle(economy: Economy, demand: Demand, served: Floats) -> None:
    """Tokens, FLOP and hours of each model; subscriptions are paid at once, tokens of budgets are
    billed and paid over time, all out of incomes."""
    labs, tokens, customers, ledger = (
        economy.labs,
        economy.tokens,
        economy.customers,
        economy.ledger,
    )
    on_big = tokens.units - tokens.small_units
    learned = economy.teaching.units
    taught = lessons_on_flagship(economy, learned)
    by_big = tokens.to_source(on_big) + economy.teaching.to_source(taught)
    by_small = tokens.to_source(tokens.small_units) + economy.teaching.to_source(learned - taught)
    np.copyto(economy.of_slot("tokens", "flagship"), by_big)
    np.copyto(economy.of_slot("tokens", "small"), by_small)
    flop = economy.models.tokens * economy.models.flop_per_token
    big, little = flop[:, economy.slots["flagship"]], flop[:, economy.slots["small"]]
    labs.inference_flop = big + little
    used = ratio(labs.inference_flop, labs.decide(Lab.flop_per_hour))
    labs.reserve_hours = np.maximum(labs.inference_hours - used, 0.0)

    fees = tokens.from_target(customers.paying * customers.subscription_price)
    fees = fees * tokens.from_source(1.0 - labs.demand_loss)
    fees = ledger.pay(
        "subscriptions", tokens.share * fees * served, customers, labs, along=tokens, by="revenue"
    )
    large, small = whole_tokens(demand.large * served), whole_tokens(demand.small * served)
    price, small_price = (tokens.from_source(p) for p in (labs.offer_price, labs.offer_small_price))
    billed = ledger.pay(
        "tokens",
        (large * price + small * small_price) / 1e6,
        customers,
        labs,
        along=tokens,
        by="revenue",
        means="account",
    )
    due = (tokens.owed + billed) / (1.0 + tokens.from_target(customers.payment_months))
    paid = ledger.pay(
        "invoices", due, customers, labs, along=tokens, for_="payables", by="receivables"
    )
    tokens.owed = tokens.owed + billed - paid
    tokens.usd = fees + billed
    ledger.pay("incomes", tokens.to_target(fees + paid), economy.outside, customers)
    customers.tokens = tokens.to_target(tokens.units)
    customers.bought = tokens.to_target(large + small)
    customers.spending = tokens.to_target(tokens.usd)
    customers.fees = tokens.to_target(fees)
    customers.token_value = customers.decide(Customer.value_tokens)
    wanted = tokens.to_target(demand.all())
    customers.rationed = np.maximum(wanted - customers.tokens, 0.0)
