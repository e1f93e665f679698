"""The state of a block of runs: populations, relations, parameters, conservation."""
