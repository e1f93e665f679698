"""How the pages are built: `make docs`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml import converter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from experiments.maintenance.documents import (  # noqa: E402
    evidence,
    interfaces,
    reference,
    validation,
)
from sim.results.files.manifest import package_version  # noqa: E402

project = "Drawbridge"
author = "The Drawbridge authors"
project_copyright = author
release = version = package_version()

extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
exclude_patterns = ["generated/fragments/*", "results/kept/*"]
nitpicky = True

html_theme = "furo"
html_title = "Drawbridge"
html_static_path = ["_static"]
html_css_files = ["drawbridge.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_baseurl = ""


def generate(app: Any) -> None:
    """Make the pages that describe the registry, the metrics, the agents and the results."""
    folder = HERE / "generated"
    reference.write(folder, reference.pages() | interfaces.pages())
    validation.write(HERE / "results" / "kept", folder)


def cite(app: Any, name: str, source: list[str]) -> None:
    """Lead from every cited id of evidence in a page written by hand to its row."""
    if not name.startswith("generated/"):
        source[0] = evidence.linked(source[0])


def inline(translator: Any, node: Any) -> None:
    """An equation within a line, as MathML: no script and no font of its own is needed."""
    translator.body.append(mathml(node.astext()))
    raise SkipNode


def block(translator: Any, node: Any) -> None:
    """An equation of its own."""
    equation = mathml(node.astext().strip(), display="block")
    translator.body.append(f'<div class="math">{equation}</div>')
    raise SkipNode


def mathml(equation: str, display: str = "inline") -> str:
    """LaTeX as MathML, with room between a function's name and what it is of."""
    made = converter.convert(equation, display=display)
    return re.sub(r"<mi>(ln|exp|min|max|log)</mi>", r'\g<0><mspace width="0.17em"/>', made)


def setup(app: Any) -> None:
    """Register what the pages need beyond the theme."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("builder-inited", generate)
    app.connect("source-read", cite)
