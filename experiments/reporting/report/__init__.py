"""The report: one HTML file about a results folder."""
