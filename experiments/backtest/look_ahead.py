"""Look-ahead: what a scenario knows that was published after its vintage, and runs without it.

A parameter is look-ahead if any dated reference of its source is later than the vintage's day: the
publication of evidence, the day that an observation or an initial value describes. Assumptions have
no date. They were written with later years in view too, but no rule can say which.

Without look-ahead means ignorance: such a parameter is drawn evenly from its sampled range
stretched to `STRETCH` times its width about the default, within what is allowed; in logarithms
where it is sampled so. Defaults stay where they are, for nobody can say what they would have been;
so the comparison shows what confidence the later sources bought, not all that they told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from experiments.runs.distributions import Law, in_force, registered, registry_laws, sampled
from sim.config.evidence import SourceReference, origins
from sim.config.registry import Parameter
from sim.config.scenario.scenario import Scenario
from sim.config.scenario.vintage import Vintage
from sim.config.world.world import World

STRETCH = 3.0
UNDATED = "without a date"


@dataclass(frozen=True)
class Late:
    """A parameter in force with the references of its source that are later than the vintage."""

    parameter: Parameter
    later: tuple[SourceReference, ...]

    @property
    def year(self) -> str:
        """Year of the latest reference, or that one has no date."""
        days = [origin.day for origin in self.later]
        return UNDATED if None in days else str(max(day.year for day in days if day))


@dataclass(frozen=True)
class Knowledge:
    """What a scenario's parameters in force rest on.

    late: look-ahead. dated, undated: others that have a dated reference, and that have none.
    vintage: those that its vintage gives. values, late_values: initial values of its world, and
    those of them whose source is later than the vintage.
    """

    vintage: Vintage
    late: tuple[Late, ...]
    dated: int
    undated: int
    values: int
    late_values: int


def knowledge(scenario: Scenario, vintage: Vintage) -> Knowledge:
    """What a scenario that stands on a vintage knows, and from when."""
    entries = list(in_force(scenario))
    late = [Late(entry, later) for entry in entries if (later := _later(entry.source, vintage))]
    early = [entry for entry in entries if not _later(entry.source, vintage)]
    dated = sum(bool(origins(entry.source)) for entry in early)
    sources = _sources(scenario.world)
    return Knowledge(
        vintage=vintage,
        late=tuple(late),
        dated=dated,
        undated=len(early) - dated,
        values=len(sources),
        late_values=sum(bool(_later(source, vintage)) for source in sources),
    )


def laws_with(scenario: Scenario, vintage: Vintage) -> dict[str, Law]:
    """The law of everything that is not known for sure: of the registry's parameters in force, and
    of those that the vintage gives."""
    given = (entry for entry in vintage.parameters.values() if sampled(entry))
    return registry_laws(scenario) | {entry.path: registered(entry) for entry in given}


def laws_without(laws: Mapping[str, Law], late: Iterable[Late]) -> dict[str, Law]:
    """The same with ignorance in the place of look-ahead."""
    wide = {one.parameter.path: stretched(one.parameter) for one in late}
    return {path: wide.get(path, law) for path, law in laws.items()}


def stretched(entry: Parameter) -> Law:
    """Even over `STRETCH` times the range about the default, within what is allowed.

    Where the law is even in the logarithm, so is the stretching.
    """
    if entry.distribution == "loguniform":
        low = entry.value * (entry.low / entry.value) ** STRETCH
        high = entry.value * (entry.high / entry.value) ** STRETCH
    else:
        low = entry.value - STRETCH * (entry.value - entry.low)
        high = entry.value + STRETCH * (entry.high - entry.value)
    low, high = max(low, entry.min), min(high, entry.max)
    return Law("loguniform" if entry.distribution == "loguniform" else "uniform", low, high)


def _later(source: str, vintage: Vintage) -> tuple[SourceReference, ...]:
    return tuple(origin for origin in origins(source) if origin.after(vintage.known))


def _sources(world: World) -> list[str]:
    """Sources of a world's initial values and edges."""
    values = [value.source for agent in world.agents for value in agent.initial.values()]
    return values + [edge.weight.source for edge in world.edges]
