"""A compute-poor lab: a tenth to a fiftieth of the leaders' compute."""

from __future__ import annotations

from agents.lab import Lab


class ComputePoorLab(Lab):
    """A lab that must make do with a fraction of the leaders' compute."""

    label = "compute-poor lab"
