"""Finding out what drives what, and the files that say it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.drivers.conclusions import conclusions
from experiments.drivers.headlines import Headline, headlines
from experiments.drivers.sample import outcome
from experiments.drivers.turning_points import TurningPoints, TurningPointsSize
from experiments.runs.distributions import registry_laws, with_exceptions
from sim.base.files import check_writable
from sim.results.files.manifest import refuse_other

if TYPE_CHECKING:
    from sim.config.scenario.scenario import Scenario


@dataclass(frozen=True)
class DriversSize:
    """How much is run: points of the sample, pairs of runs of each bar of a tornado; and of what
    studies, with how many draws and pairs."""

    points: int
    replications: int
    studies: tuple[str, ...]
    turning_points: TurningPointsSize


def drivers_size(quick: bool, points: int | None, studies: tuple[str, ...] | None) -> DriversSize:
    """The size that is asked for; points and studies instead of those of quick or full. Quick
    takes every ninth study."""
    from experiments.studies import NAMES, load_study

    for name in studies or ():
        load_study(name)
    usual = (
        DriversSize(400, 4, NAMES[::9], TurningPointsSize(128, 4))
        if quick
        else DriversSize(4_000, 8, NAMES, TurningPointsSize(256, 6))
    )
    return replace(
        usual,
        points=usual.points if points is None else points,
        studies=usual.studies if studies is None else studies,
    )


@dataclass(frozen=True)
class Drivers:
    """What was found. parameters: how many vary. window: the months of a metric's mean.
    turning_points: of the studies."""

    scenario: str
    digest: str
    seed: int
    points: int
    repeats: int
    replications: int
    parameters: int
    window: str
    headlines: tuple[Headline, ...]
    turning_points: tuple[TurningPoints, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        apart = ("headlines", "turning_points")
        return {
            **{key: value for key, value in vars(self).items() if key not in apart},
            "metrics": [headline.facts() for headline in self.headlines],
            "studies": [answer.facts() for answer in self.turning_points],
        }


def find_drivers(
    scenario: Scenario,
    size: DriversSize,
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
        points=size.points,
        replications=size.replications,
        seed=seed,
        workers=workers,
    )
    hands = max(1, min(os.cpu_count() or 1 if workers is None else workers, len(size.studies)))
    return Drivers(
        scenario=scenario.name,
        digest=scenario.digest,
        seed=seed,
        points=size.points,
        repeats=found[0].depends.repeats,
        replications=size.replications,
        parameters=len(laws),
        window=outcome(found[0].metric, scenario).window,
        headlines=found,
        turning_points=conclusions(size.studies, size.turning_points, seed, hands, judged),
    )
