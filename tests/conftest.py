"""How tests run: how large Hypothesis is, what goes to which process, and what needs all of them.

Hypothesis is small and the same every time in `make test`, large and random in `make campaign`.
"""

from __future__ import annotations

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    # Tests that run beside each other would fight over the processors; read when numpy is imported.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from collections.abc import Generator
from fcntl import LOCK_EX, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("suite", derandomize=True, max_examples=25, deadline=None)
settings.register_profile(
    "campaign",
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

BROWSER = "tests/sim/page/browser/"
FIRST = (BROWSER, "tests/test_docs_build.py")
"""Tests that wait more than they compute: begun first, they are not what the others wait for."""


class Modules(LoadScopeScheduling):
    """A module is run by one process, as its fixtures are made once; so are all tests in a browser,
    which share it and the server."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Modules:
    config.option.loadscopereorder = False
    return Modules(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In processes beside each other, what takes longest comes first, and what wants to be alone
    last of its module."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not item.nodeid.startswith(FIRST), is_alone(item)))


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


DOOR, ROOM = (os.open(file, os.O_RDONLY) for file in (__file__, Path(__file__).parent))
"""What processes lock, to run a test beside others or alone. Whoever waits for the room keeps the
door, so that nobody enters before."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    flock(DOOR, LOCK_EX)
    flock(ROOM, LOCK_EX if is_alone(item) else LOCK_SH)
    flock(DOOR, LOCK_UN)
    try:
        return (yield)
    finally:
        flock(ROOM, LOCK_UN)
