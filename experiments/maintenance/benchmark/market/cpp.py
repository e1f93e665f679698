"""The market core in C++: `core.cpp`, compiled here and called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from ctypes import POINTER, Structure, byref, c_double, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agents.framework.columns import Floats
from experiments.maintenance.benchmark.market import core
from experiments.maintenance.benchmark.market.core import LEAD, METRICS, Inputs, Program

SOURCE = Path(__file__).with_name("core.cpp")
COMPILERS = ("g++", "c++", "clang++")
PLAIN = ("-O3", "-march=native")
FAST = (*PLAIN, "-ffast-math")
"""With leave to reorder sums and to take exponentials several at a time."""
CONSTANTS = (
    *("PLACES", "SUPPLIERS", "LEAD", "WEAR", "FOLLOW", "SERVICE", "ADJUST", "SWING", "AIM"),
    *("SMOOTH", "GROWTH", "INPUT_COST", "CAPITAL_COST"),
)
"""What the source takes from `core.py`."""
_INPUTS = (
    *("supplier", "weight", "firm"),
    *("quality", "taste", "sensitivity", "pull", "need"),
)
_STATE = (
    *("price", "capacity", "expected", "held", "served", "on_order", "cash", "pipeline"),
    *("output", "stock", "log_odds"),
)


class CompilerError(Exception):
    """There is no compiler, or it refused."""


class _Inputs(Structure):
    _fields_ = (
        *((name, c_int64) for name in ("firms", "customers", "suppliers")),
        *((name, c_void_p) for name in _INPUTS),
    )


class _State(Structure):
    _fields_ = tuple((name, c_void_p) for name in _STATE)


def compiler() -> str | None:
    """The C++ compiler on the path, if there is one."""
    return next(filter(None, map(shutil.which, COMPILERS)), None)


def compiled_by() -> str | None:
    """The compiler's own name and version."""
    found = compiler()
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.partition("\n")[0] or found


def program(flags: tuple[str, ...] = PLAIN) -> Program:
    """The core compiled with these flags; raises CompilerError where that fails."""
    advance = _library(flags).advance
    return lambda inputs, runs: _CppWorld(advance, inputs, runs)


@cache
def _library(flags: tuple[str, ...]) -> Any:
    found = compiler()
    if found is None:
        raise CompilerError(f"no C++ compiler: none of {', '.join(COMPILERS)} is on the path")
    with tempfile.TemporaryDirectory() as folder:
        compiled, linked = (str(Path(folder, name)) for name in ("core.o", "core.so"))
        given = [f"-D{name}={getattr(core, name)}" for name in CONSTANTS]
        _do([found, "-std=c++17", *flags, *given, "-fPIC", "-c", str(SOURCE), "-o", compiled])
        # Linked without the flags: with -ffast-math a library would make the whole process take
        # the smallest numbers for 0.
        _do([found, "-shared", compiled, "-o", linked])
        library = ctypes.CDLL(linked)  # stays loaded when its file goes
    library.advance.restype = None
    library.advance.argtypes = [
        *(POINTER(_Inputs), POINTER(_State), c_int64, c_int64),
        *(POINTER(c_double),) * 3,
    ]
    return library


def _do(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompilerError(f"not compiled: {done.stderr.strip()[-200:]}")


class _CppWorld:
    """Runs of the core, each with rows of its own."""

    def __init__(self, advance: Any, inputs: Inputs, runs: range) -> None:
        self._advance, self._runs, self._month = advance, runs, 0
        size, one = inputs.size, np.ones((len(runs), 1))
        of_firms = {name: one * getattr(inputs, name) for name in ("price", "capacity", "expected")}
        zeros = {name: np.zeros_like(of_firms["price"]) for name in ("held", "on_order", "cash")}
        self._luck = inputs.demand, inputs.supply
        self._held = {name: np.ascontiguousarray(getattr(inputs, name)) for name in _INPUTS}
        self._state: dict[str, Floats] = {
            **of_firms,
            **zeros,
            "served": np.ones_like(of_firms["price"]),
            "pipeline": np.zeros((len(runs), LEAD, size.firms)),
            "output": one * inputs.output,
            "stock": one * inputs.output,
            "log_odds": one[:, :, None] * inputs.log_odds,
        }
        addresses = {name: values.ctypes.data for name, values in self._held.items()}
        self._inputs = _Inputs(size.firms, size.customers, size.suppliers, **addresses)
        self._rows = [
            _State(**{name: values[place].ctypes.data for name, values in self._state.items()})
            for place in range(len(runs))
        ]

    def advance(self, months: int) -> Floats:
        """Run so many months more; metrics (runs, months, metrics)."""
        out = np.empty((len(self._runs), months, len(METRICS)))
        for place, (run, rows) in enumerate(zip(self._runs, self._rows, strict=True)):
            luck = (_double(series[run, self._month :]) for series in self._luck)
            self._advance(
                byref(self._inputs),
                byref(rows),
                self._month,
                months,
                *luck,
                _double(out[place]),
            )
        self._month += months
        return out


def _double(values: Floats) -> Any:
    return values.ctypes.data_as(POINTER(c_double))
