"""Generated worlds: the same for the same plan, of the asked size, with the pattern's totals."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.labs.lab import FrontierLab
from sim import engine
from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.config.world import limits
from sim.config.world.draw_edges import MEASURES, SPLIT_BY_SIZE, overlay
from sim.config.world.draw_firms import HELD, NAMES, SIZES, Firms
from sim.config.world.entries import EdgeEntry
from sim.config.world.generate import COUNTED, GenerationPlan
from sim.config.world.limits import BASE, memory, runs_at_once
from sim.config.world.reader import load_world
from sim.config.world.schema import INITIAL, POPULATIONS, RELATIONS
from sim.config.world.world import World
from sim.ensemble import blocks_of, run_block
from sim.opening.opening import open_economy
from sim.results.record import Record

BASELINE = load_scenario("baseline")
PATTERN = BASELINE.world
ONE_EACH = {population: len(PATTERN.of(population)) for population in NAMES}
TRADED = [r for r, (origin, goal) in RELATIONS.items() if origin in NAMES and goal in NAMES]


def plan(degree: int = 4, seed: int = 1, **counts: int) -> GenerationPlan:
    usual = {"labs": 40, "fabs": 8, "fleets": 120, "customers": 600}
    return GenerationPlan(PATTERN, usual | counts, degree, seed)


@pytest.fixture(scope="module")
def world() -> World:
    return plan().world()


def values(of: World, population: str, key: str) -> np.ndarray:
    return np.nan_to_num(of.roster(population).initial[key].value)


def keys(*, held: bool) -> list[tuple[str, str]]:
    return [
        (population, key)
        for population in NAMES
        for key, what in INITIAL[population].items()
        if (what.unit in HELD) is held
    ]


# ---- what is asked for ---------------------------------------------------------------------------


def test_there_are_as_many_agents_as_asked_for_and_the_pattern_has_the_rest(world: World) -> None:
    counts = {population: len(world.of(population)) for population in POPULATIONS}
    assert counts == plan().agents
    assert len(world.agents) == sum(counts.values())
    for population in POPULATIONS:
        if population not in NAMES:
            same = [replace(a, initial={}) for a in world.of(population)]
            assert same == [replace(a, initial={}) for a in PATTERN.of(population)]
    assert world.history == PATTERN.history


def test_every_key_counts_a_population_that_is_drawn() -> None:
    assert {population for population, _ in COUNTED.values()} == set(NAMES) == set(SIZES)
    assert set(MEASURES) == set(TRADED)
    assert set(SPLIT_BY_SIZE) & set(TRADED) == set()


def test_names_are_unique_and_paths_can_hold_them(world: World) -> None:
    for population in NAMES:
        names = world.roster(population).names
        assert len(dict.fromkeys(names)) == len(names)
        assert names[0] == f"{NAMES[population]}_00001"
    assert plan(customers=100_000).world().roster("customers").names[-1] == "customer_100000"


def test_an_entry_says_what_the_columns_say(world: World) -> None:
    lab = world.of("labs")[0]
    assert lab in list(world.agents)
    assert (lab.name, lab.like, lab.group, lab.region) == ("lab_00001", "openai", "frontier", "us")
    assert lab.title == "lab_00001, like OpenAI"
    assert lab.initial["compute"].source == "assumption: drawn after world_2025"
    assert list(lab.initial) == [
        key for key, about in INITIAL["labs"].items() if not about.optional
    ]
    fleet = world.of("fleets")[-1]
    assert (fleet.initial["sites_due"].months, fleet.initial["sites_due"].growth) == (14, 0.045)
    assert world.of("labs")[1:3] == tuple(world.of("labs"))[1:3]
    assert "adopted" not in world.of("customers")[-1].initial or "people" in SIZES["customers"]
    edge = world.edges[0]
    assert isinstance(edge, EdgeEntry)
    assert edge.target == world.roster("fleets").names[world.links("chips").target[0]]
    assert len(world.edges) == sum(len(world.links(relation)) for relation in RELATIONS)


# ---- the same for the same plan ------------------------------------------------------------------


def test_the_same_plan_draws_the_same_world(world: World) -> None:
    again = plan().world()
    assert again == world
    assert again.fingerprint == world.fingerprint
    assert pickle.loads(pickle.dumps(world)) == world
    others = [plan(seed=2), plan(degree=3), plan(labs=41)]
    prints = [world.fingerprint, *(other.world().fingerprint for other in others)]
    assert len(dict.fromkeys(prints)) == len(prints)
    assert plan(seed=2).world() != world


def test_a_world_does_not_depend_on_the_process() -> None:
    code = (
        "from sim.config.world.reader import load_world; "
        "print(load_world('synthetic_small').fingerprint)"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[4])},
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert found == [load_world("synthetic_small").fingerprint] * 2


# ---- totals and sizes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "counts",
    [{}, {"labs": 3, "fabs": 2, "fleets": 5, "customers": 7}, {"labs": 400, "customers": 3000}],
    ids=["more", "fewer", "many"],
)
def test_what_firms_hold_adds_up_to_what_the_pattern_holds(counts: dict[str, int]) -> None:
    drawn = plan(**counts).world()
    for population, key in keys(held=True):
        asleep = np.array([agent.dormant for agent in PATTERN.of(population)], dtype=np.bool_)
        total = values(PATTERN, population, key)[~asleep].sum()
        # Fewer firms than members may leave nobody to hold some of it.
        awake = ~drawn.roster(population).dormant
        if values(drawn, population, key)[awake].any():
            held = values(drawn, population, key)[awake].sum()
            assert held == pytest.approx(total, rel=1e-9), key


def test_every_member_is_split_among_the_firms_like_it(world: World) -> None:
    for population, key in keys(held=True):
        roster = world.roster(population)
        for place, name in enumerate(PATTERN.roster(population).names):
            mine = np.array(roster.likes) == name
            whole = values(PATTERN, population, key)[place]
            assert values(world, population, key)[mine].sum() == pytest.approx(whole, rel=1e-9)
            groups = {g for g, m in zip(roster.groups, mine, strict=True) if m}
            assert groups == {PATTERN.roster(population).groups[place]}


def test_what_firms_are_like_has_the_mean_of_their_member_and_its_range() -> None:
    drawn = plan(labs=300, fabs=40, customers=2000).world()
    for population, key in keys(held=False):
        if key in ("flagship_flop", "capability"):
            continue
        roster, size = drawn.roster(population), values(drawn, population, SIZES[population][-1])
        for entry in PATTERN.of(population):
            mine = np.array(roster.likes) == entry.name
            if key not in entry.initial or not size[mine].any():
                continue
            about = entry.initial[key]
            found = values(drawn, population, key)[mine]
            assert np.average(found, weights=size[mine]) == pytest.approx(about.single, rel=1e-9)
            if about.low is not None and about.high is not None:
                assert (found >= about.low * (about.low / about.high)).all()
                assert (found <= about.high * (about.high / about.low)).all()


def test_with_one_firm_for_each_member_firms_are_the_members() -> None:
    drawn = GenerationPlan(PATTERN, ONE_EACH, 3, seed=5).world()
    for population in NAMES:
        assert drawn.roster(population).likes == PATTERN.roster(population).names
        for key in INITIAL[population]:
            np.testing.assert_allclose(
                values(drawn, population, key), values(PATTERN, population, key), rtol=1e-12
            )
    assert drawn.roster("fleets").operators == PATTERN.roster("fleets").operators


@pytest.mark.parametrize("population", NAMES)
def test_sizes_have_a_tail_of_about_one(population: str) -> None:
    """Hill's estimate over the largest tenth, and the largest firm's share by Zipf's law."""
    count = 5_000
    size = values(plan(**{population: count}).world(), population, SIZES[population][0])
    size = np.sort(size[size > 0.0])[::-1]
    tenth = len(size) // 10
    slope = 1.0 / np.mean(np.log(size[:tenth] / size[tenth]))
    assert 0.8 < slope < 1.4
    assert 0.01 < size[0] / size.sum() < 0.4


def test_the_best_lab_is_as_good_as_the_patterns_and_small_labs_are_worse() -> None:
    drawn = plan(labs=1000).world()
    best = values(drawn, "labs", "capability")
    assert best.max() == pytest.approx(values(PATTERN, "labs", "capability").max())
    compute, flop = values(drawn, "labs", "compute"), values(drawn, "labs", "flagship_flop")
    buys = compute > 0.0  # a decentralised pool buys none
    compute, flop, best = compute[buys], flop[buys], best[buys]
    assert np.corrcoef(np.log(compute), np.log(flop))[0, 1] > 0.5
    assert np.corrcoef(np.log(compute), best)[0, 1] > 0.3


@pytest.mark.parametrize("fleets", [1, 2, 3, 9, 27, 28, 500])
@pytest.mark.parametrize("seed", range(5))
def test_nobody_has_more_chips_in_transit_than_it_owns(fleets: int, seed: int) -> None:
    drawn = plan(fleets=fleets, seed=seed).world()
    moving, owned = (values(drawn, "fleets", k) for k in ("chips_in_transit", "chips_shipped"))
    assert (moving <= owned).all()
    assert moving.sum() == pytest.approx(values(PATTERN, "fleets", "chips_in_transit").sum())


def test_few_operators_have_fleets_in_several_regions_and_many_have_one(world: World) -> None:
    roster = plan(fleets=1000).world().roster("fleets")
    operators: dict[str, list[str]] = {}
    for operator, region in zip(roster.operators, roster.regions, strict=True):
        operators.setdefault(operator, []).append(region)
    regions = np.array([len(held) for held in operators.values()])
    assert all(len(dict.fromkeys(held)) == len(held) for held in operators.values())
    assert (regions == 1).mean() > 0.7
    assert regions.max() == 4
    assert len(operators["microsoft"]) == 4


# ---- edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", TRADED)
@pytest.mark.parametrize("degree", [1, 3, 6])
def test_everybody_has_about_so_many_suppliers(relation: str, degree: int) -> None:
    drawn = plan(degree, labs=400, fabs=60, fleets=900, customers=3000).world()
    links = drawn.links(relation)
    supplied = links.target[links.weight > 0.0]
    suppliers = np.bincount(supplied, minlength=len(drawn.of(RELATIONS[relation][1])))
    likes = np.array(drawn.roster(RELATIONS[relation][1]).likes)
    suppliers = suppliers[likes != "volunteer_network"]  # its hours are contributed
    assert suppliers.min() >= 1
    assert abs(np.median(suppliers) - degree) <= 1
    assert 0.6 * degree <= suppliers.mean() <= 2.5 * degree + 1.0
    added = np.bincount(links.target, weights=links.weight)
    known = PATTERN.links(relation)
    usual = np.bincount(known.target, weights=known.weight)
    assert added.min() == pytest.approx(usual.min(), rel=1e-9)
    assert added.max() == pytest.approx(usual.max(), rel=1e-9)
    pairs = list(zip(links.source.tolist(), links.target.tolist(), strict=True))
    assert len(dict.fromkeys(pairs)) == len(pairs)


def test_weights_are_unequal_and_large_suppliers_have_more_customers(world: World) -> None:
    links = plan(customers=3000).world().links("tokens")
    alike = np.array(world.roster("labs").likes) == "openai"
    compute = values(world, "labs", "compute")[alike]
    customers = np.bincount(links.source, minlength=len(alike))[alike]
    assert np.corrcoef(compute, customers)[0, 1] > 0.9
    assert np.quantile(links.weight, 0.9) > 5.0 * np.quantile(links.weight, 0.1)


@pytest.mark.parametrize("relation", TRADED)
def test_firms_trade_with_firms_like_those_that_their_members_trade_with(
    world: World, relation: str
) -> None:
    origin, goal = (world.roster(p).likes for p in RELATIONS[relation])
    links = world.links(relation)
    drawn = {(origin[s], goal[t]) for s, t in zip(links.source, links.target, strict=True)}
    known = {(e.source, e.target) for e in PATTERN.edges if e.relation == relation}
    assert drawn <= known


def test_trade_between_members_is_that_of_the_pattern(world: World) -> None:
    """Compute that labs like one member lease from fleets like another."""
    links, compute = world.links("lease"), values(world, "labs", "compute")
    fleets, labs = world.roster("fleets").likes, world.roster("labs").likes
    leased: dict[tuple[str, str], float] = {}
    for s, t, w in zip(links.source, links.target, links.weight, strict=True):
        pair = fleets[s], labs[t]
        leased[pair] = leased.get(pair, 0.0) + w * compute[t]
    own = dict(zip(PATTERN.roster("labs").names, values(PATTERN, "labs", "compute"), strict=True))
    for edge in PATTERN.edges:
        if edge.relation == "lease":
            expected = edge.weight.single * own[edge.target]
            assert leased[edge.source, edge.target] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("counts", [{}, {"labs": 2000, "fleets": 3000}])
def test_no_fleet_leases_out_more_than_it_runs(counts: dict[str, int]) -> None:
    drawn = plan(**counts).world()
    links, compute = drawn.links("lease"), values(drawn, "labs", "compute")
    running = values(drawn, "fleets", "chips_shipped") - values(drawn, "fleets", "chips_in_transit")
    leased = np.bincount(
        links.source, weights=links.weight * compute[links.target], minlength=len(running)
    )
    assert (leased <= running * (1.0 + 1e-6)).all()


@pytest.mark.parametrize("seed", range(20))
def test_markets_stay_apart_however_few_firms_there_are(seed: int) -> None:
    drawn = plan(2, seed, labs=3, fabs=2, fleets=2, customers=5).world()
    zone = {region.name: region.zone for region in PATTERN.of("regions")}
    assert {zone[region] for region in drawn.roster("fleets").regions} == set(zone.values())
    for relation in TRADED:
        known, found = (
            {
                (zone[ends[0].regions[s]], zone[ends[1].regions[t]])
                for ends in [[of.roster(p) for p in RELATIONS[relation]]]
                for s, t in zip(of.links(relation).source, of.links(relation).target, strict=True)
            }
            for of in (PATTERN, drawn)
        )
        assert found <= known


def test_segments_meet_where_they_lie_along_each_other() -> None:
    one, other, length = overlay(
        np.array([0, 1, 0]), np.array([3.0, 8.0, 1.0]), np.array([1, 0, 1]), np.array([1.0, 9.0, 3])
    )
    met = sorted(zip(one.tolist(), other.tolist(), length.tolist(), strict=True))
    assert met == [(0, 1, 3.0), (1, 0, 2.0), (1, 2, 6.0), (2, 1, 1.0)]


# ---- institutions and sleepers -------------------------------------------------------------------


def test_edges_of_an_institution_go_to_all_that_are_like_its_members(world: World) -> None:
    """A parent owns of every lab what it owns of the one it is like; a fund's preference for a
    member is shared by the firms that are like it."""
    likes = np.array(world.roster("labs").likes)
    for relation in ("ownership", "gulf_labs"):
        known, found = PATTERN.links(relation), world.links(relation)
        names = np.array(PATTERN.roster("labs").names)
        for source, member, weight in zip(known.source, known.target, known.weight, strict=True):
            like = np.flatnonzero(likes == names[member])
            mine = (found.source == source) & np.isin(found.target, like)
            assert found.target[mine].tolist() == like.tolist()
            if relation == "ownership":
                assert (found.weight[mine] == weight).all()
            elif len(like):
                assert found.weight[mine].sum() == pytest.approx(weight)


def test_labs_like_a_sleeping_one_sleep() -> None:
    asleep = tuple(
        replace(agent, dormant=agent.name in ("mistral", "xai")) for agent in PATTERN.agents
    )
    drawn = replace(plan(), pattern=replace(PATTERN, agents=asleep)).world()
    for lab in drawn.of("labs"):
        assert lab.dormant is (lab.like in ("mistral", "xai"))
    few = replace(plan(labs=5), pattern=replace(PATTERN, agents=asleep)).world()
    assert not any(lab.dormant for lab in few.of("labs"))
    economy = open_economy(replace(BASELINE, world=drawn, months=3), 1, [0])
    assert economy.labs.alive.sum() == sum(not lab.dormant for lab in drawn.of("labs"))
    engine.run(economy, Record(economy))


# ---- a generated world runs ----------------------------------------------------------------------


def test_a_generated_world_runs_and_balances() -> None:
    block = run_block(load_scenario("synthetic", months=12), 1, [0, 1])
    assert not block.record.metrics["ledger_residual"].any()
    assert block.record.metrics["compute_residual"].max() <= 1e-9
    usual = run_block(load_scenario("baseline", months=12), 1, [0, 1])
    for metric in ("compute_stock_h100e", "capex_usd", "active_users", "rnd_spend_usd"):
        ours, theirs = (b.record.metrics[metric][:, -1] for b in (block, usual))
        close = 0.25 if metric == "rnd_spend_usd" else 0.1  # rounds of many labs fall otherwise
        np.testing.assert_allclose(ours, theirs, rtol=close, err_msg=metric)


def test_a_member_of_the_pattern_stands_for_all_firms_like_it(world: World) -> None:
    paths = {"customers.consumer_us.paid_share": 0.5, "labs.lab_00001.margin_target": 0.1}
    scenario = replace(BASELINE, world=world, set=paths, months=3)
    economy = open_economy(scenario, 1, [0])
    share = economy.customers.paid_share[0]
    likes = world.roster("customers").likes
    usual = open_economy(BASELINE, 1, [0]).customers
    for row, like in enumerate(likes):
        expected = 0.5 if like == "consumer_us" else usual.paid_share[0, usual.index[like]]
        assert share[row] == expected
    labs = economy.labs
    assert (labs.margin_target[0] == 0.1).sum() == 1
    mine = replace(scenario, classes={"labs.openai": "agents.labs.lab:ComputePoorLab"})
    kinds = open_economy(mine, 1, [0]).labs.members
    assert {m.kind is FrontierLab for m in kinds if m.like == "openai"} == {False}


def test_paths_of_a_generated_world_are_checked() -> None:
    allowed = {"customers.consumer_us.paid_share": 0.1, "fabs.fab_00001.capacity_loss": 0.5}
    assert load_scenario("synthetic", set=allowed).set == allowed
    with pytest.raises(RequestError, match=r"unknown group or row: labs\.lab_99999"):
        load_scenario("synthetic", set={"labs.lab_99999.margin_target": 0.5})


# ---- wrong plans ---------------------------------------------------------------------------------

WORLD = """\
title  = "Drawn"
start  = "2025-01"
months = 12
[generate]
labs         = 4
fabs         = 2
data_centers = 6
customers    = 9
degree       = 2
seed         = 3
"""
COUNTS = "a whole number from {} to 1000000000"
WRONG = {
    "unknown key": (
        "labs ",
        "lab ",
        "line 5: unknown key: generate.lab; allowed: labs, fabs, data_centers, customers, degree, "
        "seed, like; did you mean labs?",
    ),
    "no seed": (
        "seed         = 3\n",
        "",
        "line 4: missing key: generate.seed; allowed: a whole number from 0 to 4294967295",
    ),
    "half a lab": (
        "= 4",
        "= 4.5",
        f"line 5: not a whole number: generate.labs = 4.5; allowed: {COUNTS.format(0)}",
    ),
    "no fab": (
        "fabs         = 2",
        "fabs = 0",
        f"line 6: out of range: generate.fabs = 0; allowed: {COUNTS.format(1)}",
    ),
    "no data center": (
        "= 6",
        "= 0",
        f"line 7: out of range: generate.data_centers = 0; allowed: {COUNTS.format(1)}",
    ),
    "no supplier": (
        "degree       = 2",
        "degree = 0",
        "line 9: out of range: generate.degree = 0; allowed: a whole number from 1 to 100",
    ),
    "unknown pattern": (
        "seed ",
        'like = "world_2026"\nseed ',
        'line 10: not one of the choices: generate.like = "world_2026"; allowed: synthetic_small, '
        "world_2023, world_2025; did you mean world_2025?",
    ),
    "pattern that is generated": (
        "seed ",
        'like = "synthetic_small"\nseed ',
        'line 10: not a pattern: generate.like = "synthetic_small"; '
        "allowed: a world that is written out: world_2023, world_2025",
    ),
    "firms beside": (
        "[generate]",
        "[labs.openai]\n[generate]",
        "line 4: unknown key: labs; allowed: title, about, start, months, generate",
    ),
    "number for a plan": (
        "[generate]\n",
        "generate = 3\n[x]\n",
        "line 5: unknown key: x; allowed: title, about, start, months, generate",
    ),
    "too many agents": (
        "= 9",
        "= 2_000_000",
        "line 4: too many agents, 2,000,035; it would take about 3.7 GB: generate; "
        "allowed: at most 2,000,000",
    ),
    "too many edges": (
        "= 9\ndegree       = 2",
        "= 1_000_000\ndegree = 10",
        "line 4: too many edges, about 10,000,176; it would take about 4.1 GB: generate; "
        "allowed: at most 10,000,000: a lower degree, or fewer",
    ),
    "too much memory": (
        "= 6",
        "= 1_300_000",
        "line 4: too large a world; it would take about 18.2 GB: generate; "
        "allowed: at most 16 GB a run: fewer agents, or a lower degree",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_plan_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert old in WORLD
    Path("world.toml").write_text(WORLD.replace(old, new, 1))
    with pytest.raises(RequestError) as caught:
        load_world("world.toml")
    assert str(caught.value) == f"world.toml, {message}"


def test_a_plan_in_a_file_is_a_world(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(WORLD)
    loaded = load_world(file)
    assert (loaded.name, loaded.title, loaded.about, loaded.months) == ("mine", "Drawn", "", 12)
    assert loaded.file == file
    assert loaded.agents == plan(2, 3, labs=4, fabs=2, fleets=6, customers=9).world().agents


# ---- memory --------------------------------------------------------------------------------------


def test_a_block_holds_fewer_runs_of_a_large_world(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [len(block) for block in blocks_of(PATTERN, 130)] == [64, 64, 2]
    assert [len(block) for block in blocks_of(PATTERN, 5, 2)] == [2, 2, 1]
    agents, edges = plan().agents, plan().edges
    one = memory(agents, edges) - BASE
    monkeypatch.setattr(limits, "BLOCK_MEMORY", BASE + 3 * one)
    assert runs_at_once(agents, edges, 64) == 3
    assert runs_at_once(agents, edges, 2) == 2
    monkeypatch.setattr(limits, "BLOCK_MEMORY", BASE)
    assert runs_at_once(agents, edges, 64) == 1


def test_edges_are_estimated_closely() -> None:
    asked = plan(degree=4, labs=400, fabs=60, fleets=900, customers=20_000)
    assert len(asked.world().edges) == pytest.approx(asked.edges, rel=0.15)


def test_nobody_is_drawn_where_nobody_is_wanted() -> None:
    drawn = plan(labs=0, customers=0).world()
    assert not len(drawn.of("labs")) and not len(drawn.links("tokens"))
    assert isinstance(plan()._firms("labs"), Firms)
    run_block(replace(BASELINE, world=drawn, months=3), 1, [0])
