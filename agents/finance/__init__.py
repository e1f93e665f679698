"""Firms, debtors and investors, and where money comes from and goes to."""
