"""Entry: dormant labs are founded when money waits, sell once they have a model, begin small."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from agents.demand.customer import Customer
from agents.labs.ai_model import SLOTS
from sim import engine
from sim.base.numerics.kernels import choice, total
from sim.config.scenario.loader import load_scenario
from sim.month.labs import entry
from sim.month.perceive import labs as perceive_labs
from sim.opening.opening import open_economy
from sim.results.record import Record

BASELINE = load_scenario("baseline", months=40)
NEVER = "volunteer_network"
"""A pool that only a scenario founds."""
DORMANT = {
    e.name: e.initial["cash"].single
    for e in BASELINE.world.of("labs")
    if e.dormant and e.name != NEVER
}
LUCK = {"thinking_machines": 0.3, "reflection": 0.4, "safe_superintelligence": 0.5}
"""The draw of the month: who has less is luckier."""
_OPENED = open_economy(BASELINE, 1, [0, 1])


@pytest.fixture
def economy():
    """The eve of the first month; every dormant lab has its chance, and there is no money yet."""
    made = copy.deepcopy(_OPENED)
    made.labs.entry_hazard, made.capital.pool = 1.0, 0.0
    made.labs.entry_hazard[:, made.labs.index[NEVER]] = 0.0
    for name, luck in LUCK.items():
        made.labs.luck_entry[:, made.labs.index[name]] = luck
    made.capital.lab_pool, made.capital.pool_memory_months = 0.012, 1e18  # what waits, waits
    made.ledger.begin_month("test")
    return made


def found(economy, pool):
    """Found labs with so much money in the pool; the names of those that are there now."""
    economy.capital.pool = pool
    before = economy.labs.alive.copy()
    entry.found_labs(economy)
    new = economy.labs.alive & ~before
    assert (new[0] == new[1]).all()
    return {economy.labs.names[row] for row in np.flatnonzero(new[0])}


def found_all(economy):
    """Three months with money for everybody."""
    return [found(economy, 1e12) for _ in DORMANT]


# ---- who enters ----------------------------------------------------------------------------------


def test_the_world_has_labs_that_wait():
    rounds = {"safe_superintelligence": 1e9, "thinking_machines": 2e9, "reflection": 2e9}
    assert rounds == DORMANT
    assert not _OPENED.labs.alive[:, [_OPENED.labs.index[name] for name in DORMANT]].any()


@pytest.mark.parametrize(
    ("pool", "who"),
    [
        (0.0, None),
        (0.99e9, None),
        (1.0e9, "safe_superintelligence"),  # the others are luckier, but their rounds too large
        (1.99e9, "safe_superintelligence"),
        (2.0e9, "thinking_machines"),
        (1e12, "thinking_machines"),
    ],
)
def test_the_luckiest_enters_of_those_whose_round_the_pool_covers(economy, pool, who):
    assert found(economy, pool) == ({who} if who else set())
    left = pool - (DORMANT[who] if who else 0.0)
    assert economy.capital.pool[:, 0].tolist() == [left, left]
    assert not economy.ledger.check().any()


def test_one_a_month_enters(economy):
    assert found_all(economy) == [{name} for name in LUCK]
    assert found(economy, 1e12) == set()


@pytest.mark.parametrize(
    ("hazard", "luck", "enters"), [(0.4, 0.39, 1), (0.4, 0.41, 0), (0.0, 0.0, 0)]
)
def test_they_need_the_chance_of_the_month(economy, hazard, luck, enters):
    economy.labs.entry_hazard, economy.labs.luck_entry = hazard, 0.9
    economy.labs.luck_entry[:, economy.labs.index["reflection"]] = luck
    assert len(found(economy, 1e12)) == enters


def test_who_has_left_does_not_come_back(economy):
    labs = economy.labs
    labs.closed[:, labs.index["reflection"]] = 1.0
    assert found_all(economy) == [{"thinking_machines"}, {"safe_superintelligence"}, set()]


def test_who_is_there_is_not_founded_again(economy):
    found_all(economy)
    cash = economy.labs.cash.copy()
    assert found(economy, 1e12) == set()
    assert economy.labs.cash.tolist() == cash.tolist()


# ---- what it begins with -------------------------------------------------------------------------


def test_the_market_buys_its_first_shares(economy):
    labs, market = economy.labs, economy.lab_funding
    shares = economy.capital.shares.copy()
    row = labs.index["safe_superintelligence"]
    assert found(economy, 1e9) == {"safe_superintelligence"}
    assert labs.cash[:, row].tolist() == labs.equity[:, row].tolist() == [1e9, 1e9]
    assert (economy.capital.shares - shares)[:, 0].tolist() == [1e9, 1e9]
    edge = market.target == row
    assert market.cost[:, edge].tolist() == [[1e9], [1e9]]
    assert (market.stake[:, edge] == labs.max_dilution[:, [row]]).all()
    assert not labs.debt[:, row].any() and not labs.payables[:, row].any()


def test_it_brings_staff_and_a_part_of_the_best_software_that_can_be_copied(economy):
    labs = economy.labs
    found_all(economy)
    for world in BASELINE.world.of("labs"):
        if world.name in DORMANT:
            row = labs.index[world.name]
            assert (labs.staff[:, row] == world.initial["staff"].single).all()
            best = labs.best_past[:, row]
            share = world.initial["software"].single
            np.testing.assert_allclose(labs.software[:, row], share * best)
            assert (labs.software[:, row] < labs.software.max()).all()
            assert (labs.compute_wanted[:, row] > 0.0).all()
            assert (labs.hour_price[:, row] > 0.5).all()
    assert (economy.models.alive == np.tile(labs.alive, len(SLOTS))).all()


# ---- over a run ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lives():
    """Months of labs that enter as soon as there is money: what they sell, month by month."""
    economy = open_economy(replace(BASELINE, set={"labs.entry_hazard": 1.0}), 1, [0, 1])
    record = Record(economy, ("metrics",))
    rows = [economy.labs.index[name] for name in DORMANT]
    seen = []
    for _ in range(BASELINE.months):
        engine.month(economy, record)
        tokens, labs = economy.tokens, economy.labs
        mine = np.isin(tokens.source, rows)
        seen.append(
            {
                "alive": labs.alive[:, rows].copy(),
                "on sale": economy.of_slot("on_sale", "flagship")[:, rows].copy(),
                "released": labs.released[:, rows].copy(),
                "revenue": labs.revenue[:, rows].copy(),
                "share": tokens.to_source(tokens.share)[:, rows].copy(),
                "tokens": total(np.where(mine, tokens.units, 0.0)),
                "hours": labs.compute_used[:, rows].copy(),
                "run": economy.of_slot("training_flop", "training")[:, rows].copy(),
            }
        )
    return economy, seen


def test_a_new_lab_sells_nothing_before_its_first_release(lives):
    _, seen = lives
    waiting = selling = 0
    for month in seen:
        mute = month["alive"] & (month["on sale"] == 0.0)
        waiting += mute.sum()
        for figure in ("revenue", "share"):
            assert not month[figure][mute].any()
            assert not month[figure][~month["alive"]].any()
        if not month["on sale"].any():
            assert not month["tokens"].any()
        selling += (month["share"] > 0.0).sum()
    assert waiting > 6 and selling > 6


def test_it_trains_before_it_sells(lives):
    """It buys hours and its run grows until the release that puts it on sale."""
    _, seen = lives
    for place in range(len(DORMANT)):
        for run in range(2):
            path = [(m["alive"], m["on sale"], m["released"], m["run"]) for m in seen]
            alive, on_sale, released, flop = (
                np.array([part[i][run, place] for part in path]) for i in range(4)
            )
            if not alive.any():
                continue
            entered = alive.argmax()
            first = on_sale.argmax() if on_sale.any() else len(seen)
            assert entered < first
            assert (np.diff(flop[entered:first]) >= 0.0).all()
            if on_sale.any():
                assert released[first] == 1.0 and flop[first - 1] > 0.0


def test_everybody_enters_in_the_end(lives):
    """A month's money for labs covers every first round."""
    _, seen = lives
    assert seen[-1]["alive"].all()


# ---- its first customers -------------------------------------------------------------------------


def begin_selling(economy, name):
    """Put a founded lab's first model on sale; it is the only one that is new."""
    labs = economy.labs
    row = labs.index[name]
    for slot in ("flagship", "small"):
        economy.of_slot("on_sale", slot)[:, row] = 1.0
        economy.of_slot("price", slot)[:, row] = economy.of_slot("price", slot)[:, 0]
    perceive_labs.offers(economy)
    first = np.zeros_like(labs.cash)
    first[:, row] = 1.0
    entry.welcome(economy, first)
    return row


def shares_of_standing(economy):
    tokens = economy.tokens
    sells = (tokens.open_edges() > 0.0) & (tokens.weight > 0.0)
    sells &= tokens.from_source(economy.of_slot("on_sale", "flagship")) > 0.0
    standing = np.where(sells, tokens.log_odds, -np.inf)
    return choice(standing, tokens.target, len(economy.customers)), sells


@pytest.mark.parametrize("share", [0.003, 0.2])
def test_it_begins_with_its_share_of_every_cohort_that_can_buy_from_it(economy, share):
    economy.labs.entrant_share = share
    found_all(economy)
    before, sold = shares_of_standing(economy)
    row = begin_selling(economy, "reflection")
    after, sells = shares_of_standing(economy)
    tokens = economy.tokens
    mine = tokens.source == row
    assert sells[:, mine].all() and mine.sum() > 20
    np.testing.assert_allclose(after[:, mine], share)
    # All others keep their proportions: each has what it had of the rest.
    new = tokens.from_target(tokens.to_target(np.where(mine, 1.0, 0.0) * np.ones_like(after))) > 0.0
    others = sold & new
    np.testing.assert_allclose(after[others], (1.0 - share) * before[others])
    untouched = sold & ~new
    np.testing.assert_array_equal(after[untouched], before[untouched])


@pytest.mark.parametrize("better", [0.0, 2.0])
def test_what_its_offer_does_not_explain_of_that_is_appeal(economy, better):
    """Nobody knows it: the better its model, the more its small share has to be held against it."""
    found_all(economy)
    row = economy.labs.index["reflection"]
    economy.of_slot("capability", "flagship")[:, row] += better
    begin_selling(economy, "reflection")
    tokens = economy.tokens
    mine = tokens.source == row
    by_offer = tokens.decide(Customer.prefer, by_target=True)
    np.testing.assert_allclose((by_offer + tokens.appeal)[:, mine], tokens.log_odds[:, mine])
    assert (tokens.appeal[:, mine] < 0.0).all()
    share, _ = shares_of_standing(economy)
    np.testing.assert_allclose(share[:, mine], economy.labs.entrant_share[0, row])


# ---- before it enters ----------------------------------------------------------------------------


def without_the_dormant():
    world = BASELINE.world
    agents = tuple(a for a in world.agents if not a.dormant)
    edges = tuple(
        e
        for e in world.edges
        if not (e.relation == "tokens" and e.source in DORMANT)
        and not (e.relation in ("lease", "gulf_labs", "ownership") and e.target in DORMANT)
    )
    return replace(BASELINE, world=replace(world, agents=agents, edges=edges))


def test_a_dormant_row_changes_no_bit_of_anyone_else_before_it_enters():
    """Every column of every agent that both worlds have, month by month until the first entry."""
    with_them = open_economy(BASELINE, 1, [0, 1])
    alone = open_economy(without_the_dormant(), 1, [0, 1])
    records = [Record(e, ("metrics",)) for e in (with_them, alone)]
    months = 0
    while with_them.month < BASELINE.months:
        for economy, record in zip((with_them, alone), records, strict=True):
            engine.month(economy, record)
        if with_them.labs.alive.sum() > alone.labs.alive.sum():
            break
        months += 1
        for name, population in alone.populations.items():
            twin = with_them.populations[name]
            rows = [twin.index[agent] for agent in population.names]
            for column, values in population.columns.items():
                ours = np.ascontiguousarray(twin.columns[column][:, rows])
                assert ours.tobytes() == values.tobytes(), (name, column, economy.month)
    assert months >= 3
