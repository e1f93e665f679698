"""The token market: who pays comes first, free users are routed, then rationed; shares drift."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from agents.demand.customer import Customer
from agents.framework.columns import ratio
from agents.labs.lab import Lab
from sim.config.scenario.loader import load_scenario
from sim.month.markets import tokens
from sim.opening.opening import open_economy

BASELINE = load_scenario("baseline", months=12)


@pytest.fixture
def economy():
    made = open_economy(BASELINE, 1, [0, 1])
    made.ledger.begin_month("test")
    return made


def wanted(economy):
    """Demand, and FLOP of each lab for who pays, for free users on the flagship, and the rest."""
    demand = tokens.want(economy)
    return demand, *tokens.flop_wanted(economy, demand)


def serve(economy, flop):
    """Serve with hours for so many FLOP, (runs, labs); the demand that was served."""
    economy.labs.inference_hours = ratio(flop, economy.labs.decide(Lab.flop_per_hour))
    demand = tokens.want(economy)
    tokens.serve(economy, demand, lessons(economy))
    return demand


def lessons(economy, each=0.0):
    """So many tokens asked of every teacher by every student, (runs, edges)."""
    return np.full(economy.teaching.units.shape, each)


def of_labs(economy, values):
    return economy.tokens.to_source(values)


def test_with_hours_to_spare_everybody_gets_what_they_want(economy):
    demand, paid, best, rest = wanted(economy)
    serve(economy, 2.0 * (paid + best + rest))
    every = demand.subscribed + demand.free + demand.large + demand.small
    np.testing.assert_allclose(economy.tokens.units, every, rtol=1e-6)
    # The flagship serves subscribers, large orders and a part of what free users ask.
    share = economy.tokens.from_target(economy.customers.free_flagship_share)
    on_small = demand.small + demand.free * (1.0 - share)
    np.testing.assert_allclose(economy.tokens.small_units, on_small, rtol=1e-6, atol=2.0)
    assert not economy.labs.routed.any()
    assert (economy.customers.rationed <= 3.0 * len(economy.labs)).all()  # tokens are whole
    reserve = economy.labs.inference_hours / 2.0
    np.testing.assert_allclose(economy.labs.reserve_hours, reserve, rtol=1e-6)


def test_when_hours_are_short_free_users_go_to_small_models_first(economy):
    """Hours for all but half of what routing saves: half of the flagship's free tokens go over."""
    demand, paid, best, rest = wanted(economy)
    share = economy.tokens.from_target(economy.customers.free_flagship_share)
    little = economy.of_slot("flop_per_token", "small")
    saved = best - of_labs(economy, demand.free * share) * little
    serve(economy, paid + best + rest - 0.5 * saved)
    some = best > 0.0
    np.testing.assert_allclose(economy.labs.routed[some], 0.5, rtol=1e-6)
    every = demand.subscribed + demand.free + demand.large + demand.small
    np.testing.assert_allclose(economy.tokens.units, every, rtol=1e-6)
    on_small = demand.small + demand.free * (1.0 - 0.5 * share)
    np.testing.assert_allclose(economy.tokens.small_units, on_small, rtol=1e-6, atol=2.0)


def test_when_hours_are_shorter_free_tokens_are_rationed_and_paid_ones_are_not(economy):
    """Hours for all who pay and half of what free users take on small models."""
    demand, paid, _, _ = wanted(economy)
    little = economy.of_slot("flop_per_token", "small")
    free = of_labs(economy, demand.free)
    serve(economy, paid + 0.5 * free * little)
    some = free > 0.0
    assert (economy.labs.routed[some] == 1.0).all()
    bought = demand.subscribed + demand.large + demand.small
    given = economy.tokens.units - bought
    np.testing.assert_allclose(given, 0.5 * demand.free, rtol=1e-4, atol=4.0)
    everybody = economy.tokens.to_target(economy.tokens.units)
    np.testing.assert_allclose(economy.customers.tokens, everybody)
    missing = economy.tokens.to_target(0.5 * demand.free)
    np.testing.assert_allclose(economy.customers.rationed, missing, rtol=1e-4, atol=30.0)


def test_when_hours_do_not_reach_for_who_pays_nobody_is_free(economy):
    demand, paid, _, _ = wanted(economy)
    serve(economy, 0.25 * paid)
    bought = demand.subscribed + demand.large + demand.small
    np.testing.assert_allclose(economy.tokens.units, 0.25 * bought, rtol=1e-4, atol=4.0)
    assert not economy.labs.reserve_hours.max() > 1.0


def test_nobody_gets_tokens_that_no_hours_serve(economy):
    demand, *_ = wanted(economy)
    serve(economy, np.zeros(economy.labs.cash.shape))
    every = demand.subscribed + demand.free + demand.large + demand.small
    assert not economy.tokens.units.any() and not economy.models.tokens.any()
    np.testing.assert_allclose(economy.customers.rationed, economy.tokens.to_target(every))


@pytest.mark.parametrize("hours", [0.0, 0.1, 0.5, 0.9, 1.0, 3.0])
def test_flop_served_never_exceed_the_hours(economy, hours):
    _, paid, best, rest = wanted(economy)
    capacity = hours * (paid + best + rest)
    serve(economy, capacity)
    assert (economy.labs.inference_flop <= capacity * (1 + 1e-12)).all()
    assert (economy.tokens.small_units <= economy.tokens.units).all()


def test_need_counts_what_was_not_served_too(economy):
    _, paid, best, rest = wanted(economy)
    serve(economy, np.zeros(economy.labs.cash.shape))
    hours = ratio(paid + best + rest, economy.labs.decide(Lab.flop_per_hour))
    np.testing.assert_allclose(economy.labs.serving_need, hours)


def test_subscribers_pay_by_month_and_budgets_by_token(economy):
    demand, paid, best, rest = wanted(economy)
    serve(economy, 2.0 * (paid + best + rest))
    labs, edges, customers = economy.labs, economy.tokens, economy.customers
    fees = edges.share * edges.from_target(customers.paying * customers.subscription_price)
    large = demand.large * edges.from_source(labs.offer_price) / 1e6
    small = demand.small * edges.from_source(labs.offer_small_price) / 1e6
    np.testing.assert_allclose(edges.usd, fees + large + small, rtol=1e-6, atol=1.0)
    np.testing.assert_allclose(labs.revenue, edges.to_source(edges.usd))
    np.testing.assert_allclose(customers.fees, edges.to_target(fees), rtol=1e-6, atol=1.0)
    budgets = edges.to_target(demand.large + demand.small)
    np.testing.assert_allclose(customers.bought, budgets, rtol=1e-6, atol=len(labs))
    assert not customers.cash.any()  # customers spend out of their incomes


def test_at_an_elasticity_of_one_budgets_are_spent_whole(economy):
    economy.customers.token_price_elasticity = 1.0
    demand, *_ = wanted(economy)
    labs, edges = economy.labs, economy.tokens
    bill = demand.large * edges.from_source(labs.offer_price)
    bill = bill + demand.small * edges.from_source(labs.offer_small_price)
    np.testing.assert_allclose(edges.to_target(bill) / 1e6, economy.customers.budget, rtol=1e-9)


# ---- shares --------------------------------------------------------------------------------------


def test_the_opening_shares_are_those_of_the_world(economy):
    before = economy.tokens.share.copy()
    weight = economy.tokens.weight * economy.tokens.open_edges()  # dormant labs sell nothing
    sums = economy.tokens.from_target(economy.tokens.to_target(weight))
    np.testing.assert_allclose(before, weight / sums)
    economy.customers.inertia = 0.0
    tokens.choose(economy)
    np.testing.assert_allclose(economy.tokens.share, before, rtol=1e-9)


def test_who_has_no_share_at_the_start_never_sells(economy):
    closed = economy.tokens.weight[0] == 0.0
    tokens.choose(economy)
    assert not economy.tokens.share[:, closed].any()


@pytest.mark.parametrize("pull", [0.1, 0.5, 1.0])
def test_log_odds_go_a_part_of_the_way_by_inertia(economy, pull):
    """Between two suppliers of one cohort, ln(share ratio) moves from what it was toward what
    the cohort prefers now: lasting brand, capability and price."""
    edges, customers = economy.tokens, economy.customers
    customers.inertia = pull
    cohort = customers.index["developer_us"]
    first, second = (
        np.flatnonzero((edges.target == cohort) & (edges.source == economy.labs.index[name]))[0]
        for name in ("openai", "anthropic")
    )
    economy.of_slot("capability", "flagship")[:, economy.labs.index["anthropic"]] += 1.0
    tokens.perceive_labs.offers(economy)
    utility = edges.decide(Customer.prefer, by_target=True)
    wished = utility + edges.appeal * edges.from_target(customers.brand_persistence)

    def odds(values):
        return values[:, first] - values[:, second]

    before = np.log(odds_of(edges.share, first, second))
    tokens.choose(economy)
    after = np.log(odds_of(edges.share, first, second))
    np.testing.assert_allclose(after - before, pull * (odds(wished) - before), rtol=1e-9)
    assert (after < before).all()


def odds_of(share, first, second):
    return share[:, first] / share[:, second]


def test_brand_that_lasts_holds_a_share_that_quality_does_not_explain(economy):
    """With all of the lead lasting, nothing moves while offers stay; with none of it, shares go to
    what capability and price explain."""
    before = economy.tokens.share.copy()
    economy.customers.brand_persistence = 1.0
    for _ in range(12):
        tokens.choose(economy)
    np.testing.assert_allclose(economy.tokens.share, before, rtol=1e-9)
    economy.customers.brand_persistence, economy.customers.inertia = 0.0, 1.0
    tokens.choose(economy)
    utility = economy.tokens.decide(Customer.prefer, by_target=True)
    sells = (economy.tokens.weight > 0.0) & (economy.tokens.open_edges() > 0.0)
    pull = np.where(sells, np.exp(utility), 0.0)
    by_merit = pull / economy.tokens.from_target(economy.tokens.to_target(pull))
    np.testing.assert_allclose(economy.tokens.share, by_merit, rtol=1e-9)


@pytest.mark.parametrize("lab", ["openai", "deepseek"])
def test_a_dormant_lab_has_no_share_and_serves_nobody(lab):
    agents = tuple(
        replace(a, dormant=True) if (a.population, a.name) == ("labs", lab) else a
        for a in BASELINE.world.agents
    )
    economy = open_economy(replace(BASELINE, world=replace(BASELINE.world, agents=agents)), 1, [0])
    row = economy.labs.index[lab]
    mine = economy.tokens.source == row
    for _ in range(2):
        assert not economy.tokens.share[:, mine].any()
        added = economy.tokens.to_target(economy.tokens.share)
        np.testing.assert_allclose(added, 1.0)  # others have it all
        tokens.choose(economy)
    economy.ledger.begin_month("test")
    economy.labs.inference_hours = 1e9
    tokens.serve(economy, tokens.want(economy), lessons(economy))
    assert not economy.tokens.units[:, mine].any() and economy.labs.revenue[0, row] == 0.0
    assert economy.tokens.units.any()


def test_demand_that_does_not_come_is_neither_served_nor_paid(economy):
    """Two fifths of one lab's; subscribers of others and their tokens stay."""
    labs, flows = economy.labs, economy.tokens
    mine = flows.source == labs.index["openai"]
    calm = tokens.want(economy)
    lost = copy.deepcopy(economy)
    lost.labs.demand_loss[:, labs.index["openai"]] = 0.4
    missed = tokens.want(lost)
    for before, after in zip(calm, missed, strict=True):
        np.testing.assert_allclose(after[:, mine], 0.6 * before[:, mine])
        np.testing.assert_array_equal(after[:, ~mine], before[:, ~mine])
    for world, demand in ((economy, calm), (lost, missed)):
        world.ledger.begin_month("test")
        world.labs.inference_hours = 1e12
        tokens.serve(world, demand, np.zeros_like(world.teaching.units))
    row = labs.index["openai"]
    fallen = lost.labs.revenue[:, row] / economy.labs.revenue[:, row]
    np.testing.assert_allclose(fallen, 0.6, rtol=1e-6)
    others = np.arange(len(labs)) != row
    np.testing.assert_array_equal(lost.labs.revenue[:, others], economy.labs.revenue[:, others])
