"""AI models: what benchmarks say of them, by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs.ai_model import AIModel

TESTED = {"score_start": 0.25, "score_slope": 2.0, "capability": 0.0, "inflation": 0.0}


@pytest.mark.parametrize(
    ("change", "score"),
    [
        ({}, 0.25),
        ({"capability": math.log(3.0) / 2.0}, 0.5),  # odds of 1 to 3, times 3
        ({"capability": math.log(9.0) / 2.0}, 0.75),
        ({"inflation": math.log(3.0) / 2.0}, 0.5),  # benchmarks cannot tell which it is
        ({"capability": math.log(3.0), "inflation": -math.log(3.0) / 2.0}, 0.5),
        ({"capability": 1e9}, 1.0),
        ({"capability": -1e9}, 0.0),
        ({"score_slope": 0.0, "capability": 9.0}, 0.25),
    ],
)
def test_the_score_is_logistic_in_measured_capability(agent_of, change, score):
    assert agent_of(AIModel, **{**TESTED, **change}).score() == pytest.approx(score)


@given(capability=st.floats(-9.0, 9.0), more=st.floats(0.0, 9.0))
def test_better_models_never_score_less(agent_of, capability, more):
    before, after = (
        agent_of(AIModel, **{**TESTED, "capability": c}).score()
        for c in (capability, capability + more)
    )
    assert 0.0 < before <= after < 1.0
