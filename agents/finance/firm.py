"""A firm: the chart of accounts that labs, chip makers and data centers share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.finance.debtor import Debtor
from agents.framework.columns import Floats, Quantity, account, line, moved_by, parameter, state


class Financing(NamedTuple):
    """Dealings of a firm with the capital market this month, USD: loans, repayments, new shares,
    and payments to its owners."""

    borrowed: Floats
    repaid: Floats
    issued: Floats
    paid_out: Floats


class Firm(Debtor):
    """Holds a balance sheet and an income statement of the month, and may fail.

    Revenue less costs is profit; equity moves by profit and by payments from and to owners.
    """

    receivables = account("asset", "Sold and not yet paid for")
    prepayments = account("asset", "Paid for and not yet delivered")
    payables = account("liability", "Bought and not yet paid for")
    advances = account("liability", "Received for goods not yet delivered")
    debt = account("liability", "Money borrowed and not yet repaid", "financing")

    revenue = line("income", "Goods and services sold this month")
    gains = line("income", "Grants, debts forgiven, deposits kept and sales above book this month")
    cost_of_revenue = line("expense", "Cost of what was sold this month, without depreciation")
    research_cost = line("expense", "Compute and data for research this month")
    staff_cost = line("expense", "Wages paid in cash this month")
    stock_pay = line("expense", "Pay in shares this month: a cost without cash")
    sales_cost = line("expense", "Sales and marketing this month")
    administration_cost = line("expense", "Administration and levies this month")
    partner_share = line("expense", "Revenue passed on to corporate partners this month")
    interest_cost = line("expense", "Interest this month")
    depreciation = line("expense", "Wear of chips, sites and plant this month")
    write_offs = line("expense", "Assets lost, dropped or sold below book this month")
    taxes = line("expense", "Taxes on profit this month")
    paid_in = line("paid_in", "Shares issued and money from owners this month")
    paid_out = line("paid_out", "Dividends, buybacks and money to the group this month")

    operating_cash = moved_by("operating", "Cash from trade, wages, interest and taxes this month")
    investing_cash = moved_by("investing", "Cash from buying and selling lasting assets this month")
    financing_cash = moved_by("financing", "Cash from lenders and owners this month")

    interest_rate = parameter("1/year", "Interest on debt")
    tax_rate = parameter("fraction", "Tax on profit")

    equity_raised = state("USD", "Money from new shares that arrived this month")

    def profit(self) -> Quantity:
        """USD of the month before tax, without income that comes taxed: revenue and gains less all
        costs."""
        costs = self.cost_of_revenue + self.research_cost + self.staff_cost + self.stock_pay
        costs = costs + self.sales_cost + self.administration_cost + self.partner_share
        costs = costs + self.interest_cost + self.depreciation + self.write_offs + self.outlays
        return self.revenue + self.gains - costs

    def pay_taxes(self) -> Quantity:
        """USD of tax: the rate on a positive profit; losses are not carried forward."""
        return self.tax_rate * np.maximum(self.profit(), 0.0)
