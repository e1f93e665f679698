"""Drawbridge, what we ask of the world: the command line, and the experiments behind it."""
