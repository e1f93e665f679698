"""Evidence: a page of all rows that ids stand for, and links to it wherever an id is cited."""

from __future__ import annotations

import re

from experiments.reporting.markdown import paragraphs, plain
from sim.config.evidence import Evidence, load_evidence

_ID = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_CITED = re.compile(rf"\[({_ID}(?:,\s+{_ID})*)\](?![\w(])")
_FENCED = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)


def page() -> str:
    """All rows by source and id: what each says in the project's own words."""
    sources: dict[str, list[Evidence]] = {}
    for row in load_evidence().values():
        sources.setdefault(row.source, []).append(row)
    parts = []
    for source in sorted(sources):
        rows = sources[source]
        days = sorted({str(row.published) for row in rows if row.published})
        told = f"Published {' and '.join(days)}." if days else "Without a date."
        parts += [f"## {plain(source)}", told, *map(_row, rows)]
    return paragraphs("# Evidence", HEAD, *parts)


HEAD = """What the ids in square brackets stand for: a row each of the project's table of evidence
(`configs/evidence/evidence.csv`), by the publication that it comes from, in the project's own
words: what it measures or states. Values that were taken over stand with the
[parameters](../reference/parameters.md) that they decide. Most publications are essays of the
series *Gradient Updates* of Epoch AI; under their titles they are found there."""


def _row(row: Evidence) -> str:
    return f"({target(row.id)})=\n`{row.id}`\n: {plain(row.quantity)}"


def target(identifier: str) -> str:
    """The name under which pages lead to a row."""
    return f"evidence-{identifier}"


def link(identifier: str) -> str:
    """An id that leads to its row; any other text as it is."""
    known = identifier in load_evidence()
    return f"[{identifier}](#{target(identifier)})" if known else identifier


def linked(page: str) -> str:
    """A page in which every cited id leads to its row; code stays as it is.

    A list in brackets is a citation if one of its ids is known, so that a misspelt one beside it is
    found by whoever follows the links: Sphinx.
    """
    parts = _FENCED.split(page)
    return "".join(p if p.startswith("```") else _CITED.sub(_links, p) for p in parts)


def _links(found: re.Match[str]) -> str:
    cited = re.split(r",\s+", found[1])
    if not any(identifier in load_evidence() for identifier in cited):
        return found[0]
    return f"[{', '.join(f'[{name}](#{target(name)})' for name in cited)}]"
