"""Funding rounds of labs: valuations, sums asked for, and pledges.

Parents come first, by the part they own; then sovereign funds; the market takes the rest, without
the part that funds usually take. Pledged money arrives after closing, in tranches.
"""

from __future__ import annotations

import numpy as np

from agents.finance.capital_market import CapitalMarket
from agents.finance.gulf_investor import GulfInvestor
from agents.finance.parent import Parent
from agents.framework.columns import Floats, ratio
from agents.framework.relation import Relation
from agents.labs.lab import Lab
from sim.base.numerics.kernels import total
from sim.base.numerics.pipelines import enter_in_parts
from sim.economy.economy import Economy
from sim.month.perceive import supply as perceive_supply


def agree(economy: Economy) -> None:
    """The month's rounds, from expectations to pledges."""
    labs, capital = economy.labs, economy.capital
    perceive_supply.investors(economy)
    labs.growth_expected = labs.decide(Lab.expect_growth)
    labs.revenue_before = labs.revenue
    labs.valuation = labs.decide(Lab.value)
    labs.asked = labs.decide(Lab.ask)

    by_parents = offer_of_parents(economy)
    left = labs.asked - economy.ownership.to_target(by_parents)
    left = np.where(labs.owned_share < WHOLE, np.maximum(left, 0.0), 0.0)
    by_funds, usual = offers_of_funds(economy, left)
    by_market = offers_of_market(economy, left, economy.gulf_labs.to_target(by_funds), usual)

    close_rounds(economy, by_parents, by_funds, by_market)
    pledge_to_sites(economy)
    capital.pool_scale = capital.decide(CapitalMarket.grow_pool)


def offer_of_parents(economy: Economy) -> Floats:
    """Pledges of parents, (runs, edges): their part of what their labs ask, within the budget."""
    parents, ownership = economy.parents, economy.ownership
    wish = ownership.from_target(economy.labs.asked) * ownership.stake * ownership.open_edges()
    wished = ownership.to_source(wish)
    share = ratio(np.minimum(parents.decide(Parent.lab_budget), wished), wished)
    return wish * ownership.from_source(share)


def offers_of_funds(economy: Economy, left: Floats) -> tuple[Floats, Floats]:
    """Pledges of sovereign funds to labs, (runs, edges), and the sums that each lab would get of
    them in calm times, (runs, labs): split by preference and need, never beyond what is left to
    ask."""
    gulf, edges = economy.gulf, economy.gulf_labs
    gulf.income_index = gulf.decide(GulfInvestor.earn)
    gulf.risk = gulf.decide(GulfInvestor.weigh_risk)
    gulf.pledged_now = gulf.decide(GulfInvestor.pledge)
    pull = edges.weight * edges.from_target(left) * edges.open_edges()
    part = edges.parts(pull)

    def offered(flow: Floats) -> Floats:
        offer = edges.from_source(flow * gulf.share_to_labs) * part
        sum_of_offers = edges.to_target(offer)
        return offer * edges.from_target(ratio(np.minimum(sum_of_offers, left), sum_of_offers))

    calm = offered(gulf.decide(GulfInvestor.calm_flow))
    return offered(gulf.pledged_now), edges.to_target(calm)


def offers_of_market(economy: Economy, left: Floats, funds: Floats, usual: Floats) -> Floats:
    """Pledges of the market, (runs, labs): the sums that labs ask beyond the part that funds
    usually take, and of what funds leave out the part that others replace; in proportion where the
    pool falls short [ipo-exposure]."""
    capital = economy.capital
    missing = np.maximum(usual - funds, 0.0)
    capital.gulf_missing = total(missing)[:, None]
    capital.replaced = capital.decide(CapitalMarket.replace_gulf)
    wish = np.maximum(left - np.maximum(usual, funds), 0.0) + capital.replaced * missing
    wished = total(wish)[:, None]
    pool = capital.decide(CapitalMarket.fill_pool)
    placed = np.minimum(pool, wished)
    capital.pool = pool - placed
    return wish * ratio(placed, wished)


def close_rounds(economy: Economy, by_parents: Floats, by_funds: Floats, by_market: Floats) -> None:
    """Pledges enter their pipelines; what outsiders will own for them counts toward the year's
    dilution."""
    labs = economy.labs
    ownership, gulf_labs, market = economy.ownership, economy.gulf_labs, economy.lab_funding
    _pledge(ownership, by_parents)
    _pledge(gulf_labs, by_funds)
    _pledge(market, market.from_target(by_market) * market.open_edges())
    outside = gulf_labs.to_target(by_funds) + by_market
    labs.granted = ownership.to_target(by_parents) + outside
    sold = ratio(outside, labs.valuation + labs.granted)
    labs.dilution = labs.dilution * 11.0 / 12.0 + sold
    labs.pledged = pledged(economy)


def pledge_to_sites(economy: Economy) -> None:
    """Funds' money for sites goes to the fleets they prefer; of what is missing from calm times the
    market puts in the part that it replaces."""
    gulf, edges, market = economy.gulf, economy.gulf_sites, economy.fleet_funding
    part = edges.parts(edges.weight * edges.open_edges())
    to_sites = 1.0 - gulf.share_to_labs
    flow = edges.from_source(gulf.pledged_now * to_sites) * part
    calm = edges.from_source(gulf.decide(GulfInvestor.calm_flow) * to_sites) * part
    missing = edges.to_target(np.maximum(calm - flow, 0.0))
    _pledge(edges, flow)
    _pledge(market, market.from_target(missing * economy.capital.replaced))


def pledged(economy: Economy) -> Floats:
    """Pledged to each lab and not yet paid, (runs, labs)."""
    added = np.zeros_like(economy.labs.cash)
    for edges in (economy.ownership, economy.gulf_labs, economy.lab_funding):
        added = added + edges.to_target(total(edges.pledged))
    return added


def _pledge(edges: Relation, amount: Floats) -> None:
    """Money that the origin of each edge pays after its closing time, in tranches."""
    closing = edges.from_source(edges.origin.closing_months)
    enter_in_parts(edges.pledged, amount, closing, edges.from_source(edges.origin.tranche_months))


WHOLE = 0.99
"""A lab of which parents own this much has no outside investors."""
