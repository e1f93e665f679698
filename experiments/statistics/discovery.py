"""Which parameters lead to an outcome: PRIM boxes, and a small tree as a second opinion.

A point of the design counts as a case by the share of its replications in which the condition
holds, so nothing is lost where only some draws lead to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.reporting.text_table import aligned
from experiments.statistics import prim
from experiments.statistics.outcomes import Condition
from experiments.statistics.prim import Box, Fit
from sim.base.errors import RequestError
from sim.base.number_format import amount, figure, many, percent, span

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.results.sweep import Sweep

BOXES = 4
"""Most boxes sought."""
DEPTH = 3
"""Of the tree."""
LEAF = 0.02
"""Share of the points that a leaf of the tree holds at least."""
STEPS = 8
"""Rows of the trade-off that are printed."""


@dataclass(frozen=True)
class Limit:
    """What a box says of one parameter: low or high is None where that side is open.

    reach: the smallest and largest value of the design. quasi_p: the chance that the limit is luck,
    None in a tree.
    """

    path: str
    low: float | None
    high: float | None
    reach: tuple[float, float]
    quasi_p: float | None

    def text(self) -> str:
        """The limits in words."""
        if self.low is not None and self.high is not None:
            said = span(self.low, self.high, amount, " to ")
        elif self.low is not None:
            said = f"above {amount(self.low)}"
        else:
            said = f"below {amount(self.high or 0.0)}"
        luck = "" if self.quasi_p is None else f", quasi-p {figure(self.quasi_p)}"
        return f"{self.path} {said} (of {span(*self.reach, amount, ' to ')}{luck})"


@dataclass(frozen=True)
class FittedBox:
    """A box of the space of parameters, and how it fits all points of the design."""

    limits: tuple[Limit, ...]
    fit: Fit

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        limits = [{**vars(limit), "reach": list(limit.reach)} for limit in self.limits]
        return {**vars(self.fit), "limits": limits}


@dataclass(frozen=True)
class Discovery:
    """What leads to a condition.

    share: of the runs in which it holds. boxes: each sought in what those before it leave;
    together: how their union fits. peels: from the whole space to the core of the first box, what
    density costs in coverage, with the number of limited parameters. leaves: of the tree, the
    densest first.
    """

    condition: str
    points: int
    replications: int
    share: float
    boxes: tuple[FittedBox, ...]
    together: Fit
    peels: tuple[tuple[Fit, int], ...]
    leaves: tuple[FittedBox, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values, for `--json`."""
        return {
            "condition": self.condition,
            "points": self.points,
            "replications": self.replications,
            "share": self.share,
            "boxes": [box.facts() for box in self.boxes],
            "together": dict(vars(self.together)),
            "peels": [{**vars(found), "limited": count} for found, count in self.peels],
            "tree": [leaf.facts() for leaf in self.leaves],
        }

    def text(self) -> str:
        """Boxes, trade-off and tree for people."""
        runs = f"{self.points:,} points x {many(self.replications, 'replication')}"
        lines = [f"{self.condition}: holds in {percent(self.share)} of {runs}", ""]
        for number, box in enumerate(self.boxes, start=1):
            lines += [f"Box {number}: {_fit_text(box.fit)}", *_indented(box), ""]
        if not self.boxes:
            lines += ["No box: no limits on these parameters hold the cases more densely", ""]
        if len(self.boxes) > 1:
            lines += [f"Together: {_fit_text(self.together)}", ""]
        lines.append("What density costs: peels towards the first box")
        rows = [("coverage", "density", "limited")]
        spread = np.linspace(0, len(self.peels) - 1, min(STEPS, len(self.peels)))
        for place in dict.fromkeys(int(p) for p in np.round(spread)):
            found, count = self.peels[place]
            rows.append((percent(found.coverage), percent(found.density), str(count)))
        lines += (f"  {line}" for line in aligned(rows, ">"))
        lines += ["", f"Tree of depth {DEPTH}: the leaves that are denser than the whole"]
        for leaf in self.leaves:
            if leaf.fit.density > self.share:
                lines += [_fit_text(leaf.fit), *_indented(leaf)]
        return "\n".join(lines)


def discover(
    sweep: Sweep, condition: Condition, boxes: int = BOXES, least_density: float | None = None
) -> Discovery:
    """The boxes and the tree of a condition on the runs of a sweep of any design.

    least_density: as in `prim.find_boxes`. Raises RequestError for a run that is missing or not
    finite (by its name), and for a condition that holds always or never.
    """
    truths = condition.values(sweep)
    cases: Floats = np.mean(truths, axis=1, dtype=np.float64)
    if cases.min() == cases.max():
        always = "in every run" if cases[0] == 1.0 else "in no run"
        raise RequestError(
            f"holds {always if cases[0] in (0.0, 1.0) else 'as often at every point'}",
            key="--where",
            value=str(condition),
            allowed="a condition that tells the points apart",
        )
    points = sweep.design[list(sweep.paths)].to_numpy(dtype=np.float64)
    found, peels = prim.find_boxes(points, cases, boxes, least_density)
    inside = np.zeros(len(points), dtype=bool)
    regions, left = [], np.ones(len(points), dtype=bool)
    for box in found:
        luck = {c: prim.quasi_p(box, c, points[left], cases[left]) for c in box.limited}
        regions.append(_fitted_box(sweep.paths, box, points, cases, luck))
        inside |= box.inside(points)
        left = ~inside
    leaves = [_fitted_box(sweep.paths, leaf, points, cases) for leaf in grow(points, cases)]
    return Discovery(
        condition=str(condition),
        points=len(points),
        replications=sweep.replications,
        share=float(cases.mean()),
        boxes=tuple(regions),
        together=prim.fit(inside, cases),
        peels=tuple((prim.fit(b.inside(points), cases), len(b.limited)) for b in peels),
        leaves=tuple(sorted(leaves, key=lambda leaf: -leaf.fit.density)),
    )


def grow(points: Floats, cases: Floats, depth: int = DEPTH) -> list[Box]:
    """The leaves of a classification tree as boxes."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=LEAF, random_state=0)
    # A point stands twice, as a case and as none, each with its share.
    truth = np.repeat((1, 0), len(points))
    weight = np.concatenate((cases, 1.0 - cases))
    counted = weight > 0.0
    twice = np.concatenate((points, points))
    grown = tree.fit(twice[counted], truth[counted], sample_weight=weight[counted]).tree_
    leaves: list[Box] = []

    def walk(node: int, box: Box) -> None:
        if grown.children_left[node] == grown.children_right[node]:
            leaves.append(box)
            return
        column, limit = int(grown.feature[node]), float(grown.threshold[node])
        walk(int(grown.children_left[node]), box.moved(column, "high", limit))
        walk(int(grown.children_right[node]), box.moved(column, "low", limit))

    walk(0, Box.open(points.shape[1]))
    return leaves


def _fitted_box(
    paths: tuple[str, ...],
    box: Box,
    points: Floats,
    cases: Floats,
    luck: dict[int, float] | None = None,
) -> FittedBox:
    limits = tuple(
        Limit(
            path=paths[column],
            low=_side(box.low[column]),
            high=_side(box.high[column]),
            reach=(float(points[:, column].min()), float(points[:, column].max())),
            quasi_p=None if luck is None else luck[column],
        )
        for column in box.limited
    )
    return FittedBox(limits, prim.fit(box.inside(points), cases))


def _side(limit: float) -> float | None:
    return float(limit) if np.isfinite(limit) else None


def _fit_text(found: Fit) -> str:
    return (
        f"coverage {percent(found.coverage)}, density {percent(found.density)}, "
        f"{percent(found.mass)} of all points"
    )


def _indented(region: FittedBox) -> list[str]:
    return [f"  {limit.text()}" for limit in region.limits]
