"""Drawbridge, the world as data: parameters, worlds, scenarios, sweeps and observations."""
