"""The ledger's postings: what moves on both sides of each, rounding, flows and refusals."""

import numpy as np
import pytest

from agents.framework.relation import Relation
from sim.base.errors import InvariantError
from sim.economy.accounts.ledger import CLAIMS, Ledger, flow_matrix
from tests.books import USD, Bank, Firm, World, books, population, usd


@pytest.fixture
def world():
    return World()


# ---- what a posting does to both balance sheets --------------------------------------------------


def test_opening_balances_stand_against_equity(world):
    fresh = Ledger([firms := population(Firm, 2)])
    fresh.open(firms, "cash", usd(70.0, 10.0))
    fresh.open(firms, "debt", 30.0)
    assert firms.equity.tolist() == [[40.0, -20.0]]
    assert fresh.imbalance(firms).tolist() == [[0.0, 0.0]]
    with pytest.raises(InvariantError, match=r"2025-01.*firms\.cash"):
        world.ledger.open(world.firms, "cash", 1.0)


def test_expense_and_income(world):
    world.ledger.pay("rent", usd(100.0, 30.0), world.firms, world.bank)
    # The firms lose 100 and 30 of cash and worth, the bank gains 130 of both.
    assert world.firms.cash.tolist() == world.firms.equity.tolist() == [[900.0, 970.0]]
    assert world.bank.cash.tolist() == world.bank.equity.tolist() == [[1130.0]]
    assert world.ledger.check().tolist() == [0.0]


def test_one_payer_pays_many(world):
    world.ledger.pay("interest", usd(7.0, 5.0), world.bank, world.firms)
    assert world.bank.cash.tolist() == [[988.0]]
    assert world.firms.cash.tolist() == [[1007.0, 1005.0]]
    assert world.ledger.check().tolist() == [0.0]


def test_buying_an_asset_leaves_the_buyers_worth(world):
    world.ledger.pay("plant", usd(400.0, 0.0), world.firms, world.bank, for_="plant_book")
    assert books(world.firms, "cash", "plant_book", "equity") == [600.0, 400.0, 1000.0]
    assert world.bank.equity.tolist() == [[1400.0]]
    assert world.ledger.check().tolist() == [0.0]


def test_selling_an_asset_takes_it_off_the_sellers_books(world):
    world.ledger.pay("plant", usd(400.0, 0.0), world.firms, world.bank, for_="plant_book")
    world.ledger.pay("sale", usd(150.0, 0.0), world.bank, world.firms, by="plant_book")
    assert books(world.firms, "cash", "plant_book", "equity") == [750.0, 250.0, 1000.0]
    assert books(world.bank, "cash", "outlays", "equity") == [1250.0, 150.0, 1250.0]
    assert world.ledger.check().tolist() == [0.0]


def test_a_loan_and_its_repayment_change_nobodys_worth(world):
    firms, bank, links = world.firms, world.bank, world.links
    lent, back = usd(300.0, 50.0), usd(120.0, 50.0)
    world.ledger.pay("loans", lent, bank, firms, along=links, for_="loans", by="debt")
    assert books(bank, "cash", "loans", "equity") == [650.0, 350.0, 1000.0]
    assert books(firms, "cash", "debt", "equity") == [1300.0, 300.0, 1000.0]

    world.ledger.pay("repayments", back, firms, bank, along=links, for_="debt", by="loans")
    assert books(bank, "cash", "loans", "equity") == [820.0, 180.0, 1000.0]
    assert firms.debt.tolist() == [[180.0, 0.0]]
    assert firms.equity.tolist() == [[1000.0, 1000.0]]
    assert world.ledger.check().tolist() == [0.0]


def test_shares_sold_are_the_issuers_funds_and_the_buyers_asset(world):
    world.ledger.pay(
        "shares", usd(200.0, 0.0), world.bank, world.firms, for_="shares", by="paid_in"
    )
    assert books(world.bank, "cash", "shares", "equity") == [800.0, 200.0, 1000.0]
    assert books(world.firms, "cash", "paid_in", "equity") == [1200.0, 200.0, 1200.0]
    assert world.ledger.check().tolist() == [0.0]


def test_dividends_lower_the_payers_worth_and_are_its_owners_income(world):
    world.ledger.pay("payouts", usd(90.0, 0.0), world.firms, world.bank, for_="paid_out")
    assert books(world.firms, "cash", "paid_out", "equity") == [910.0, 90.0, 910.0]
    assert books(world.bank, "cash", "income", "equity") == [1090.0, 90.0, 1090.0]
    assert world.ledger.check().tolist() == [0.0]


def test_a_write_off_costs_worth_and_no_money(world):
    world.ledger.pay("plant", usd(400.0, 0.0), world.firms, world.bank, for_="plant_book")
    written = world.ledger.write_off(world.firms, "plant_book", usd(40.4, 0.0))
    assert written.tolist() == [[40.0, 0.0]]
    assert books(world.firms, "cash", "plant_book", "equity") == [600.0, 360.0, 960.0]
    assert world.ledger.check().tolist() == [0.0]


# ---- on account, by deposit, in shares -----------------------------------------------------------


def test_what_is_sold_on_account_is_earned_before_it_is_paid(world):
    world.sell(80.0, "account")
    assert books(world.firms, "cash", "receivables", "revenue", "equity") == [1000, 80, 80, 1080]
    buyer = books(world.firms, "cash", "payables", "cost_of_revenue", "equity", row=1)
    assert buyer == [1000, 80, 80, 920]
    assert world.ledger.check().tolist() == [0.0] and not world.ledger.flows

    world.sell(30.0, for_="payables", by="receivables")
    assert books(world.firms, "cash", "receivables", "revenue", "equity") == [1030, 50, 80, 1080]
    assert books(world.firms, "cash", "payables", "equity", row=1) == [970, 50, 920]
    assert world.ledger.check().tolist() == [0.0]


def test_what_is_paid_ahead_is_owed_until_it_is_delivered(world):
    world.sell(60.0, for_="prepayments", by="advances")
    assert books(world.firms, "cash", "advances", "equity") == [1060, 60, 1000]
    assert books(world.firms, "cash", "prepayments", "equity", row=1) == [940, 60, 1000]

    world.sell(45.0, "deposit", for_="plant_book")
    assert books(world.firms, "cash", "advances", "revenue", "equity") == [1060, 15, 45, 1045]
    buyer = books(world.firms, "cash", "prepayments", "plant_book", "equity", row=1)
    assert buyer == [940, 15, 45, 1000]
    assert world.ledger.check().tolist() == [0.0]


def test_pay_in_shares_is_a_cost_without_cash(world):
    world.ledger.pay(
        *("stock pay", usd(25.0, 0.0), world.firms, world.bank), for_="stock_pay", means="shares"
    )
    # The cost lowers what the shares put in, so worth stays; whoever is paid holds the shares.
    assert books(world.firms, "cash", "stock_pay", "paid_in", "equity") == [1000, 25, 25, 1000]
    assert books(world.bank, "cash", "shares", "income", "equity") == [1000, 25, 25, 1025]
    assert world.ledger.check().tolist() == [0.0] and not world.ledger.flows


# ---- debts forgiven and costs moved --------------------------------------------------------------


def test_a_debt_forgiven_is_the_debtors_gain_and_the_creditors_loss(world):
    firms, bank, links = world.firms, world.bank, world.links
    world.ledger.pay("loans", usd(300.0, 50.0), bank, firms, along=links, for_="loans", by="debt")
    forgiven = world.ledger.forgive("loans", usd(120.4, 0.0), firms, bank, along=links)
    assert forgiven.tolist() == [[120.0, 0.0]]
    assert books(firms, "cash", "debt", "gains", "equity") == [1300, 180, 120, 1120]
    assert books(bank, "cash", "loans", "losses", "equity") == [650, 230, 120, 880]
    assert world.ledger.check().tolist() == [0.0]


@pytest.mark.parametrize(("claim", "debt"), CLAIMS[1:3])
def test_trade_credit_is_forgiven_along_the_edge_in_either_direction(world, claim, debt):
    """Firm 0 sells to firm 1: invoices are claims of the seller, deposits of the buyer."""
    firms, trade, ledger = world.firms, world.trade, world.ledger
    if claim == "receivables":
        world.sell(80.0, "account")
        creditor, debtor = 0, 1
    else:
        world.sell(80.0, for_="prepayments", by="advances")
        creditor, debtor = 1, 0
    # Both ends are one population: the debtor is taken to be the goal of the edge.
    before = {row: books(firms, "equity", row=row)[0] for row in (0, 1)}
    edges = trade if debtor == 1 else Relation("back", firms, firms, [(1, 0)], USD)
    ledger.forgive(claim, usd(30.0), firms, firms, along=edges, loss="write_offs")
    assert books(firms, claim, row=creditor) == books(firms, debt, row=debtor) == [50.0]
    assert books(firms, "write_offs", row=creditor) == books(firms, "gains", row=debtor) == [30.0]
    assert books(firms, "equity", row=creditor) == [before[creditor] - 30.0]
    assert books(firms, "equity", row=debtor) == [before[debtor] + 30.0]
    assert ledger.check().tolist() == [0.0]


def test_a_cost_moves_to_another_line_and_no_line_falls_below_zero(world):
    world.ledger.pay("hours", usd(100.0, 20.0), world.firms, world.bank, for_="research_cost")
    moved = world.ledger.reclassify(
        world.firms, "research_cost", "cost_of_revenue", usd(70.4, 500.0)
    )
    assert moved.tolist() == [[70.0, 20.0]]
    assert world.firms.research_cost.tolist() == [[30.0, 0.0]]
    assert world.firms.cost_of_revenue.tolist() == [[70.0, 20.0]]
    assert world.firms.equity.tolist() == [[900.0, 980.0]]
    assert world.ledger.check().tolist() == [0.0]
    with pytest.raises(InvariantError, match="research_cost to cost_of_revenue"):
        world.ledger.reclassify(world.firms, "research_cost", "cost_of_revenue", usd(-1.0, 0.0))


# ---- along edges ---------------------------------------------------------------------------------


def test_payments_along_edges_reach_the_agents_at_their_ends():
    firms, banks = population(Firm, 2), population(Bank, 3)
    pairs = [(0, 0), (2, 0), (2, 1)]  # edges from banks 0, 2 to firm 0 and from bank 2 to firm 1
    links = Relation("links", banks, firms, pairs, USD)
    ledger = Ledger([firms, banks])
    ledger.begin_month("2025-01")
    ledger.pay("fees", usd(1.0, 10.0, 100.0), firms, banks, along=links)
    assert firms.cash.tolist() == [[-11.0, -100.0]]
    assert banks.cash.tolist() == [[1.0, 0.0, 110.0]]
    ledger.pay("interest", usd(1.0, 10.0, 100.0), banks, firms, along=links)
    assert firms.cash.tolist() == [[0.0, 0.0]] and banks.cash.tolist() == [[0.0, 0.0, 0.0]]
    assert ledger.check().tolist() == [0.0]


def test_payments_between_agents_of_one_kind_follow_the_edge():
    firms = population(Firm, 3)
    teaching = Relation("teaching", firms, firms, [(0, 1), (0, 2)], USD)
    ledger = Ledger([firms])
    ledger.begin_month("2025-01")
    # Firm 0 teaches firms 1 and 2, which pay for it: goods run along the edge, money against it.
    ledger.pay("teaching", usd(30.0, 5.0), firms, firms, along=teaching)
    assert firms.cash.tolist() == [[35.0, -30.0, -5.0]]


# ---- rounding, flows and refusals ----------------------------------------------------------------


def test_amounts_are_rounded_to_the_quantum_once(world):
    assert world.ledger.pay("rent", usd(0.4, 1.6), world.firms, world.bank).tolist() == [[0, 2]]
    assert world.bank.cash.tolist() == [[1002.0]]
    fine = Ledger([firms := population(Firm, 1), bank := population(Bank, 1)], quantum=0.25)
    fine.begin_month("2025-01")
    assert fine.pay("rent", usd(0.4), firms, bank).tolist() == [[0.5]]


def test_the_months_flows_are_kept_by_instrument_and_sectors_and_cleared(world):
    world.ledger.pay("rent", usd(100.0, 30.0), world.firms, world.bank)
    world.ledger.pay("rent", usd(1.0, 1.0), world.firms, world.bank)
    world.ledger.pay("rent", usd(5.0, 0.0), world.bank, world.firms)
    (paid, received), back = (
        world.ledger.flows["rent", payer, payee]
        for payer, payee in (("firms", "banks"), ("banks", "firms"))
    )
    assert paid.tolist() == received.tolist() == [132.0]
    assert back[0].tolist() == [5.0]
    world.ledger.begin_month("2025-02")
    assert world.ledger.flows == {}


def test_the_matrix_is_the_flows_by_instrument_and_sector(world):
    world.ledger.pay("rent", usd(100.0, 30.0), world.firms, world.bank)
    world.ledger.pay("interest", usd(5.0, 0.0), world.bank, world.firms)
    world.sell(70.0)  # within a sector nothing comes or goes
    found = {i: {s: v.tolist() for s, v in row.items()} for i, row in world.ledger.matrix().items()}
    assert found == {
        "rent": {"firms": [-130.0], "banks": [130.0]},
        "interest": {"banks": [-5.0], "firms": [5.0]},
        "goods": {"firms": [0.0]},
    }
    assert flow_matrix({}) == {}


@pytest.mark.parametrize("amount", [-1.0, -1e9, np.nan, np.inf, -np.inf, 2.0**54])
def test_amounts_that_nobody_can_pay_are_refused(world, amount):
    before = world.firms.cash.copy()
    with pytest.raises(InvariantError, match=r"2025-01.*rent") as caught:
        world.ledger.pay("rent", usd(0.0, amount), world.firms, world.bank)
    assert caught.value.account == "rent" and caught.value.run == 0
    assert np.array_equal(caught.value.amount, amount, equal_nan=True)
    assert np.array_equal(world.firms.cash, before)
    with pytest.raises(InvariantError, match="plant_book"):
        world.ledger.write_off(world.firms, "plant_book", usd(5.0, amount))


def test_the_run_of_a_bad_amount_is_named():
    world = World(runs=3)
    amount = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, -8.0]])
    with pytest.raises(InvariantError) as caught:
        world.ledger.pay("rent", amount, world.firms, world.bank)
    assert (caught.value.run, caught.value.amount) == (2, -8.0)


def test_an_account_too_large_for_exact_sums_is_refused():
    world = World(runs=2)
    half = np.array([[0.0, 0.0], [world.ledger.limit / 2.0, 0.0]])  # the limit is 2**53 quanta
    world.ledger.pay("shares", half, world.bank, world.firms, for_="shares", by="paid_in")
    assert world.ledger.check().tolist() == [0.0, 0.0]
    with pytest.raises(InvariantError, match=r"2025-01, run 1: (firms|banks)\..*too large"):
        world.ledger.pay("shares", half, world.bank, world.firms, for_="shares", by="paid_in")
        world.ledger.check()


def test_amounts_that_fit_neither_side_do_not_pass_unseen(world):
    # One amount for two paying firms: nobody said how they share it.
    with pytest.raises((InvariantError, ValueError)):
        world.ledger.pay("rent", usd(100.0), world.firms, world.bank)
        world.ledger.check()
