"""Metrics: definitions and formulas."""
