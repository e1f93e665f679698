"""Which flagships were trained on less than the one before, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.studies.questions import training_size
from experiments.studies.study import Case, CaseRuns

PLACES = ("openai", "deepseek")


@pytest.fixture
def outcome():
    """OpenAI's flagship has 1e25 FLOP, then from August 2025 3e24, then from 2026 3e25."""
    months = 36
    flop = np.full((1, months, 2), 1e25)
    flop[0, 7:12, 0] = 3e24
    flop[0, 12:, 0] = 3e25
    released = np.zeros((1, months, 2))
    released[0, [0, 7, 12], 0] = 1.0
    slots = {("models", "training_flop"): flop, ("models", "post_training_flop"): 0.0 * flop}
    rows = {"labs": {"openai": "frontier", "deepseek": "compute_poor"}}
    scenario = SimpleNamespace(rows=rows, calendar=Case().load().calendar)
    names = {"labs": PLACES, "models": tuple(f"{lab}_flagship" for lab in PLACES)}
    return CaseRuns(scenario, {}, slots, names, released)


def test_growth_counts_where_a_frontier_lab_released(outcome):
    grown = training_size.growth_at_release(outcome)
    assert grown.shape == (1, 36, 1)
    assert np.flatnonzero(np.isfinite(grown)).tolist() == [7, 12]
    assert grown[0, [7, 12], 0] == pytest.approx([np.log10(0.3), 1.0])


def test_one_release_of_two_was_smaller(outcome, monkeypatch):
    monkeypatch.setattr(CaseRuns, "places", lambda self, population, *wanted: [0])
    assert training_size.smaller({"cheap": outcome}, "cheap")[0] == 0.5
    assert training_size.smallest({"cheap": outcome})[0] == pytest.approx(0.3)
