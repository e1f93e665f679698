"""Every rule gives a finite number, without a warning, at the limits of every parameter.

The registry says how far a scenario may go; a rule that divides by a parameter or takes its
logarithm must hold out to there.
"""

import inspect

import numpy as np
import pytest

import agents
from agents.framework.agent import EconomicAgent
from agents.framework.columns import columns_of
from agents.framework.population import Member, Population
from sim.config.registry import load_registry

KINDS = [getattr(agents, name) for name in agents.__all__]


def rules_of(kind):
    """Names of the public methods without arguments that kinds declare."""
    own = kind.__mro__[: kind.__mro__.index(EconomicAgent)]
    items = {name: item for owner in own for name, item in vars(owner).items()}
    return [
        name
        for name, item in items.items()
        if inspect.isfunction(item)
        and not name.startswith("_")
        and len(inspect.signature(item).parameters) == 1
    ]


def at_the_limits(kind, seed):
    """A population with a pair of agents for each parameter: one has it at its least allowed value,
    one at its largest, all else at the defaults; states are random, a fifth of them zero."""
    entries = load_registry().columns(kind.population_name)
    bounds = [(name, bound) for name in entries for bound in ("min", "max")]
    members = [Member(f"{name}_{bound}", "", kind) for name, bound in bounds]
    population = Population(kind.population_name, kind, members or [Member("a", "", kind)], runs=1)
    numbers = np.random.default_rng(seed)
    for name, column in columns_of(kind).items():
        values = population.columns[name]
        if column.role == "parameter":
            values[:] = entries[name].value
        elif column.role == "luck":
            values[:] = numbers.uniform(0.0, 1.0, values.shape)
        elif column.unit.startswith(("1", "x ", "fraction")):
            values[:] = numbers.uniform(0.0, 1.5, values.shape)
        else:
            values[:] = 10.0 ** numbers.uniform(-2.0, 9.0, values.shape)
        if column.role != "parameter":
            values *= numbers.uniform(0.0, 1.0, values.shape) > 0.2
    for row, (name, bound) in enumerate(bounds):
        population.columns[name][:, row] = getattr(entries[name], bound)
    return population


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_rules_stay_finite_at_the_limits_of_every_parameter(kind, seed):
    population = at_the_limits(kind, seed)
    for name in rules_of(kind):
        answer = population.decide(getattr(kind, name))
        for part in answer if isinstance(answer, tuple) else (answer,):
            finite = np.isfinite(part.reshape(len(population), -1)).all(axis=1)
            bad = [
                member for member, good in zip(population.names, finite, strict=True) if not good
            ]
            assert not bad, f"{kind.__name__}.{name} at {bad}"
