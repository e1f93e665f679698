"""The opening of the books: what everyone holds, owes and has been pledged on the eve."""

from __future__ import annotations

import numpy as np

from agents.finance.gulf_investor import GulfInvestor
from agents.framework.columns import Floats, ratio
from agents.framework.relation import Relation
from agents.labs.lab import Lab
from agents.supply.data_center import MONTHS_AHEAD, VINTAGES
from sim.base.numerics.kernels import total
from sim.base.numerics.pipelines import enter
from sim.economy.economy import Economy
from sim.month.markets import funding_rounds
from sim.month.perceive import supply as perceive_supply
from sim.opening.labs import Initial


def open_books(economy: Economy, initial: Initial) -> None:
    """Opening balance sheets: cash and debt as the world says, assets at cost less wear, trade
    credit and pledges as if trade had gone on as it stands.

    initial: reads a world's initial values of one key, (runs, rows).
    """
    fabs, fleets, labs, ledger = economy.fabs, economy.fleets, economy.labs, economy.ledger
    for population in (fabs, fleets, labs):
        ledger.open(population, "cash", initial(economy, population, "cash"))
    ledger.open(fleets, "debt", initial(economy, fleets, "debt"))
    ledger.open(fabs, "plant_book", fabs.expansion_cost * fabs.capacity)
    open_fleet_assets(economy)
    open_trade_credit(economy)
    open_investors(economy, initial)
    open_shares(economy)
    open_pledges(economy)


def open_fleet_assets(economy: Economy) -> None:
    """Chips at today's full price less wear by age, sites at cost as far as they are built."""
    fleets, ledger = economy.fleets, economy.ledger
    ages = (-np.arange(VINTAGES)) % VINTAGES
    life = fleets.economic_life_months[:, :, None]
    price = fleets.chip_price * fleets.server_network_multiple
    fleets.chip_cost = fleets.chips * price[:, :, None]
    fleets.transit_cost = fleets.transit * price[:, :, None]
    fleets.chip_worth = fleets.chip_cost * np.maximum(1.0 - ages / life, 0.0)
    ledger.open(fleets, "chips_book", total(fleets.chip_worth) + total(fleets.transit_cost))
    lead = fleets.build_lead_months[:, :, None]
    built = total(fleets.sites * np.clip(1.0 - (MONTHS_AHEAD - 1.0) / lead, 0.0, 1.0))
    ledger.open(fleets, "sites_book", (fleets.connected_gw + built) * fleets.site_cost)


def open_trade_credit(economy: Economy) -> None:
    """Deposits on what is on order, and invoices of chips and tokens that wait to be paid."""
    fabs, fleets, labs, customers = economy.fabs, economy.fleets, economy.labs, economy.customers
    chips, tokens, ledger = economy.chips, economy.tokens, economy.ledger
    price = fabs.price * fabs.deposit_share
    chips.deposit = ledger.rounded(chips.on_order * chips.from_source(price))
    ledger.open(fleets, "prepayments", chips.to_target(chips.deposit))
    ledger.open(fabs, "advances", chips.to_source(chips.deposit))

    share = ratio(chips.on_order, chips.from_source(chips.to_source(chips.on_order)))
    sales = chips.from_source(fabs.revenue_smoothed) * share
    chips.owed = ledger.rounded(sales * chips.from_source(fabs.payment_months))
    bought = tokens.share * tokens.from_target(customers.budget)
    tokens.owed = ledger.rounded(bought * tokens.from_target(customers.payment_months))
    for trade, buyers, sellers in ((chips, fleets, fabs), (tokens, customers, labs)):
        ledger.open(buyers, "payables", trade.to_target(trade.owed))
        ledger.open(sellers, "receivables", trade.to_source(trade.owed))


def open_investors(economy: Economy, initial: Initial) -> None:
    """The capital market holds all loans; funds hold other assets, claims on the rest of the
    economy, and the cash that they want; parents what their business earns."""
    gulf, parents, capital, ledger = (
        economy.gulf,
        economy.parents,
        economy.capital,
        economy.ledger,
    )
    debts = total(economy.fleets.debt) + total(economy.fabs.debt) + total(economy.labs.debt)
    ledger.open(capital, "loans", debts[:, None])
    capital.pool_scale = 1.0
    gulf.hydrocarbon_income = initial(economy, gulf, "hydrocarbon_income")
    gulf.ai_flow = initial(economy, gulf, "ai_flow")
    gulf.budget = gulf.hydrocarbon_income * gulf.budget_share
    gulf.income_index = 1.0
    gulf.risk = gulf.risk_peace
    ledger.open(gulf, "portfolio", initial(economy, gulf, "assets"))
    ledger.open(economy.outside, "portfolios", total(gulf.portfolio)[:, None])
    ledger.open(gulf, "cash", gulf.decide(GulfInvestor.cash_wanted))
    parents.cash_flow = initial(economy, parents, "cash_flow")


def open_shares(economy: Economy) -> None:
    """Shares of the firms: parents own of labs what the world says, the market owns the rest;
    shares stand in its books at the firms' own funds."""
    ownership, gulf_labs, market = economy.ownership, economy.gulf_labs, economy.lab_funding
    ownership.stake = ownership.weight
    owned = ownership.to_target(ownership.stake)
    market.stake = market.from_target(1.0 - owned) * market.open_edges()
    gulf_labs.stake = 0.0
    for edges, stake in (
        (ownership, ownership.stake),
        (market, market.stake),
        (economy.fab_funding, 1.0),
        (economy.fleet_funding, 1.0),
    ):
        own_funds = edges.from_target(np.maximum(edges.goal.equity, 0.0))
        edges.cost = economy.ledger.rounded(own_funds * stake * edges.open_edges())
    bought = total(market.cost) + total(economy.fab_funding.cost)
    bought = bought + total(economy.fleet_funding.cost)
    economy.ledger.open(economy.capital, "shares", bought[:, None])
    economy.ledger.open(economy.parents, "shares", ownership.to_source(ownership.cost))


def open_pledges(economy: Economy) -> None:
    """Funds have pledged as in calm times for as long as a pledge takes to be paid."""
    gulf = economy.gulf
    flow = gulf.decide(GulfInvestor.calm_flow)
    for edges, share in (
        (economy.gulf_labs, gulf.share_to_labs),
        (economy.gulf_sites, 1.0 - gulf.share_to_labs),
    ):
        part = edges.parts(edges.weight * edges.open_edges())
        _fill(edges, edges.from_source(flow * share) * part)
    economy.labs.pledged = funding_rounds.pledged(economy)
    perceive_supply.investors(economy)
    economy.labs.valuation = economy.labs.decide(Lab.value)
    fleets = economy.fleets
    sites = economy.gulf_sites
    fleets.pledged_pace = 12.0 * sites.to_target(sites.pledged[:, :, 0])


def _fill(edges: Relation, monthly: Floats) -> None:
    """Fill the pipeline of pledges as if so much, (runs, edges), had been pledged every month."""
    closing = np.rint(edges.from_source(edges.origin.closing_months))
    parts = np.maximum(np.rint(edges.from_source(edges.origin.tranche_months)), 1.0)
    for ahead in range(1, edges.pledged.shape[2] + 1):
        # Due `ahead` months from now: the parts of pledges made before the start.
        running = np.clip(closing + parts - ahead, 0.0, parts)
        due = np.where(ahead < closing + parts, monthly * running / parts, 0.0)
        enter(edges.pledged, due, np.full_like(due, float(ahead)))
