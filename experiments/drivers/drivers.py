"""Finding out what drives what, and the files that say it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.drivers import turning_points
from experiments.drivers.conclusions import conclusions
from experiments.drivers.headlines import Headline, headlines
from experiments.drivers.sample import outcome
from experiments.runs.distributions import registry_laws, with_exceptions
from sim.base.files import check_writable
from sim.results.files.manifest import refuse_other

if TYPE_CHECKING:
    from sim.config.scenario.scenario import Scenario


@dataclass(frozen=True)
class Effort:
    """How much is run: points of the sample, pairs of runs of each bar of a tornado; and of what
    studies, with how many draws and pairs."""

    points: int
    replications: int
    studies: tuple[str, ...]
    hinges: turning_points.Effort


def effort(quick: bool, points: int | None, studies: tuple[str, ...] | None) -> Effort:
    """The effort that is asked for; points and studies instead of those of quick or full. Quick
    takes every ninth study."""
    from experiments.studies import NAMES, load_study

    for name in studies or ():
        load_study(name)
    usual = (
        Effort(400, 4, NAMES[::9], turning_points.Effort(128, 4))
        if quick
        else Effort(4_000, 8, NAMES, turning_points.Effort(256, 6))
    )
    return replace(
        usual,
        points=usual.points if points is None else points,
        studies=usual.studies if studies is None else studies,
    )


@dataclass(frozen=True)
class Drivers:
    """What was found. parameters: how many vary. window: the months of a metric's mean. hinges: of
    the studies."""

    scenario: str
    digest: str
    seed: int
    points: int
    repeats: int
    replications: int
    parameters: int
    window: str
    headlines: tuple[Headline, ...]
    hinges: tuple[turning_points.Hinges, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        apart = ("headlines", "hinges")
        return {
            **{key: value for key, value in vars(self).items() if key not in apart},
            "metrics": [headline.facts() for headline in self.headlines],
            "studies": [answer.facts() for answer in self.hinges],
        }


def find_drivers(
    scenario: Scenario,
    effort: Effort,
    seed: int,
    folder: Path,
    workers: int | None = None,
    judged: Path | None = None,
) -> Drivers:
    """Tell what drives what in a scenario and in studies; of the scenario's runs those are made
    that the folder does not hold.

    workers: processes; by default one a processor, where it pays. judged: a folder of verdicts
    whose runs over the registry are not made again.

    Raises RequestError for a folder that cannot be written or holds other results, before anything
    is run.
    """
    check_writable(folder)
    refuse_other(folder, {"kind": "drivers"}, ("kind",))
    scenario = with_exceptions(scenario)
    laws = registry_laws(scenario)
    found = headlines(
        scenario,
        laws,
        folder,
        points=effort.points,
        replications=effort.replications,
        seed=seed,
        workers=workers,
    )
    hands = max(1, min(os.cpu_count() or 1 if workers is None else workers, len(effort.studies)))
    return Drivers(
        scenario=scenario.name,
        digest=scenario.digest,
        seed=seed,
        points=effort.points,
        repeats=found[0].depends.repeats,
        replications=effort.replications,
        parameters=len(laws),
        window=outcome(found[0].metric, scenario).window,
        headlines=found,
        hinges=conclusions(effort.studies, effort.hinges, seed, hands, judged),
    )
