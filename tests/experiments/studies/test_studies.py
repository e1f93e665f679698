"""Every study: what it asks and expects, and that its answer stands nowhere but in the runs."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from experiments.studies import NAMES, load_study
from experiments.studies.measuring import (
    column_of,
    outcomes,
    paths_set,
    registry_design,
    values_of,
)
from sim.base.errors import RequestError
from sim.config.evidence import load_evidence
from sim.config.registry import load_registry

RUNS = 2
ALL = pytest.mark.parametrize("name", NAMES)


class Left(Mapping):
    """What the cases of a study left, each run when it is asked for: `half` 0 at the usual values,
    1 with the parameter turned on which the answer turns. Both are rows of one block."""

    def __init__(self, study, half, keep, kept):
        self.study, self.half, self.keep, self.kept = study, half, keep, kept
        self.turned = study.turned()

    def __getitem__(self, name):
        usual, turn = self.study.scenarios[name], self.study.turn
        design = {}
        if self.turned[name].digest != usual.digest:
            design = {
                path: np.repeat([value, turn.value], RUNS)
                for path, value in governing(usual, turn.path).items()
            }
        key = usual.digest, *((turn.path, turn.value) if design else ())
        if key not in self.kept:
            rows = [*range(RUNS)] * (2 if design else 1)
            cases = {name: usual}
            left = outcomes(cases, RUNS, keep=self.keep, design=design, replications=rows)
            self.kept[key] = left[name]
        return part_of(self.kept[key], self.half * RUNS if design else 0)

    def __iter__(self):
        return iter(self.study.scenarios)

    def __len__(self):
        return len(self.study.scenarios)


def governing(scenario, path):
    """What a path stands at in a scenario, and what narrower entries of the registry say."""
    registry = load_registry()
    entry = registry.find(path, scenario.rows)
    narrow = () if entry.selector else registry.narrow(entry.population, entry.column)
    here = {**scenario.rows[entry.population]}
    found = {n.path: n.value for n in narrow if n.selector in {*here, *here.values()}}
    return {path: scenario.set.get(path, entry.value)} | {
        other: value for other, value in found.items() if other not in scenario.set
    }


def part_of(outcome, first):
    """RUNS runs of an outcome."""
    rows = slice(first, first + RUNS)
    return replace(
        outcome,
        metrics={name: values[rows] for name, values in outcome.metrics.items()},
        columns={name: values[rows] for name, values in outcome.columns.items()},
        released=outcome.released[rows],
    )


@pytest.fixture(scope="module")
def left():
    """Study -> what its cases leave, usual and turned; a run that several studies share is made
    once."""
    keep = tuple(sorted({column for name in NAMES for column in load_study(name).keep}))
    kept = {}
    return lambda study: (Left(study, 0, keep, kept), Left(study, 1, keep, kept))


@ALL
def test_a_study_says_what_it_asks_and_where_its_expectations_come_from(name):
    study = load_study(name)
    assert study.question.endswith("?")
    assert len({part.name for part in study.parts}) == len(study.parts)
    for part in study.parts:
        assert part.evidence
        assert set(part.evidence) <= load_evidence().keys()
        assert part.expected.words
        assert part.expected.low < part.expected.high
        assert np.isfinite(part.expected.low) or np.isfinite(part.expected.high)
    for scenario in study.scenarios.values():
        assert load_registry().find(study.turn.path, scenario.rows)


@ALL
def test_the_answer_changes_with_the_parameter_it_turns_on(name, left):
    study = load_study(name)
    as_usual, when_turned = left(study)
    usual = values_of(study, as_usual)
    for part in study.parts:
        assert usual[part.name].shape == (RUNS,)
        assert np.isfinite(usual[part.name]).all()
    main = study.parts[0]
    turned = main.of(when_turned)
    size = max(1e-9, float(np.abs(usual[main.name]).max()))
    assert np.abs(turned - usual[main.name]).max() > 0.01 * size
    study.figure(as_usual)


@ALL
def test_draws_of_the_registry_leave_alone_what_the_cases_are_about(name):
    study = load_study(name)
    design = registry_design(study, 3, seed=1)
    assert len(design) > 100
    held = {column_of(path) for s in study.scenarios.values() for path in paths_set(s)}
    assert not held & {column_of(path) for path in design}
    for path, values in design.items():
        entry = load_registry().parameters[path]
        assert ((entry.low <= values) & (values <= entry.high)).all()


def test_studies_are_in_the_order_of_their_questions():
    numbers = [load_study(name).number for name in NAMES]
    assert numbers == sorted(set(numbers))


def test_an_unknown_study_is_told_with_the_nearest():
    with pytest.raises(RequestError, match="gulf_stop"):
        load_study("gulf_stopp")
