"""Parameters, evidence, observations, worlds and scenarios, read from files."""
