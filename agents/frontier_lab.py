"""A frontier lab: compute on the scale of the leaders."""

from __future__ import annotations

from agents.lab import Lab


class FrontierLab(Lab):
    """A lab that competes on capability with compute to match."""

    label = "frontier lab"
