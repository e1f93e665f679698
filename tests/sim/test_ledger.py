"""The ledger: every payment moves both sides, books balance to exactly zero, a break is named."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.agent import EconomicAgent
from agents.columns import account, state
from agents.population import Member, Population
from agents.relation import Relation
from sim.errors import InvariantError
from sim.ledger import Ledger


class Firm(EconomicAgent):
    population_name = "firms"
    plant_book = account("asset", "Plant at cost less depreciation")


class Bank(EconomicAgent):
    population_name = "banks"


USD = {"usd": state("USD", "Paid this month")}


def population(kind, rows, runs=1, name=""):
    members = [Member(f"{kind.__name__.lower()}{i}", "", kind) for i in range(rows)]
    return Population(name or kind.population_name, kind, members, runs)


class World:
    """Two firms and a bank that is linked to both; each agent opens with 1,000 USD."""

    def __init__(self, runs=1):
        self.firms, self.bank = population(Firm, 2, runs), population(Bank, 1, runs)
        self.links = Relation("links", self.bank, self.firms, [(0, 0), (0, 1)], USD)
        self.ledger = Ledger([self.firms, self.bank])
        for agents in (self.firms, self.bank):
            self.ledger.open(agents, "cash", 1000.0)
        self.ledger.begin_month("2025-01")


@pytest.fixture
def world():
    return World()


def books(agents, *accounts):
    """The first agent's accounts in the first run."""
    return [float(agents.columns[name][0, 0]) for name in accounts]


def usd(*row):
    return np.array([row], dtype=np.float64)


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
    world.ledger.pay(
        "sale", usd(150.0, 0.0), world.bank, world.firms, for_="holdings", by="plant_book"
    )
    assert books(world.firms, "cash", "plant_book", "equity") == [750.0, 250.0, 1000.0]
    assert books(world.bank, "cash", "holdings", "equity") == [1250.0, 150.0, 1400.0]
    assert world.ledger.check().tolist() == [0.0]


def test_a_loan_and_its_repayment_change_nobodys_worth(world):
    firms, bank, links = world.firms, world.bank, world.links
    lent, back = usd(300.0, 50.0), usd(120.0, 50.0)
    world.ledger.pay("loans", lent, bank, firms, along=links, for_="holdings", by="debt")
    assert books(bank, "cash", "holdings", "equity") == [650.0, 350.0, 1000.0]
    assert books(firms, "cash", "debt", "equity") == [1300.0, 300.0, 1000.0]

    world.ledger.pay("repayments", back, firms, bank, along=links, for_="debt", by="holdings")
    assert books(bank, "cash", "holdings", "equity") == [820.0, 180.0, 1000.0]
    assert firms.debt.tolist() == [[180.0, 0.0]]
    assert firms.equity.tolist() == [[1000.0, 1000.0]]
    assert world.ledger.check().tolist() == [0.0]


def test_shares_are_the_issuers_equity_and_the_buyers_holdings(world):
    world.ledger.pay("shares", usd(200.0, 0.0), world.bank, world.firms, for_="holdings")
    assert books(world.bank, "cash", "holdings", "equity") == [800.0, 200.0, 1000.0]
    assert books(world.firms, "cash", "equity") == [1200.0, 1200.0]
    assert world.ledger.check().tolist() == [0.0]


def test_a_write_off_costs_worth_and_no_money(world):
    world.ledger.pay("plant", usd(400.0, 0.0), world.firms, world.bank, for_="plant_book")
    written = world.ledger.write_off(world.firms, "plant_book", usd(40.4, 0.0))
    assert written.tolist() == [[40.0, 0.0]]
    assert books(world.firms, "cash", "plant_book", "equity") == [600.0, 360.0, 960.0]
    assert world.ledger.check().tolist() == [0.0]


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


def test_the_months_flows_are_kept_by_instrument_and_sector_and_cleared(world):
    world.ledger.pay("rent", usd(100.0, 30.0), world.firms, world.bank)
    world.ledger.pay("rent", usd(1.0, 1.0), world.firms, world.bank)
    assert world.ledger.paid["rent"]["firms"].tolist() == [132.0]
    assert world.ledger.received["rent"]["banks"].tolist() == [132.0]
    world.ledger.begin_month("2025-02")
    assert world.ledger.paid == world.ledger.received == {}


@pytest.mark.parametrize("amount", [-1.0, -1e9, np.nan, np.inf, -np.inf, 2.0**53])
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
    half = np.array([[0.0, 0.0], [world.ledger.limit / 2.0, 0.0]])  # the limit is 2**52 quanta
    world.ledger.pay("shares", half, world.bank, world.firms, for_="holdings")
    assert world.ledger.check().tolist() == [0.0, 0.0]
    with pytest.raises(InvariantError, match=r"2025-01, run 1: (firms|banks)\..*too large"):
        world.ledger.pay("shares", half, world.bank, world.firms, for_="holdings")


def test_amounts_that_fit_neither_side_do_not_pass_unseen(world):
    # One amount for two paying firms: nobody said how they share it.
    with pytest.raises((InvariantError, ValueError)):
        world.ledger.pay("rent", usd(100.0), world.firms, world.bank)
        world.ledger.check()


# ---- the identities hold to exactly zero ---------------------------------------------------------

POSTINGS = (
    # instrument, payer, payee, for_, by
    ("rent", "firms", "bank", "equity", "equity"),
    ("wages", "bank", "firms", "equity", "equity"),
    ("plant", "firms", "bank", "plant_book", "equity"),
    ("loans", "bank", "firms", "holdings", "debt"),
    ("repayments", "firms", "bank", "debt", "holdings"),
    ("shares", "bank", "firms", "holdings", "equity"),
    ("sales", "bank", "firms", "holdings", "plant_book"),
)
amounts = st.floats(0.0, 1e12)
posting = st.tuples(st.sampled_from(POSTINGS), st.booleans(), amounts, amounts)


def post(world, postings):
    for (instrument, payer, payee, for_, by), along, first, second in postings:
        world.ledger.pay(
            instrument,
            usd(first, second),
            getattr(world, payer),
            getattr(world, payee),
            along=world.links if along else None,
            for_=for_,
            by=by,
        )
        world.ledger.write_off(world.firms, "plant_book", usd(second / 7.0, 0.0))


def bits(world):
    return {
        (p.name, name): p.columns[name].tobytes()
        for p in world.ledger.populations
        for name in p.declared
    }


@given(st.lists(posting, max_size=12), st.randoms(use_true_random=False))
def test_random_postings_balance_to_zero_in_any_order_with_the_same_bits(postings, random):
    world, other = World(), World()
    post(world, postings)
    assert world.ledger.check().tolist() == [0.0]
    shuffled = list(postings)
    random.shuffle(shuffled)
    post(other, shuffled)
    assert other.ledger.check().tolist() == [0.0]
    assert bits(world) == bits(other)


@given(st.lists(posting, min_size=1, max_size=8))
def test_rows_and_columns_of_the_flow_matrix_add_up(postings):
    world = World()
    cash = {p.name: p.cash.copy() for p in world.ledger.populations}
    post(world, postings)
    ledger, net = world.ledger, defaultdict(float)
    for instrument, payers in ledger.paid.items():
        assert sum(v[0] for v in payers.values()) == sum(
            v[0] for v in ledger.received[instrument].values()
        )
        for sector, paid in payers.items():
            net[sector] -= paid[0]
        for sector, got in ledger.received[instrument].items():
            net[sector] += got[0]
    for agents in ledger.populations:
        assert (agents.cash - cash[agents.name]).sum() == net[agents.name]


# ---- a break is found and named ------------------------------------------------------------------


def test_money_written_behind_the_ledgers_back_is_found(world):
    world.firms.cash[0, 1] += 17.0
    with pytest.raises(InvariantError) as caught:
        world.ledger.check()
    error = caught.value
    assert (error.month, error.account, error.amount) == ("2025-01", "firms.firm1", 17.0)
    assert "2025-01" in str(error) and "firms.firm1" in str(error) and "17" in str(error)


@pytest.mark.parametrize("name", ["cash", "holdings", "debt", "equity", "plant_book"])
@pytest.mark.parametrize("value", [1e-9, -1.0, np.nan, np.inf])
def test_any_account_that_moves_alone_is_found(name, value):
    world = World(runs=2)
    world.firms.columns[name][1, 0] += value
    with pytest.raises(InvariantError, match=r"2025-01, run 1: .*firms\.firm0"):
        world.ledger.check()


def test_money_out_of_nothing_is_found_though_every_balance_sheet_balances(world):
    world.firms.cash[0, 0] += 9.0
    world.firms.equity[0, 0] += 9.0
    with pytest.raises(InvariantError, match=r"2025-01.* cash .* 9 USD"):
        world.ledger.check()


def test_a_payment_that_loses_a_payee_is_found(world, monkeypatch):
    honest = Relation.to_target

    def forgets_one(self, values):
        return honest(self, values * (np.arange(len(self)) != 1))

    monkeypatch.setattr(Relation, "to_target", forgets_one)
    world.ledger.pay("wages", usd(60.0, 40.0), world.bank, world.firms, along=world.links)
    assert world.ledger.residual().tolist() == [40.0]
    with pytest.raises(InvariantError, match=r"2025-01.* 40 USD"):
        world.ledger.check()


# ---- a whole economy with a known solution -------------------------------------------------------


def test_the_sim_model_of_godley_and_lavoie():
    """Godley and Lavoie, Monetary Economics (2007), chapter 3: government spends G, taxes at rate
    theta, households consume C = a1 (1 - theta) Y + a2 H, H being last period's money."""
    government, households, firms = (
        population(Bank, 1, name=name) for name in ("government", "households", "firms")
    )
    ledger = Ledger([government, households, firms], quantum=2.0**-20)
    spending, theta, a1, a2 = 20.0, 0.2, 0.6, 0.4
    incomes = []
    for month in range(120):
        ledger.begin_month(f"period {month}")
        money = float(households.cash[0, 0])
        # Y = G + C and C = a1 (1 - theta) Y + a2 H, solved for Y.
        income = (spending + a2 * money) / (1.0 - a1 * (1.0 - theta))
        ledger.pay("government", usd(spending), government, firms)
        ledger.pay("consumption", usd(income - spending), households, firms)
        ledger.pay("wages", usd(income), firms, households)
        ledger.pay("taxes", usd(theta * income), households, government)
        assert ledger.check().tolist() == [0.0]
        # What households hold is what the government owes, and firms keep nothing but rounding.
        assert households.cash[0, 0] + firms.cash[0, 0] == -government.cash[0, 0]
        assert abs(firms.cash[0, 0]) <= (month + 1) * 2.0**-20
        incomes.append(income)

    assert incomes[0] == pytest.approx(38.46, abs=0.01)  # 20 / (1 - 0.6 x 0.8) = 20 / 0.52
    # H = 38.46 x 0.8 - 18.46 = 12.31, so Y = (20 + 0.4 x 12.31) / 0.52 = 47.93
    assert incomes[1] == pytest.approx(47.93, abs=0.01)
    assert incomes[-1] == pytest.approx(100.0, abs=1e-3)  # G / theta
    # H* = (1 - a1) (1 - theta) Y* / a2 = 0.4 x 80 / 0.4
    assert households.cash[0, 0] == pytest.approx(80.0, abs=1e-3)
