"""The memory of the frontier: lag against an oracle, the chained price of fixed capability."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents.labs.lab import Lab
from sim.config.scenario.loader import load_scenario
from sim.economy.frontier import YEAR
from sim.month.labs import releases
from sim.month.labs.frontier import note_frontier
from sim.month.perceive import labs as perceive_labs
from sim.opening.opening import open_economy

BASELINE = load_scenario("baseline", months=48)
OPENED = open_economy(BASELINE, 1, [0])
PAST = np.array(BASELINE.world.history["frontier_capability"].value)


@pytest.fixture
def economy():
    return open_economy(BASELINE, 1, [0])


def sell(economy, **capability):
    """Only these labs have a model to speak of."""
    economy.of_slot("capability", "flagship")[:] = -90.0
    for name, value in capability.items():
        economy.of_slot("capability", "flagship")[:, economy.labs.index[name]] = value
    perceive_labs.offers(economy)


def note(economy, month):
    economy.month = month
    note_frontier(economy)


def oracle(lead, follower):
    """The first moment, on a fine grid, at which a line through the leader's months has it."""
    months = np.arange(len(lead))
    grid = np.linspace(-1.0, months[-1], 400 * len(lead) + 1)
    had = np.interp(grid, months, lead) >= follower
    return months[-1] - grid[had.argmax()]


@settings(max_examples=40)
@given(
    steps=st.lists(st.floats(0.0, 0.5), min_size=1, max_size=24),
    behind=st.floats(0.0, 1.0),
)
def test_the_lag_is_the_time_since_the_leader_had_it(steps, behind):
    """Whatever path the leader takes, and wherever on it the follower stands."""
    lead = np.concatenate([PAST, PAST[-1] + np.cumsum(steps)])
    follower = lead[-1] - behind * (lead[-1] - PAST[0])
    assume(np.abs(lead - follower).min() > 1e-6)  # the edges of a level are tested by hand
    for month in range(len(steps)):
        level = lead[len(PAST) + month]
        sell(OPENED, openai=level, deepseek=min(follower, level))
        note(OPENED, month)
    found = OPENED.frontier.lag_months[0]
    assert found == pytest.approx(oracle(lead, follower), abs=0.01)
    np.testing.assert_allclose(OPENED.frontier.lead[0, : len(lead)], lead)


@pytest.mark.parametrize(
    ("follower", "lag"),
    [
        (PAST[-1], 1.0),  # what led on the eve, a month before
        ((PAST[-1] + PAST[-2]) / 2.0, 1.5),
        (PAST[-13], 13.0),
        (5.0, 0.0),  # level with the leader, whose jump came within the month
        (9.0, 0.0),  # a follower that leads is not behind
    ],
)
def test_the_lag_by_hand(economy, follower, lag):
    sell(economy, openai=5.0, deepseek=follower)
    note(economy, 0)
    assert economy.frontier.lag_months[0] == pytest.approx(lag, abs=1e-9)
    assert economy.frontier.follower_capability[0] == follower


def test_the_lag_of_who_is_below_all_history_counts_from_its_start(economy):
    sell(economy, openai=5.0, deepseek=-80.0)
    note(economy, 0)
    assert economy.frontier.lag_months[0] == len(PAST)


def test_the_best_follower_counts_and_only_poor_labs_follow(economy):
    sell(economy, openai=5.0, anthropic=4.9, deepseek=0.5, mistral=1.0)
    note(economy, 0)
    assert economy.frontier.follower_capability[0] == 1.0


def test_without_followers_there_is_no_lag(economy):
    poor = [name == "compute_poor" for name in economy.labs.group_of]
    economy.labs.alive[:, poor] = False
    sell(economy, openai=5.0, deepseek=9.0)
    note(economy, 0)
    assert economy.frontier.lag_months[0] == 0.0
    assert economy.frontier.follower_capability[0] == 5.0
    assert economy.frontier.lead[0, len(PAST)] == 5.0  # the dead lead nobody


@pytest.mark.parametrize(
    ("of_deepseek", "of_mistral", "lag"),
    [
        ("both", "none", 13.0),
        ("both", "both", 1.0),  # the best of what is open
        ("both", "small", 13.0),
        ("small", "none", 14.0),
    ],
)
def test_open_models_lag_by_the_best_of_them(economy, of_deepseek, of_mistral, lag):
    """Two flagships with what led 13 months and a month ago, small models with what led before."""
    sell(economy, openai=5.0, deepseek=PAST[-13], mistral=PAST[-1])
    for slot in ("flagship", "small"):
        economy.of_slot("open_weights", slot)[:] = 0.0
    economy.of_slot("on_sale", "published")[:] = 0.0
    for name, is_open, small in (
        ("deepseek", of_deepseek, PAST[-14]),
        ("mistral", of_mistral, PAST[-20]),
    ):
        row = economy.labs.index[name]
        economy.of_slot("capability", "small")[:, row] = small
        economy.of_slot("open_weights", "flagship")[:, row] = is_open == "both"
        economy.of_slot("open_weights", "small")[:, row] = is_open != "none"
    releases.publish(economy)
    note(economy, 0)
    assert economy.frontier.open_lag_months[0] == pytest.approx(lag, abs=1e-9)


def test_without_open_models_there_is_no_such_lag(economy):
    for slot in ("flagship", "small"):
        economy.of_slot("open_weights", slot)[:] = 0.0
    economy.of_slot("on_sale", "published")[:] = 0.0
    releases.publish(economy)
    note(economy, 0)
    assert np.isnan(economy.frontier.open_lag_months[0])


def test_weights_once_public_stay_so_whatever_their_lab_does_next(economy):
    """A lab that opened a model sells a closed one, then leaves: the open one is still there."""
    labs = economy.labs
    sell(economy, openai=5.0, mistral=PAST[-1])
    economy.of_slot("on_sale", "published")[:] = 0.0
    for slot in ("flagship", "small"):
        economy.of_slot("open_weights", slot)[:] = 0.0
    row = labs.index["mistral"]
    economy.of_slot("open_weights", "flagship")[:, row] = 1.0
    releases.publish(economy)
    economy.of_slot("open_weights", "flagship")[:, row] = 0.0
    economy.of_slot("capability", "flagship")[:, row] = 4.0
    releases.publish(economy)
    labs.alive[:, row] = False
    note(economy, 0)
    assert economy.frontier.open_lag_months[0] == pytest.approx(1.0, abs=1e-9)


# ---- the price of fixed capability ---------------------------------------------------------------


def cheapest(economy, capability):
    """The cheapest price of a capability by hand: price x size for less, over labs that have it."""
    found = []
    for row in np.flatnonzero(economy.labs.alive[0]).tolist():
        lab = economy.labs.members[row].kind.over(economy.labs, row, 0)
        if lab.offer_capability < capability:
            continue
        gap = lab.offer_capability - capability
        training = 10.0 ** (-gap / lab.scale_elasticity) / lab.small_teaching
        found.append(lab.offer_price * training**lab.size_elasticity)
    return min(found, default=np.inf)


def test_on_the_eve_it_is_the_cheapest_price_of_what_led_a_year_before(economy):
    assert economy.frontier.fixed_price[0] == pytest.approx(cheapest(economy, PAST[-YEAR]))
    assert 0.0 < economy.frontier.fixed_price[0] < economy.labs.offer_price.max()


def test_it_falls_as_the_same_capability_gets_cheaper(economy):
    """Each month: times the price now of the yardstick over its price a month before; after every
    twelve months the yardstick is what led a year before."""
    expected = economy.frontier.fixed_price[0]
    capability = economy.labs.offer_capability.copy()
    yardstick = PAST[-YEAR]
    for month in range(30):
        last = cheapest(economy, yardstick)
        capability = capability + 0.1
        np.copyto(economy.of_slot("capability", "flagship"), capability)
        np.copyto(economy.of_slot("price", "flagship"), economy.of_slot("price", "flagship") * 0.98)
        perceive_labs.offers(economy)
        note(economy, month)
        expected *= cheapest(economy, yardstick) / last
        assert economy.frontier.fixed_price[0] == pytest.approx(expected)
        if month % YEAR == YEAR - 1:
            yardstick = economy.frontier.lead[0, len(PAST) + month + 1 - YEAR]
    assert expected < 0.02


def test_a_cheap_follower_is_counted_once_a_year(economy):
    """It reaches what led a year before, month by month, at a tenth of the leader's price. Only
    when the yardstick moves on does its coming count again."""
    capability = PAST[-1]
    falls = []
    for month in range(2 * YEAR + 1):
        capability += 0.1
        led = economy.frontier.lead[0, len(PAST) + month - YEAR]
        sell(economy, openai=capability, deepseek=led + 1e-6)
        price = economy.of_slot("price", "flagship")
        price[:, economy.labs.index["openai"]] = 10.0
        price[:, economy.labs.index["deepseek"]] = 1.0
        perceive_labs.offers(economy)
        before = economy.frontier.fixed_price[0]
        note(economy, month)
        if economy.frontier.fixed_price[0] < 0.5 * before:
            falls.append(month)
    assert falls == [YEAR, 2 * YEAR]  # on the eve others were as cheap


def test_moving_the_yardstick_alone_does_not_move_the_price(economy):
    """Nobody changes anything: what led a year ago becomes better month by month, the price of
    fixed capability stays."""
    before = economy.frontier.fixed_price.copy()
    for month in range(24):
        note(economy, month)
        np.testing.assert_allclose(economy.frontier.fixed_price, before)


def test_a_percentage_off_all_list_prices_is_a_percentage_off_it(economy):
    before = economy.frontier.fixed_price.copy()
    np.copyto(economy.of_slot("price", "flagship"), economy.of_slot("price", "flagship") * 0.9)
    perceive_labs.offers(economy)
    note(economy, 0)
    np.testing.assert_allclose(economy.frontier.fixed_price, before * 0.9)


def test_what_nobody_can_sell_leaves_the_price_as_it_was(economy):
    before = economy.frontier.fixed_price.copy()
    sell(economy)
    note(economy, 0)
    np.testing.assert_allclose(economy.frontier.fixed_price, before)
    assert np.isfinite(economy.frontier.fixed_price).all()


def test_size_for_less_is_asked_of_the_lab(economy):
    """The rule and the figure by hand agree on a capability that many labs sell."""
    labs = economy.labs
    labs.asked_capability = -1.0
    price = labs.decide(Lab.price_for_less)
    able = (labs.offer_capability >= -1.0) & labs.alive
    assert price[able].min() == pytest.approx(cheapest(economy, -1.0))
