"""Liquidation of failed firms: their assets, debts, contracts and shares.

`gone` is 1 for who leaves now, (runs, agents). Assets are sold first, then creditors are paid from
the cash that there is, all in the same proportion; what is not recovered is struck out on both
sides, shares are written off, and what cannot be sold is scrapped.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.framework.population import Population
from agents.framework.relation import Relation
from agents.labs.ai_model import SLOTS
from sim.base.errors import InvariantError
from sim.base.numerics.kernels import total
from sim.economy.accounts.quanta import whole_chips
from sim.economy.economy import Economy
from sim.month.markets import forward_contracts
from sim.month.markets.funding import pay_owners

Agents = Population[Any]
TOLERANCE = 1e-9


def close(debtors: Agents, gone: Floats) -> None:
    """Mark failed firms as closed and empty their stocks; their books have been emptied before."""
    out = gone > 0.0
    debtors.alive[:] = debtors.alive & ~out
    debtors.closed = np.maximum(debtors.closed, gone)
    kept = ("left", "closed", "shipped_cumulative", "scrapped")
    for column in debtors.declared.values():
        empties = not column.posted and column.name not in kept
        if column.role in ("state", "pipeline") and empties:
            values = debtors.columns[column.name]
            mask = out.reshape(out.shape + (1,) * (values.ndim - 2))
            np.copyto(values, 0.0, where=mask)


# ---- labs ----------------------------------------------------------------------------------------


def wind_up_labs(economy: Economy, gone: Floats) -> None:
    """Customers settle their invoices and choose among the labs that are left; leases end; models
    and the run are withdrawn, but for weights that are public."""
    labs, customers, tokens, lease = (
        economy.labs,
        economy.customers,
        economy.tokens,
        economy.lease,
    )
    collected = collect(economy, tokens, gone)
    economy.ledger.pay("incomes", tokens.to_target(collected), economy.outside, customers)
    settle_claims(economy, labs, gone, economy.lab_funding)
    for edges in (economy.ownership, economy.gulf_labs, economy.lab_funding):
        lose_shares(economy, edges, gone)
    economy.ledger.write_off(
        economy.outside, "shares", total(labs.staff_shares * gone)[:, None], "losses"
    )
    lease.hours = lease.hours * lease.from_target(1.0 - gone)
    forward_contracts.cancel(economy, lease.from_target(gone)[:, :, None])
    tokens.share = tokens.share * tokens.from_source(1.0 - gone)
    models = economy.models
    close_models = np.tile(gone, len(SLOTS)) > 0.0
    close_models[:, economy.slots["published"]] = False
    models.alive[:] = models.alive & ~close_models
    for column in models.declared.values():
        if column.role == "state":
            np.copyto(models.columns[column.name], 0.0, where=close_models)


# ---- chip makers ---------------------------------------------------------------------------------


def wind_up_fabs(economy: Economy, gone: Floats) -> None:
    """Lines, inputs and finished chips go to the makers that are left, at a discount on book, in
    proportion to their capacity; orders are cancelled and deposits paid back as far as possible."""
    fabs, fleets, chips, supplies = economy.fabs, economy.fleets, economy.chips, economy.supplies
    weight = fabs.alive * (1.0 - gone) * np.maximum(fabs.capacity, 1e-6)
    share = ratio(weight, total(weight)[:, None])
    price = 1.0 - fabs.fire_sale_discount

    def taken(values: Floats) -> Floats:
        return total(values * gone)[:, None] * share

    before = fabs.inventory.copy()
    for book in ("plant_book", "inventory_book"):
        values = fabs.columns[book]
        pay_proceeds(economy, fabs, taken(values) * price, values * gone, book)
    fabs.inventory = fabs.inventory * (1.0 - gone) + whole_chips(taken(fabs.inventory))
    scrap(economy, before, fabs.inventory, gone, "finished chips handed over")
    fabs.capacity = fabs.capacity * (1.0 - gone) + taken(fabs.capacity)
    for ahead in range(fabs.expansion.shape[2]):
        due = fabs.expansion[:, :, ahead]
        np.copyto(due, due * (1.0 - gone) + taken(due))
    held = supplies.stock * supplies.from_target(gone)
    of_input = supplies.from_source(supplies.to_source(held))
    supplies.stock = supplies.stock - held + of_input * supplies.from_target(share)

    collect(economy, chips, gone)
    settle_claims(economy, fabs, gone, economy.fab_funding, deposits=chips)
    chips.on_order = chips.on_order * chips.from_source(1.0 - gone)
    lose_shares(economy, economy.fab_funding, gone)
    fleets.on_order = chips.to_target(chips.on_order)


# ---- funds ---------------------------------------------------------------------------------------


def wind_up_funds(economy: Economy, gone: Floats) -> None:
    """The market takes over a fund's shares for what they cost; its pledges lapse, and what it has
    left goes to its state."""
    gulf, capital, outside, ledger = (
        economy.gulf,
        economy.capital,
        economy.outside,
        economy.ledger,
    )
    for edges, market in (
        (economy.gulf_labs, economy.lab_funding),
        (economy.gulf_sites, economy.fleet_funding),
    ):
        leaves = edges.from_source(gone)
        held = edges.cost * leaves
        ledger.pay("asset sales", edges.to_source(held), capital, gulf, for_="shares", by="shares")
        # One market: every firm has one edge to it, in the order of the firms.
        market.cost = market.cost + edges.to_target(held)
        edges.cost = edges.cost - held
        if "stake" in edges.declared:
            market.stake = market.stake + edges.to_target(edges.stake * leaves)
            edges.stake = edges.stake * (1.0 - leaves)
        edges.pledged = edges.pledged * (1.0 - leaves)[:, :, None]
    ledger.pay(
        "other assets", gulf.portfolio * gone, outside, gulf, for_="portfolios", by="portfolio"
    )
    ledger.pay("state budget", gulf.cash * gone, gulf, outside)


# ---- what all have in common ---------------------------------------------------------------------


def collect(economy: Economy, trade: Relation, gone: Floats) -> Floats:
    """Customers pay all that they owe to sellers that leave; returns what each edge paid."""
    paid = economy.ledger.pay(
        "invoices",
        trade.owed * trade.from_source(gone),
        trade.goal,
        trade.origin,
        along=trade,
        for_="payables",
        by="receivables",
    )
    trade.owed = trade.owed - paid
    return paid


def settle_claims(
    economy: Economy,
    firms: Agents,
    gone: Floats,
    lenders: Relation,
    *,
    trade: Relation | None = None,
    deposits: Relation | None = None,
) -> None:
    """Pay debts, invoices (`trade`, where the firms are the goal) and deposits (where they are the
    origin) in the same proportion from the cash that there is; strike out the rest; what is left of
    cash goes to the owners, and what is left of assets is written off."""
    ledger, capital = economy.ledger, economy.capital
    claims = firms.debt * gone
    if trade is not None:
        claims = claims + trade.to_target(trade.owed) * gone
    if deposits is not None:
        claims = claims + deposits.to_source(deposits.deposit) * gone
    part = ratio(np.minimum(np.maximum(firms.cash, 0.0), claims), claims) * gone

    repaid = ledger.floored(firms.debt * part)
    ledger.pay("repayments", repaid, firms, capital, along=lenders, for_="debt", by="loans")
    ledger.forgive("loans", firms.debt * gone, firms, capital, along=lenders)
    if trade is not None:
        paid = ledger.floored(trade.owed * trade.from_target(part))
        sellers = trade.origin
        ledger.pay("invoices", paid, firms, sellers, along=trade, for_="payables", by="receivables")
        lost = (trade.owed - paid) * trade.from_target(gone)
        ledger.forgive("receivables", lost, firms, sellers, along=trade, loss="write_offs")
        trade.owed = trade.owed * trade.from_target(1.0 - gone)
    if deposits is not None:
        paid = ledger.floored(deposits.deposit * deposits.from_source(part))
        buyers = deposits.goal
        ledger.pay(
            "refunds", paid, firms, buyers, along=deposits, for_="advances", by="prepayments"
        )
        lost = (deposits.deposit - paid) * deposits.from_source(gone)
        ledger.forgive("prepayments", lost, firms, buyers, along=deposits, loss="write_offs")
        deposits.deposit = deposits.deposit * deposits.from_source(1.0 - gone)
    pay_owners(economy, firms, np.maximum(firms.cash, 0.0) * gone)
    rest = np.maximum(firms.cash, 0.0) * gone
    ledger.pay("payouts", rest, firms, capital, along=lenders, for_="paid_out")
    for column in firms.declared.values():
        if column.side == "asset" and column.name != "cash":
            ledger.write_off(firms, column.name, firms.columns[column.name] * gone)


def lose_shares(economy: Economy, edges: Relation, gone: Floats) -> None:
    """Investors write off what they paid for shares of firms that leave; pledges to them lapse."""
    leaves = edges.from_target(gone)
    economy.ledger.write_off(edges.origin, "shares", edges.to_source(edges.cost * leaves), "losses")
    edges.cost = edges.cost * (1.0 - leaves)
    for column in ("stake", "pledged"):
        if column in edges.declared:
            values = edges.columns[column]
            stays = (1.0 - leaves).reshape(leaves.shape + (1,) * (values.ndim - 2))
            np.copyto(values, values * stays)


def pay_proceeds(
    economy: Economy, firms: Agents, price: Floats, book: Floats, account: str
) -> None:
    """Buyers pay `price`, (runs, firms), for assets of an account; failed firms receive the sum in
    proportion to their `book`, and write off the rest of it. The market stands between them."""
    capital, ledger = economy.capital, economy.ledger
    paid = ledger.pay("asset sales", ledger.floored(price), firms, capital, for_=account)
    whole = total(book)[:, None]
    part = ledger.floored(total(paid)[:, None] * ratio(book, whole))
    held = ledger.floored(np.minimum(book, firms.columns[account]))
    received = ledger.pay("asset sales", np.minimum(part, held), capital, firms, by=account)
    lost = np.minimum(np.maximum(book - received, 0.0), firms.columns[account])
    ledger.write_off(firms, account, lost * (book > 0.0))


def scrap(economy: Economy, before: Floats, after: Floats, gone: Floats, account: str) -> Floats:
    """Assets without a buyer, (runs, firms), on the failed firms; InvariantError if there is more
    than before."""
    lost = total(before) - total(after)
    over = np.maximum(-lost, 0.0) / np.maximum(total(before), 1.0)
    if over.max(initial=0.0) > TOLERANCE:
        run = int(over.argmax())
        raise InvariantError(
            economy.calendar.label(economy.month), account, float(lost[run]), "H100e", run, "grew"
        )
    held = before * gone
    return np.maximum(lost, 0.0)[:, None] * ratio(held, total(held)[:, None])
