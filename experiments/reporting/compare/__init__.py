"""Scenarios and results folders side by side."""
