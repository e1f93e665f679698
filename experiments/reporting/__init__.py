"""Summaries, accounts, comparisons, reports and pictures."""
