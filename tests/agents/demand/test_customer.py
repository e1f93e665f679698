"""Customers: adoption, what they would pay for, tokens wanted, and how they weigh suppliers."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.demand.customer import DAYS, Customer
from agents.labs.lab import FrontierLab

CALM = {"adoption_volatility": 0.0, "luck_adoption": 0.0}
USAGE = {
    "allowance": 0.0,
    "tokens_per_user_start": 12.0,
    "messages": 3.0,
    "tokens_per_oom": 0.0,
    "capability": 0.0,
    "first_capability": 0.0,
}
ADOPTION = {"adoption_rate": 0.1, "adoption_ceiling": 0.4, **USAGE, **CALM}
TASKS = {"spend_rate": 0.2, "spend_ceiling": 0.5, **CALM}


@pytest.mark.parametrize(
    ("adopted", "after"),
    [
        (0.0, 0.0),  # nobody learns from nobody
        (0.2, 0.21),  # 0.2 + 0.1 x 0.2 x (1 - 0.5)
        (0.4, 0.4),
        (0.6, 0.6),  # above the ceiling nobody leaves
    ],
)
def test_adoption_is_logistic(agent_of, adopted, after):
    assert agent_of(Customer, **ADOPTION, adopted=adopted).adopt() == pytest.approx(after)


@pytest.mark.parametrize(("share", "after"), [(0.0, 0.0), (0.1, 0.116), (0.5, 0.5), (0.9, 0.9)])
def test_tasks_are_paid_for_by_the_same_law(agent_of, share, after):
    assert agent_of(Customer, **TASKS, spend_share=share).adopt_tasks() == pytest.approx(after)


@given(
    share=st.floats(0.0, 1.0),
    rate=st.floats(0.0, 1.0),
    ceiling=st.floats(0.001, 1.0),
    spread=st.floats(0.0, 1.0),
    luck=st.floats(-6.0, 6.0),
)
@example(share=0.5, rate=1.0, ceiling=1.0, spread=1.0, luck=2.0)
def test_adoption_never_falls_and_never_passes_its_ceiling(
    agent_of, share, rate, ceiling, spread, luck
):
    """Whatever the news of the month: nobody adopts twice."""
    news = {"adoption_volatility": spread, "luck_adoption": luck}
    people = {"adopted": share, "adoption_rate": rate, "adoption_ceiling": ceiling, **USAGE}
    tasks = {"spend_share": share, "spend_rate": rate, "spend_ceiling": ceiling}
    most = max(share, ceiling) * (1 + 1e-12)
    assert share <= agent_of(Customer, **people, **news).adopt() <= most
    assert share <= agent_of(Customer, **tasks, **news).adopt_tasks() <= most


def test_news_make_a_month_of_adoption_and_are_fair(agent_of):
    """0.3 x 2 - 0.3^2 / 2 = 0.555 in ln for two standard deviations; on average 1."""
    cohort = agent_of(Customer, adoption_volatility=0.3, luck_adoption=2.0)
    assert cohort.month_news() == pytest.approx(math.exp(0.555))
    luck = np.random.default_rng(1).standard_normal(20_000)
    many = agent_of(Customer, adoption_volatility=0.3, luck_adoption=luck.tolist())
    assert many.month_news().mean() == pytest.approx(1.0, rel=0.01)
    eager = {**ADOPTION, "adoption_volatility": 0.3, "luck_adoption": 2.0}
    after = agent_of(Customer, **eager, adopted=0.2).adopt()
    assert after == pytest.approx(0.2 + 0.01 * math.exp(0.555))


def test_a_logistic_curve_over_years(agent_of):
    """Against the closed form of the continuous law, half way up: steps of a month lag a little."""
    adopted, months = 0.02, 40
    for _ in range(months):
        adopted = float(agent_of(Customer, **ADOPTION, adopted=adopted).adopt())
    closed = 0.4 / (1.0 + (0.4 / 0.02 - 1.0) * math.exp(-0.1 * months))
    assert adopted == pytest.approx(closed, rel=0.07)
    assert adopted < closed


@pytest.mark.parametrize(("month", "growth"), [(0.0, 0.6), (24.0, 0.6 / math.e)])
def test_messages_grow_ever_slower(agent_of, month, growth):
    cohort = agent_of(
        Customer, messages=2.0, messages_growth=0.6, messages_growth_decay=24.0, months=month
    )
    assert cohort.grow_messages() == pytest.approx(2.0 * math.exp(growth / 12.0))


SOLVABLE = {
    "solvable_start": 0.2,
    "solvable_slope": math.log(2.0),
    "capability": 1.0,
    "first_capability": 1.0,
}


@pytest.mark.parametrize(
    ("capability", "share"),
    [(1.0, 0.2), (2.0, 1 / 3), (3.0, 0.5), (5.0, 0.8), (-1.0, 1 / 17), (500.0, 1.0), (-9e9, 0.0)],
)
def test_odds_of_a_solvable_task_double_by_the_slope(agent_of, capability, share):
    # Odds of 1:4 at the start; an order of magnitude doubles them.
    cohort = agent_of(Customer, **{**SOLVABLE, "capability": capability})
    assert cohort.solvable() == pytest.approx(share, abs=1e-100)


@given(capability=st.floats(-99.0, 99.0), more=st.floats(0.0, 10.0))
def test_better_models_never_solve_less_and_never_more_than_all(agent_of, capability, more):
    low, high = (
        agent_of(Customer, **{**SOLVABLE, "capability": c}).solvable()
        for c in (capability, capability + more)
    )
    assert 0.0 <= low <= high <= 1.0


BUDGET = {
    **SOLVABLE,
    "task_value": 50.0,
    "first_task_value": 50.0,
    "price": 2.0,
    "spend_max": 12_000.0,
    "spend_share": 0.1,
    "token_price_elasticity": 1.0,
}


@pytest.mark.parametrize(
    ("change", "budget"),
    [
        ({}, 16.0),  # 1,000 a month x 0.2 solvable x 0.1 paid x (1 - 2 / 10)
        ({"price": 0.0}, 20.0),
        ({"price": 5.0}, 10.0),
        ({"price": 10.0}, 0.0),  # as dear as it is worth
        ({"price": 99.0}, 0.0),
        ({"spend_max": 0.0}, 0.0),
        ({"spend_share": 0.0}, 0.0),
        ({"capability": 3.0}, 46.0),  # half solvable: worth 25 a million, 50 x (1 - 2 / 25)
        ({"token_price_elasticity": 2.0}, 19.2),  # 20 x (1 - (2 / 10)^2)
        ({"token_price_elasticity": 0.5, "price": 2.5}, 10.0),  # 20 x (1 - (2.5 / 10)^0.5)
    ],
)
def test_the_budget_is_what_solvable_tasks_are_worth_spending(agent_of, change, budget):
    cohort = agent_of(Customer, **{**BUDGET, **change})
    assert cohort.plan_budget() == pytest.approx(budget)


@pytest.mark.parametrize("worth", [0.5, 1.0, 3.0])
def test_the_budget_follows_what_tasks_are_worth(agent_of, worth):
    """With prices in proportion nothing else changes."""
    base = agent_of(Customer, **BUDGET)
    changed = {"task_value": worth * BUDGET["task_value"], "price": worth * BUDGET["price"]}
    other = agent_of(Customer, **{**BUDGET, **changed})
    assert other.plan_budget() == pytest.approx(worth * base.plan_budget())


@given(price=st.floats(0.0, 100.0), dearer=st.floats(0.0, 100.0), capability=st.floats(-9.0, 9.0))
def test_a_dearer_token_never_raises_the_budget(agent_of, price, dearer, capability):
    cheap, dear = (
        agent_of(Customer, **{**BUDGET, "capability": capability, "price": p}).plan_budget()
        for p in (price, price + dearer)
    )
    assert 0.0 <= dear <= cheap <= 1000.0 * 0.1


def test_tokens_of_a_user_are_longer_with_better_models(agent_of):
    cohort = agent_of(
        Customer,
        tokens_per_user_start=12.0,
        messages=3.0,
        tokens_per_oom=0.5,
        capability=2.0,
        first_capability=0.0,
    )
    assert cohort.tokens_per_user() == pytest.approx(12.0 * DAYS * 3.0 * math.e)


@pytest.mark.parametrize(
    ("elasticity", "price", "tokens"),
    [
        (1.0, 4.0, 250_000.0),
        (1.0, 8.0, 125_000.0),
        (0.5, 16.0, 125_000.0),  # four times dearer, half as many
        (2.0, 8.0, 62_500.0),
        (0.0, 99.0, 250_000.0),
    ],
)
def test_tokens_of_a_usd_fall_with_the_price_by_the_elasticity(agent_of, elasticity, price, tokens):
    cohort = agent_of(Customer, price=price, first_price=4.0, token_price_elasticity=elasticity)
    assert cohort.budget_tokens() == pytest.approx(tokens)


@given(price=st.floats(0.01, 1e4), first=st.floats(0.01, 1e4))
def test_at_an_elasticity_of_one_the_budget_is_spent_whole(agent_of, price, first):
    cohort = agent_of(Customer, price=price, first_price=first, token_price_elasticity=1.0)
    assert cohort.budget_tokens() * price / 1e6 == pytest.approx(1.0)


def test_without_a_supplier_nothing_is_bought(agent_of):
    cohort = agent_of(Customer, price=0.0, first_price=0.0, token_price_elasticity=1.0)
    assert cohort.budget_tokens() == 0.0


TASTE = {
    "capability_slope": 1.5,
    "price_slope": 2.0,
    "small_share": 0.0,
    "coding_share": 0.5,
    "benchmark_trust": 0.4,
}
OFFER = {
    "niche_elasticity": 0.5,
    "lessons_miss": 0.25,
    "offer_focus": 0.5,
    "offer_taught": 0.0,
    "offer_inflation": 0.0,
    "offer_capability": 1.0,
    "offer_small_capability": 0.6,
    "offer_price": math.e,
    "offer_small_price": 1.0,
}


@pytest.mark.parametrize(
    ("taste", "offer", "utility"),
    [
        ({}, {}, 1.5 - 2.0),
        ({}, {"offer_capability": 2.0}, 3.0 - 2.0),
        ({}, {"offer_price": math.e**2}, 1.5 - 4.0),
        ({"small_share": 1.0}, {}, 0.9),
        ({"small_share": 0.5}, {}, 1.5 * 0.8 - 2.0 * math.log((math.e + 1.0) / 2.0)),
        ({"price_slope": 0.0}, {"offer_price": 0.0}, 1.5),  # nothing sold for nothing
        # Benchmarks see 0.3 OOM too much, and are trusted by 0.4 beside experience.
        ({}, {"offer_inflation": 0.3}, 1.5 * 1.12 - 2.0),
        ({"benchmark_trust": 0.0}, {"offer_inflation": 9.0}, 1.5 - 2.0),
        # An eighth of what lessons brought is missing: a quarter, in half of the tasks.
        ({}, {"offer_taught": 0.4}, 1.5 * 0.95 - 2.0),
    ],
)
def test_utility_rises_with_capability_and_falls_with_ln_price(agent_of, taste, offer, utility):
    cohort = agent_of(Customer, **{**TASTE, **taste})
    assert cohort.prefer(agent_of(FrontierLab, **{**OFFER, **offer})) == pytest.approx(utility)


@given(better=st.floats(0.0, 5.0), cheaper=st.floats(1.0, 100.0), small=st.floats(0.0, 1.0))
def test_better_and_cheaper_is_never_liked_less(agent_of, better, cheaper, small):
    cohort = agent_of(Customer, **{**TASTE, "small_share": small})
    offer = SimpleNamespace(**OFFER)
    change = {
        "offer_capability": 1.0 + better,
        "offer_small_capability": 0.6 + better,
        "offer_price": math.e / cheaper,
        "offer_small_price": 1.0 / cheaper,
    }
    improved = SimpleNamespace(**{**OFFER, **change})
    assert cohort.prefer(improved) >= cohort.prefer(offer) - 1e-12


def test_a_percentage_on_all_prices_moves_all_suppliers_alike(agent_of):
    """Only relative prices count, so doubling all money changes no choice."""
    cohort = agent_of(Customer, **{**TASTE, "small_share": 0.3})
    shifts = []
    for price, small in ((3.0, 1.0), (10.0, 0.1)):
        before, after = (
            cohort.prefer(
                SimpleNamespace(
                    **{**OFFER, "offer_price": price * k, "offer_small_price": small * k}
                )
            )
            for k in (1.0, 2.0)
        )
        shifts.append(after - before)
    assert shifts[0] == pytest.approx(shifts[1])


@pytest.mark.parametrize(
    ("coding", "offer", "useful"),
    [
        (0.5, {}, 1.0),  # an even focus is neither here nor there
        (1.0, {"offer_focus": 0.8}, 1.0 + 0.5 * math.log10(1.6)),
        (0.0, {"offer_focus": 0.8}, 1.0 + 0.5 * math.log10(0.4)),
        (0.5, {"offer_focus": 0.8}, 1.0 + 0.25 * math.log10(0.64)),  # a specialist among others
        (0.0, {"offer_focus": 0.2}, 1.0 + 0.5 * math.log10(1.6)),
        (1.0, {"offer_focus": 0.8, "niche_elasticity": 0.0}, 1.0),
        (1.0, {"offer_focus": 0.0}, 1.0 + 0.5 * math.log10(0.002)),
        # A quarter of what lessons brought is missing in coding-like tasks, nothing in others.
        (1.0, {"offer_taught": 0.4}, 0.9),
        (0.0, {"offer_taught": 0.4}, 1.0),
        (0.3, {"offer_taught": 0.4}, 0.97),
    ],
)
def test_what_a_model_is_worth_in_use_depends_on_the_tasks(agent_of, coding, offer, useful):
    cohort = agent_of(Customer, coding_share=coding)
    lab = agent_of(FrontierLab, **{**OFFER, **offer})
    assert cohort.find_useful(lab) == pytest.approx(useful)


@given(coding=st.floats(0.05, 0.95), other=st.floats(0.05, 0.95))
def test_a_cohort_is_served_best_by_a_focus_like_its_own(agent_of, coding, other):
    cohort = agent_of(Customer, coding_share=coding)
    own, strange = (
        cohort.find_useful(agent_of(FrontierLab, **{**OFFER, "offer_focus": focus}))
        for focus in (coding, other)
    )
    assert own >= strange - 1e-12
