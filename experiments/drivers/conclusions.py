"""Turning points of the studies' verdicts, several studies at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.drivers.turning_points import TurningPoints, TurningPointsSize, turning_points_of
from experiments.runs.progress import progress_bar
from experiments.runs.workers import spread
from experiments.studies import load_study
from experiments.studies.judging import BrokenStudies
from experiments.studies.measuring import measure, registry_design
from sim.base.errors import Interrupted, InvariantError
from sim.base.files import disk
from sim.results.files.manifest import provenance

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from experiments.studies.study import Study


def conclusions(
    names: Sequence[str],
    size: TurningPointsSize,
    seed: int,
    workers: int,
    judged: Path | None = None,
) -> tuple[TurningPoints, ...]:
    """The turning points of studies, in the order of the names.

    workers: processes; 1 for this one alone. judged: a folder in which `drawbridge study --all`
    left its verdicts; runs over the registry that stand there are not made again.

    Raises BrokenStudies with the names of those that break a law of the model, and Interrupted.
    """
    found: dict[str, TurningPoints] = {}
    broken: list[str] = []
    work = partial(_attempt, size=size, seed=seed, judged=judged)
    with progress_bar("Turning points of the studies", len(names)) as told:
        try:
            for number, (name, answer) in enumerate(spread(work, names, workers), start=1):
                if isinstance(answer, InvariantError):
                    broken.append(f"{name}: {answer}")
                else:
                    found[name] = answer
                told(number)
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; {len(found)} of {len(names)} studies done") from None
    if broken:
        raise BrokenStudies(f"a law of the model is broken in {'; '.join(broken)}")
    return tuple(found[name] for name in names)


def _attempt(
    name: str, size: TurningPointsSize, seed: int, judged: Path | None
) -> tuple[str, TurningPoints | InvariantError]:
    study = load_study(name)
    try:
        drawn = None if judged is None else values_there(judged / name, study, size.draws, seed)
        if drawn is None:
            design = registry_design(study, size.draws, seed)
            drawn = measure(study, size.draws, seed, design)[study.parts[0].name]
        return name, turning_points_of(name, study, size, seed, drawn)
    except InvariantError as error:
        return name, error


def values_there(folder: Path, study: Study, draws: int, seed: int) -> Floats | None:
    """The main statistic over the first draws of the registry, (draws,), as a verdict's folder has
    it; None where it does not, or was made by another commit, of other cases or with another
    seed."""
    verdict, values = folder / "verdict.json", folder / "values.csv"
    with disk(folder):
        if not (verdict.is_file() and values.is_file()):
            return None
        known: dict[str, Any] = json.loads(verdict.read_text(encoding="utf-8"))
        rows = list(csv.DictReader(values.read_text(encoding="utf-8").splitlines()))
    main = study.parts[0]
    wanted = {
        "seed": seed,
        "statistic": main.statistic,
        "digests": {name: scenario.digest for name, scenario in study.scenarios.items()},
        "package": provenance()["package"],
    }
    cases = known.get("cases", {})
    known["digests"] = {name: case.get("digest") for name, case in cases.items()}
    if {key: known.get(key) for key in wanted} != wanted:
        return None
    held = [float(r["value"]) for r in rows if (r["of"], r["part"]) == ("registry", main.name)]
    return np.array(held[:draws]) if len(held) >= draws else None
