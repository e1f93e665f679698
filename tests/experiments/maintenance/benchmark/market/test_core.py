"""The market core: what it does in a month, and that every program gives the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.maintenance.benchmark.market import core, cpp
from experiments.maintenance.benchmark.market.core import (
    METRICS,
    TOLERANCE,
    Inputs,
    Program,
    Size,
    difference,
    draw,
)
from experiments.maintenance.benchmark.market.market import (
    AGENTPY,
    CPP,
    ENGINE,
    FAST,
    MESA,
    NUMPY,
    MarketCase,
    Workload,
    compared,
    programs,
)
from experiments.maintenance.benchmark.market.numpy_arrays import NumpyWorld

TINY = Size(40, 300)


@pytest.fixture(scope="module")
def known() -> dict[str, Program | str]:
    return programs()


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return draw(TINY, 3, 14)


@pytest.mark.parametrize("name", [MESA, AGENTPY, NUMPY, CPP, FAST, ENGINE])
def test_every_program_gives_the_same_numbers(
    name: str, known: dict[str, Program | str], inputs: Inputs
) -> None:
    program = known[name]
    if isinstance(program, str):
        pytest.skip(program)
    usual = NumpyWorld(inputs, range(1, 3)).advance(14)
    world = program(inputs, range(1, 3))
    metrics = np.concatenate([world.advance(5), world.advance(9)], axis=1)
    assert metrics.shape == (2, 14, len(METRICS))
    assert difference(metrics, usual) <= TOLERANCE


def test_only_what_is_not_here_is_missing(known: dict[str, Program | str]) -> None:
    assert {*known} == {MESA, AGENTPY, NUMPY, CPP, FAST, ENGINE}
    missing = {name for name, program in known.items() if isinstance(program, str)}
    assert not missing & {MESA, NUMPY, ENGINE}
    if cpp.compiler() is not None:
        assert missing <= {AGENTPY}


@pytest.mark.skipif(cpp.compiler() is None, reason="no C++ compiler here")
def test_a_fast_library_changes_no_arithmetic_but_its_own() -> None:
    cpp.program(cpp.FAST)
    smallest = np.finfo(np.float64).tiny
    assert np.full(1, smallest) / 2.0 > 0.0


def test_a_month_by_hand() -> None:
    """Eight firms alike, one supplier with half of what they ask for: 20 of 40 units."""
    drawn = draw(Size(8, 10), 1, 1)
    firms, customers = np.ones(8), np.ones(10)
    suppliers = len(drawn.output)
    inputs = replace(
        drawn,
        supplier=np.zeros((8, 3), dtype=np.uint32),
        weight=np.full((8, 3), 1.0 / 3.0),
        log_odds=np.zeros_like(drawn.log_odds),
        quality=0.0 * firms,
        price=2.0 * firms,
        capacity=10.0 * firms,
        expected=5.0 * firms,
        output=np.full(suppliers, 10.0),
        need=8.0 * customers,
        demand=np.ones((1, 1)),
        supply=np.ones((1, 1)),
    )
    told = dict(zip(METRICS, NumpyWorld(inputs, range(1)).advance(1)[0, 0], strict=True))
    expected = {
        # 10 customers want 8 units, a tenth of each firm's; 20 inputs, 2.5 a firm, are all sold.
        **{"demand": 80.0, "sold": 20.0, "unserved": 60.0, "price": 2.0, "revenue": 40.0},
        # 1 % of 80 wears, nothing arrives.
        **{"capacity": 79.2, "arrived": 0.0, "utilization": 20.0 / 79.2},
        # 5 + 0.3 x (10 - 5) = 6.5 a firm is expected, below 0.85 x 9.9: nothing is ordered.
        **{"ordered": 0.0, "on_order": 0.0, "input_cost": 8.0, "profit": 32.0, "cash": 32.0},
        **{"concentration": 1.0 / 8.0, "choice_concentration": 1.0 / 8.0, "quality_sold": 0.0},
        # Two months of output stood in stock, 20 of it where it was asked for.
        **{"asked": 40.0, "granted": 20.0, "stock": 20.0 * (suppliers - 1), "inputs": 0.0},
    }
    assert told == pytest.approx(expected, abs=1e-12)


def test_inputs_are_drawn_alike_and_customers_choose_among_different_firms() -> None:
    one, two = draw(TINY, 2, 3), draw(TINY, 2, 3)
    assert all(np.array_equal(value, vars(two)[name]) for name, value in vars(one).items())
    for ends, among in ((one.firm, TINY.firms), (one.supplier, TINY.suppliers)):
        assert (np.diff(ends.astype(int), axis=1) > 0).all()
        assert ends.max() < among
    assert one.weight.sum(axis=1) == pytest.approx(np.ones(TINY.firms))


def test_the_source_is_given_every_constant() -> None:
    source = cpp.SOURCE.read_text()
    assert all(name in source and hasattr(core, name) for name in cpp.CONSTANTS)


def test_a_compiler_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpp, "compiler", lambda: None)
    with pytest.raises(cpp.CompilerError, match="no C\\+\\+ compiler"):
        cpp.program(("-O1",))
    monkeypatch.setattr(cpp, "compiler", lambda: "false")
    with pytest.raises(cpp.CompilerError, match="not compiled"):
        cpp.program(("-O1",))


def test_a_program_that_is_off_is_found() -> None:
    class Off(NumpyWorld):
        def advance(self, months: int) -> np.ndarray:
            return super().advance(months) * (1.0 + 1e-6)

    case = MarketCase(
        "One run", TINY, Workload(20, 2, 2), Workload(17, 1, 2), Workload(1, 1, 1), 1.0
    )
    known: dict[str, Program | str] = {MESA: Off, NUMPY: NumpyWorld, ENGINE: NumpyWorld, CPP: "no"}
    timed = compared(case, known)
    assert list(timed) == [MESA, NUMPY, ENGINE]
    assert timed[ENGINE].off == 0.0
    assert timed[MESA].off == pytest.approx(1e-6, rel=1e-3)
    assert all(one.seconds > 0.0 for one in timed.values())
