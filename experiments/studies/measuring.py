"""Running studies: every case over the same draws, at the registry's values or over its laws.

With the registry's values runs differ by luck alone: that is a study's estimate. With every
parameter drawn from its registered law they say how far the answer holds for whoever does not
believe a value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.runs.designs import sample
from experiments.runs.distributions import Law, registry_laws, with_exceptions
from experiments.studies.study import CaseRuns, Study, StudyRuns
from sim.base.progress import Progress, after, untold
from sim.config.parameter_path import ParameterPath
from sim.config.scenario.scenario import Scenario
from sim.ensemble import Design, run_blocks

if TYPE_CHECKING:
    from agents.framework.columns import Floats


def outcomes(
    scenarios: Mapping[str, Scenario],
    runs: int,
    seed: int = 1,
    keep: Collection[tuple[str, str]] = (),
    design: Design | None = None,
    progress: Progress = untold,
    replications: Sequence[int] | None = None,
) -> StudyRuns:
    """What every case leaves by name, of replications 0 to runs - 1.

    keep: columns of agents to hold. design: parameters by run, the same in every case; what the
    registry holds fixed for some agents stays theirs. progress is told run-months done.
    replications: whose draws each run meets, if not those of its own number. Raises InvariantError
    if a law of the model breaks.
    """
    numbers = range(runs) if replications is None else replications
    found, done = {}, 0
    for name, scenario in scenarios.items():
        found[name] = _outcome(scenario, numbers, seed, keep, design or {}, after(progress, done))
        done += len(numbers) * scenario.months
    return found


def _outcome(
    scenario: Scenario,
    replications: Sequence[int],
    seed: int,
    keep: Collection[tuple[str, str]],
    design: Design,
    progress: Progress,
) -> CaseRuns:
    scenario = with_exceptions(scenario) if design else scenario
    blocks = list(run_blocks(scenario, seed, replications, design, keep=keep, progress=progress))
    records = [block.record for block in blocks]
    return CaseRuns(
        scenario,
        {name: np.concatenate([r.metrics[name] for r in records]) for name in records[0].metrics},
        {column: np.concatenate([r.agents[column] for r in records]) for column in keep},
        blocks[0].names,
        np.concatenate([r.released for r in records]),
    )


def measure(
    study: Study,
    runs: int,
    seed: int = 1,
    design: Design | None = None,
    scenarios: Mapping[str, Scenario] | None = None,
    replications: Sequence[int] | None = None,
) -> dict[str, Floats]:
    """The statistics of a study by part, (runs,) each, over replications 0 to runs - 1.

    scenarios: of the cases, instead of the study's own; design and replications as in `outcomes`.
    Raises InvariantError if a law of the model breaks.
    """
    cases = scenarios or study.scenarios
    left = outcomes(cases, runs, seed, study.keep, design, replications=replications)
    return values_of(study, left)


def values_of(study: Study, left: StudyRuns) -> dict[str, Floats]:
    """The statistics of a study by part, (runs,) each, of what its cases left."""
    # Where an economy has collapsed, or a parameter is out of its range, a ratio may be of nothing.
    with np.errstate(divide="ignore", invalid="ignore"):
        return {part.name: np.asarray(part.of(left), dtype=np.float64) for part in study.parts}


def study_laws(study: Study) -> dict[str, Law]:
    """The registered law of every parameter that may be drawn for a study, by path.

    Left at their values are those that a case sets or disturbs, with all narrower and broader
    paths of the same column: otherwise the draw would undo what the case is about.
    """
    scenarios = study.scenarios.values()
    held = {column_of(path) for scenario in scenarios for path in paths_set(scenario)}
    common = [registry_laws(scenario) for scenario in scenarios]
    return {
        path: law
        for path, law in common[0].items()
        if column_of(path) not in held and all(path in others for others in common)
    }


def registry_design(study: Study, runs: int, seed: int) -> dict[str, Floats]:
    """Every parameter of `study_laws` drawn from its law, path -> (runs,), the same for every
    case."""
    laws = study_laws(study)
    values = sample("monte_carlo", runs, laws, seed)
    return {path: np.ascontiguousarray(values[:, place]) for place, path in enumerate(laws)}


def paths_set(scenario: Scenario) -> set[str]:
    """Paths that a scenario sets, or that one of its events sets or scales."""
    events = (path for event in scenario.events for path in (*event.set, *event.scale))
    return {*scenario.set, *events}


def column_of(path: str) -> tuple[str, str]:
    """Population and column of a path, whatever group or row it names."""
    return ParameterPath.of(path).place
