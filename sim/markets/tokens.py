"""Phase 8: customers adopt, choose and use; labs serve up to capacity, route and ration.

Tokens are whole; FLOP = tokens x FLOP per token of the model that serves them, hours = FLOP over
FLOP per hour, so what is sold, served and computed agree by construction and are checked apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.columns import Floats, ratio
from agents.customer import Customer
from agents.lab import Lab
from sim import perceive
from sim.economy import Economy
from sim.kernels import choice


class Demand(NamedTuple):
    """Tokens wanted this month by edge, (runs, edges): of subscribers and free users, and of
    budgets on large and on small models."""

    subscribed: Floats
    free: Floats
    large: Floats
    small: Floats


def trade(economy: Economy) -> None:
    """The month of the token market, from adoption to what was served and what it earned."""
    adopt(economy)
    choose(economy)
    demand = want(economy)
    serve(economy, demand)


def adopt(economy: Economy) -> None:
    """People adopt toward the ceiling, tasks are paid for, messages grow."""
    customers = economy.customers
    perceive.suppliers(economy)
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
    """Tokens wanted by edge: users' by share of supplier, budgets' by share at their mean price."""
    tokens, customers = economy.tokens, economy.customers
    each = customers.decide(Customer.tokens_per_user)
    subscribed = customers.paying * each * customers.paid_usage
    free = (customers.users - customers.paying) * each
    bought = customers.budget * customers.decide(Customer.budget_tokens)
    small = customers.small_share
    return Demand(
        *(
            tokens.share * tokens.from_target(wanted)
            for wanted in (subscribed, free, bought * (1.0 - small), bought * small)
        )
    )


def serve(economy: Economy, demand: Demand) -> None:
    """Who pays is served first. Free users get the flagship for a part of their tokens as long as
    hours suffice, small models when short [free-user-inference-share]; beyond that tokens are
    rationed, free ones first."""
    labs, tokens, customers = economy.labs, economy.tokens, economy.customers
    little = economy.of_slot("flop_per_token", "small")
    per_hour = labs.decide(Lab.flop_per_hour)
    capacity = labs.inference_hours * per_hour
    best = demand.free * tokens.from_target(customers.free_flagship_share)
    paid_flop, best_flop, rest_flop = flop_wanted(economy, demand)
    need = paid_flop + best_flop + rest_flop
    labs.serving_need_before = labs.serving_need
    labs.serving_need = ratio(need, per_hour)
    labs.serving_growth = labs.decide(Lab.expect_serving)

    saved = best_flop - tokens.to_source(best) * little
    short = np.maximum(need - capacity, 0.0)
    labs.routed = ratio(np.minimum(short, saved), saved)
    paid_share = ratio(np.minimum(capacity, paid_flop), paid_flop)
    left = np.maximum(capacity - paid_flop, 0.0)
    free_flop = best_flop + rest_flop - labs.routed * saved
    free_share = ratio(np.minimum(left, free_flop), free_flop)

    paid, free = tokens.from_source(paid_share), tokens.from_source(free_share)
    kept = tokens.from_source(1.0 - labs.routed)
    on_big = np.floor((demand.subscribed + demand.large) * paid) + np.floor(best * kept * free)
    on_small = np.floor(demand.small * paid) + np.floor((demand.free - best * kept) * free)
    tokens.units = on_big + on_small
    tokens.small_units = on_small
    settle(economy, demand, paid)


def flop_wanted(economy: Economy, demand: Demand) -> tuple[Floats, Floats, Floats]:
    """FLOP that demand takes unrouted, (runs, labs) each: of who pays, of the part of free users'
    tokens that the flagship serves, and of the rest, on small models."""
    tokens = economy.tokens
    big = economy.of_slot("flop_per_token", "flagship")
    little = economy.of_slot("flop_per_token", "small")
    best = demand.free * tokens.from_target(economy.customers.free_flagship_share)
    paid = tokens.to_source(demand.subscribed + demand.large) * big
    paid = paid + tokens.to_source(demand.small) * little
    rest = tokens.to_source(demand.free - best) * little
    return paid, tokens.to_source(best) * big, rest


def count_users(economy: Economy) -> None:
    """Users, subscribers and budgets that follow from adoption."""
    customers = economy.customers
    customers.token_value = customers.decide(Customer.value_tokens)
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
    np.copyto(economy.of_slot("tokens", "flagship"), tokens.to_source(on_big))
    np.copyto(economy.of_slot("tokens", "small"), tokens.to_source(tokens.small_units))
    flop = economy.models.tokens * economy.models.flop_per_token
    big, little = flop[:, economy.slot("flagship")], flop[:, economy.slot("small")]
    labs.inference_flop = big + little
    used = ratio(labs.inference_flop, labs.decide(Lab.flop_per_hour))
    labs.reserve_hours = np.maximum(labs.inference_hours - used, 0.0)

    fees = tokens.from_target(customers.paying * customers.subscription_price)
    fees = ledger.pay(
        "subscriptions", tokens.share * fees * served, customers, labs, along=tokens, by="revenue"
    )
    large = np.floor(demand.large * served) * tokens.from_source(labs.offer_price)
    small = np.floor(demand.small * served) * tokens.from_source(labs.offer_small_price)
    billed = ledger.pay(
        "tokens",
        (large + small) / 1e6,
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
    wanted = demand.subscribed + demand.free + demand.large + demand.small
    customers.rationed = np.maximum(tokens.to_target(wanted) - customers.tokens, 0.0)
