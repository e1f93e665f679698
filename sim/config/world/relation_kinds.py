"""The relations of the supply graph: the two populations of each, and how their agents match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EVERYBODY = "all"
WATCHED = "watched"
"""Linked with everybody if among the most capable labs at the start, with nobody otherwise."""


@dataclass(frozen=True)
class RelationKind:
    """One relation: goods go from an agent of `origin` to one of `goal`, two populations.

    label: what its edges are called in the graph. shared: what an origin and a goal have in common
    that are linked, a key of each: the agent's name, region, zone or operator, EVERYBODY or
    WATCHED; None where a world lists the edges. preferred: whether the weight that a world lists is
    the origin's preference, not the part of the goal that goes to the origin. pays_goal: whether
    money goes from origin to goal; otherwise it goes the other way, against the goods.
    """

    name: str
    origin: str
    goal: str
    label: str
    shared: tuple[str, str] | None = None
    preferred: bool = False
    pays_goal: bool = False

    @property
    def ends(self) -> tuple[str, str]:
        """The populations at both ends."""
        return self.origin, self.goal

    @property
    def listed(self) -> bool:
        """Whether a world lists the edges, with weights."""
        return self.shared is None


ALL = (EVERYBODY, EVERYBODY)
RELATION_KINDS: Mapping[str, RelationKind] = {
    kind.name: kind
    for kind in (
        RelationKind("fab_power", "regions", "fabs", "power", ("name", "region")),
        RelationKind("fleet_power", "regions", "fleets", "power", ("name", "region")),
        RelationKind("supplies", "inputs", "fabs", "inputs", ALL),
        RelationKind("chips", "fabs", "fleets", "chips"),
        RelationKind("lease", "fleets", "labs", "lease"),
        RelationKind("spot", "fleets", "elsewhere", "spot", ("zone", "zone")),
        RelationKind("relocation", "fleets", "fleets", "relocation", ("operator", "operator")),
        RelationKind("tokens", "labs", "customers", "tokens"),
        RelationKind("teaching", "labs", "labs", "teaching", (WATCHED, EVERYBODY)),
        RelationKind("ideas", "labs", "labs", "ideas", (WATCHED, EVERYBODY)),
        RelationKind("ownership", "parents", "labs", "funding", pays_goal=True),
        RelationKind("gulf_labs", "gulf", "labs", "funding", preferred=True, pays_goal=True),
        RelationKind("gulf_sites", "gulf", "fleets", "funding", preferred=True, pays_goal=True),
        RelationKind("upstream", "parents", "fleets", "funding", ("operator", "operator")),
        RelationKind("lab_funding", "capital", "labs", "funding", ALL, pays_goal=True),
        RelationKind("fab_funding", "capital", "fabs", "funding", ALL, pays_goal=True),
        RelationKind("fleet_funding", "capital", "fleets", "funding", ALL, pays_goal=True),
    )
}
"""Every relation by name. Power follows an agent's region, inputs go to every fab, spot hours stay
within a compute market, relocation within an operator, labs learn from and lose people to those
that everybody watches, parents call up money from the fleets of theirs, and the market's funding
reaches every firm."""
