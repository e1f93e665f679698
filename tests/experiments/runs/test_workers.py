"""The same sweep in this process, on workers and on a scheduler of somebody else's."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from experiments.runs import workers
from experiments.runs.sweep import run_sweep
from sim.base.errors import MachineError, RequestError
from tests.experiments.faults import EVERY_KIND, Field, survive
from tests.experiments.sweeps import file_of, parts_of, plan_of

BLOCKS = 8


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The parts of eight blocks, run in this process."""
    folder = tmp_path_factory.mktemp("expected")
    run_sweep(plan_of(folder, samples=BLOCKS * 32), folder / "sweep", workers=0)
    return parts_of(folder / "sweep")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler with two workers that run already."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"workers": 1}, marks=pytest.mark.campaign),
        {"workers": 2},
        {"scheduler": "address"},
    ],
)
def test_who_runs_it_changes_no_byte(
    tmp_path: Path,
    expected: dict[str, bytes],
    how: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    if "scheduler" in how:
        how = {"scheduler": request.getfixturevalue("address")}
    run_sweep(plan_of(tmp_path, samples=BLOCKS * 32), tmp_path / "sweep", **how)
    assert parts_of(tmp_path / "sweep") == expected


def test_faults_of_every_kind_lose_nothing_and_double_nothing(
    tmp_path: Path, expected: dict[str, bytes]
) -> None:
    file = file_of(tmp_path, samples=BLOCKS * 32)
    field = Field(file, tmp_path / "sweep", random.Random(1))
    survive(field, EVERY_KIND, expected, BLOCKS * 64)


def test_local_workers_listen_to_this_machine_alone() -> None:
    with workers.local_workers(1):
        here = psutil.Process()
        all_of_them = [here, *here.children(recursive=True)]
        listening = [c for p in all_of_them for c in p.net_connections() if c.status == "LISTEN"]
    assert len(listening) >= 2
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_dask_knows_what_it_is_told() -> None:
    import dask
    import distributed  # noqa: F401

    for key in workers.LOCAL:
        dask.config.get(key)  # raises KeyError for another name


def test_a_scheduler_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ANSWER", 1.0)
    plan = plan_of(tmp_path)
    with pytest.raises(RequestError, match="not an address"):
        run_sweep(plan, tmp_path / "sweep", scheduler="nonsense://here")
    with pytest.raises(MachineError, match="no scheduler answers"):
        run_sweep(plan, tmp_path / "sweep", scheduler="tcp://127.0.0.1:9", resume=True)
    with pytest.raises(RequestError, match="both workers and a scheduler"):
        run_sweep(plan, tmp_path / "sweep", scheduler="tcp://127.0.0.1:9", workers=2, resume=True)


def test_a_scheduler_without_workers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(workers, "PATIENCE", 1.0)
    with (
        LocalCluster(
            n_workers=0,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        pytest.raises(MachineError, match="no workers"),
    ):
        run_sweep(plan_of(tmp_path), tmp_path / "sweep", scheduler=cluster.scheduler_address)
