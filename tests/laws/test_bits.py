"""The same bits whatever stands beside a run: columns or rows, other runs, sleeping agents."""

import hashlib
import inspect
import os
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import agents
from agents.framework.agent import EconomicAgent
from agents.framework.population import Member, Population
from agents.framework.relation import Relation
from sim import engine
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.opening.opening import open_economy
from sim.results.record import Record

ROOT = Path(__file__).parents[2]
RUNS, ROWS = 4, 7


# ---- rules: on columns, on a slice and on rows ---------------------------------------------------


def rules_of(kind, arguments):
    """Public methods that the kind, or a kind it stands on, declares with so many arguments."""
    own = kind.__mro__[: kind.__mro__.index(EconomicAgent)]
    found = {
        name: item
        for owner in reversed(own)
        for name, item in vars(owner).items()
        if inspect.isfunction(item) and not name.startswith("_")
    }
    return [f for f in found.values() if len(inspect.signature(f).parameters) == 1 + arguments]


def partner(rule):
    """The kind that a two-sided rule takes, by the name it annotates; None for a mere number."""
    (_, other) = inspect.signature(rule).parameters.values()
    return {kind.__name__: kind for kind in KINDS}.get(str(other.annotation).strip("'"))


KINDS = [getattr(agents, name) for name in agents.__all__]


ALL_KINDS = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def filled(kind, seed=1, runs=RUNS):
    """A population with numbers of a plausible size in all columns, a tenth of the states zero.

    Another class of the same population stands before it, so that its rows are a strided slice.
    """
    members = [Member("other", "", type("Other", (kind,), {"__module__": "agents.other"}))]
    members += [Member(f"a{row}", "", kind) for row in range(ROWS)]
    population = Population(kind.population_name, kind, members, runs)
    numbers, registry = np.random.default_rng(seed), load_registry()
    for name, column in population.declared.items():
        shape = population.columns[name].shape
        if column.role == "parameter":
            entry = registry.columns(kind.population_name)[name]
            values = numbers.uniform(entry.low, entry.high, shape)
        elif column.role == "luck":
            values = numbers.uniform(0.0, 1.0, shape)
        elif column.unit.startswith(("1", "x ", "fraction")):
            values = numbers.uniform(0.01, 1.5, shape)
        else:
            values = 10.0 ** numbers.uniform(-2.0, 6.0, shape)
        if column.role != "parameter":
            values *= numbers.uniform(0.0, 1.0, shape) > 0.1
        population.columns[name][:] = values
    return population


def parts(answer):
    return answer if isinstance(answer, tuple) else (answer,)


def bits(value):
    return np.ascontiguousarray(value, dtype=np.float64).tobytes()


def test_rules_are_found():
    found = {kind.__name__: len(rules_of(kind, 0)) for kind in KINDS}
    assert sum(found.values()) > 30
    assert all(found[name] for name in ("ChipFab", "DataCenter", "FrontierLab"))
    assert any(partner(rule) for kind in KINDS for rule in rules_of(kind, 1))


@ALL_KINDS
def test_a_rule_gives_equal_bits_on_columns_slices_and_rows(kind):
    population = filled(kind)
    for rule in rules_of(kind, 0):
        equal_on_columns_slices_and_rows(population, kind, rule)


def equal_on_columns_slices_and_rows(population, kind, rule):
    decided = parts(population.decide(rule))
    assert all(np.isfinite(part).all() for part in decided)
    mine = slice(1, 1 + ROWS)

    some_runs = getattr(kind.over(population, mine, slice(1, 3)), rule.__name__)()
    for whole, part in zip(decided, parts(some_runs), strict=True):
        assert bits(np.broadcast_to(part, whole[1:3, mine].shape)) == bits(whole[1:3, mine])

    gathered = np.array([5, 2, 2, 7], dtype=np.uint32)
    along_edges = getattr(kind.over(population, gathered), rule.__name__)()
    for whole, part in zip(decided, parts(along_edges), strict=True):
        assert bits(np.broadcast_to(part, whole[:, gathered].shape)) == bits(whole[:, gathered])

    for run in range(RUNS):
        for row in range(1, 1 + ROWS):
            answer = getattr(kind.over(population, row, run), rule.__name__)()
            for whole, part in zip(decided, parts(answer), strict=True):
                assert bits(part) == bits(whole[run, row])


@ALL_KINDS
def test_a_users_copy_of_a_class_decides_with_the_same_bits(kind):
    """A class from outside the package is asked row by row, NamedTuples and pipelines included."""
    population = filled(kind)
    foreign = type("Copied", (kind,), {"__module__": "somebody.elses"})
    members = [replace(member, kind=foreign) for member in population.members]
    copied = Population(population.name, kind, members, RUNS)
    for name, values in population.columns.items():
        copied.columns[name][:] = values
    for rule in rules_of(kind, 0):
        for ours, theirs in zip(
            parts(population.decide(rule)), parts(copied.decide(rule)), strict=True
        ):
            assert bits(ours) == bits(theirs), rule


@pytest.mark.parametrize("rule", rules_of(agents.Lab, 0), ids=lambda rule: rule.__name__)
def test_classes_that_answer_alike_may_be_asked_together(rule):
    """Labs of all classes, asked at once where their rules are the same, and class by class."""
    population = filled(agents.Lab)
    kinds = [agents.FrontierLab, agents.ComputePoorLab, agents.OpenHost, agents.DecentralisedPool]
    members = [replace(m, kind=kinds[at % 4]) for at, m in enumerate(population.members)]
    mixed = Population("labs", agents.Lab, members, RUNS)
    for name, values in population.columns.items():
        mixed.columns[name][:] = values
    decided = parts(mixed.decide(rule))
    for rows, _ in mixed.spans:
        alone = mixed.members[rows.start].kind.over(mixed, rows)
        for whole, part in zip(decided, parts(getattr(alone, rule.__name__)()), strict=True):
            assert bits(np.broadcast_to(part, whole[:, rows].shape)) == bits(whole[:, rows])


@ALL_KINDS
def test_who_is_dead_decides_nothing_and_disturbs_nobody(kind):
    """A row that has left keeps parameters; the world has set its states to zero."""
    population, rules = filled(kind), rules_of(kind, 0)
    before = {rule: parts(population.decide(rule)) for rule in rules}
    population.alive[:, 3] = False
    for name, column in population.declared.items():
        if column.role != "parameter":
            population.columns[name][:, 3] = 0.0
    others = [row for row in range(1 + ROWS) if row != 3]
    for rule in rules:
        for whole, part in zip(before[rule], parts(population.decide(rule)), strict=True):
            assert not part[:, 3].any() and np.isfinite(part).all(), rule
            assert bits(part[:, others]) == bits(whole[:, others]), rule


@pytest.mark.parametrize(
    ("kind", "rule"),
    [(kind, rule) for kind in KINDS for rule in rules_of(kind, 1) if partner(rule)],
    ids=lambda part: part.__name__,
)
def test_a_two_sided_rule_gives_equal_bits_along_edges_and_edge_by_edge(kind, rule):
    """The kind that decides stands at either end; the other end is what the rule asks for."""
    mine, theirs = filled(kind), filled(partner(rule), seed=2)
    pairs = [(i, j) for i in range(1, 1 + ROWS) for j in range(1, 1 + ROWS) if (i * j) % 3 == 1]
    for by_target in (False, True):
        ends = (theirs, mine) if by_target else (mine, theirs)
        edges = Relation("among", *ends, pairs, {})
        decided = edges.decide(rule, by_target=by_target)
        assert decided.shape == (RUNS, len(pairs)) and np.isfinite(decided).all()
        my_end, their_end = (edges.source, edges.target)[:: -1 if by_target else 1]
        for run, edge in product(range(RUNS), range(len(edges))):
            one = kind.over(mine, int(my_end[edge]), run)
            other = theirs.kind.over(theirs, int(their_end[edge]), run)
            assert bits(getattr(one, rule.__name__)(other)) == bits(decided[run, edge])


# ---- the economy: blocks, processes, dormant agents ----------------------------------------------


def run(scenario, replications, months=12, seed=1):
    """The economy after some months, and its record."""
    economy = open_economy(scenario, seed, replications)
    record = Record(economy)
    for _ in range(months):
        engine.month(economy, record)
    return economy, record


def everything(economy, record):
    """Every column of every population and relation and every metric, (runs, ...)."""
    tables = {**economy.populations, **economy.relations}
    found = {(t.name, c): values for t in tables.values() for c, values in t.columns.items()}
    return found | {("metrics", name): values for name, values in record.metrics.items()}


SCENARIO = load_scenario("baseline", months=12)


@pytest.fixture(scope="module")
def block():
    return everything(*run(SCENARIO, range(8)))


@pytest.mark.parametrize("replications", [[0], [5], [7], [0, 1, 2], [3, 4, 5, 6, 7], [6, 2]])
def test_a_run_does_not_depend_on_its_block(block, replications):
    for place, values in everything(*run(SCENARIO, replications)).items():
        assert bits(values) == bits(block[place][replications]), place


def test_runs_differ_by_their_luck_and_seeds_by_all_of_it(block):
    made = block["fabs", "produced"]
    assert len({bits(row) for row in made}) == len(made)
    other = everything(*run(SCENARIO, [0], seed=2))
    assert bits(other["fabs", "produced"][0]) != bits(made[0])


def digest(columns):
    found = hashlib.sha256()
    for place in sorted(columns):
        found.update(repr(place).encode() + bits(columns[place]))
    return found.hexdigest()


def test_two_processes_with_other_hash_seeds_get_the_same_numbers():
    code = (
        "import importlib.util as u\n"
        f"spec = u.spec_from_file_location('bits', {__file__!r})\n"
        "bits = u.module_from_spec(spec)\n"
        "spec.loader.exec_module(bits)\n"
        "print(bits.digest(bits.everything(*bits.run(bits.SCENARIO, [0, 3], months=3))))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for seed in ("0", "1")
    ]
    answers = {process.communicate(timeout=120)[0].strip() for process in processes}
    here = digest(everything(*run(SCENARIO, [0, 3], months=3)))
    assert answers == {here}


DORMANT = "aa_dormant"


def with_dormant(scenario, population):
    """The scenario with a dormant twin of the population's first agent before all its agents."""
    world = scenario.world
    model = world.of(population)[0]
    twin = replace(model, name=DORMANT, dormant=True)
    ends = {model.name: DORMANT}
    edges = []
    for edge in world.edges:
        copied = replace(
            edge,
            source=ends.get(edge.source, edge.source),
            target=ends.get(edge.target, edge.target),
        )
        edges += [edge] if copied == edge else [edge, copied]
    return replace(scenario, world=replace(world, agents=(twin, *world.agents), edges=tuple(edges)))


def by_name(economy, record):
    """Every column of every agent and edge that is not dormant, under their names."""
    found = {}
    for table in economy.populations.values():
        for column, values in table.columns.items():
            for row, name in enumerate(table.names):
                found[table.name, column, name] = values[:, row]
    for table in economy.relations.values():
        for column, values in table.columns.items():
            for edge, (s, t) in enumerate(zip(table.source, table.target, strict=True)):
                ends = table.origin.names[s], table.goal.names[t]
                found[(table.name, column, *ends)] = values[:, edge]
    found |= {("metrics", name): values for name, values in record.metrics.items()}
    return {
        place: bits(values)
        for place, values in found.items()
        if not any(DORMANT in part for part in place)
    }


# The capital market and the rest of the economy are one account each.
@pytest.mark.parametrize(
    "population", ["regions", "inputs", "fabs", "fleets", "labs", "customers", "elsewhere"]
)
def test_a_dormant_agent_changes_no_bit_of_anyone_else(population):
    asleep = replace(SCENARIO, set={"labs.entry_hazard": 0.0})
    calm = by_name(*run(asleep, [0, 1]))
    economy, record = run(with_dormant(asleep, population), [0, 1])
    assert DORMANT in economy.populations[population].names
    found = by_name(economy, record)
    assert found.keys() == calm.keys()
    changed = sorted({place[:2] for place in calm if found[place] != calm[place]})
    assert not changed
