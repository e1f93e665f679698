"""Drawbridge's world as data: parameters, worlds, scenarios, sweeps and observations."""
