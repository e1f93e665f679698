"""Metrics of labs, their models and their customers."""

from __future__ import annotations

import numpy as np

from agents.demand.customer import Customer
from agents.framework.columns import Floats
from agents.labs.ai_model import AIModel
from agents.labs.lab import Lab
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy
from sim.economy.frontier import of_lab
from sim.results.metrics.metric import Metric, mean, quotient

MILLION = 1e6
WORK_DAY_TOKENS = 8.0 * 320_000.0
"""Tokens of eight hour-long tasks, a worker's day [tokens-per-task-hour, digital-workers]."""
DAYS = 365.0 / 12.0


def _best(economy: Economy, column: str) -> Floats:
    """A column of the flagship that leads, (runs,)."""
    return of_lab(economy.of_slot(column, "flagship"), economy.frontier.leader)


def _software(economy: Economy) -> Floats:
    return of_lab(economy.labs.decide(Lab.efficiency), economy.frontier.leader)


def _gross_margin(economy: Economy) -> Floats:
    revenue = total(economy.labs.revenue)
    return quotient(revenue - total(economy.labs.cost_of_revenue), revenue)


def _operating_margin(economy: Economy) -> Floats:
    labs = economy.labs
    revenue = total(labs.revenue)
    selling = labs.sales_cost + labs.administration_cost + labs.partner_share
    cost = total(labs.cost_of_revenue + selling)
    return quotient(revenue - cost, revenue)


def _research_hours(economy: Economy) -> Floats:
    labs = economy.labs
    return total(
        labs.experiment_hours
        + labs.synthetic_hours
        + labs.pre_training_hours
        + labs.post_training_hours
        + labs.agent_hours
    )


def _final_run_share(economy: Economy) -> Floats:
    labs = economy.labs
    return quotient(
        total(labs.pre_training_hours + labs.post_training_hours), _research_hours(economy)
    )


def _post_training_share(economy: Economy) -> Floats:
    labs = economy.labs
    runs = total(labs.pre_training_hours + labs.post_training_hours)
    return quotient(total(labs.post_training_hours), runs)


def _tenure(economy: Economy) -> Floats:
    return mean(economy.labs.tenure, economy.labs.revenue)


def _recoup(economy: Economy) -> Floats:
    return mean(economy.labs.recouped, economy.labs.revenue)


def _tokens(economy: Economy) -> Floats:
    return total(economy.customers.tokens)


def _token_value(economy: Economy) -> Floats:
    return mean(economy.customers.token_value, economy.customers.tokens)


def _capture(economy: Economy) -> Floats:
    """The payment for tokens over their worth, (runs,)."""
    worth = total(economy.customers.token_value * economy.customers.tokens)
    return quotient(MILLION * total(economy.customers.spending), worth)


def _token_cost(economy: Economy) -> Floats:
    labs = economy.labs
    return quotient(MILLION * total(labs.cost_of_revenue + labs.allowance_paid), _tokens(economy))


def _digital_workers(economy: Economy) -> Floats:
    customers = economy.customers
    solved = customers.tokens * customers.decide(Customer.solvable)
    return total(solved) / DAYS / WORK_DAY_TOKENS


def _automated_share(economy: Economy) -> Floats:
    customers = economy.customers
    done = customers.spend_max * customers.decide(Customer.solvable) * customers.spend_share
    return quotient(total(done), total(customers.spend_max))


def _concentration(economy: Economy) -> Floats:
    revenue = economy.labs.revenue
    shares = quotient(revenue, np.broadcast_to(total(revenue)[:, None], revenue.shape))
    return total(shares * shares)


def _wasted(economy: Economy) -> Floats:
    labs = economy.labs
    return quotient(total(labs.wasted_hours), total(labs.post_training_hours))


def _score(economy: Economy) -> Floats:
    """The best score of any flagship on sale, (runs,)."""
    models = economy.models
    on_sale = economy.of_slot("on_sale", "flagship") > 0.0
    scores = models.decide(AIModel.score)[:, economy.slots["flagship"]]
    best: Floats = np.where(on_sale & economy.labs.alive, scores, -np.inf).max(
        axis=1, initial=-np.inf
    )
    return np.where(np.isfinite(best), best, np.nan)


def _insolvencies(economy: Economy) -> Floats:
    debtors = (economy.labs, economy.fleets, economy.fabs, economy.gulf)
    gone = np.zeros(economy.runs)
    for population in debtors:
        gone = gone + total(population.left)
    return gone


LAB_METRICS: tuple[Metric, ...] = (
    Metric(
        "frontier_training_flop",
        "FLOP",
        "pre-training of the best released model",
        lambda e: _best(e, "training_flop"),
        window="at month's end",
    ),
    Metric(
        "frontier_software_efficiency",
        "x OpenAI 2024",
        "training efficiency, jumps included, of the lab with the best released model",
        _software,
        window="at month's end",
    ),
    Metric(
        "frontier_capability",
        "OOM",
        "capability of the best released model",
        lambda e: _best(e, "capability"),
        window="at month's end",
    ),
    Metric(
        "follower_capability",
        "OOM",
        "capability of the best released model of a compute-poor lab",
        lambda e: e.frontier.follower_capability.copy(),
        window="at month's end",
    ),
    Metric(
        "capability_lag_months",
        "month",
        "months since the frontier first had the best compute-poor lab's capability, interpolated",
        lambda e: e.frontier.lag_months.copy(),
        window="at month's end, against all months since 2022",
    ),
    Metric(
        "capability_gap_oom",
        "OOM",
        "frontier capability less follower capability",
        lambda e: _best(e, "capability") - e.frontier.follower_capability,
        window="at month's end",
    ),
    Metric(
        "open_lag_months",
        "month",
        "months since the frontier first had the capability of the best model with open weights",
        lambda e: e.frontier.open_lag_months.copy(),
        window="at month's end, against all months since 2022",
        first="0",
    ),
    Metric(
        "lab_revenue_annualised_usd",
        "USD/year",
        "twelve times the month's revenue of all labs",
        lambda e: 12.0 * total(e.labs.revenue),
        window="month, times 12",
    ),
    Metric(
        "lab_gross_margin",
        "fraction",
        "revenue less cost of hours kept for serving, over revenue, all labs",
        _gross_margin,
        first="0",
    ),
    Metric(
        "lab_operating_margin_before_rnd",
        "fraction",
        "gross profit less sales, administration and partners' share, over revenue, all labs",
        _operating_margin,
        first="0",
    ),
    Metric(
        "rnd_spend_usd",
        "USD/month",
        "research hours, data and staff of all labs, pay in shares apart",
        lambda e: total(e.labs.research_cost + e.labs.staff_cost),
    ),
    Metric(
        "final_run_share",
        "fraction",
        "hours of pre-training and post-training runs over research hours, all labs",
        _final_run_share,
        first="0",
    ),
    Metric(
        "post_training_share",
        "fraction",
        "post-training hours over hours of runs, all labs",
        _post_training_share,
        first="0",
    ),
    Metric(
        "rl_compute_wasted_share",
        "fraction",
        "post-training hours without a task that teaches over all post-training hours, all labs",
        _wasted,
        first="0",
    ),
    Metric(
        "flagship_tenure_months",
        "month",
        "months that labs' last flagships were on sale, mean by revenue",
        _tenure,
        window="last tenure that ended, by month's revenue",
        first="0",
    ),
    Metric(
        "recoup_ratio",
        "1",
        "gross profit of labs' last flagships over the R&D before them, mean by revenue",
        _recoup,
        window="last tenure that ended, by month's revenue",
        first="0",
    ),
    Metric(
        "tokens_per_day",
        "token/day",
        "tokens served in the month over its days",
        lambda e: _tokens(e) / DAYS,
    ),
    Metric(
        "price_frontier_usd_per_mtok",
        "USD/Mtok",
        "list price of the best released model",
        lambda e: _best(e, "price"),
        window="at month's end",
    ),
    Metric(
        "price_fixed_capability_usd_per_mtok",
        "USD/Mtok",
        "cheapest price of the best capability of a year before, by a model sized for it, chained",
        lambda e: e.frontier.fixed_price.copy(),
        window="at month's end, yardstick 12 months old",
    ),
    Metric(
        "token_value_usd_per_mtok",
        "USD/Mtok",
        "worth of a million tokens to their users, mean over tokens",
        _token_value,
        first="0",
    ),
    Metric(
        "token_cost_usd_per_mtok",
        "USD/Mtok",
        "cost of hours kept for serving over tokens served, all labs",
        _token_cost,
        first="0",
    ),
    Metric(
        "token_value_to_cost",
        "1",
        "token value over token cost",
        lambda e: quotient(_token_value(e), _token_cost(e)),
        first="0",
    ),
    Metric(
        "value_capture_share",
        "fraction",
        "customers' payments for tokens and subscriptions over the worth of all their tokens",
        _capture,
        first="0",
    ),
    Metric(
        "task_value_automated_share",
        "fraction",
        "spending on tasks that models solve and are paid for, over that on all tasks",
        _automated_share,
        first="0",
    ),
    Metric(
        "active_users",
        "person",
        "weekly users",
        lambda e: total(e.customers.users),
        window="at month's end",
    ),
    Metric(
        "paying_users",
        "person",
        "subscribers",
        lambda e: total(e.customers.paying),
        window="at month's end",
    ),
    Metric(
        "digital_workers",
        "worker",
        "tokens a day on tasks the model can solve over the tokens of a worker's day",
        _digital_workers,
    ),
    Metric(
        "measured_score",
        "fraction",
        "best benchmark score of a released model, by its measured capability",
        _score,
        window="at month's end",
        first="0",
    ),
    Metric(
        "lab_revenue_hhi",
        "1",
        "sum of squared shares in labs' revenue",
        _concentration,
        first="0",
    ),
    Metric(
        "insolvencies",
        "agent/month",
        "labs, fleets, vendors and funds that leave because they cannot pay",
        _insolvencies,
    ),
)
