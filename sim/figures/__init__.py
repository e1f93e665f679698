"""Figures: tables in, chart options out. The report draws them on paper, the page on a screen.

Each function takes arrays or tables, reads nothing else, and returns a `Figure`: an option of
ECharts as plain data, the table behind it, and how many runs or design points it stands on.
"""

from sim.figures.bubbles import bubbles
from sim.figures.fan_chart import cases, fan, lines
from sim.figures.figure import Figure
from sim.figures.log_plane import plane
from sim.figures.network import supply_graph
from sim.figures.sankey import hours, money
from sim.figures.stacked_axes import stacked
from sim.figures.tornado import scatter, tornado

__all__ = [
    "Figure",
    "bubbles",
    "cases",
    "fan",
    "hours",
    "lines",
    "money",
    "plane",
    "scatter",
    "stacked",
    "supply_graph",
    "tornado",
]
