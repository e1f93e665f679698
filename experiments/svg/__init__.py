"""Chart options drawn as SVG: pictures that need no script, no fonts and nothing from elsewhere.

Only what `sim.figures` asks for is drawn: lines and bands over months, bars, dots, Sankey diagrams
and graphs whose nodes have places. Colours of ink and paper are left to the page's style.
"""

from __future__ import annotations

from experiments.svg import axes, graph, sankey
from sim.figures.figure import Option

DRAWN = {
    "line": axes.over_months,
    "bar": axes.bars,
    "scatter": axes.dots,
    "sankey": sankey.draw,
    "graph": graph.draw,
}
"""What draws an option, by the type of its series."""


def draw(option: Option) -> str:
    """The picture of an option as an SVG element. Names may hold anything: they are escaped."""
    return DRAWN[option["series"][0]["type"]](option)
