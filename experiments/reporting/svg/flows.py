"""A month's money as a Sankey diagram: payers on the left, payees on the right.

One SVG that stands alone: no script, no fonts or files from elsewhere, readable on light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from sim.base.errors import one_line
from sim.base.number_format import amount
from sim.economy.accounts.ledger import Flow

WIDTH, FLOW = 1080.0, 600.0
"""Pixels: of the whole, and of all the money on one side."""
LEFT, RIGHT, TOP = 170.0, 910.0, 92.0
NODE, SLOT, GAP = 14.0, 19.0, 7.0
"""Width of a sector's bar, the least height that its label needs, and what is left between two."""
LABEL = 12.0
"""Bands at least as thick say what they are; the others say it on hover."""
COLOURS = {
    "outside": "#868c98",
    "fleets": "#3f7fd6",
    "labs": "#e0871b",
    "fabs": "#d24f5f",
    "customers": "#2c9e70",
    "capital": "#2b9cab",
    "gulf": "#ac9a1e",
    "parents": "#c45fa2",
    "regions": "#8d6cb5",
    "inputs": "#a37a58",
    "elsewhere": "#6a8fb0",
}
OTHER = "#7c8a7c"
STYLE = """
.paper{fill:#fff}text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1b2027}
.head{font-size:19px;font-weight:600}.note,.sum{fill:#5b6470}.what{font-size:11.5px}
.name{font-weight:600}.band{fill-opacity:.38;stroke-opacity:.38;stroke-width:.4}
.band:hover{fill-opacity:.75}
@media (prefers-color-scheme:dark){.paper{fill:#14181d}text{fill:#e8ebef}
.note,.sum{fill:#a3adb9}.band{fill-opacity:.5}}
"""


@dataclass(frozen=True)
class Band:
    """What one sector paid another in the month, USD, and by which instruments, largest first."""

    payer: str
    payee: str
    usd: float
    parts: tuple[tuple[str, float], ...]

    @property
    def told(self) -> str:
        """Payer, payee and amount, and a line an instrument."""
        lines = [f"{self.payer} → {self.payee}: USD {amount(self.usd)}"]
        return "\n".join([*lines, *(f"{name} {amount(usd)}" for name, usd in self.parts)])


@dataclass(frozen=True)
class Side:
    """The sectors of one side, largest first: their sums, USD, and the top of each bar, pixels."""

    sums: dict[str, float]
    tops: dict[str, float]
    bottom: float

    @classmethod
    def of(cls, sums: Mapping[str, float], scale: float) -> Side:
        """A side drawn at `scale` pixels per USD; a thin bar stands in the middle of its slot."""
        order = sorted(sums, key=lambda sector: (-sums[sector], sector))
        tops, y = {}, TOP
        for sector in order:
            height = scale * sums[sector]
            slot = max(height, SLOT)
            tops[sector] = y + (slot - height) / 2.0
            y += slot + GAP
        return cls({sector: sums[sector] for sector in order}, tops, y - GAP)


def bands(payments: Mapping[Flow, float]) -> list[Band]:
    """A band per pair of sectors between which money moved, the largest first.

    payments: USD of a month by instrument, payer and payee.
    """
    pairs: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for (instrument, payer, payee), usd in payments.items():
        if usd > 0.0:
            pairs.setdefault((payer, payee), []).append((instrument, usd))
    found = [
        Band(*pair, sum(u for _, u in parts), tuple(sorted(parts, key=lambda p: (-p[1], p[0]))))
        for pair, parts in pairs.items()
    ]
    return sorted(found, key=lambda band: (-band.usd, band.payer, band.payee))


def sankey(payments: Mapping[Flow, float], title: str) -> str:
    """The diagram as the text of an SVG file. Names may hold anything: they are escaped."""
    drawn = bands(payments)
    whole = sum(band.usd for band in drawn)
    scale = FLOW / whole if drawn else 0.0
    payers = Side.of(_sums((band.payer, band.usd) for band in drawn), scale)
    payees = Side.of(_sums((band.payee, band.usd) for band in drawn), scale)
    height = round(max(payers.bottom, payees.bottom, TOP) + 28.0)
    note = (
        f"USD {amount(whole)} in all; bands are as thick as the money. Point at one for its parts."
        if drawn
        else "No money moved."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height}" '
        f'width="{WIDTH:.0f}" height="{height}" role="img">',
        f"<title>{_safe(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH:.0f}" height="{height}"/>',
        _text(24, 36, title, "head"),
        _text(24, 58, note, "note"),
    ]
    if drawn:
        parts += [
            _text(LEFT + NODE, TOP - 10, "who pays", "note", "end"),
            _text(RIGHT, TOP - 10, "who is paid", "note"),
        ]
    parts += _ribbons(drawn, payers, payees, scale)
    parts += _bars(payers, scale, LEFT, LEFT - 8.0, "end")
    parts += _bars(payees, scale, RIGHT, RIGHT + NODE + 8.0, "start")
    return "\n".join([*parts, "</svg>\n"])


def _ribbons(drawn: list[Band], payers: Side, payees: Side, scale: float) -> list[str]:
    """The bands, and what the thick ones are. At either end bands stand in the order of the other
    side, so that those of one sector do not cross there."""
    starts, ends = dict(payers.tops), dict(payees.tops)
    place: dict[Band, list[float]] = {band: [0.0, 0.0] for band in drawn}
    for band in sorted(drawn, key=lambda b: payees.tops[b.payee]):
        place[band][0] = starts[band.payer]
        starts[band.payer] += scale * band.usd
    for band in sorted(drawn, key=lambda b: payers.tops[b.payer]):
        place[band][1] = ends[band.payee]
        ends[band.payee] += scale * band.usd
    shapes, words = [], []
    for band, (left, right) in place.items():
        thick, near, far = scale * band.usd, LEFT + NODE, RIGHT
        middle = (near + far) / 2.0
        colour = COLOURS.get(band.payer, OTHER)
        shapes.append(
            f'<path class="band" fill="{colour}" stroke="{colour}" data-usd="{band.usd:.0f}" '
            f'd="M{near:.1f},{left:.3f}C{middle:.1f},{left:.3f} {middle:.1f},{right:.3f} '
            f"{far:.1f},{right:.3f}V{right + thick:.3f}C{middle:.1f},{right + thick:.3f} "
            f'{middle:.1f},{left + thick:.3f} {near:.1f},{left + thick:.3f}Z">'
            f"<title>{_safe(band.told)}</title></path>"
        )
        if thick >= LABEL:
            said = ", ".join(name for name, _ in band.parts)
            said = said if len(said) <= 30 else f"{said[:29].rstrip(', ')}…"
            line = f"{said} {amount(band.usd)}"
            words.append(_text(near + 8.0, left + thick / 2.0 + 4.0, line, "what"))
    return shapes + words


def _bars(side: Side, scale: float, x: float, label: float, anchor: str) -> list[str]:
    parts = []
    for sector, usd in side.sums.items():
        top, tall = side.tops[sector], max(scale * usd, 1.0)
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.2f}" width="{NODE:.0f}" height="{tall:.2f}" '
            f'fill="{COLOURS.get(sector, OTHER)}"/>'
        )
        name, figure = f'<tspan class="name">{_safe(sector)}</tspan>', _safe(amount(usd))
        words = f'{name} <tspan class="sum">{figure}</tspan>'
        y = top + tall / 2.0 + 4.5
        parts.append(f'<text x="{label:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>')
    return parts


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{_safe(words)}</text>'


def _sums(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for sector, usd in pairs:
        sums[sector] = sums.get(sector, 0.0) + usd
    return sums


def _safe(text: str) -> str:
    """Text that XML may hold, each line shortened and without what does not print."""
    return escape("\n".join(one_line(line) for line in text.split("\n")))
