"""Drivers: the parameters that decide the headline metrics and the studies' verdicts."""
