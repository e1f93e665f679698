"""Ideas of a lab: research input, finding and copying, paradigms and people who move, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.lab import FrontierLab

# ---- who does research ---------------------------------------------------------------------------

WORK = {
    "automation_max": 0.8,
    "automation_start": 0.5,
    "automation_slope": 2.0,
    "offer_capability": 0.0,
    "staff": 6.0,
    "agent_hours": 10.0,
    "worker_hours": 5.0,
}


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({}, 0.4),
        ({"offer_capability": math.log(3.0) / 2.0}, 0.6),  # odds of 3 to 1
        ({"offer_capability": -math.log(3.0) / 2.0}, 0.2),
        ({"automation_start": 0.25}, 0.2),
        ({"automation_slope": 0.0, "offer_capability": 9.0}, 0.4),
        ({"offer_capability": 1e9}, 0.8),
        ({"offer_capability": -1e9}, 0.0),
        ({"automation_max": 0.0}, 0.0),
    ],
)
def test_the_share_that_models_can_do_is_logistic_in_capability(agent_of, change, share):
    assert agent_of(FrontierLab, **{**WORK, **change}).automatable() == pytest.approx(share)


@pytest.mark.parametrize(
    ("change", "room"),
    [
        ({}, 4.0),  # 6 people do 0.6 of the work of 10
        ({"offer_capability": math.log(3.0) / 2.0}, 9.0),
        ({"staff": 0.0}, 0.0),
        ({"offer_capability": -1e9}, 0.0),
    ],
)
def test_people_do_what_models_cannot(agent_of, change, room):
    assert agent_of(FrontierLab, **{**WORK, **change}).room_for_agents() == pytest.approx(room)


@pytest.mark.parametrize(
    ("change", "labour"),
    [
        ({}, 8.0),  # 10 hours at 5 a month are 2
        ({"agent_hours": 20.0}, 10.0),
        ({"agent_hours": 1e6}, 10.0),  # no room for more
        ({"agent_hours": 0.0}, 6.0),
        ({"worker_hours": 0.0}, 6.0),  # nothing to run them on
        ({"staff": 0.0}, 0.0),
    ],
)
def test_researchers_are_people_and_the_models_they_employ(agent_of, change, labour):
    assert agent_of(FrontierLab, **{**WORK, **change}).labour() == pytest.approx(labour)


# ---- ideas ---------------------------------------------------------------------------------------

IDEAS = {
    **WORK,
    "automation_max": 0.0,
    "software": 1.0,
    "ideas_get_harder": 0.5,
    "software_growth": 1.2,
    "software_growth_max": 9.0,
    "research_returns": 0.5,
    "compute_in_research": 0.6,
    "synthetic_in_research": 0.1,
    "experiment_hours": 90.0,
    "synthetic_hours": 10.0,
    "staff": 7.0,
    "reference_hours": 100.0,
    "reference_staff": 7.0,
}


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({}, 1.0),
        ({"experiment_hours": 180.0, "synthetic_hours": 20.0}, 2.0**0.6),
        ({"staff": 14.0}, 2.0**0.4),
        ({"experiment_hours": 180.0, "synthetic_hours": 20.0, "staff": 14.0}, 2.0),
        ({"experiment_hours": 180.0}, 2.0 ** (0.9 * 0.6)),
        ({"staff": 0.0}, 0.0),
        ({"experiment_hours": 0.0}, 0.0),
        # Four digital researchers beside seven people, 5 hours a month each.
        ({"automation_max": 0.8, "agent_hours": 20.0}, (11.0 / 7.0) ** 0.4),
    ],
)
def test_research_input_is_a_product_of_powers_that_doubles_with_all_inputs(
    agent_of, change, factor
):
    lab = agent_of(FrontierLab, **{**IDEAS, **change})
    found = lab.research_input(lab.experiment_hours, lab.synthetic_hours)
    assert found == pytest.approx(factor)


@pytest.mark.parametrize(
    ("change", "growth"),
    [
        ({}, 0.1),
        ({"software": 4.0}, 0.05),  # harder by the square root
        ({"software": 0.25}, 0.2),
        ({"staff": 28.0, "experiment_hours": 360.0, "synthetic_hours": 40.0}, 0.2),  # 4^0.5
        ({"software_growth_max": 0.03}, 0.03),  # experiments are serial
        ({"ideas_get_harder": 0.0, "software": 1e6}, 0.1),
    ],
)
def test_ideas_grow_by_the_law_of_jones_up_to_a_cap(agent_of, change, growth):
    assert agent_of(FrontierLab, **{**IDEAS, **change}).idea_growth() == pytest.approx(growth)


IMPROVE = {
    **IDEAS,
    "cost_effort": 0.3,
    "reference_effort": 0.3,
    "best_past": 1.0,
    "spillover_rate": 0.2,
    "idea_volatility": 0.4,
    "luck_ideas": 0.2,  # half the volatility: the month in which luck is worth 1
}


@pytest.mark.parametrize(
    ("change", "growth"),
    [
        ({}, 0.1),
        ({"best_past": math.e}, 0.1 + 0.2),  # a fifth of the gap
        ({"best_past": 0.01}, 0.1),  # nobody unlearns
        ({"best_past": 0.0}, 0.1),
        ({"spillover_rate": 0.0, "best_past": 9.0}, 0.1),
        ({"cost_effort": 0.65}, 0.1 * 0.5**0.3),  # half the effort, to the power 0.5 x 0.6
        ({"reference_effort": 1.0}, 0.0),
        ({"luck_ideas": 1.2}, 0.1 * math.exp(0.4)),
        ({"luck_ideas": -99.0}, 0.0),  # luck spoils a month, it never undoes one
        ({"luck_ideas": 3.0, "idea_volatility": 0.0}, 0.1),
    ],
)
def test_software_grows_by_own_ideas_and_copying(agent_of, change, growth):
    after = agent_of(FrontierLab, **{**IMPROVE, **change}).improve_software()
    assert after == pytest.approx(math.exp(growth))


@given(own=st.floats(0.01, 100.0), best=st.floats(0.0, 100.0), rate=st.floats(0.0, 1.0))
def test_copying_alone_closes_the_gap_and_never_passes_the_best(agent_of, own, best, rate):
    change = {"software": own, "best_past": best, "spillover_rate": rate, "software_growth": 0.0}
    after = agent_of(FrontierLab, **{**IMPROVE, **change}).improve_software()
    assert own * (1 - 1e-12) <= after <= max(own, best) * (1 + 1e-12)


def test_luck_is_fair(agent_of):
    """Over standard normal luck, ideas grow by as much as without it on average."""
    luck = np.random.default_rng(1).standard_normal(20_000)
    labs = agent_of(FrontierLab, **{**IMPROVE, "luck_ideas": luck.tolist()})
    assert np.log(labs.improve_software()).mean() == pytest.approx(0.1, rel=0.02)


# ---- paradigms -----------------------------------------------------------------------------------

JUMP = {
    "jump_rate": 0.1,
    "jump_gain": 3.0,
    "research_share": 2.0,
    "luck_jump": 0.19,
    "luck_gain": math.exp(-1.0),
    "breakthrough": 1.0,
}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, math.log(3.0)),
        ({"luck_gain": math.exp(-2.0)}, 2.0 * math.log(3.0)),  # large ones are rare
        ({"luck_gain": 1.0}, 0.0),
        ({"luck_gain": 0.0}, 12.0 * math.log(10.0) * math.log(3.0)),  # and finite
        ({"luck_jump": 0.21}, 0.0),
        ({"research_share": 2.2, "luck_jump": 0.21}, math.log(3.0)),  # more research, more luck
        ({"research_share": 0.0, "luck_jump": 0.0}, 0.0),
        ({"luck_jump": 0.21, "breakthrough": 5.0}, math.log(5.0)),  # decreed
        ({"breakthrough": 5.0}, math.log(15.0)),
    ],
)
def test_a_jump_is_found_by_luck_and_research(agent_of, change, found):
    assert agent_of(FrontierLab, **{**JUMP, **change}).discover() == pytest.approx(found)


def test_jumps_bring_their_gain_on_average_and_few_bring_most(agent_of):
    luck = (np.arange(20_000) + 0.5) / 20_000
    found = agent_of(FrontierLab, **{**JUMP, "luck_gain": luck.tolist()}).discover()
    assert found.mean() == pytest.approx(math.log(3.0), rel=0.01)
    largest = np.sort(found)[-4_000:]
    assert largest.sum() == pytest.approx(0.2 * (1.0 + math.log(5.0)) * found.sum(), rel=0.01)


@pytest.mark.parametrize(("luck", "months"), [(0.0, 3.0), (0.25, 6.0), (1.0, 15.0)])
def test_others_need_their_time(agent_of, luck, months):
    lab = agent_of(FrontierLab, jump_lag_min=3.0, jump_lag_max=15.0, luck_lag=luck)
    assert lab.replication_time() == months


@pytest.mark.parametrize(("public", "level"), [(0.0, 0.7), (0.7, 0.7), (1.1, 1.1)])
def test_who_has_less_than_all_can_replicate_has_that(agent_of, public, level):
    assert agent_of(FrontierLab, paradigm=0.7, public_paradigm=public).replicate() == level


def test_training_efficiency_is_software_times_paradigms(agent_of):
    lab = agent_of(FrontierLab, software=2.0, paradigm=math.log(3.0))
    assert lab.efficiency() == pytest.approx(6.0)


# ---- people who move -----------------------------------------------------------------------------

PEOPLE = {
    "staff": 100.0,
    "staff_wanted": 110.0,
    "staff_turnover": 0.02,
    "pay_standing": 4.0,
    "pay_pull": 0.5,
}


@pytest.mark.parametrize(
    ("change", "leavers", "vacancies", "attraction"),
    [
        ({}, 2.0, 12.0, 24.0),
        ({"staff_wanted": 90.0}, 2.0, 2.0, 4.0),  # the places of those who look around
        ({"staff_turnover": 0.0}, 0.0, 10.0, 20.0),
        ({"pay_pull": 0.0}, 2.0, 12.0, 12.0),
        ({"pay_standing": 0.25}, 2.0, 12.0, 6.0),
        ({"pay_standing": 1.0}, 2.0, 12.0, 12.0),
        ({"staff": 0.0}, 0.0, 110.0, 220.0),
        ({"staff": 0.0, "staff_wanted": 0.0}, 0.0, 0.0, 0.0),
    ],
)
def test_people_look_for_places_that_are_free_and_paid(
    agent_of, change, leavers, vacancies, attraction
):
    lab = agent_of(FrontierLab, **{**PEOPLE, **change})
    assert lab.leavers() == pytest.approx(leavers)
    assert lab.vacancies() == pytest.approx(vacancies)
    assert lab.attraction() == pytest.approx(attraction)
