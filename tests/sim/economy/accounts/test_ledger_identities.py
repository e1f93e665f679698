"""The ledger's identities: statements explain balance sheets, rows and columns add up to exactly
zero, and any break is found and named."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.framework.relation import Relation
from sim.base.errors import InvariantError
from sim.economy.accounts.ledger import CLAIMS, Ledger
from sim.economy.accounts.posting import ACTIVITIES
from tests.books import Bank, Firm, World, population, usd


@pytest.fixture
def world():
    return World()


# ---- statements ----------------------------------------------------------------------------------


def busy(world):
    """A month with a posting of every kind."""
    firms, bank, ledger = world.firms, world.bank, world.ledger
    ledger.pay("plant", usd(200.0, 90.0), firms, bank, for_="plant_book")
    ledger.pay("loans", usd(50.0, 10.0), bank, firms, along=world.links, for_="loans", by="debt")
    ledger.pay("shares", usd(40.0, 0.0), bank, firms, for_="shares", by="paid_in")
    ledger.pay("payouts", usd(7.0, 3.0), firms, bank, for_="paid_out")
    ledger.pay("repayments", usd(5.0, 0.0), firms, bank, along=world.links, for_="debt", by="loans")
    world.sell(60.0)
    world.sell(80.0, "account")
    world.sell(33.0, for_="prepayments", by="advances")
    ledger.write_off(firms, "plant_book", usd(10.0, 4.0))
    ledger.pay("scrap", usd(6.0, 0.0), bank, firms, by="plant_book")


def test_the_statement_explains_the_change_of_worth(world):
    busy(world)
    # 60 and 80 sold, 10 written off, 40 paid in and 7 paid out; 140 bought, 4 off, 3 paid out.
    assert world.ledger.result(world.firms).tolist() == [[163.0, -147.0]]
    assert world.firms.equity.tolist() == [[1163.0, 853.0]]
    assert world.ledger.check().tolist() == [0.0]


def test_the_cash_flow_statement_explains_the_change_of_cash(world):
    busy(world)
    firms = world.firms
    # Sales and deposits; plant, and what it was sold for; loans, shares, payouts and repayments.
    assert firms.operating_cash.tolist() == [[60.0 + 33.0, -60.0 - 33.0]]
    assert firms.investing_cash.tolist() == [[-200.0 + 6.0, -90.0]]
    assert firms.financing_cash.tolist() == [[50.0 + 40.0 - 7.0 - 5.0, 10.0 - 3.0]]
    moved = sum(firms.columns[activity] for activity in ACTIVITIES)
    assert (firms.cash - 1000.0).tolist() == moved.tolist()


def test_a_month_begins_with_empty_statements(world):
    busy(world)
    firms, bank = world.firms, world.bank
    stocks = {c: firms.columns[c].copy() for c in ("cash", "debt", "plant_book", "equity")}
    world.ledger.begin_month("2025-02")
    for agents in (firms, bank):
        for name, column in agents.declared.items():
            if column.line is not None or name in ACTIVITIES:
                assert not agents.columns[name].any(), name
    for name, before in stocks.items():
        assert firms.columns[name].tolist() == before.tolist()
    assert world.ledger.check().tolist() == [0.0]


# ---- the identities hold to exactly zero ---------------------------------------------------------

POSTINGS = (
    # instrument, payer, payee, for_, by, means
    ("rent", "firms", "bank", "outlays", "income", "cash"),
    ("wages", "bank", "firms", "outlays", "revenue", "cash"),
    ("plant", "firms", "bank", "plant_book", "income", "cash"),
    ("loans", "bank", "firms", "loans", "debt", "cash"),
    ("repayments", "firms", "bank", "debt", "loans", "cash"),
    ("shares", "bank", "firms", "shares", "paid_in", "cash"),
    ("sales", "bank", "firms", "outlays", "plant_book", "cash"),
    ("payouts", "firms", "bank", "paid_out", "income", "cash"),
    ("goods", "bank", "firms", "outlays", "revenue", "account"),
    ("invoices", "bank", "firms", "payables", "receivables", "cash"),
    ("stock pay", "firms", "bank", "stock_pay", "income", "shares"),
)
amounts = st.floats(0.0, 1e12)
posting = st.tuples(st.sampled_from(POSTINGS), st.booleans(), amounts, amounts)


def post(world, postings):
    for (instrument, payer, payee, for_, by, means), along, first, second in postings:
        world.ledger.pay(
            instrument,
            usd(first, second),
            getattr(world, payer),
            getattr(world, payee),
            along=world.links if along else None,
            for_=for_,
            by=by,
            means=means,
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
def test_rows_of_the_flow_matrix_are_zero_and_columns_are_the_change_of_cash(postings):
    world = World()
    cash = {p.name: p.cash.copy() for p in world.ledger.populations}
    post(world, postings)
    net = defaultdict(float)
    for row in world.ledger.matrix().values():
        assert sum(amount[0] for amount in row.values()) == 0.0
        for sector, amount in row.items():
            net[sector] += amount[0]
    for agents in world.ledger.populations:
        assert (agents.cash - cash[agents.name]).sum() == net[agents.name]


# ---- each identity can fail, and the break is named ----------------------------------------------


def test_money_written_behind_the_ledgers_back_is_found(world):
    world.firms.cash[0, 1] += 17.0
    with pytest.raises(InvariantError) as caught:
        world.ledger.check()
    error = caught.value
    assert (error.month, error.account, error.amount) == ("2025-01", "firms.firm1", 17.0)
    assert "2025-01" in str(error) and "firms.firm1" in str(error) and "17" in str(error)


SIDES = [name for name, column in population(Firm, 1).declared.items() if column.side is not None]
LINES = [name for name, column in population(Firm, 1).declared.items() if column.line is not None]


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize("value", [1e-9, -1.0, np.nan, np.inf])
def test_any_account_that_moves_alone_is_found(name, value):
    world = World(runs=2)
    busy_all(world)
    before = float(world.firms.columns[name][1, 0])
    world.firms.columns[name][1, 0] += value
    if world.firms.columns[name][1, 0] == before:  # below what a number of this size can show
        world.firms.columns[name][1, 0] = np.nextafter(before, np.inf)
    with pytest.raises(InvariantError, match=r"2025-01, run 1: .*firms\.firm0"):
        world.ledger.check()


def busy_all(world):
    """Every account of firms is in use, in both runs."""
    for row in world.ledger.populations:
        assert row.runs == 2
    both = np.array([[40.0, 30.0], [50.0, 20.0]])
    for instrument, payer, payee, for_, by, means in POSTINGS:
        sides = getattr(world, payer), getattr(world, payee)
        world.ledger.pay(instrument, both, *sides, for_=for_, by=by, means=means)
    assert world.ledger.check().tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_the_statement_that_moves_alone_is_found(world, name):
    world.firms.columns[name][0, 1] += 3.0
    with pytest.raises(InvariantError, match=r"2025-01.*firms\.firm1.*change of equity"):
        world.ledger.check()


@pytest.mark.parametrize("name", ACTIVITIES)
def test_a_part_of_the_cash_flow_that_moves_alone_is_found(world, name):
    world.firms.columns[name][0, 1] += 3.0
    with pytest.raises(InvariantError, match=r"2025-01.*firms\.firm1.*change of cash"):
        world.ledger.check()


def test_worth_and_an_asset_that_rise_together_are_missed_by_no_statement(world):
    """The balance sheet balances: the month's statement does not explain it."""
    world.firms.plant_book[0, 1] += 9.0
    world.firms.equity[0, 1] += 9.0
    assert not world.ledger.imbalance(world.firms).any()
    with pytest.raises(InvariantError, match=r"2025-01.*firms\.firm1.* 9 USD.*change of equity"):
        world.ledger.check()


def test_money_out_of_nothing_is_found_though_balance_sheet_and_statements_agree(world):
    for name in ("cash", "equity", "income", "operating_cash"):
        world.firms.columns[name][0, 0] += 9.0
    assert not any(gap.any() for gap in world.ledger.gaps(world.firms).values())
    with pytest.raises(InvariantError, match=r"2025-01.*cash of firms.* 9 USD"):
        world.ledger.check()


@pytest.mark.parametrize(
    ("claim", "debt"), [(c, d) for c, d in CLAIMS if c in ("loans", "receivables", "prepayments")]
)
def test_a_claim_that_nobody_owes_is_found(world, claim, debt):
    holder = world.bank if claim == "loans" else world.firms
    holder.columns[claim][0, 0] += 12.0
    holder.columns["income"][0, 0] += 12.0
    holder.equity[0, 0] += 12.0
    assert not any(gap.any() for gap in world.ledger.gaps(holder).values())
    with pytest.raises(InvariantError, match=rf"2025-01.*{claim} and {debt}.* 12 USD"):
        world.ledger.check()


def test_a_debt_that_nobody_claims_is_found(world):
    for name, amount in (("debt", 12.0), ("outlays", 12.0), ("equity", -12.0)):
        world.firms.columns[name][0, 0] += amount
    with pytest.raises(InvariantError, match=r"2025-01.*loans and debt.* -12 USD"):
        world.ledger.check()


def test_cash_that_moves_between_sectors_without_a_payment_is_found(world):
    """All money is still there, and each agent's books agree: no flow explains it."""
    for agents, amount in ((world.firms, -8.0), (world.bank, 8.0)):
        agents.cash[0, 0] += amount
        agents.equity[0, 0] += amount
        agents.income[0, 0] += amount
    world.firms.operating_cash[0, 0] -= 8.0
    with pytest.raises(InvariantError, match=r"2025-01.*cash of (firms|banks).* -?8 USD"):
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
