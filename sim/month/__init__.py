"""The phases of a month, as `sim.engine` calls them."""
