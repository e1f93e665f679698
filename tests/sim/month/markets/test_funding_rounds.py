"""Labs' rounds: who pledges what, never more than is asked, and how stakes are diluted."""

import copy

import numpy as np
import pytest

from agents.finance.parent import Parent
from sim import engine
from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.month.markets import funding, funding_rounds
from sim.month.perceive import supply as perceive_supply
from sim.opening.opening import open_economy
from sim.results.record import Record

MONTHS = 30
WHOLLY_OWNED = ("google_deepmind", "meta", "alibaba_qwen", "deepseek")
HOLDERS = ("ownership", "gulf_labs", "lab_funding")
_OPENED = open_economy(load_scenario("baseline"), 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month, with more money in the market's pool than anybody asks for."""
    made = copy.deepcopy(_OPENED)
    made.capital.lab_pool = 1e15
    perceive_supply.groups(made)
    perceive_supply.investors(made)
    return made


def asking(economy, amount=1e9):
    """Every living lab asks for so much; what is left of it once parents have pledged."""
    labs = economy.labs
    labs.asked = amount * labs.alive
    by_parents = funding_rounds.offer_of_parents(economy)
    left = labs.asked - economy.ownership.to_target(by_parents)
    return by_parents, np.where(labs.owned_share < funding_rounds.WHOLE, left, 0.0)


def stop_the_gulf(economy):
    economy.gulf.oil_volume_left = 0.0
    economy.gulf.liquidation_max = 0.0


def stakes(economy):
    """What all holders have of each lab, (runs, labs)."""
    return sum(e.to_target(e.stake) for e in map(economy.relations.__getitem__, HOLDERS))


# ---- over a run ----------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["baseline", "gulf_stop", "capital_drought", "demand_boom"])
def history(request):
    """What a scenario's rounds come to, month by month, and the economy at the end."""
    economy = open_economy(load_scenario(request.param, months=MONTHS), 1, [0, 1])
    record = Record(economy, ("metrics", "agents"))
    held = []
    for _ in range(MONTHS):
        engine.month(economy, record)
        held.append((stakes(economy), economy.labs.alive.copy(), economy.labs.pledged.copy()))
    return economy, {k[1]: v for k, v in record.agents.items() if k[0] == "labs"}, held


def test_what_is_pledged_never_exceeds_what_is_asked(history):
    _, labs, _ = history
    assert (labs["granted"] <= labs["asked"] * (1 + 1e-12)).all()
    assert (labs["granted"].sum(axis=2) > 0.0).mean() > 0.9


def test_no_lab_is_owned_by_more_than_a_whole(history):
    economy, _, held = history
    for stake, alive, _ in held:
        assert stake[alive].max() <= 1.0 + 1e-9
        assert stake[alive].min() >= 0.0
    entrants = [economy.labs.index[lab.name] for lab in economy.world.of("labs") if lab.dormant]
    last, alive, _ = held[-1]
    stays = alive.copy()
    stays[:, entrants] = False
    np.testing.assert_allclose(last[stays], 1.0, rtol=1e-9)  # someone owns every part


def test_wholly_owned_labs_take_no_outside_money(history):
    economy, *_ = history
    rows = [economy.labs.index[name] for name in WHOLLY_OWNED]
    assert (economy.labs.owned_share[:, rows] == 1.0).all()
    for name in ("gulf_labs", "lab_funding"):
        edges = economy.relations[name]
        mine = np.isin(edges.target, rows)
        bought = edges.cost[:, mine] - open_cost(economy, name)[:, mine]
        assert not edges.pledged[:, mine].any() and not edges.stake[:, mine].any()
        assert (bought <= 0.0).all()


def open_cost(economy, name):
    return open_economy(load_scenario("baseline"), 1, [0, 1]).relations[name].cost


def test_nothing_is_pledged_to_who_is_not_there(history):
    for _, alive, pledged in history[2]:
        assert not pledged[~alive].any()
        assert pledged.min() >= 0.0


# ---- parents -------------------------------------------------------------------------------------


def test_parents_pledge_their_part_of_what_labs_ask(economy):
    economy.parents.lab_budget_share = 1e6
    by_parents, _ = asking(economy)
    ownership = economy.ownership
    np.testing.assert_allclose(by_parents, 1e9 * ownership.stake)


def test_a_parents_budget_binds_and_is_shared_by_what_its_labs_want(economy):
    by_parents, _ = asking(economy, 1e13)
    ownership, parents = economy.ownership, economy.parents
    given = ownership.to_source(by_parents)
    np.testing.assert_allclose(given, parents.decide(Parent.lab_budget))
    assert (given > 0.0).all()
    row = parents.index["alphabet"]
    mine = np.flatnonzero(ownership.source == row)
    assert len(mine) == 2
    np.testing.assert_allclose(
        by_parents[:, mine[0]] / by_parents[:, mine[1]],
        ownership.stake[:, mine[0]] / ownership.stake[:, mine[1]],
    )


@pytest.mark.parametrize("amount", [0.0, 1e6, 1e9, 1e13])
def test_no_parent_pledges_beyond_its_budget(economy, amount):
    by_parents, _ = asking(economy, amount)
    budget = economy.parents.decide(Parent.lab_budget)
    assert (economy.ownership.to_source(by_parents) <= budget * (1 + 1e-12)).all()


# ---- funds and the market ------------------------------------------------------------------------


def test_funds_pledge_by_preference_within_their_flow_and_what_is_asked(economy):
    _, left = asking(economy, 1e8)
    edges, gulf = economy.gulf_labs, economy.gulf
    offer, usual = funding_rounds.offers_of_funds(economy, left)
    flow = gulf.pledged_now * gulf.share_to_labs
    assert (edges.to_source(offer) <= flow * (1 + 1e-12)).all()
    assert (edges.to_target(offer) <= left * (1 + 1e-12)).all()
    np.testing.assert_allclose(edges.to_target(offer), usual)  # in peace they give as usual
    assert not offer[edges.weight == 0.0].any()

    _, left = asking(economy, 1e13)  # everybody asks for more than there is
    offer, _ = funding_rounds.offers_of_funds(economy, left)
    np.testing.assert_allclose(edges.to_source(offer), flow)


def test_risk_lowers_every_pledge_by_the_same_part(economy):
    _, left = asking(economy, 1e13)
    calm, _ = funding_rounds.offers_of_funds(copy.deepcopy(economy), left)
    economy.gulf.attacks = 0.5 * (1.0 - economy.gulf.risk_peace)
    shaken, _ = funding_rounds.offers_of_funds(economy, left)
    np.testing.assert_allclose(shaken, 0.5 * calm)


def pledges(economy, months=1):
    """Pledges of funds and of the market to every lab in the last of so many months."""
    for _ in range(months):
        _, left = asking(economy)
        by_funds, usual = funding_rounds.offers_of_funds(economy, left)
        funds = economy.gulf_labs.to_target(by_funds)
        market = funding_rounds.offers_of_market(economy, left, funds, usual)
    return left, funds, market


def test_in_calm_times_labs_get_what_they_ask_for(economy):
    left, funds, market = pledges(economy)
    np.testing.assert_allclose(funds + market, left)
    assert (total(funds) > 1e8).all()


def test_without_substitution_a_gulf_stop_lowers_pledges_by_exactly_the_funds_part(economy):
    economy.capital.gulf_substitution = 0.0
    stopped = copy.deepcopy(economy)
    stop_the_gulf(stopped)
    for months in (1, 60):
        _, funds, market = pledges(economy, months)
        _, none, market_alone = pledges(stopped, months)
        assert not none.any()
        np.testing.assert_array_equal(market, market_alone)
    np.testing.assert_allclose(stopped.capital.gulf_missing[:, 0], total(funds))


def test_with_full_substitution_nothing_is_missing_after_many_months(economy):
    economy.capital.gulf_substitution = 1.0
    stop_the_gulf(economy)
    missing = []
    for _ in range(3):
        left, none, market = pledges(economy, 60)
        assert not none.any()
        missing.append(total(left - market).max())
    assert missing[0] > missing[1] > missing[2] >= 0.0
    assert missing[2] < 1e-3 * total(left).min()


def test_part_of_missing_money_is_replaced_in_the_end(economy):
    economy.capital.gulf_substitution = 0.6
    calm = copy.deepcopy(economy)
    stop_the_gulf(economy)
    _, funds, usual = pledges(calm, 200)
    _, _, market = pledges(economy, 200)
    np.testing.assert_allclose(market - usual, 0.6 * funds, rtol=1e-6, atol=1.0)


def test_a_pool_that_falls_short_is_shared_in_proportion(economy):
    economy.capital.lab_pool = 12e9
    economy.capital.pool_memory_months = 1.0
    _, left = asking(economy)
    by_funds, usual = funding_rounds.offers_of_funds(economy, left)
    funds = economy.gulf_labs.to_target(by_funds)
    market = funding_rounds.offers_of_market(economy, left, funds, usual)
    np.testing.assert_allclose(total(market), 1e9)
    wish = left - funds
    some = wish > 0.0
    part = market[some] / wish[some]
    np.testing.assert_allclose(part, part[0])
    np.testing.assert_allclose(economy.capital.pool, 0.0, atol=1.0)


def test_what_is_not_placed_waits_in_the_pool(economy):
    economy.capital.lab_pool = 120e9
    asked = asking(economy, 0.0)[1]
    for months in range(1, 40):
        funding_rounds.offers_of_market(economy, asked, asked, asked)
        waits = min(10e9 * months, 10e9 * economy.capital.pool_memory_months[0, 0])
        np.testing.assert_allclose(economy.capital.pool, waits)


# ---- stakes --------------------------------------------------------------------------------------


def test_new_shares_dilute_all_holders_alike(economy):
    """250 for a worth of 750 before: a quarter is new, every old stake falls by a quarter."""
    labs = economy.labs
    labs.valuation = 750.0
    row = labs.index["openai"]
    market = economy.lab_funding
    bought = np.where(market.target == row, 250.0, 0.0) * np.ones_like(market.stake)
    old = {name: economy.relations[name].stake.copy() for name in HOLDERS}
    due = {name: np.zeros_like(economy.relations[name].stake) for name in HOLDERS}
    funding.share_out(economy, due | {"lab_funding": bought})
    for name in HOLDERS:
        edges = economy.relations[name]
        mine = edges.target == row
        new = 0.25 if name == "lab_funding" else 0.0
        np.testing.assert_allclose(edges.stake[:, mine], 0.75 * old[name][:, mine] + new)
        np.testing.assert_array_equal(edges.stake[:, ~mine], old[name][:, ~mine])
    np.testing.assert_allclose(stakes(economy)[labs.alive], 1.0)


def test_money_of_parents_dilutes_but_is_not_counted_against_the_years_limit(economy):
    labs, ownership = economy.labs, economy.ownership
    labs.valuation = 1e9
    by_parents = np.zeros_like(ownership.stake)
    mine = ownership.target == labs.index["openai"]
    by_parents[:, mine] = 1e9
    before = ownership.stake[:, mine]
    none = np.zeros_like(economy.gulf_labs.stake), np.zeros_like(labs.cash)
    funding_rounds.close_rounds(economy, by_parents, *none)
    assert not labs.dilution.any()
    due = {name: np.zeros_like(economy.relations[name].stake) for name in HOLDERS}
    funding.share_out(economy, due | {"ownership": by_parents})
    np.testing.assert_allclose(ownership.stake[:, mine], 0.5 * before + 0.5)


def test_dilution_is_that_of_a_year_and_fades(economy):
    """A round a month of d each comes to 12 d, the year's sum, and no further."""
    labs = economy.labs
    labs.valuation = 1e9
    none = [np.zeros_like(economy.relations[name].stake) for name in ("ownership", "gulf_labs")]
    monthly = np.where(labs.alive, 1e9 / 99.0, 0.0)  # 1 / 100 of what it is worth then
    for _ in range(200):
        funding_rounds.close_rounds(economy, *none, monthly)
    np.testing.assert_allclose(labs.dilution[labs.alive], 0.12)
