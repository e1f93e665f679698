"""Chart options drawn as SVG: pictures that need no script, no fonts and nothing from elsewhere.

Only what `sim.figures` asks for is drawn: lines and bands over months, bars, dots, Sankey diagrams
and graphs whose nodes have places. Colours of ink and paper are left to the page's style.
"""

from __future__ import annotations

import re
from pathlib import Path

from experiments.reporting.svg import axes, canvas, graph, sankey
from experiments.reporting.text_table import cut
from sim.figures.figure import Option

DRAWN = {
    "line": axes.over_months,
    "bar": axes.bars,
    "scatter": axes.dots,
    "sankey": sankey.draw,
    "graph": graph.draw,
}
"""What draws an option, by the type of its series."""
NAMESPACE = "http://www.w3.org/2000/svg"
INK = "svg{--ink:#1b2027;--soft:#566070;--rule:#dde1e7;--panel:#fff;background:#fff}"
"""Colours of a picture that stands on no page."""
HEAD = 46.0
"""Height of the title and the note above a picture that stands on no page."""
LETTERS, SMALL = 84, 110
"""Letters of a title and of a note that fit into the width."""


def draw(option: Option) -> str:
    """The picture of an option as an SVG element. Names may hold anything: they are escaped."""
    return DRAWN[option["series"][0]["type"]](option)


def standalone(option: Option) -> str:
    """The picture of an option as a file of its own, black on white, with the style in it, and the
    title and the note above it that a page would say."""
    rules = (Path(__file__).parent / "picture.css").read_text(encoding="utf-8")
    style = f"<style>\n{INK}\n{rules}</style>"
    picture = draw(option).replace("<svg ", f'<svg xmlns="{NAMESPACE}" ', 1)
    width, height = re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture)[0]
    said = option["title"]
    above = [
        canvas.text(8.0, 18.0 - HEAD, cut(said["text"], LETTERS), "title"),
        canvas.text(8.0, 36.0 - HEAD, cut(said["subtext"], SMALL), "unit"),
    ]
    taller = f'viewBox="0 {-HEAD:.0f} {width} {int(height) + HEAD:.0f}"'
    picture = picture.replace(f'viewBox="0 0 {width} {height}"', taller, 1)
    return picture.replace(">", ">\n" + "\n".join([style, *above]), 1) + "\n"
