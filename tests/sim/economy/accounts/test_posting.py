"""What each posting moves: accounts, lines and with them equity, and parts of the cash flow."""

from agents.framework.agent import EconomicAgent
from agents.framework.columns import account, columns_of, line, moved_by
from agents.framework.population import Member, Population
from sim.economy.accounts.posting import Posting, ledger_columns, payment, purpose


class Mill(EconomicAgent):
    """A kind of its own, with an account and a line of every sort."""

    population_name = "mills"

    plant = account("asset", "Plant at cost", "investing")
    debt = account("liability", "Loans owed", "financing")
    payables = account("liability", "Bills not yet paid")
    sales = line("income", "Flour sold")
    wages = line("expense", "Wages of the month")
    paid_in = line("paid_in", "Money from owners")
    operating_cash = moved_by("operating", "Cash from trade")
    investing_cash = moved_by("investing", "Cash spent on plant")


MILL = columns_of(Mill)


def test_a_cost_lowers_equity_and_an_income_raises_it():
    assert purpose(MILL, "wages", giving=True) == Posting(("wages",), ("equity",))
    assert purpose(MILL, "sales", giving=False) == Posting(("sales", "equity"), ())


def test_what_is_bought_rises_and_what_is_repaid_falls():
    assert purpose(MILL, "plant", giving=True) == Posting(("plant",), ())
    assert purpose(MILL, "debt", giving=True) == Posting((), ("debt",))
    assert purpose(MILL, "plant", giving=False) == Posting((), ("plant",))
    assert purpose(MILL, "debt", giving=False) == Posting(("debt",), ())


def test_cash_moves_under_the_activity_of_its_purpose_where_that_is_kept():
    spent = payment(MILL, "plant", "cash", giving=True)
    assert spent == Posting(("plant",), ("cash", "investing_cash"))
    assert payment(MILL, "debt", "cash", giving=False) == Posting(("debt", "cash"), ())


def test_what_is_not_paid_in_cash_moves_no_cash():
    billed = payment(MILL, "wages", "account", giving=True)
    assert billed == Posting(("wages", "payables"), ("equity",))
    in_shares = payment(MILL, "wages", "shares", giving=True)
    assert in_shares == Posting(("wages", "paid_in", "equity"), ("equity",))


def test_a_posting_is_written_to_both_sides_and_the_chart_balances():
    mills = Population("mills", Mill, [Member("a", "", Mill), Member("b", "", Mill)], 1)
    mills.cash, mills.equity = 100.0, 100.0
    payment(MILL, "plant", "cash", giving=True).write(mills, mills.cash * [[0.4, 0.1]])
    payment(MILL, "wages", "account", giving=True).write(mills, mills.plant / 10.0)
    assert mills.cash.tolist() == [[60.0, 90.0]] and mills.plant.tolist() == [[40.0, 10.0]]
    assert mills.payables.tolist() == [[4.0, 1.0]] and mills.equity.tolist() == [[96.0, 99.0]]
    assert mills.investing_cash.tolist() == [[-40.0, -10.0]]
    of_mills = ledger_columns(MILL)
    assert of_mills.sheet.balance(mills).tolist() == [[0.0, 0.0]]
    assert of_mills.statement.balance(mills).tolist() == [[-4.0, -1.0]]
    assert set(of_mills.accounts) == {"cash", "plant", "debt", "payables", "equity"}
    assert set(of_mills.month) == {
        *("income", "outlays", "sales", "wages", "paid_in", "operating_cash", "investing_cash")
    }
