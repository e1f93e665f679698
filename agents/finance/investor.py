"""An investor: holds loans and shares, at cost, and earns or loses on them."""

from __future__ import annotations

from agents.framework.agent import EconomicAgent
from agents.framework.columns import account, line


class Investor(EconomicAgent):
    """Base of the capital market, sovereign funds, parents and households."""

    loans = account("asset", "Loans made and not yet repaid", "investing")
    shares = account("asset", "Shares of firms, at what was paid for them", "investing")

    losses = line("expense", "Loans and shares written off this month")
