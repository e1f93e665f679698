"""Tokens for everyone: who may use how many, who is served first, and who pays."""

import numpy as np
import pytest

from agents.demand.customer import DAYS, Customer
from agents.framework.columns import ratio
from agents.labs.lab import Lab
from sim import engine
from sim.config.scenario.loader import load_scenario
from sim.month import public_support
from sim.month.markets import lessons, tokens
from sim.opening.opening import open_economy
from sim.results.record import Record

BASELINE = load_scenario("baseline", months=12)


@pytest.fixture
def economy():
    made = open_economy(BASELINE, 1, [0, 1])
    made.customers.allowance = 0.5 * made.customers.tokens_per_user_start
    made.ledger.begin_month("test")
    return made


def serve(economy, flop):
    """Serve with hours for so much FLOP, (runs, labs); what was wanted."""
    economy.labs.inference_hours = ratio(flop, economy.labs.decide(Lab.flop_per_hour))
    demand = tokens.want(economy)
    tokens.serve(economy, demand, np.zeros_like(lessons.ask(economy)))
    return demand


def test_an_allowance_replaces_tokens_that_are_given_away(economy):
    """Half of what a free user takes: half of it is paid for, and nobody takes more."""
    demand = tokens.want(economy)
    np.testing.assert_allclose(demand.granted, demand.free)
    economy.customers.allowance = 0.0
    without = tokens.want(economy)
    np.testing.assert_allclose(without.free, demand.free + demand.granted)
    np.testing.assert_array_equal(without.subscribed, demand.subscribed)
    economy.customers.allowance = 1e12
    assert not tokens.want(economy).free.any()


def test_it_is_served_after_who_pays_and_before_what_is_free(economy):
    """Hours for all who pay and half of the allowance: the other half waits, and all that is
    free."""
    demand = tokens.want(economy)
    paid, _, _ = tokens.flop_wanted(economy, demand)
    granted = tokens.flop_granted(economy, demand)
    serve(economy, paid + 0.5 * granted)
    bought = demand.subscribed + demand.large + demand.small
    served = economy.tokens.units - bought
    np.testing.assert_allclose(served, 0.5 * demand.granted, rtol=1e-4, atol=8.0)
    per_hour = economy.labs.decide(Lab.flop_per_hour)
    hours = ratio(0.5 * granted, per_hour)
    np.testing.assert_allclose(economy.labs.allowance_hours, hours, rtol=1e-4, atol=1.0)


def test_with_hours_to_spare_everybody_gets_what_they_want(economy):
    demand = tokens.want(economy)
    paid, best, rest = tokens.flop_wanted(economy, demand)
    serve(economy, 2.0 * (paid + best + rest + tokens.flop_granted(economy, demand)))
    np.testing.assert_allclose(economy.tokens.units, demand.all(), rtol=1e-6, atol=8.0)
    assert (economy.customers.rationed <= 4.0 * len(economy.labs)).all()


def test_who_serves_is_paid_at_cost_and_labs_bear_their_part_by_revenue(economy):
    """Two labs serve 10 and 30 hours at 2 USD; a quarter of the 80 USD is levied, and they earn 3
    to 1."""
    labs, outside, ledger = economy.labs, economy.outside, economy.ledger
    one, two = labs.index["openai"], labs.index["anthropic"]
    labs.hour_price = 2.0
    for row, hours, revenue, cost in ((one, 10.0, 300.0, 500.0), (two, 30.0, 100.0, 70.0)):
        labs.allowance_hours[:, row] = hours
        labs.revenue[:, row], labs.cost_of_revenue[:, row] = revenue, cost
    others = np.ones(len(labs), dtype=bool)
    others[[one, two]] = False
    labs.revenue[:, others] = 0.0
    labs.allowance_hours[:, others] = 0.0
    outside.levy_share = 0.25
    cash, purse = labs.cash.copy(), outside.cash.copy()
    public_support.pay_allowance(economy)
    assert labs.allowance_paid[0, [one, two]].tolist() == [20.0, 60.0]
    assert labs.cost_of_revenue[0, [one, two]].tolist() == [480.0, 10.0]
    assert labs.administration_cost[0, [one, two]].tolist() == [15.0, 5.0]
    assert (labs.cash - cash)[0, [one, two]].tolist() == [5.0, 55.0]
    assert (outside.cash - purse)[0].tolist() == [-60.0]
    assert {"allowance", "levy"} <= {flow[0] for flow in ledger.flows}


@pytest.mark.parametrize(
    ("allowance", "reach"), [(0.0, 0.4), (50.0, 0.7), (100.0, 1.0), (9e9, 1.0)]
)
def test_the_ceiling_rises_by_the_part_of_a_users_tokens_that_is_covered(agent, allowance, reach):
    assert agent(allowance=allowance).reach() == pytest.approx(reach)


@pytest.fixture
def agent(economy):
    """A cohort that takes 100 tokens a day and reaches four in ten by itself."""

    def build(allowance):
        customers = economy.customers
        customers.allowance, customers.adoption_ceiling = allowance, 0.4
        customers.tokens_per_user_start, customers.messages = 100.0, 1.0
        customers.tokens_per_oom = 0.0
        return Customer.over(customers, 0, run=0)

    return build


def test_nobody_is_granted_more_than_there_is_use_for(agent):
    assert agent(allowance=30.0).allowed_tokens() == pytest.approx(30.0 * DAYS)
    assert agent(allowance=300.0).allowed_tokens() == pytest.approx(100.0 * DAYS)


def test_a_run_with_an_allowance_balances_and_brings_users():
    scenario = load_scenario("compute_budget_for_everyone", months=30)
    made = {}
    for name, chosen in (("with", scenario), ("without", load_scenario("baseline", months=30))):
        economy = open_economy(chosen, 1, [0])
        made[name] = Record(economy, ("metrics",))
        engine.run(economy, made[name])
        assert not made[name].metrics["ledger_residual"].any()
        assert made[name].metrics["compute_residual"].max() <= 1e-9
    users = {name: record.metrics["active_users"][0] for name, record in made.items()}
    np.testing.assert_array_equal(users["with"][:12], users["without"][:12])
    assert (users["with"][12:] > users["without"][12:]).all()
