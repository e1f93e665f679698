"""Scenario files: overlays, events and claims on top of a world."""
