"""Perception: columns that agents can know, filled before they decide."""
