"""Teaching: who is asked, what is served and paid, and what students keep of it."""

from dataclasses import replace

import numpy as np
import pytest

from agents.framework.columns import ratio
from agents.labs.lab import Lab
from sim import engine
from sim.base.numerics.kernels import total
from sim.config.scenario.loader import load_scenario
from sim.month.labs import releases
from sim.month.markets import lessons, tokens
from sim.month.perceive import labs as perceive_labs
from sim.opening.opening import open_economy
from sim.results.record import Record

BASELINE = load_scenario("baseline", months=12)
FULL = 1e11
"""Tokens of a full lesson, learned in four months at least."""


@pytest.fixture
def economy():
    """The eve, with one teacher: OpenAI sells outputs at 1.5 times 10 USD for a flagship that is
    one OOM ahead and 2 USD for a small model, a quarter of the flagship. Compute-poor labs have
    learned nothing yet."""
    made = open_economy(BASELINE, 1, [0, 1])
    made.ledger.begin_month("test")
    labs = made.labs
    labs.teaching_open = 0.0
    row = labs.index["openai"]
    labs.teaching_open[:, row], labs.flagship_access[:, row] = 1.0, 0.25
    labs.teaching_markup[:, row] = 1.5
    for slot, capability, price in (("flagship", 1.0, 10.0), ("small", 0.6, 2.0)):
        made.of_slot("capability", slot)[:, row] = capability
        made.of_slot("price", slot)[:, row] = price
    labs.lesson_tokens, labs.run_min_months = FULL, 4.0
    labs.lessons = labs.taught_by = labs.taught_size = 0.0
    labs.distillation_gain[:, poor(made)] = 4.0
    perceive_labs.offers(made)
    return made


def poor(economy):
    return np.array([group == "compute_poor" for group in economy.labs.group_of])


def edge(economy, teacher, student):
    """The edge by which one lab learns from another."""
    source, target = economy.labs.index[teacher], economy.labs.index[student]
    relation = economy.teaching
    return np.flatnonzero((relation.source == source) & (relation.target == target))[0]


def everything(economy):
    return np.ones(economy.teaching.units.shape)


# ---- who is asked --------------------------------------------------------------------------------


def test_a_quarter_of_a_lesson_is_asked_a_month_of_the_lab_that_sells(economy):
    asked = lessons.ask(economy)
    at = edge(economy, "openai", "deepseek")
    assert asked[:, at].tolist() == [FULL / 4.0, FULL / 4.0]
    others = economy.teaching.source != economy.labs.index["openai"]
    assert not asked[:, others].any()
    np.testing.assert_allclose(economy.labs.teacher_capability[0, 5], 0.7)
    np.testing.assert_allclose(economy.labs.lesson_price[0, 5], 6.0)


@pytest.mark.parametrize(("policy", "part"), [(0.5, 0.5), (0.1, 0.1), (1.0, 1.0)])
def test_a_throttle_lets_its_part_through(economy, policy, part):
    free = lessons.ask(economy)
    economy.labs.teaching_open[:, economy.labs.index["openai"]] = policy
    np.testing.assert_allclose(lessons.ask(economy), part * free, atol=1.0)
    assert free.any()


def test_who_refuses_sells_nothing_on_any_edge(economy):
    economy.labs.teaching_open = 0.0
    assert not lessons.ask(economy).any()
    assert (economy.labs.teacher_capability == perceive_labs.NOTHING).all()


def test_students_turn_to_the_next_when_the_best_refuses(economy):
    """Two that are as good are asked alike; with one that refuses, all is asked of the other."""
    labs = economy.labs
    both = [labs.index[name] for name in ("anthropic", "google_deepmind")]
    for slot in ("flagship", "small"):
        economy.of_slot("capability", slot)[:, both] = 0.7
    perceive_labs.offers(economy)
    labs.teaching_open[:, both] = 1.0
    first, second = (edge(economy, name, "deepseek") for name in ("anthropic", "google_deepmind"))
    asked = lessons.ask(economy)
    np.testing.assert_allclose(asked[:, first], FULL / 12.0, atol=1.0)  # OpenAI's outputs are 0.7
    np.testing.assert_array_equal(asked[:, first], asked[:, second])
    labs.teaching_open[:, both[0]] = labs.teaching_open[:, labs.index["openai"]] = 0.0
    asked = lessons.ask(economy)
    assert not asked[:, first].any()
    np.testing.assert_allclose(asked[:, second], FULL / 4.0, atol=1.0)


def test_nobody_learns_from_the_dead_or_from_who_has_nothing_on_sale(economy):
    row = economy.labs.index["openai"]
    economy.of_slot("on_sale", "flagship")[0, row] = 0.0
    economy.labs.alive[1, row] = False
    assert not lessons.ask(economy).any()


# ---- what is paid --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [1.0, 0.5, 0.0])
def test_students_pay_the_teachers_price_for_what_is_served(economy, part):
    """25 billion tokens at 6 USD a million: 150,000 USD out of research, and in its revenue."""
    labs = economy.labs
    cash, spent, earned = labs.cash.copy(), labs.research_cost.copy(), labs.revenue.copy()
    asked = lessons.ask(economy)
    lessons.deliver(economy, asked, part * everything(economy))
    at, student = edge(economy, "openai", "deepseek"), labs.index["deepseek"]
    teacher = labs.index["openai"]
    assert economy.teaching.units[:, at].tolist() == [part * FULL / 4.0] * 2
    assert economy.teaching.usd[:, at].tolist() == [part * 150_000.0] * 2
    assert (cash - labs.cash)[:, student].tolist() == [part * 150_000.0] * 2
    assert (labs.research_cost - spent)[:, student].tolist() == [part * 150_000.0] * 2
    sold = total(economy.teaching.usd)
    assert (labs.cash - cash)[:, teacher].tolist() == sold.tolist()
    assert (labs.revenue - earned)[:, teacher].tolist() == sold.tolist()
    assert total(labs.cash).tolist() == total(cash).tolist()
    assert labs.lessons_bought[:, student].tolist() == [part * FULL / 4.0] * 2
    assert not economy.ledger.check().any()


# ---- what is served ------------------------------------------------------------------------------


def served(economy, lessons, hours=1e12):
    """Tokens by model, need and FLOP of serving after a market with so many lessons."""
    economy.labs.inference_hours = hours
    tokens.serve(economy, tokens.want(economy), lessons)
    return (
        economy.models.tokens.copy(),
        economy.labs.serving_need.copy(),
        economy.labs.inference_flop.copy(),
    )


def test_lessons_are_tokens_of_the_teacher_and_take_its_hours(economy):
    """A quarter of them on its flagship; hours, FLOP and tokens rise by those and by no others."""
    asked = lessons.ask(economy)
    row = economy.labs.index["openai"]
    before = served(economy, np.zeros_like(asked))
    after = served(economy, asked)
    models, need, flop = (b - a for a, b in zip(before, after, strict=True))
    sold = economy.teaching.to_source(asked)
    big, little = (economy.of_slot("flop_per_token", slot) for slot in ("flagship", "small"))
    wanted = np.zeros_like(need)
    wanted[:, row] = (sold * (0.25 * big + 0.75 * little))[:, row]
    np.testing.assert_allclose(models[:, economy.slots["flagship"]], 0.25 * sold, atol=20.0)
    np.testing.assert_allclose(models[:, economy.slots["small"]], 0.75 * sold, atol=20.0)
    np.testing.assert_allclose(flop, wanted, rtol=1e-6, atol=1e15)
    per_hour = economy.labs.decide(Lab.flop_per_hour)
    np.testing.assert_allclose(need, ratio(wanted, per_hour), rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(total(economy.teaching.units), total(sold))


def test_when_hours_are_short_lessons_are_cut_like_what_customers_pay_for(economy):
    asked = lessons.ask(economy)
    paid, _, _ = tokens.flop_wanted(economy, tokens.want(economy))
    paid = paid + tokens.flop_of_lessons(economy, asked)
    served(economy, asked, ratio(0.4 * paid, economy.labs.decide(Lab.flop_per_hour)))
    np.testing.assert_allclose(economy.teaching.units, 0.4 * asked, rtol=1e-6, atol=1.0)


# ---- what students keep --------------------------------------------------------------------------


def test_lessons_add_up_and_teachers_are_their_mean(economy):
    labs = economy.labs
    labs.lessons, labs.taught_by, labs.taught_size = 3e10, 1.0, 2e11
    lessons.keep(economy, labs.lessons / 3.0, 0.0 * labs.cash + 2.0, 0.0 * labs.cash + 6e11)
    assert (labs.lessons == 4e10).all()
    np.testing.assert_allclose(labs.taught_by, 1.25)
    np.testing.assert_allclose(labs.taught_size, 3e11)
    lessons.keep(economy, 0.0 * labs.cash, 0.0 * labs.cash - 99.0, 0.0 * labs.cash)
    np.testing.assert_allclose(labs.taught_by, 1.25)  # a month without lessons leaves all


def test_students_of_two_teachers_learn_from_their_mean(economy):
    """Three parts of outputs of 0.7 from one, one part of 0.3 from another."""
    units = np.zeros_like(economy.teaching.units)
    units[:, edge(economy, "openai", "deepseek")] = 3e9
    units[:, edge(economy, "xai", "deepseek")] = 1e9
    for slot in ("flagship", "small"):
        economy.of_slot("capability", slot)[:, economy.labs.index["xai"]] = 0.3
    perceive_labs.offers(economy)
    capability, size = lessons.teachers(economy, units)
    row = economy.labs.index["deepseek"]
    np.testing.assert_allclose(capability[:, row], 0.6)
    big, little = (economy.of_slot("flop_per_token", slot) for slot in ("flagship", "small"))
    mixed = little + economy.labs.flagship_access * (big - little)
    first, second = (mixed[:, economy.labs.index[name]] for name in ("openai", "xai"))
    np.testing.assert_allclose(size[:, row], 0.75 * first + 0.25 * second)
    assert not np.delete(capability, row, axis=1).any()


def test_open_models_teach_for_nothing_within_the_hours_for_synthetic_data(economy):
    """Nobody sells, one model is open and ahead: students make its outputs themselves."""
    labs = economy.labs
    labs.teaching_open = 0.0
    economy.of_slot("training_flop", "training")[:] = 1e24
    economy.of_slot("open_weights", "flagship")[:, labs.index["openai"]] = 1.0
    releases.publish(economy)
    perceive_labs.runs(economy)
    row, size = labs.index["deepseek"], economy.of_slot("flop_per_token", "flagship")
    possible = labs.synthetic_hours * labs.decide(Lab.flop_per_hour) / size[:, [0]]
    assert (possible[:, row] > FULL / 4.0).all()
    labs.synthetic_hours[1, row] *= 1e10 / possible[1, row]
    cash = labs.cash.copy()
    lessons.deliver(economy, lessons.ask(economy), everything(economy))
    np.testing.assert_allclose(labs.lessons[:, row], [FULL / 4.0, 1e10])
    np.testing.assert_allclose(labs.taught_by[:, row], 1.0)
    np.testing.assert_allclose(labs.taught_size[:, row], size[:, labs.index["openai"]])
    assert (labs.cash == cash).all() and not labs.lessons_bought.any()
    assert not labs.lessons[:, labs.index["openai"]].any()


@pytest.mark.parametrize("policy", [0.0, 1.0])
def test_months_of_teaching_balance_and_months_of_refusal_have_no_flow(policy):
    """Every month checks what is conserved."""
    economy = open_economy(replace(BASELINE, set={"labs.teaching_open": policy}), 1, [0])
    record = Record(economy, ("metrics",))
    sold = 0.0
    for _ in range(4):
        engine.month(economy, record)
        sold += economy.teaching.units.sum() + economy.teaching.usd.sum()
    assert sold > 0.0 if policy else sold == 0.0
