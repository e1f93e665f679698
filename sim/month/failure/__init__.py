"""Insolvency and liquidation."""
