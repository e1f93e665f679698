"""Builders: agents with the columns a test gives them, and nothing else."""

import numpy as np
import pytest

from agents.framework.population import Member, Population


def _population(kind, columns, runs):
    """Rows as many as the longest list given; what is not given is NaN, so a rule that reads
    something else than the test says cannot give a number."""
    declared = {
        c.name: c for c in Population("", kind, [Member("a", "", kind)], 1).declared.values()
    }
    flat = [v for name, v in columns.items() if not declared[name].depth]
    rows = max((np.size(v) for v in flat), default=1)
    members = [Member(f"a{row}", "group", kind) for row in range(rows)]
    population = Population(kind.population_name, kind, members, runs)
    for values in population.columns.values():
        values[:] = np.nan
    for name, value in columns.items():
        population.columns[name][:] = value
    return population


@pytest.fixture(scope="session")
def population_of():
    """population_of(kind, runs=1, column=values, ...): a population; a list gives a row each."""

    def build(kind, runs=1, **columns):
        return _population(kind, columns, runs)

    return build


@pytest.fixture(scope="session")
def agent_of():
    """agent_of(kind, column=value, ...): one agent; a pipeline takes a list or a number.

    With lists for other columns, it spans an agent for each: attributes and answers are arrays.
    """

    def build(kind, **columns):
        population = _population(kind, columns, runs=1)
        return kind.over(population, 0 if len(population) == 1 else slice(None), run=0)

    return build
