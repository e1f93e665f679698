"""Hours of compute from those who have chips, through labs, to what they were used for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.figures.flows import FLEETS
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd

RECEIVERS = {"lease": "labs", "spot": "elsewhere"}
"""Relations along which hours are delivered, and to whom."""
OWN, IDLE, CONTRIBUTORS = "own workloads", "idle", "contributors"
USES = {
    "pre_training_hours": "pre-training",
    "post_training_hours": "post-training",
    "experiment_hours": "experiments",
    "synthetic_hours": "synthetic data",
    "agent_hours": "digital researchers",
    "evaluating_hours": "evaluations",
    "served": "serving",
    "reserve_hours": "kept for peaks",
}
"""What labs use hours for; serving is what inference takes less what is kept for its peaks."""
HOURS_OF = {
    "fleets": ("own_used", "idle"),
    "labs": (*(c for c in USES if c != "served"), "inference_hours", "contributed_hours"),
}
"""The columns that say what hours were used for."""


@dataclass(frozen=True)
class HourNames:
    """What a world's fleets and receivers are called in links of hours.

    fleets: operator, by name. receivers: title by relation and name, no two alike. kinds: the
    population of each.
    """

    fleets: Mapping[str, str]
    receivers: Mapping[tuple[str, str], str]
    kinds: Mapping[str, str]


def hour_names(world: World) -> HourNames:
    """The names of a world."""
    fleets = {e.name: _operator(e.title, e.operator or e.name) for e in world.roster("fleets")}
    kinds = dict.fromkeys(fleets.values(), "fleets") | {CONTRIBUTORS: "outside"}
    taken = {OWN, IDLE, *USES.values(), *kinds}
    titles = dict[tuple[str, str], str]()
    for relation, population in RECEIVERS.items():
        for entry in world.roster(population):
            title = entry.title
            # Of one name with another, hours would run in a circle.
            while title in taken:
                title = f"{title} ({entry.name})"
            taken.add(title)
            titles[relation, entry.name], kinds[title] = title, population
    return HourNames(fleets, titles, kinds)


def links_of_hours(
    names: HourNames,
    delivered: Iterable[tuple[str, str, str, float]],
    used: Mapping[tuple[str, str, str], float] | None,
) -> pd.DataFrame:
    """Hours from operators' fleets to labs and others, and from labs to their uses: columns
    source, target, hours.

    delivered: relation, source, target and hours of each edge. used: hours by population, name and
    column of `HOURS_OF`, None where they are not known.
    """
    import pandas as pd

    links = dict[tuple[str, str], float]()

    def add(source: str, target: str, hours: float) -> None:
        links[source, target] = links.get((source, target), 0.0) + hours

    for relation, source, target, hours in delivered:
        add(names.fleets[source], names.receivers[relation, target], hours)
    if used is not None:
        for name, operator in names.fleets.items():
            add(operator, OWN, used["fleets", name, "own_used"])
            add(operator, IDLE, used["fleets", name, "idle"])
        for (relation, name), title in names.receivers.items():
            if relation == "lease":
                _add_uses(add, title, {q: used["labs", name, q] for q in HOURS_OF["labs"]})
    rows = [(*ends, hours) for ends, hours in links.items()]
    return pd.DataFrame(rows, columns=["source", "target", "hours"])


def _add_uses(add: Callable[[str, str, float], None], lab: str, used: Mapping[str, float]) -> None:
    """What a lab did with its hours, and those that others gave it."""
    for column, use in USES.items():
        serving = used["inference_hours"] - used["reserve_hours"]
        add(lab, use, serving if column == "served" else used[column])
    if used["contributed_hours"]:
        add(CONTRIBUTORS, lab, used["contributed_hours"])


def _operator(title: str, operator: str) -> str:
    """The name of a fleet's operator; a fleet is called "Microsoft, US"."""
    name, _, region = title.rpartition(", ")
    return f"{name if name and ')' not in region else title or operator}{FLEETS}"
