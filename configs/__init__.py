"""The world as data: parameters, worlds, scenarios, sweeps and observations, all in plain text."""
