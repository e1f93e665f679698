"""Laws of the token economy: what is sold is computed, better and cheaper gains, money is a veil.

Identities are computed from recorded columns, apart from `sim.economy.conservation`.
"""

from __future__ import annotations

import copy
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.framework.columns import Floats
from agents.labs.ai_model import SLOTS
from sim import engine
from sim.config.registry import load_registry
from sim.config.scenario.changes import with_event
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.world.entries import AgentEntry, EdgeEntry
from sim.config.world.schema import INITIAL
from sim.config.world.world import World
from sim.economy.economy import Economy
from sim.economy.relations import EDGE_COLUMNS
from sim.ensemble import run_block
from sim.month.markets import tokens
from sim.month.perceive import labs as perceive_labs
from sim.opening.opening import open_economy
from sim.results.metrics.all_metrics import METRICS
from sim.results.record import Record

ROOT = Path(__file__).parents[2]
EXACT = 1e-9
TABLES = ("metrics", "agents", "flows")


def run(scenario: Scenario, **how: Any) -> tuple[Economy, Record]:
    """The economy after all months of the scenario, and its record."""
    economy = open_economy(scenario, 1, [0], **how)
    record = Record(economy, TABLES)
    engine.run(economy, record)
    return economy, record


def shorter(months: int) -> Scenario:
    return replace(BASELINE, months=months)


BASELINE = load_scenario("baseline")


@pytest.fixture(scope="module")
def made() -> tuple[Economy, Record]:
    return run(BASELINE)


# ---- identities, from recorded columns -----------------------------------------------------------


def test_tokens_sold_are_served_are_computed(made: tuple[Economy, Record]) -> None:
    """Over edges, over models, over customers and labs that learn, and as FLOP over FLOP per token,
    lab by lab."""
    economy, record = made
    labs = len(economy.labs)
    units = record.flows["tokens", "units"][0]
    lessons = record.flows["teaching", "units"][0]
    sold = np.array([np.bincount(economy.tokens.source, month, labs) for month in units])
    taught = np.array([np.bincount(economy.teaching.source, month, labs) for month in lessons])
    learned = np.array([np.bincount(economy.teaching.target, month, labs) for month in lessons])
    used = np.array(
        [np.bincount(economy.tokens.target, month, len(economy.customers)) for month in units]
    )
    units_of_models, size = (record.agents["models", c][0] for c in ("tokens", "flop_per_token"))
    by_slot = {s: units_of_models[:, i * labs : (i + 1) * labs] for i, s in enumerate(SLOTS)}
    sizes = {s: size[:, i * labs : (i + 1) * labs] for i, s in enumerate(SLOTS)}
    served = by_slot["flagship"] + by_slot["small"]
    assert not by_slot["training"].any()
    np.testing.assert_allclose(served, sold + taught, rtol=EXACT)
    assert taught.sum() > 1e11
    np.testing.assert_allclose(record.agents["labs", "lessons_bought"][0], learned, rtol=EXACT)
    np.testing.assert_allclose(record.agents["customers", "tokens"][0], used, rtol=EXACT)

    flop = record.agents["labs", "inference_flop"][0]
    computed = by_slot["flagship"] * sizes["flagship"] + by_slot["small"] * sizes["small"]
    np.testing.assert_allclose(flop, computed, rtol=EXACT)
    assert (served.sum(axis=1) > 1e14).all()


def test_hours_bought_by_a_lab_are_the_sum_of_their_uses(made: tuple[Economy, Record]) -> None:
    economy, record = made
    column = {c: values[0] for (p, c), values in record.agents.items() if p == "labs"}
    bought = np.array(
        [
            np.bincount(economy.lease.target, month, len(economy.labs))
            for month in record.flows["lease", "units"][0]
        ]
    )
    kinds = ("inference", "experiment", "synthetic", "pre_training", "post_training", "agent")
    used = sum(column[f"{kind}_hours"] for kind in kinds)
    np.testing.assert_allclose(used, bought, rtol=EXACT)
    assert min(column[f"{kind}_hours"].min() for kind in kinds) >= 0.0

    labs = economy.labs
    per_hour = 3600.0 * labs.peak_flop[0] * labs.serving_utilization[0]
    efficiency = np.maximum(column["serving_efficiency"], 1e-9)  # 0 before a lab is founded
    serving = column["inference_flop"] / (per_hour * efficiency)
    kept = column["inference_hours"]
    np.testing.assert_allclose(serving + column["reserve_hours"], kept, rtol=EXACT)


def test_flop_of_runs_comes_from_hours(made: tuple[Economy, Record]) -> None:
    """Pre-training grows by hours x 3,600 s x peak x utilization until the run is released, or its
    lab leaves."""
    economy, record = made
    labs = economy.labs
    stays = record.agents["labs", "closed"][0] == 0.0
    rows = economy.slots["training"]
    hours = record.agents["labs", "pre_training_hours"][0]
    added = hours * 3600.0 * labs.peak_flop[0] * labs.training_utilization[0]
    flop = record.agents["models", "training_flop"][0][:, rows]
    released = record.agents["labs", "released"][0] > 0.0
    flagship = record.agents["models", "training_flop"][0][:, economy.slots["flagship"]]
    made_of = np.where(released[1:], flagship[1:], flop[1:])
    trains = [group != "host" for group in labs.group_of]
    run = np.where(stays[1:], flop[:-1] + added[1:], 0.0)
    np.testing.assert_allclose(made_of[:, trains], run[:, trains], rtol=EXACT)
    hosts = np.logical_not(trains)
    assert not flop[:, hosts].any() and not hours[:, hosts].any()
    assert not flop[1:][released[1:]].any()
    assert released.sum() > 50


def test_shares_of_every_cohort_add_up_to_one_every_month() -> None:
    economy = open_economy(BASELINE, 1, [0, 1])
    record = Record(economy)
    while economy.month < BASELINE.months:
        engine.month(economy, record)
        for share in economy.tokens.share:
            added = np.bincount(economy.tokens.target, share, len(economy.customers))
            np.testing.assert_allclose(added, 1.0, rtol=EXACT)
            assert share.min() >= 0.0


def test_no_money_is_paid_for_tokens_that_nobody_serves(made: tuple[Economy, Record]) -> None:
    """A lab without users, subscribers and tokens earns nothing; who earns has served."""
    _, record = made
    units, usd = (record.flows["tokens", c][0] for c in ("units", "usd"))
    assert not usd[units == 0.0].any()


# ---- better and cheaper gains --------------------------------------------------------------------


@pytest.mark.parametrize("lab", ["openai", "anthropic", "meta", "deepseek", "minimax"])
def test_a_lab_with_a_better_and_cheaper_model_gains_share_everywhere(
    monkeypatch: pytest.MonkeyPatch, lab: str
) -> None:
    """From month 6 on, customers find its models half an order of magnitude better and a third
    cheaper than in the other copy, all else and all draws alike: a larger share of every cohort
    that may buy from it, in each of the next eight months."""
    calm = open_economy(BASELINE, 1, [0, 1])
    record = Record(calm)
    for _ in range(6):
        engine.month(calm, record)
    better, its_record = copy.deepcopy((calm, record))
    row = calm.labs.index[lab]
    trade = tokens.trade

    def with_an_edge(economy: Economy) -> None:
        if economy is calm:
            trade(economy)
            return
        models = economy.models
        before = models.capability.copy(), models.price.copy()
        for slot in ("flagship", "small"):
            economy.of_slot("capability", slot)[:, row] += 0.5
            economy.of_slot("price", slot)[:, row] /= 1.5
        perceive_labs.offers(economy)
        trade(economy)
        models.capability, models.price = before
        perceive_labs.offers(economy)

    monkeypatch.setattr(tokens, "trade", with_an_edge)
    buyers = (calm.tokens.source == row) & (calm.tokens.weight[0] > 0.0)
    assert buyers.any()
    for _ in range(8):
        engine.month(calm, record)
        engine.month(better, its_record)
        assert (better.tokens.share[:, buyers] > calm.tokens.share[:, buyers]).all()


@pytest.mark.parametrize("lab", ["openai", "deepseek"])
def test_a_worse_and_dearer_lab_loses_share_to_every_rival(lab: str) -> None:
    """One month: the shares of all its rivals rise, in every cohort where it sells."""
    calm = open_economy(BASELINE, 1, [0])
    worse = copy.deepcopy(calm)
    row = calm.labs.index[lab]
    for slot in ("flagship", "small"):
        worse.of_slot("capability", slot)[:, row] -= 0.5
        worse.of_slot("price", slot)[:, row] *= 1.5
    for economy in (calm, worse):
        perceive_labs.offers(economy)
        tokens.choose(economy)
    sells = calm.tokens.share[0] > 0.0
    mine = (calm.tokens.source == row) & sells
    where = np.isin(calm.tokens.target, calm.tokens.target[mine]) & sells
    assert (worse.tokens.share[:, mine] < calm.tokens.share[:, mine]).all()
    assert (worse.tokens.share[:, where & ~mine] > calm.tokens.share[:, where & ~mine]).all()


# ---- doubling all money --------------------------------------------------------------------------


def is_money(unit: str) -> int:
    """1 for USD in the numerator, -1 in the denominator, 0 without."""
    if "USD" not in unit:
        return 0
    return 1 if unit.startswith("USD") else -1


def doubled(scenario: Scenario) -> Scenario:
    """The same economy counted in half dollars: every price, income and balance twice as large."""
    registry = load_registry()
    overlay = {}
    for path, entry in registry.parameters.items():
        unit = entry.unit or registry.columns(entry.population)[entry.column].unit
        if is_money(unit) and (not entry.selector or known(scenario, entry)):
            overlay[path] = entry.value * 2.0 ** is_money(unit)

    def twice(agent: AgentEntry) -> AgentEntry:
        schema = INITIAL[agent.population]
        initial = {
            key: replace(given, value=given.single * 2.0 ** is_money(schema[key].unit))
            for key, given in agent.initial.items()
        }
        return replace(agent, initial=initial)

    world = replace(scenario.world, agents=tuple(map(twice, scenario.world.agents)))
    return replace(scenario, world=world, set={**scenario.set, **overlay})


def known(scenario: Scenario, entry: Any) -> bool:
    rows = scenario.rows.get(entry.population, {})
    return entry.selector in rows or entry.selector in rows.values()


def units_of(economy: Economy, record: Record) -> Iterator[tuple[str, str, Floats]]:
    """Every recorded figure by name, with its unit: metrics, columns of agents and of edges."""
    for metric in METRICS:
        yield metric.name, metric.unit, record.metrics[metric.name]
    for (population, column), values in record.agents.items():
        unit = economy.populations[population].declared[column].unit
        yield f"{population}.{column}", unit, values
    for (relation, column), values in record.flows.items():
        yield f"{relation}.{column}", EDGE_COLUMNS[relation][column].unit, values


MONEY_OF_NOTHING = {"tokens.log_odds"}
"""Log odds count from no zero: a dearer world moves all suppliers of a cohort alike."""


def test_doubling_all_prices_and_incomes_changes_nothing_real() -> None:
    economy, record = run(shorter(36))
    richer, twice = run(doubled(shorter(36)), quantum=2.0)
    real = 0
    pairs = zip(units_of(economy, record), units_of(richer, twice), strict=True)
    for (name, unit, values), (_, _, found) in pairs:
        if name in MONEY_OF_NOTHING:
            continue
        real += not is_money(unit)
        scale = 2.0 ** is_money(unit)
        np.testing.assert_allclose(
            found, values * scale, rtol=EXACT, atol=EXACT * np.abs(values).max(), err_msg=name
        )
    assert real > 100


# ---- the order of a world file -------------------------------------------------------------------


def by_name(economy: Economy, record: Record) -> dict[tuple[str, ...], Floats]:
    found: dict[tuple[str, ...], Floats] = {}
    for (population, column), values in record.agents.items():
        for row, name in enumerate(economy.populations[population].names):
            found[population, column, name] = values[:, :, row]
    for (relation, column), values in record.flows.items():
        edges = economy.relations[relation]
        for edge, (s, t) in enumerate(zip(edges.source, edges.target, strict=True)):
            ends = edges.origin.names[s], edges.goal.names[t]
            found[(relation, column, *ends)] = values[:, :, edge]
    return found | {("metrics", name): values for name, values in record.metrics.items()}


@pytest.mark.parametrize("population", ["labs", "customers"])
def test_the_order_of_the_world_file_changes_no_figure(population: str) -> None:
    calm = by_name(*run(shorter(24)))
    agents = BASELINE.world.agents
    mine = [agent for agent in agents if agent.population == population]
    others = [agent for agent in agents if agent.population != population]
    world = replace(
        BASELINE.world,
        agents=(*mine[::-1], *others),
        edges=BASELINE.world.edges[::-1],
    )
    turned = by_name(*run(replace(shorter(24), world=world)))
    assert turned.keys() == calm.keys()
    scales: dict[tuple[str, str], float] = {}
    for place, values in calm.items():
        key = (place[0], place[1])
        scales[key] = max(scales.get(key, 0.0), float(np.abs(values).max(initial=0.0)))
    for place, values in calm.items():
        if place == ("metrics", "compute_residual"):
            continue
        key = (place[0], place[1])
        np.testing.assert_allclose(
            turned[place], values, rtol=EXACT, atol=EXACT * scales[key], err_msg=str(place)
        )


# ---- many cohorts --------------------------------------------------------------------------------


def split(scenario: Scenario, cohorts: int) -> Scenario:
    """Every cohort as n equal ones with 1/n of its people and budget, the rest of it the same.

    A part has its cohort's name as group, and its cohort's parameters by that group.
    """
    world: World = scenario.world
    economy = open_economy(scenario, 1, [0])
    customers = economy.customers
    parts = max(round(cohorts / len(customers)), 1)
    overlay = {
        f"customers.{name}.{column.name}": float(customers.columns[column.name][0, row])
        for row, name in enumerate(customers.names)
        for column in customers.declared.values()
        if column.role == "parameter"
    }
    agents: list[AgentEntry] = []
    for agent in world.agents:
        if agent.population != "customers":
            agents.append(agent)
            continue
        initial = {
            key: replace(given, value=given.single / parts, low=None, high=None)
            if key in ("people", "spend_max")
            else given
            for key, given in agent.initial.items()
        }
        agents += [
            replace(agent, name=f"{agent.name}_{i}", group=agent.name, initial=initial)
            for i in range(parts)
        ]
    edges: list[EdgeEntry] = []
    for edge in world.edges:
        if edge.relation != "tokens":
            edges.append(edge)
            continue
        edges += [replace(edge, target=f"{edge.target}_{i}") for i in range(parts)]
    wide = replace(world, agents=tuple(agents), edges=tuple(edges))
    return replace(scenario, world=wide, set={**scenario.set, **overlay})


CENT = 2.0**-10
"""Money fine enough for small cohorts, whose invoices of dollars would be rounded too far."""


def test_splitting_cohorts_into_equal_parts_changes_no_figure() -> None:
    """But for money and tokens, which are whole: less than a millionth of every metric. News of
    adoption come to each cohort by its name, so both worlds go without."""
    calm = replace(shorter(18), set={"customers.adoption_volatility": 0.0})
    _, whole = run(calm, quantum=CENT)
    economy, parts = run(split(calm, 720), quantum=CENT)
    assert len(economy.customers) == 720
    for metric in METRICS:
        np.testing.assert_allclose(
            parts.metrics[metric.name], whole.metrics[metric.name], rtol=1e-6, err_msg=metric.name
        )


def seconds_a_month(cohorts: int, months: int = 2) -> float:
    """Of the processor, so that it does not matter what else runs."""
    economy = open_economy(split(BASELINE, cohorts), 1, [0])
    record = Record(economy)
    engine.month(economy, record)
    began = time.process_time()
    for _ in range(months):
        engine.month(economy, record)
    return (time.process_time() - began) / months


def test_five_thousand_cohorts_cost_little_more_each_than_a_thousand() -> None:
    few, many = seconds_a_month(1_000), seconds_a_month(5_000)
    assert many / 5_000 < 3.0 * few / 1_000


MEMORY = """
import resource, sys
sys.path.insert(0, {root!r})
from tests.laws.test_economy_laws import seconds_a_month
print(seconds_a_month({cohorts}), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def cost(cohorts: int) -> tuple[float, float]:
    """Seconds a month and peak memory in GiB of a process with so many cohorts."""
    code = MEMORY.format(root=str(ROOT), cohorts=cohorts)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


@pytest.mark.campaign
def test_a_hundred_thousand_cohorts_run_in_two_gigabytes() -> None:
    (few, _), (many, memory) = cost(10_000), cost(100_000)
    assert memory < 2.0
    assert many / 100_000 < 3.0 * few / 10_000


def test_research_comes_back_after_a_month_without_ideas() -> None:
    """A month in which ideas bring nothing stops experiments, and only for as long as it lasts."""
    drought = {
        "name": "drought",
        "start": "2025-06",
        "months": 1,
        "set": {"labs.software_growth": 0.0},
        "scale": {},
    }
    calm = load_scenario("baseline", months=24)
    records = [
        run_block(s, 1, [0], tables=("metrics", "agents")).record
        for s in (calm, with_event(calm, drought))
    ]
    hours = [r.agents["labs", "synthetic_hours"][0] for r in records]
    assert (hours[1][5] == 0.0).all()
    founded = hours[0][-1] > 0.0
    assert (hours[1][-1] > 0.5 * hours[0][-1])[founded].all()


def test_post_training_adds_to_capability_for_good() -> None:
    """Post-training that turns hours into nine times the FLOP lifts capability by about its
    elasticity x log10 9 = 0.29 OOM, in this flagship and in those after it."""
    better = {
        "name": "better",
        "start": "2025-03",
        "months": 36,
        "scale": {"labs.post_training_utilization": 9.0},
        "set": {},
    }
    calm = load_scenario("baseline", months=36)
    runs = range(8)
    ends = [
        np.median(run_block(s, 1, runs).record.metrics["frontier_capability"][:, -6:])
        for s in (calm, with_event(calm, better))
    ]
    assert ends[1] - ends[0] > 0.15
