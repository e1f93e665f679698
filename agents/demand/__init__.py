"""Customers of labs, and users of compute outside labs."""
