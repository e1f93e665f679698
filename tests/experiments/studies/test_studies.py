"""Every study: what it asks and expects, and that its answer stands nowhere but in the runs."""

from collections.abc import Mapping

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
from sim.errors import RequestError
from sim.evidence import load_evidence
from sim.registry import load_registry

RUNS = 2
ALL = pytest.mark.parametrize("name", NAMES)


class Left(Mapping):
    """What scenarios leave, each run when it is asked for; `kept` are those run before."""

    def __init__(self, scenarios, keep, kept):
        self.scenarios, self.keep, self.kept = scenarios, keep, kept

    def __getitem__(self, name):
        scenario = self.scenarios[name]
        if scenario.digest not in self.kept:
            self.kept |= outcomes({scenario.digest: scenario}, RUNS, keep=self.keep)
        return self.kept[scenario.digest]

    def __iter__(self):
        return iter(self.scenarios)

    def __len__(self):
        return len(self.scenarios)


@pytest.fixture(scope="module")
def left():
    """Scenarios -> what they leave; a scenario that several studies share is run once."""
    keep = tuple(sorted({column for name in NAMES for column in load_study(name).keep}))
    kept = {}
    return lambda scenarios: Left(scenarios, keep, kept)


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
    usual = values_of(study, left(study.scenarios))
    for part in study.parts:
        assert usual[part.name].shape == (RUNS,)
        assert np.isfinite(usual[part.name]).all()
    main = study.parts[0]
    # Cases of the other parts alone are not run again.
    turned = main.of(left(study.turned()))
    size = max(1e-9, float(np.abs(usual[main.name]).max()))
    assert np.abs(turned - usual[main.name]).max() > 0.01 * size
    study.figure(left(study.scenarios))


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
