"""A Sankey diagram: nodes in columns, each right of all that flows into it, and bands between."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiments.reporting.svg.canvas import hover, safe, svg, text
from experiments.reporting.text_table import cut
from sim.base.number_format import figure
from sim.figures.figure import GREY, Option

WIDTH, FLOW = 1080.0, 560.0
"""Pixels: of the whole, and of the fullest column without its gaps."""
TOP, EDGE, NODE, GAP, SLOT = 34.0, 200.0, 14.0, 6.0, 15.0
"""Room above, beside the outer columns for labels, width of a node, and its least room."""
LABEL, LETTERS = 12.0, 30
"""Bands at least as thick say their parts, in as many letters; the others say them on hover."""


@dataclass
class Node:
    """A node, its column, how much flows through it, and where it stands."""

    label: str
    colour: str
    column: int = 0
    into: float = 0.0
    out: float = 0.0
    top: float = 0.0
    used: dict[str, float] = field(default_factory=lambda: {"left": 0.0, "right": 0.0})

    @property
    def size(self) -> float:
        """What flows through: the larger of what comes and what goes."""
        return max(self.into, self.out)


def draw(option: Option) -> str:
    """The diagram of an option whose links have no circles."""
    series = option["series"][0]
    links = [link for link in series["links"] if link["value"]]
    nodes = {
        n["name"]: Node(
            n.get("label", {}).get("formatter", n["name"]),
            n.get("itemStyle", {}).get("color", GREY),
        )
        for n in series["data"]
    }
    for link in links:
        nodes[link["source"]].out += link["value"]
        nodes[link["target"]].into += link["value"]
    columns = _columns(nodes, links)
    fullest = max((sum(n.size for n in column) for column in columns), default=0.0)
    scale = FLOW / fullest if fullest else 0.0
    height = _place(columns, scale, links, nodes)
    step = (WIDTH - 2.0 * EDGE - NODE) / max(1, len(columns) - 1)
    parts = [text(8.0, 16.0, series["name"] if links else "Nothing moved.", "unit")]
    parts += _ribbons(links, nodes, scale, step, series["name"])
    for column in columns:
        for node in column:
            parts += _bar(node, scale, step, len(columns) - 1)
    return svg(WIDTH, height, option["title"]["text"], parts)


def _columns(nodes: dict[str, Node], links: list[Option]) -> list[list[Node]]:
    """The nodes that anything flows through, by column: one more than the last that feeds it."""
    for _ in nodes:
        moved = False
        for link in links:
            source, target = nodes[link["source"]], nodes[link["target"]]
            if target.column <= source.column < len(nodes):
                target.column, moved = source.column + 1, True
        if not moved:
            break
    # Sinks stand together on the right, where their labels have room.
    last = max((n.column for n in nodes.values()), default=0)
    for node in nodes.values():
        if node.into and not node.out:
            node.column = last
    kept = [node for node in nodes.values() if node.size]
    return [[n for n in kept if n.column == i] for i in range(last + 1)]


def _place(
    columns: list[list[Node]], scale: float, links: list[Option], nodes: dict[str, Node]
) -> float:
    """Set the tops of all nodes, the largest first on the left, then near what feeds them; returns
    the height of the picture."""
    bottom = TOP
    for number, column in enumerate(columns):
        pull = {id(n): -n.size for n in column}
        if number > 1:
            for node in column:
                fed = [
                    (nodes[k["source"]], k["value"]) for k in links if nodes[k["target"]] is node
                ]
                weight = sum(v for _, v in fed)
                pull[id(node)] = sum((n.top + scale * n.size / 2.0) * v for n, v in fed) / weight
        column.sort(key=lambda n: (pull[id(n)], n.label))
        y = TOP
        for node in column:
            slot = max(scale * node.size, SLOT)
            node.top = y + (slot - scale * node.size) / 2.0
            y += slot + GAP
        bottom = max(bottom, y)
    return bottom + 14.0


def _ribbons(
    links: list[Option], nodes: dict[str, Node], scale: float, step: float, unit: str
) -> list[str]:
    """The bands; at either end they stand in the order of the other, so that they cross least."""
    ends = {id(link): [0.0, 0.0] for link in links}
    for side, near, far in (("right", "source", "target"), ("left", "target", "source")):
        for link in sorted(links, key=lambda k: nodes[k[far]].top):
            node = nodes[link[near]]
            ends[id(link)][0 if side == "right" else 1] = node.top + node.used[side]
            node.used[side] += scale * link["value"]
    shapes, labels = list[str](), list[str]()
    for link in links:
        source, target = nodes[link["source"]], nodes[link["target"]]
        left, right = ends[id(link)]
        thick = scale * link["value"]
        start, end = EDGE + step * source.column + NODE, EDGE + step * target.column
        middle = (start + end) / 2.0
        words = f"{source.label} → {target.label}: {figure(link['value'])} {unit}"
        words = link.get("tooltip", {}).get("formatter", words)
        shapes.append(
            f'<path class="band" fill="{source.colour}" stroke="{source.colour}" '
            f'd="M{start:.1f},{left:.2f}C{middle:.1f},{left:.2f} {middle:.1f},{right:.2f} '
            f"{end:.1f},{right:.2f}V{right + thick:.2f}C{middle:.1f},{right + thick:.2f} "
            f'{middle:.1f},{left + thick:.2f} {start:.1f},{left + thick:.2f}Z">'
            f"{hover(words)}</path>"
        )
        if thick >= LABEL and "edgeLabel" in link:
            said = f"{cut(link['edgeLabel']['formatter'], LETTERS)} {figure(link['value'])}"
            labels.append(text(start + 7.0, left + thick / 2.0 + 4.0, said, "mark"))
    return shapes + labels


def _bar(node: Node, scale: float, step: float, last: int) -> list[str]:
    x, tall = EDGE + step * node.column, max(scale * node.size, 1.0)
    first = node.column == 0
    at, anchor = (x - 7.0, "end") if first else (x + NODE + 7.0, "start")
    said = f"{node.label}: {figure(node.size)}"
    words = f'{safe(cut(node.label, 24))} <tspan class="sum">{safe(figure(node.size))}</tspan>'
    halo = "mark" if first or node.column == last else "mark over"
    return [
        f'<rect x="{x:.1f}" y="{node.top:.2f}" width="{NODE:.0f}" height="{tall:.2f}" '
        f'fill="{node.colour}">{hover(said)}</rect>',
        f'<text class="{halo}" x="{at:.1f}" y="{node.top + tall / 2.0 + 4.0:.1f}" '
        f'text-anchor="{anchor}">{words}</text>',
    ]
