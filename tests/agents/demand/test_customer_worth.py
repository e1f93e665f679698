"""What tokens are worth to a cohort: under its demand curve, and where they have no price."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.demand.customer import Customer, mean_decay

TASKS = {
    "task_value": 50.0,
    "first_task_value": 50.0,
    "solvable_start": 0.2,
    "solvable_slope": math.log(2.0),
    "capability": 1.0,
    "first_capability": 1.0,
}
"""A fifth of tasks is solved: the best is worth 10 USD a million tokens."""
BUYER = {**TASKS, "spend_max": 12_000.0, "spend_share": 0.1, "first_price": 4.0}
ELASTICITY = st.floats(0.1, 3.0)
BELOW_BEST = st.floats(0.01, 9.9)


@pytest.fixture(scope="module")
def buyer(agent_of):
    """buyer(price, elasticity): a cohort that buys tokens."""

    def build(price, elasticity=1.0, **changed):
        columns = {**BUYER, "price": price, "token_price_elasticity": elasticity, **changed}
        return agent_of(Customer, **columns)

    return build


def bought(cohort):
    """Tokens that its budget buys."""
    return cohort.plan_budget() * cohort.budget_tokens()


@pytest.mark.parametrize(
    ("elasticity", "price", "worth"),
    [
        (1.0, 2.0, 2.5 * math.log(5.0)),  # 2 ln 5 / (1 - 1 / 5)
        (2.0, 2.0, 10.0 / 3.0),  # 2 x 2 x (1 - 1 / 5) / (1 - 1 / 25)
        (0.5, 2.5, 5.0),  # 2.5 x -1 x (1 - 2) / (1 - 1 / 2)
        (1.0, 10.0, 10.0),  # only the best task is done
        (2.0, 10.0, 10.0),
        (1.0, 0.0, 0.0),  # a gift lets every task in, ever lesser ones without end
    ],
)
def test_bought_tokens_are_worth_the_mean_of_the_tasks_that_the_price_lets_in(
    buyer, elasticity, price, worth
):
    assert buyer(price, elasticity).value_bought() == pytest.approx(worth)


@given(price=BELOW_BEST, elasticity=ELASTICITY)
def test_demand_is_that_of_tasks_pareto_distributed_up_to_the_best(buyer, price, elasticity):
    """k (p^-e - v^-e), with k of 20 USD a month times a million over the price of the start."""
    k = 20.0 * 1e6 * 4.0 ** (elasticity - 1.0)
    curve = k * (price**-elasticity - 10.0**-elasticity)
    assert bought(buyer(price, elasticity)) == pytest.approx(curve, rel=1e-9)


@pytest.mark.parametrize("elasticity", [0.1, 0.8, 1.0, 1.3, 3.0])
@pytest.mark.parametrize("price", [0.01, 2.0, 9.0])
def test_worth_is_the_integral_of_what_tasks_are_worth(buyer, price, elasticity):
    """By quadrature over ln w: tasks at a worth w are e w^-e d ln w of k."""
    steps = 20_000
    edges = np.linspace(math.log(price), math.log(10.0), steps + 1)
    worth = np.exp((edges[1:] + edges[:-1]) / 2.0)
    tasks = worth**-elasticity
    assert buyer(price, elasticity).value_bought() == pytest.approx(
        (worth * tasks).sum() / tasks.sum(), rel=1e-6
    )


@given(price=st.floats(0.1, 9.0), elasticity=ELASTICITY)
def test_the_last_token_bought_is_worth_its_price(buyer, price, elasticity):
    """What a slightly lower price adds to worth, over the tokens that it adds."""
    lower, higher = (buyer(price * (1.0 + step), elasticity) for step in (-1e-4, 1e-4))
    added = bought(lower) * lower.value_bought() - bought(higher) * higher.value_bought()
    assert added / (bought(lower) - bought(higher)) == pytest.approx(price, rel=1e-4)


@given(price=BELOW_BEST, dearer=st.floats(1.0, 100.0), elasticity=ELASTICITY)
def test_a_dearer_token_is_bought_less_and_is_worth_more(buyer, price, dearer, elasticity):
    cheap, dear = buyer(price, elasticity), buyer(price * dearer, elasticity)
    assert bought(dear) <= bought(cheap)
    assert price <= cheap.value_bought() <= dear.value_bought() * (1.0 + 1e-12)


@given(price=BELOW_BEST, better=st.floats(0.0, 5.0), elasticity=ELASTICITY)
def test_better_models_raise_what_tokens_at_a_price_are_worth(buyer, price, better, elasticity):
    worth, more = (
        buyer(price, elasticity, capability=c).value_bought() for c in (1.0, 1.0 + better)
    )
    assert worth <= more * (1.0 + 1e-12)


def test_half_solved_tasks_are_worth_more_at_a_price(buyer):
    """Two orders of magnitude make the best task worth 25: 2 ln 12.5 / (1 - 1 / 12.5)."""
    cohort = buyer(2.0, capability=3.0)
    assert cohort.value_bought() == pytest.approx(2.0 * math.log(12.5) / 0.92)


@pytest.mark.parametrize("price", [0.01, 2.0, 9.999])
def test_worth_is_smooth_where_the_elasticity_passes_one(buyer, price):
    at = buyer(price).value_bought()
    for step in (1e-15, 1e-12, 1e-9, 1e-6):
        for elasticity in (1.0 - step, 1.0 + step):
            near = buyer(price, elasticity).value_bought()
            assert near == pytest.approx(at, rel=10.0 * step + 1e-13)


def test_where_demand_hardly_answers_worth_is_the_logarithmic_mean(buyer):
    """Tasks spread evenly in ln w: (v - p) / ln (v / p)."""
    assert buyer(2.0, 1e-9).value_bought() == pytest.approx(8.0 / math.log(5.0))


@pytest.mark.parametrize(
    ("length", "mean"),
    [(0.0, 1.0), (1.0, 1.0 - 1.0 / math.e), (-1.0, math.e - 1.0), (1e-12, 1.0), (800.0, 1 / 800.0)],
)
def test_mean_decay(length, mean):
    assert mean_decay(length) == pytest.approx(mean, rel=1e-11)


SERVED = {**TASKS, "value_capture": 0.1, "bought": 0.0}


@pytest.mark.parametrize(
    ("tokens", "fees", "worth"),
    [
        (8e6, 2.0, 2.5),  # 2 USD pay for a tenth of what eight million are worth
        (4e6, 2.0, 5.0),
        (1e6, 2.0, 10.0),  # not 20: the best task is worth 50 x 0.2
        (1e5, 2.0, 20.0),  # nobody pays 20 for less
        (8e6, 0.0, 0.0),  # nobody has shown that it is worth a fee
        (0.0, 0.0, 0.0),
    ],
)
def test_tokens_without_a_price_are_worth_their_fees_over_capture(agent_of, tokens, fees, worth):
    cohort = agent_of(Customer, **SERVED, tokens=tokens, fees=fees)
    assert cohort.value_served() == pytest.approx(worth)


@given(tokens=st.floats(1.0, 1e18), more=st.floats(1.0, 1e3), fees=st.floats(0.0, 1e12))
def test_more_use_at_the_same_fees_is_worth_less_each_and_never_less_than_the_fees(
    agent_of, tokens, more, fees
):
    few, many = (
        agent_of(Customer, **SERVED, tokens=n, fees=fees).value_served()
        for n in (tokens, tokens * more)
    )
    assert 0.0 <= many <= few
    assert fees * (1.0 - 1e-9) <= many * tokens * more / 1e6 <= fees / 0.1 * (1.0 + 1e-9)


@pytest.mark.parametrize(
    ("tokens", "own", "worth"),
    [
        (4e6, 4e6, 2.5 * math.log(5.0)),  # all are bought
        (8e6, 0.0, 2.5),  # none are
        (9e6, 1e6, (2.5 * math.log(5.0) + 8.0 * 2.5) / 9.0),
        (0.0, 0.0, 10.0),  # the first token would go to the best task
    ],
)
def test_a_cohort_has_the_mean_of_what_it_buys_and_what_it_is_served(buyer, tokens, own, worth):
    cohort = buyer(2.0, value_capture=0.1, tokens=tokens, bought=own, fees=2.0)
    assert cohort.value_tokens() == pytest.approx(worth)
