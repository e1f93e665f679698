"""Two firms and a bank that keep books: for tests of the ledger."""

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import account, line, moved_by, state
from agents.framework.population import Member, Population
from agents.framework.relation import Relation
from sim.economy.accounts.ledger import Ledger


class Firm(EconomicAgent):
    population_name = "firms"

    plant_book = account("asset", "Plant at cost less depreciation", "investing")
    receivables = account("asset", "Sold and not yet paid for")
    prepayments = account("asset", "Paid for and not yet delivered")
    payables = account("liability", "Bought and not yet paid for")
    advances = account("liability", "Received for goods not yet delivered")
    debt = account("liability", "Money borrowed", "financing")
    revenue = line("income", "Sales")
    gains = line("income", "Debts forgiven")
    research_cost = line("expense", "Research")
    cost_of_revenue = line("expense", "Cost of sales")
    write_offs = line("expense", "Assets lost")
    stock_pay = line("expense", "Pay in shares")
    paid_in = line("paid_in", "Shares issued")
    paid_out = line("paid_out", "Dividends")
    operating_cash = moved_by("operating", "From trade")
    investing_cash = moved_by("investing", "From lasting assets")
    financing_cash = moved_by("financing", "From lenders and owners")


class Bank(EconomicAgent):
    population_name = "banks"

    loans = account("asset", "Loans", "investing")
    shares = account("asset", "Shares", "investing")
    payables = account("liability", "Bought and not yet paid for")
    losses = line("expense", "Loans and shares written off")


USD = {"usd": state("USD", "Paid this month")}


def population(kind, rows, runs=1, name=""):
    members = [Member(f"{kind.__name__.lower()}{i}", "", kind) for i in range(rows)]
    return Population(name or kind.population_name, kind, members, runs)


class World:
    """Two firms and a bank that is linked to both; each agent opens with 1,000 USD."""

    def __init__(self, runs=1):
        self.firms, self.bank = population(Firm, 2, runs), population(Bank, 1, runs)
        self.links = Relation("links", self.bank, self.firms, [(0, 0), (0, 1)], USD)
        self.trade = Relation("trade", self.firms, self.firms, [(0, 1)], USD)
        self.ledger = Ledger([self.firms, self.bank])
        for agents in (self.firms, self.bank):
            self.ledger.open(agents, "cash", 1000.0)
        self.ledger.begin_month("2025-01")

    def sell(self, amount, means="cash", **how):
        """Firm 0 sells to firm 1."""
        firms, how = self.firms, {"for_": "cost_of_revenue", "by": "revenue"} | how
        return self.ledger.pay(
            "goods", usd(amount), firms, firms, along=self.trade, means=means, **how
        )


def books(agents, *accounts, row=0):
    """One agent's accounts in the first run."""
    return [float(agents.columns[name][0, row]) for name in accounts]


def usd(*row):
    return np.array([row], dtype=np.float64)
