"""The yearly fall of a price, by hand."""

import numpy as np
import pytest

from experiments.studies.questions.fixed_capability_price import fall_a_year
from experiments.studies.study import Case, CaseRuns


def test_a_hundredth_in_two_years_is_a_tenth_a_year():
    months = np.arange(36)
    price = np.power(100.0, -months / 24.0)[None]
    outcome = CaseRuns(Case().load(), {}, {}, {}, np.zeros((1, 36, 0)))
    assert fall_a_year(price, outcome, ("2025-03", "2027-03")) == pytest.approx([10.0])
