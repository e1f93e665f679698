"""Judging studies, one or all, on several processes, and what is left in their folders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from experiments.runs.progress import progress_bar
from experiments.runs.workers import spread
from experiments.studies import load_study
from experiments.studies.measuring import (
    outcomes,
    registry_design,
    study_laws,
    values_of,
)
from experiments.studies.study import Study
from experiments.studies.verdict import Answer, Verdict
from sim.base.errors import DrawbridgeError, Interrupted, InvariantError
from sim.base.files import check_writable
from sim.base.progress import Progress, after, untold
from sim.results.files import manifest, ro_crate
from sim.results.files.manifest import provenance

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.figures import Figure


@dataclass(frozen=True)
class StudySize:
    """How much is run: runs a case at the registry's values, and draws of the registry."""

    runs: int
    draws: int

    def months(self, study: Study) -> int:
        """Run-months of a study."""
        each = sum(scenario.months for scenario in study.scenarios.values())
        return (self.runs + self.draws) * each


QUICK = StudySize(16, 32)
FULL = StudySize(64, 256)


def study_size(quick: bool, runs: int | None = None, draws: int | None = None) -> StudySize:
    """The size that is asked for; runs and draws instead of those of quick or full."""
    usual = QUICK if quick else FULL
    return StudySize(usual.runs if runs is None else runs, usual.draws if draws is None else draws)


@dataclass(frozen=True)
class Judgement:
    """A study as it was run; it travels between processes.

    lucky, drawn: part -> statistic of every run, at the registry's values and over its laws.
    took: seconds.
    """

    name: str
    size: StudySize
    seed: int
    lucky: dict[str, Floats]
    drawn: dict[str, Floats]
    figure: Figure
    took: float

    @property
    def verdict(self) -> Verdict:
        """What it came to."""
        study = load_study(self.name)
        answers = tuple(
            Answer.of(part, self.lucky[part.name], self.drawn.get(part.name))
            for part in study.parts
        )
        return Verdict(self.name, study, answers, self.seed, self.took)

    def write(self, folder: Path) -> None:
        """Leave verdict.json, values.csv, figure.svg and figure.csv in a folder with a manifest,
        whole or not.

        The folder may hold another judgement of this study; RequestError for other results.
        """
        from experiments.reporting.svg import standalone

        check_folder(self.name, folder)
        origin = provenance()
        facts = self.verdict.facts() | origin
        files = {
            "verdict.json": json.dumps(facts, indent=2, allow_nan=False) + "\n",
            "values.csv": self._values(),
            "figure.svg": standalone(self.figure.option),
            "figure.csv": self.figure.table.to_csv(index=False, lineterminator="\n"),
        }
        study = load_study(self.name)
        title = f"{study.number}. {study.question}"
        known = identity(self.name, self.size, self.seed)
        known |= {"title": title, "complete": True, **origin}
        ro_crate.publish(folder, known, {name: text.encode() for name, text in files.items()})

    def _values(self) -> str:
        text = StringIO()
        text.write("of,run,part,value\n")
        for of, values in (("luck", self.lucky), ("registry", self.drawn)):
            for part, column in values.items():
                for run, value in enumerate(column):
                    text.write(f"{of},{run},{part},{float(value)!r}\n")
        return text.getvalue()


def identity(name: str, size: StudySize, seed: int) -> dict[str, Any]:
    """What decides the numbers of a study, as its manifest tells it."""
    study = load_study(name)
    laws = study_laws(study) if size.draws else {}
    return manifest.cases_identity(
        manifest.STUDY,
        study.scenarios,
        seed,
        {
            "name": name,
            "runs": size.runs,
            "draws": size.draws,
            "laws": {path: law.to_dict() for path, law in laws.items()},
            "statistics": {part.name: part.statistic for part in study.parts},
        },
    )


def check_folder(name: str, folder: Path) -> None:
    """Refuse a folder that cannot be written, or holds other results than of this study."""
    check_writable(folder)
    manifest.refuse_other(folder, {"kind": manifest.STUDY, "name": name}, ("kind", "name"))


def judge(name: str, size: StudySize, seed: int = 1, progress: Progress = untold) -> Judgement:
    """Run a study; progress is told run-months done.

    Raises RequestError for an unknown one, InvariantError if a law breaks.
    """
    began = perf_counter()
    study = load_study(name)
    left = outcomes(study.scenarios, size.runs, seed, study.keep, progress=progress)
    lucky, drawn = values_of(study, left), {}
    if size.draws:
        design = registry_design(study, size.draws, seed)
        later = after(progress, replace(size, draws=0).months(study))
        doubted = outcomes(study.scenarios, size.draws, seed, study.keep, design, later)
        drawn = values_of(study, doubted)
    took = perf_counter() - began
    return Judgement(name, size, seed, lucky, drawn, study.figure(left), took)


class BrokenStudies(DrawbridgeError):
    """A law of the model is broken in some studies; the others were judged."""

    exit_code = InvariantError.exit_code


@dataclass(frozen=True)
class Judged:
    """Verdicts by name; broken: what went wrong in the others; interrupted: by the user."""

    verdicts: dict[str, Verdict]
    broken: dict[str, str]
    interrupted: bool

    def refuse_missing(self, asked: int) -> None:
        """Raise BrokenStudies or Interrupted where not all that was asked for has a verdict."""
        if self.broken:
            told = "; ".join(f"{name}: {why}" for name, why in self.broken.items())
            raise BrokenStudies(f"a law of the model is broken in {told}")
        if self.interrupted:
            raise Interrupted(f"interrupted; {len(self.verdicts)} of {asked} verdicts are kept")


def judge_all(names: Sequence[str], size: StudySize, seed: int, workers: int, out: Path) -> Judged:
    """Run studies on so many processes, in this one where it is 1; each leaves its folder in `out`
    as it ends.

    Raises RequestError for a folder that cannot be written or holds other results, before anything
    is run.
    """
    judged = Judged({}, {}, False)
    studies = {name: load_study(name) for name in names}
    for name in names:
        check_folder(name, out / name)
    whole = sum(size.months(study) for study in studies.values())
    with progress_bar("studies" if len(names) > 1 else names[0], whole) as told:
        try:
            for name, judgement in _judgements(studies, size, seed, workers, told):
                if isinstance(judgement, InvariantError):
                    judged.broken[name] = str(judgement)
                else:
                    judgement.write(out / name)
                    judged.verdicts[name] = judgement.verdict
        except KeyboardInterrupt:
            return replace(judged, interrupted=True)
    return judged


def _judgements(
    studies: Mapping[str, Study], size: StudySize, seed: int, workers: int, told: Progress
) -> Iterator[tuple[str, Judgement | InvariantError]]:
    """Studies as they end; told hears run-months done, month by month or study by study."""
    done = 0
    if workers == 1:
        for name, study in studies.items():
            yield _attempt(name, size, seed, after(told, done))
            done += size.months(study)
        return
    for name, judgement in spread(partial(_attempt, size=size, seed=seed), studies, workers):
        done += size.months(studies[name])
        told(done)
        yield name, judgement


def _attempt(
    name: str, size: StudySize, seed: int, progress: Progress = untold
) -> tuple[str, Judgement | InvariantError]:
    try:
        return name, judge(name, size, seed, progress)
    except InvariantError as error:
        return name, error
