"""The opening of labs, their models and their customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from agents.demand.customer import Customer
from agents.framework.columns import Floats, ratio
from agents.framework.population import Population
from agents.labs.lab import Lab
from agents.labs.lab_ideas import HISTORY
from agents.labs.lab_training import REFERENCE_FLOP
from sim.economy.economy import Economy
from sim.month.labs import releases
from sim.month.labs import research as research_phase
from sim.month.markets import lessons
from sim.month.markets import tokens as market
from sim.month.perceive import labs as perceive_labs

Initial = Callable[[Economy, Population[Any], str], Floats]


def open_labs(economy: Economy, initial: Initial) -> None:
    """Labs with their flagships on sale and runs under way, customers with their suppliers; all as
    if the month before had been like the first.

    initial: reads a world's initial values of one key, (runs, rows).
    """
    open_models(economy, initial)
    open_prices(economy)
    open_customers(economy, initial)
    open_plans(economy)
    open_runs(economy)


def open_models(economy: Economy, initial: Initial) -> None:
    """Staff, software and its past, and the flagships of the eve with their small models."""
    labs = economy.labs
    labs.staff = initial(economy, labs, "staff")
    labs.staff_wanted = labs.staff
    labs.thinking = labs.initial_thinking
    labs.software = initial(economy, labs, "software")
    labs.serving_efficiency = 1.0
    months_ago = np.arange(1, HISTORY + 1)
    past = np.exp(-labs.software_growth[:, :, None] / 12.0 * months_ago)
    labs.software_past = labs.software[:, :, None] * past

    flop = initial(economy, labs, "flagship_flop")
    capability = initial(economy, labs, "capability")
    size = labs.reference_flop_per_token * np.power(flop / REFERENCE_FLOP, labs.size_elasticity)
    for slot in ("flagship", "small"):
        np.copyto(economy.of_slot("training_flop", slot), flop)
        np.copyto(economy.of_slot("post_training_flop", slot), flop * labs.initial_post_training)
        np.copyto(economy.of_slot("capability", slot), capability)
        np.copyto(economy.of_slot("flop_per_token", slot), size)
        np.copyto(economy.of_slot("on_sale", slot), labs.alive)
        np.copyto(economy.of_slot("open_weights", slot), initial(economy, labs, "open_weights"))
    releases.fit_small_models(economy, labs.alive)
    releases.publish(economy)
    labs.tenure = labs.initial_tenure
    labs.recouped = labs.initial_recoup


def open_prices(economy: Economy) -> None:
    """Hours at the price of the leases in hand, list prices at their targets."""
    labs, lease = economy.labs, economy.lease
    paid = lease.to_target(lease.hours * lease.price)
    labs.hour_price = ratio(paid, lease.to_target(lease.hours))
    labs.compute_used = labs.compute_wanted
    perceive_labs.offers(economy)
    releases.post_prices(economy, labs.decide(Lab.target_price))


def open_customers(economy: Economy, initial: Initial) -> None:
    """Adoption and shares as the world says; what capability and price do not explain of a share is
    appeal, counted from the cohort's mean supplier."""
    customers, tokens = economy.customers, economy.tokens
    for key in ("people", "adopted", "spend_max", "spend_share"):
        np.copyto(customers.columns[key], initial(economy, customers, key))
    customers.messages = 1.0
    customers.first_task_value = customers.task_value
    weight = tokens.weight * tokens.open_edges()
    tokens.share = ratio(weight, tokens.from_target(tokens.to_target(weight)))
    suit_customers(economy)
    perceive_labs.suppliers(economy)
    customers.first_capability = customers.capability
    customers.first_price = customers.price

    tokens.log_odds = np.log(np.where(tokens.share > 0.0, tokens.share, 1.0))
    unexplained = tokens.log_odds - tokens.decide(Customer.prefer, by_target=True)
    mean = tokens.from_target(tokens.to_target(tokens.share * unexplained))
    tokens.appeal = np.where(tokens.share > 0.0, unexplained - mean, 0.0)
    tokens.log_odds = np.where(tokens.share > 0.0, tokens.log_odds - mean, 0.0)
    market.count_users(economy)


def suit_customers(economy: Economy) -> None:
    """Focus the models of the eve on the tasks of their buyers."""
    labs, customers, tokens = economy.labs, economy.customers, economy.tokens
    market.count_users(economy)
    spent = customers.budget + customers.paying * customers.subscription_price
    tokens.usd = tokens.share * tokens.from_target(spent)
    perceive_labs.cost_shares(economy)
    labs.focus = labs.decide(Lab.choose_focus)
    for slot in ("flagship", "small", "published"):
        np.copyto(economy.of_slot("focus", slot), labs.focus)
    perceive_labs.offers(economy)


def open_plans(economy: Economy) -> None:
    """Serving and revenue of the eve's demand, research on the hours left, and the cost of both."""
    labs, customers, tokens = economy.labs, economy.customers, economy.tokens
    demand = market.want(economy)
    paid, best, rest = market.flop_wanted(economy, demand)
    paid = paid + market.flop_granted(economy, demand)
    labs.serving_need = ratio(paid + best + rest, labs.decide(Lab.flop_per_hour))
    fees = tokens.share * tokens.from_target(customers.paying * customers.subscription_price)
    large = demand.large * tokens.from_source(labs.offer_price)
    small = demand.small * tokens.from_source(labs.offer_small_price)
    spent = fees + (large + small) / 1e6
    labs.revenue = tokens.to_source(spent)
    customers.tokens = tokens.to_target(demand.all())
    customers.bought = tokens.to_target(demand.large + demand.small)
    customers.spending = tokens.to_target(spent)
    customers.fees = tokens.to_target(fees)
    customers.token_value = customers.decide(Customer.value_tokens)
    labs.revenue_before = labs.revenue
    labs.revenue_smoothed = labs.revenue
    labs.revenue_plan = labs.revenue
    labs.plan_growth = np.minimum(labs.growth_expected_start, labs.plan_growth_max)
    labs.inference_hours = labs.decide(Lab.keep_for_serving)
    labs.cost_of_revenue = labs.inference_hours * labs.hour_price
    perceive_labs.technology(economy)
    perceive_labs.cost_shares(economy)
    labs.research_wanted = labs.compute_used - labs.inference_hours
    research = ratio(labs.research_wanted * labs.hour_price, labs.rnd_compute_share)
    labs.staff_cost = labs.staff * labs.cost_per_head / 12.0
    labs.research_cost = research * (1.0 - labs.rnd_staff_share)
    labs.sales_cost = labs.revenue * labs.sales_share
    labs.administration_cost = labs.revenue * labs.administration_share
    labs.partner_share = labs.revenue * labs.revenue_share
    labs.gross_profit_smoothed = labs.revenue - labs.cost_of_revenue
    labs.compute_bill = labs.compute_used * labs.hour_price
    labs.growth_expected = labs.growth_expected_start


def open_runs(economy: Economy) -> None:
    """Runs under way, each as far as its lab's luck has it, and the record of the flagships."""
    labs = economy.labs
    spent = labs.research_cost + labs.staff_cost
    research = labs.compute_used - labs.inference_hours
    labs.experiment_hours = research * (1.0 - labs.synthetic_share)
    labs.synthetic_hours = research * labs.synthetic_share
    for _ in range(PASSES):
        research_phase.split_hours(economy)
    labs.tasks = labs.decide(Lab.want_tasks)
    labs.task_quality = economy.outside.task_quality_start
    economy.outside.task_output = economy.outside.task_output_start
    labs.cost_effort = labs.decide(Lab.choose_effort)
    done = economy.draws.uniform("labs.run_under_way", labs.names, -1) * labs.run_min_months
    months = np.floor(done)
    for _ in range(int(labs.run_min_months.max(initial=0.0))):
        going = economy.of_slot("age", "training") < months
        before = {c: economy.of_slot(c, "training").copy() for c in TRAINED}
        research_phase.train(economy)
        labs.tasks = labs.decide(Lab.want_tasks)
        for column, values in before.items():
            np.copyto(economy.of_slot(column, "training"), values, where=~going)
    open_lessons(economy, months)
    on_sale = months + 1.0  # a run begins in the month in which the flagship before it is sold
    np.copyto(economy.of_slot("rnd_before", "training"), spent * on_sale)
    np.copyto(economy.of_slot("rnd_before", "flagship"), spent * labs.initial_tenure)
    np.copyto(economy.of_slot("age", "flagship"), on_sale)
    earned = np.maximum(labs.gross_profit_smoothed, 0.0) * on_sale
    np.copyto(economy.of_slot("gross_profit", "flagship"), earned)


def open_lessons(economy: Economy, months: Floats) -> None:
    """Runs under way have been taught for as long as they have run, (runs, labs) in months, by the
    teachers that can be had, closed or open."""
    labs = economy.labs
    perceive_labs.runs(economy)
    bought = lessons.ask(economy)
    part = np.minimum(ratio(months, labs.run_min_months), 1.0)
    learns = (economy.teaching.to_target(bought) > 0.0).astype(np.float64)
    lessons.keep(economy, labs.lesson_tokens * part * learns, *lessons.teachers(economy, bought))


PASSES = 8
"""Hours of experiments and the growth they bring settle each other; each pass halves the gap."""
TRAINED = ("training_flop", "post_training_flop", "age")
