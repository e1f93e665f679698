"""Phase 10, funding of the plans: loans, shares, payouts, and sovereign funds' own assets.

Money moves here; labs' rounds are agreed in `sim.month.markets.funding_rounds` and paid here when
they are due.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.finance.capital_market import CapitalMarket
from agents.finance.firm import Financing
from agents.finance.gulf_investor import GulfInvestor
from agents.finance.parent import Parent
from agents.framework.columns import Floats, ratio
from agents.framework.population import Population
from agents.framework.relation import Relation
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from sim.base.numerics.kernels import total_by
from sim.base.numerics.pipelines import next_due
from sim.config.world.relation_kinds import RELATION_KINDS
from sim.economy.economy import Economy
from sim.month.markets import funding_rounds


def begin(economy: Economy) -> None:
    """A month without funding yet."""
    for firms, _ in economy.firms:
        firms.equity_raised = 0.0
    for edges in funding(economy):
        edges.usd = 0.0


def funding(economy: Economy) -> tuple[Relation, ...]:
    """All relations along which firms are funded."""
    return tuple(r for r in economy.relations.values() if RELATION_KINDS[r.name].pays_goal)


def fund(economy: Economy) -> None:
    """Pledges are paid and rounds agreed, groups share their cash, firms borrow, issue, repay and
    pay out."""
    pay_pledges(economy)
    funding_rounds.agree(economy)
    labs, fleets, fabs = economy.labs, economy.fleets, economy.fabs
    share_group_cash(economy, fleets.decide(DataCenter.least_cash))
    settle(economy, labs, economy.lab_funding, labs.decide(Lab.finance))
    settle(economy, fleets, economy.fleet_funding, fleets.decide(DataCenter.finance))
    settle(economy, fabs, economy.fab_funding, fabs.decide(ChipFab.finance))
    share_group_cash(economy, np.zeros_like(fleets.cash))
    for firms, edges in economy.firms:
        put_off(economy, firms, edges)
    close_funds(economy)
    close_parents(economy)


def close(economy: Economy) -> None:
    """Savers put in what the market is short of, and receive what it earned beyond that."""
    capital, outside, ledger = economy.capital, economy.outside, economy.ledger
    ledger.pay("savings", capital.decide(CapitalMarket.draw_savings), outside, capital)
    ledger.pay("incomes", capital.decide(CapitalMarket.pay_savers), capital, outside)


def pay_pledges(economy: Economy) -> None:
    """Pay pledges that are due, in exchange for shares. Funds and parents first see to their cash;
    a pledge that they cannot pay lapses."""
    labs, fleets, ledger = economy.labs, economy.fleets, economy.ledger
    due = {
        edges.name: ledger.rounded(next_due(edges.pledged) * edges.open_edges())
        for edges in (
            economy.ownership,
            economy.gulf_labs,
            economy.lab_funding,
            economy.gulf_sites,
            economy.fleet_funding,
        )
    }
    keep_funds(economy, due)
    call_up(economy, due)
    share_out(economy, due)
    for name, amount in due.items():
        buy_shares(economy, economy.relations[name], amount)
    labs.pledged = funding_rounds.pledged(economy)
    news = (12.0 * fleets.equity_raised - fleets.pledged_pace) / fleets.income_memory_months
    fleets.pledged_pace = fleets.pledged_pace + news


def share_out(economy: Economy, due: dict[str, Floats]) -> None:
    """New shares come with their money, at the lab's worth of last month, and dilute the old.
    Shares that staff are paid in dilute nobody: a parent's lab pays in the parent's."""
    labs = economy.labs
    holders = (economy.ownership, economy.gulf_labs, economy.lab_funding)
    paid = np.zeros_like(labs.cash)
    for edges in holders:
        paid = paid + edges.to_target(due[edges.name])
    worth = labs.valuation + paid
    for edges in holders:
        kept = edges.stake * edges.from_target(1.0 - ratio(paid, worth))
        edges.stake = kept + ratio(due[edges.name], edges.from_target(worth))


def buy_shares(economy: Economy, edges: Relation, amount: Floats) -> None:
    """Investors at the origin buy new shares of the firms at the goal, (runs, edges) in USD."""
    firms = edges.goal
    bought = economy.ledger.pay(
        "shares", amount, edges.origin, firms, along=edges, for_="shares", by="paid_in"
    )
    edges.usd = edges.usd + bought
    edges.cost = edges.cost + bought
    firms.equity_raised = firms.equity_raised + edges.to_target(bought)


def keep_funds(economy: Economy, due: dict[str, Floats]) -> None:
    """Funds earn, pay their state's budget, and sell other assets for what is due; pledges that
    they cannot pay lapse, and are cut in `due`."""
    gulf, outside, ledger = economy.gulf, economy.outside, economy.ledger
    gulf.pledges_due = economy.gulf_labs.to_source(due["gulf_labs"]) + economy.gulf_sites.to_source(
        due["gulf_sites"]
    )
    oil = gulf.hydrocarbon_income * gulf.income_index * gulf.alive
    ledger.pay("oil and gas", oil / 12.0, outside, gulf)
    earned = gulf.portfolio * gulf.asset_return / 12.0
    ledger.pay("returns", np.maximum(earned, 0.0), outside, gulf)
    lost = np.maximum(-earned, 0.0)
    ledger.forgive("portfolio", lost, outside, gulf, gain="income")
    gulf.sold = ledger.pay(
        "other assets",
        gulf.decide(GulfInvestor.sell_assets),
        outside,
        gulf,
        for_="portfolios",
        by="portfolio",
    )
    budget = ledger.rounded(gulf.budget * gulf.alive / 12.0)
    spent = ledger.pay("state budget", np.minimum(budget, gulf.cash), gulf, outside)
    payable = np.minimum(gulf.pledges_due, gulf.cash)
    share = ratio(payable, gulf.pledges_due)
    for edges in (economy.gulf_labs, economy.gulf_sites):
        due[edges.name] = ledger.floored(due[edges.name] * edges.from_source(share))
    gulf.arrears = (budget - spent) + (gulf.pledges_due - payable)


def call_up(economy: Economy, due: dict[str, Floats]) -> None:
    """Parents call up what is due from their fleets, by cash flow, or from a business outside the
    model; what they still cannot pay lapses."""
    parents, fleets, ledger = economy.parents, economy.fleets, economy.ledger
    ownership, upstream = economy.ownership, economy.upstream
    ledger.pay(
        "business income", parents.cash_flow * parents.alive / 12.0, economy.outside, parents
    )
    parents.cash_flow = parents.decide(Parent.grow_cash_flow)
    parents.pledges_due = ownership.to_source(due["ownership"])
    wanted = upstream.from_source(parents.decide(Parent.call_up))
    flow = upstream.from_target(np.maximum(fleets.decide(DataCenter.cash_flow), 0.0))
    part = upstream.parts(flow)
    upstream.usd = ledger.pay(
        "calls", wanted * part, fleets, parents, along=upstream, for_="paid_out"
    )
    share = ratio(np.minimum(parents.pledges_due, parents.cash), parents.pledges_due)
    due["ownership"] = ledger.floored(due["ownership"] * ownership.from_source(share))


def close_funds(economy: Economy) -> None:
    """Funds buy other assets for cash beyond what they want; budgets and AI money grow."""
    gulf, ledger = economy.gulf, economy.ledger
    ledger.pay(
        "other assets",
        np.minimum(gulf.decide(GulfInvestor.buy_assets), np.maximum(gulf.cash, 0.0)),
        gulf,
        economy.outside,
        for_="portfolio",
        by="portfolios",
    )
    gulf.budget = gulf.decide(GulfInvestor.grow_budget)
    gulf.ai_flow = gulf.decide(GulfInvestor.grow_flow)


def close_parents(economy: Economy) -> None:
    """Pay out the cash of parents beyond their dues, above all partners' shares, to their
    owners."""
    parents = economy.parents
    spare = np.minimum(parents.decide(Parent.pay_on), np.maximum(parents.cash, 0.0))
    economy.ledger.pay("payouts", spare, parents, economy.capital)


def share_group_cash(economy: Economy, least: Floats) -> None:
    """Within an operator, fleets with more cash than `least`, (runs, fleets), cover those that have
    less."""
    fleets, group, places = economy.fleets, economy.relocation, economy.places
    spare = np.maximum(fleets.cash - least, 0.0) * fleets.alive
    short = np.maximum(least - fleets.cash, 0.0) * fleets.alive
    have = total_by(spare, places.operator_of_fleet, places.operators)
    need = total_by(short, places.operator_of_fleet, places.operators)
    given = np.take(ratio(np.minimum(have, need), have * need), places.operator_of_fleet, axis=1)
    # Money runs against the edge: the target gives, the source receives.
    moved = group.from_target(spare * given) * group.from_source(short)
    economy.ledger.pay(
        "group cash",
        economy.ledger.floored(moved * group.open_edges()),
        fleets,
        fleets,
        along=group,
        for_="paid_out",
        by="paid_in",
    )


def settle(economy: Economy, firms: Population[Any], edges: Relation, money: Financing) -> None:
    """Loans, repayments, shares and payouts between firms and the market."""
    capital, ledger = economy.capital, economy.ledger
    lent = ledger.pay("loans", money.borrowed, capital, firms, along=edges, for_="loans", by="debt")
    buy_shares(economy, edges, money.issued)
    repaid = np.minimum(money.repaid, firms.debt)
    ledger.pay("repayments", repaid, firms, capital, along=edges, for_="debt", by="loans")
    pay_owners(economy, firms, np.minimum(money.paid_out, np.maximum(firms.cash, 0.0)))
    edges.usd = edges.usd + lent


def pay_owners(economy: Economy, firms: Population[Any], amount: Floats) -> None:
    """Dividends and buybacks, (runs, firms) in USD: to a lab's owners by what they own, to those of
    other firms by what they paid for it; to the market where nobody did."""
    held = [edges for edges in funding(economy) if edges.goal is firms]
    by = "stake" if firms is economy.labs else "cost"
    owned = np.zeros_like(firms.cash)
    for edges in held:
        owned = owned + edges.to_target(edges.columns[by])
    for edges in held:
        part = ratio(edges.columns[by], edges.from_target(owned))
        if edges.origin is economy.capital:
            part = np.where(edges.from_target(owned) > 0.0, part, 1.0)
        due = economy.ledger.floored(edges.from_target(amount) * part)
        economy.ledger.pay("payouts", due, firms, edges.origin, along=edges, for_="paid_out")


def put_off(economy: Economy, firms: Population[Any], edges: Relation) -> None:
    """Bills that a firm cannot pay are financed by its creditors, as arrears: cash ends at zero."""
    firms.arrears = economy.ledger.pay(
        "arrears",
        np.maximum(-firms.cash, 0.0),
        economy.capital,
        firms,
        along=edges,
        for_="loans",
        by="debt",
    )
