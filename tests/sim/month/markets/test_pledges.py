"""Pledges: their money arrives after closing, in tranches, and lapses where it cannot be paid."""

import copy

import numpy as np
import pytest

from agents.finance.gulf_investor import GulfInvestor
from agents.supply.data_center import DataCenter
from sim.config.scenario.loader import load_scenario
from sim.month.markets import funding, funding_rounds
from sim.month.perceive import supply as perceive_supply
from sim.opening.opening import open_economy

INVESTORS = ("ownership", "gulf_labs", "lab_funding", "gulf_sites", "fleet_funding")
_OPENED = open_economy(load_scenario("baseline"), 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month, nothing pledged yet."""
    made = copy.deepcopy(_OPENED)
    for name in INVESTORS:
        made.relations[name].pledged = 0.0
    perceive_supply.groups(made)
    return made


# ---- when money arrives --------------------------------------------------------------------------


def paid_month_by_month(economy, months):
    """What each lab receives for shares in every month from that of the pledge on."""
    received = []
    for month in range(months):
        economy.ledger.begin_month(f"month {month}")
        funding.begin(economy)
        funding.pay_pledges(economy)
        received.append(economy.labs.equity_raised.copy())
        assert not economy.ledger.check().any()
    return np.array(received)


def pledge(economy, amount, closing=3.0, tranches=6.0):
    """The market pledges so much to OpenAI, and nobody else anything."""
    economy.capital.closing_months, economy.capital.tranche_months = closing, tranches
    labs = economy.labs
    labs.valuation = 1e12
    by_market = np.zeros_like(labs.cash)
    by_market[:, labs.index["openai"]] = amount
    none = [np.zeros_like(economy.relations[name].stake) for name in ("ownership", "gulf_labs")]
    funding_rounds.close_rounds(economy, *none, by_market)
    return labs.index["openai"]


def test_money_arrives_in_tranches_and_adds_up_to_what_was_pledged(economy):
    row = pledge(economy, 600e6)
    assert economy.labs.pledged[:, row].tolist() == [600e6, 600e6]
    market = economy.lab_funding
    before = market.to_target(market.cost)[:, row]
    received = paid_month_by_month(economy, 12)
    month = received[:, 0, row]
    assert month.sum() == 600e6
    assert sorted(month.tolist()) == [0.0] * 6 + [100e6] * 6
    first = month.nonzero()[0][0]
    assert (month[first : first + 6] == 100e6).all()
    assert not np.delete(received, row, axis=2).any()
    assert not economy.labs.pledged.any()
    np.testing.assert_array_equal(market.to_target(market.cost)[:, row] - before, 600e6)


@pytest.mark.parametrize("closing", [1.0, 3.0, 6.0])
def test_first_money_arrives_after_the_closing_months(economy, closing, monkeypatch):
    """In the order of the month: agreed now, paid `closing` months later."""
    row = economy.labs.index["openai"]
    received = []
    for month in range(8):
        monkeypatch.setattr(
            *(funding.funding_rounds, "agree"),
            lambda economy, first=month == 0: first and pledge(economy, 1e9, closing, 1.0),
        )
        economy.ledger.begin_month(f"month {month}")
        funding.begin(economy)
        funding.fund(economy)
        received.append(economy.labs.equity_raised[0, row])
    assert np.flatnonzero(received).tolist() == [closing]


def test_in_calm_times_funds_pay_what_they_pledge_from_the_first_month_on():
    """Pledges before the start fill the pipelines as if the flow had always been as it is."""
    economy = copy.deepcopy(_OPENED)
    economy.gulf.flow_growth = 0.0
    sites, gulf = economy.gulf_sites, economy.gulf
    flow = gulf.decide(GulfInvestor.calm_flow) * (1.0 - gulf.share_to_labs)
    for month in range(14):
        economy.ledger.begin_month(f"month {month}")
        funding.begin(economy)
        funding.fund(economy)
        np.testing.assert_allclose(sites.to_source(sites.usd), flow, rtol=1e-6)


# ---- lapsing -------------------------------------------------------------------------------------


def penniless(economy, row):
    """A fund with a pledge due now, and neither cash nor income nor anything that it can sell."""
    gulf, edges = economy.gulf, economy.gulf_labs
    economy.ledger.open(gulf, "cash", np.where(np.arange(len(gulf)) == row, -gulf.cash, 0.0))
    gulf.assets_frozen[:, row] = 1.0
    gulf.asset_return[:, row] = gulf.hydrocarbon_income[:, row] = gulf.budget[:, row] = 0.0
    mine = edges.source == row
    edges.pledged[:, mine, 0] = 1e9
    return mine


@pytest.mark.parametrize("part", [0.0, 0.25])
def test_what_a_fund_cannot_pay_lapses(economy, part):
    """It pays the same part of all that is due; the rest is gone, and stands open in its books."""
    gulf, edges = economy.gulf, economy.gulf_labs
    row = gulf.index["abu_dhabi"]
    mine = penniless(economy, row)
    due = 1e9 * mine.sum()
    economy.ledger.open(gulf, "cash", np.where(np.arange(len(gulf)) == row, part * due, 0.0))
    economy.ledger.begin_month("first")
    funding.begin(economy)
    funding.pay_pledges(economy)
    np.testing.assert_allclose(edges.usd[:, mine], part * 1e9, atol=1.0)
    np.testing.assert_allclose(gulf.arrears[:, row], (1.0 - part) * due)
    assert not edges.pledged.any() and not economy.labs.pledged.any()
    funding.begin(economy)
    funding.pay_pledges(economy)
    assert not edges.usd.any()  # nor is it paid later
    assert not economy.ledger.check().any()


def test_what_a_parent_cannot_call_up_lapses(economy):
    """A parent without fleets pays out of its own business, as far as that goes."""
    parents, ownership = economy.parents, economy.ownership
    row = parents.index["high_flyer"]
    mine = ownership.source == row
    ownership.pledged[:, mine, 0] = 1e9
    monthly = parents.cash_flow[:, row] / 12.0
    assert (monthly < 1e9).all()
    economy.ledger.begin_month("first")
    funding.begin(economy)
    funding.pay_pledges(economy)
    np.testing.assert_allclose(ownership.usd[:, mine][:, 0], monthly, atol=1.0)
    assert not ownership.pledged.any()
    assert not economy.ledger.check().any()


def test_a_parent_calls_up_its_fleets_by_cash_flow(economy):
    parents, ownership, upstream = economy.parents, economy.ownership, economy.upstream
    row = parents.index["alphabet"]
    mine = np.flatnonzero(ownership.source == row)[0]
    ownership.pledged[:, mine, 0] = 1e9
    economy.ledger.begin_month("first")
    funding.begin(economy)
    funding.pay_pledges(economy)
    assert ownership.usd[:, mine].tolist() == [1e9, 1e9]
    mine = upstream.source == row
    flow = upstream.from_target(economy.fleets.decide(DataCenter.cash_flow))[:, mine]
    called = upstream.usd[:, mine]
    assert called.shape == (2, 3)
    np.testing.assert_allclose(called, 1e9 * flow / flow.sum(axis=1, keepdims=True), atol=1.0)
    assert not upstream.usd[:, upstream.source != row].any()
    assert not economy.ledger.check().any()
