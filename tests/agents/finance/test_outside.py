"""The rest of the economy: the tasks it makes for training, by hand."""

import math

import pytest

from agents.finance.outside import Outside

MAKERS = {
    "task_output": 1000.0,
    "task_output_growth": 1.2,
    "task_quality_start": 0.8,
    "task_quality_fall": 0.5,
}


@pytest.mark.parametrize(
    ("made", "change", "quality"),
    [
        (0.0, {}, 0.8),
        (1000.0, {}, 0.8),
        (4000.0, {}, 0.4),  # four times as many as can be made well: half as good
        (4000.0, {"task_quality_fall": 0.0}, 0.8),
        (4000.0, {"task_quality_fall": 1.0}, 0.2),
        (4000.0, {"task_output": 4000.0}, 0.8),
    ],
)
def test_tasks_beyond_what_can_be_made_well_are_worse(agent_of, made, change, quality):
    rest = agent_of(Outside, **{**MAKERS, **change}, tasks_made=made)
    assert rest.make_tasks() == pytest.approx(quality)


def test_good_tasks_grow_by_the_year(agent_of):
    assert agent_of(Outside, **MAKERS).grow_task_output() == pytest.approx(1000.0 * math.exp(0.1))
