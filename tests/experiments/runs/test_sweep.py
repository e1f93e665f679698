"""A sweep in this process: what it leaves, what it refuses, and how it goes on."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli.main import execute
from experiments.runs.block import in_process
from experiments.runs.sweep import run_sweep
from experiments.runs.sweep_folder import NOTHING, Store
from sim import ensemble, open_results
from sim.base.errors import InvariantError, RequestError
from sim.ensemble import run_block
from sim.results.files import manifest, parts, ro_crate
from sim.results.open import open_sweep
from sim.results.runs import Runs
from tests.experiments.sweeps import file_of, parts_of, plan_of

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 runs of two months in three blocks, with two tables."""
    folder = tmp_path_factory.mktemp("made")
    plan = plan_of(folder, tables='["models", "payments"]')
    run_sweep(plan, folder / "sweep", workers=0)
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged, beside its sweep file."""
    for path in made.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path


def again(folder: Path, **options: Any) -> Any:
    plan = plan_of(folder, tables='["models", "payments"]')
    return run_sweep(plan, folder / "sweep", workers=0, resume=True, **options)


# ---- what it leaves ------------------------------------------------------------------------------


def test_a_sweep_leaves_its_design_its_parts_and_a_manifest(made: Path) -> None:
    names = [f"{table}{n:06d}.parquet" for table in ("", "models-", "payments-") for n in range(3)]
    assert sorted(parts_of(made / "sweep")) == sorted(names)
    manifest = json.loads((made / "sweep" / "manifest.json").read_text())
    assert (manifest["kind"], manifest["complete"], manifest["done"]) == ("sweep", True, 150)
    assert (manifest["scenarios"], manifest["replications"]) == (75, 2)
    assert manifest["residuals"]["ledger_residual"] == 0.0
    assert manifest["sweep"]["vary"]["fleets.capex_share"] == {
        "law": "uniform",
        "low": 0.2,
        "high": 0.6,
    }


def test_every_run_has_the_numbers_of_its_own(made: Path) -> None:
    sweep = open_sweep(made / "sweep")
    values = sweep.array("capex_usd")
    assert values.shape == (75, 2, 2)
    for scenario, replication in ((0, 0), (31, 1), (32, 0), (74, 1)):
        design = {path: np.array([sweep.design[path][scenario]]) for path in sweep.paths}
        alone = run_block(sweep.scenario, 1, [replication], design=design).record.metrics
        assert np.array_equal(alone["capex_usd"][0], values[scenario, replication])


def test_metrics_are_one_table_in_the_order_of_the_design(made: Path) -> None:
    frame = open_sweep(made / "sweep").metrics()
    assert list(frame.columns[:3]) == ["scenario_id", "replication_id", "month"]
    assert len(frame) == 300
    assert np.array_equal(frame["scenario_id"], np.repeat(np.arange(75), 4))
    assert np.array_equal(frame["replication_id"], np.tile([0, 0, 1, 1], 75))
    array = open_sweep(made / "sweep").array("utilization")
    assert np.array_equal(frame["utilization"].to_numpy().reshape(75, 2, 2), array)


def test_other_tables_carry_the_keys_of_their_runs(made: Path) -> None:
    payments = open_sweep(made / "sweep").partial("payments")
    assert list(payments.columns[:2]) == ["scenario_id", "replication_id"]
    found = set(zip(payments["scenario_id"], payments["replication_id"], strict=True))
    assert found == {(s, r) for s in range(75) for r in range(2)}


def test_a_run_of_a_sweep_has_the_tables_of_one_made_singly(made: Path) -> None:
    sweep = open_results(made / "sweep")
    number = 31 * 2 + 1
    payments = sweep.payments(run=number)
    assert set(payments["scenario_id"]) == {31}
    assert set(payments["replication_id"]) == {1}
    design = {path: np.array([sweep.design[path][31]]) for path in sweep.paths}
    block = run_block(sweep.scenario, 1, [1], design=design, tables=("metrics", "payments"))
    alone = Runs.from_blocks(sweep.scenario, 1, [block])
    assert payments["usd"].tolist() == alone.payments(run=1)["usd"].tolist()
    assert sweep.flow_matrix("2025-02", number).equals(alone.flow_matrix("2025-02", 1))
    assert np.array_equal(sweep.series("utilization")[number], alone.array("utilization")[0])
    frames = list(sweep.frames("payments"))
    assert len(frames) == sweep.runs
    assert frames[number]["usd"].tolist() == payments["usd"].tolist()


def test_a_run_that_is_not_there_is_named(copied: Path) -> None:
    for name in ("000001.parquet", "payments-000001.parquet"):
        (copied / "sweep" / "parts" / name).unlink()
    sweep = open_results(copied / "sweep")
    assert not sweep.payments(run=3).empty
    with pytest.raises(RequestError, match="missing: scenario_id 35, replication_id 0"):
        sweep.flow_matrix("2025-02", run=70)
    with pytest.raises(RequestError, match="run = 150"):
        sweep.payments(run=150)


def test_open_results_gives_the_same_face(made: Path) -> None:
    assert open_results(made / "sweep").metrics().equals(open_sweep(made / "sweep").metrics())


def test_the_size_of_a_block_changes_no_number(made: Path, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, tables='["models", "payments"]')
    vars(plan)["block"] = 7
    run_sweep(plan, tmp_path / "sweep", workers=0)
    few, many = open_sweep(made / "sweep"), open_sweep(tmp_path / "sweep")
    assert len(parts_of(tmp_path / "sweep")) == 3 * 22
    assert few.metrics().equals(many.metrics())
    assert few.partial("models").equals(many.partial("models"))


# ---- what it refuses -----------------------------------------------------------------------------


def test_a_folder_of_this_sweep_is_only_resumed_when_asked(copied: Path) -> None:
    plan = plan_of(copied, tables='["models", "payments"]')
    with pytest.raises(RequestError, match="--resume"):
        run_sweep(plan, copied / "sweep", workers=0)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"seed": 2}, "seed = 1; allowed: 2"),
        ({"months": 3}, r"scenario\.months = 2; allowed: 3"),
        ({"samples": 76}, r"sweep\.samples = 75; allowed: 76"),
        ({"replications": 1}, r"sweep\.replications = 2; allowed: 1"),
        ({}, r"sweep\.tables"),
    ],
)
def test_a_folder_of_another_sweep_is_refused_by_the_field(
    copied: Path, tmp_path_factory: pytest.TempPathFactory, shape: dict[str, Any], said: str
) -> None:
    before = parts_of(copied / "sweep")
    tables = {"tables": '["models", "payments"]'} if shape else {}
    plan = plan_of(tmp_path_factory.mktemp("other"), **shape, **tables)
    for resume in (False, True):
        with pytest.raises(RequestError, match=said):
            run_sweep(plan, copied / "sweep", workers=0, resume=resume)
    assert parts_of(copied / "sweep") == before


def test_a_folder_of_runs_is_no_sweep(ask: Ask, eight: Path, tmp_path: Path) -> None:
    answer = ask("sweep", str(file_of(tmp_path)), "--out", str(eight), "--resume")
    assert answer.code == 2
    assert 'kind = "runs"' in answer.err
    with pytest.raises(RequestError, match="not a sweep"):
        open_sweep(eight)


def test_one_process_writes_at_a_time(copied: Path) -> None:
    plan = plan_of(copied, tables='["models", "payments"]')
    writing = Store(copied / "sweep", plan).writing(resume=True)
    with writing, pytest.raises(RequestError, match="another process"):
        again(copied)
    assert again(copied).made == 0


# ---- damage --------------------------------------------------------------------------------------


def damaged(content: bytes, kind: str, place: int) -> bytes:
    """A file that was cut at a place, or in which a bit flipped there."""
    if kind == "cut":
        return content[:place]
    return content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :]


@pytest.mark.parametrize("kind", ["cut", "flip"])
def test_every_damage_is_found(made: Path, tmp_path: Path, kind: str) -> None:
    content = (made / "sweep" / "parts" / "000001.parquet").read_bytes()
    places = np.linspace(0, len(content) - 1, 200).astype(int).tolist()
    places += range(len(content) - 200, len(content))
    file = tmp_path / "part"
    file.write_bytes(content)
    assert parts.read(file) == content
    for place in places:
        file.write_bytes(damaged(content, kind, place))
        with pytest.raises(RequestError, match="damaged"):
            parts.read(file)


@pytest.mark.parametrize("kind", ["cut", "flip"])
@pytest.mark.parametrize("name", ["000001.parquet", "models-000002.parquet"])
def test_a_damaged_part_is_refused_and_made_again(copied: Path, name: str, kind: str) -> None:
    before = parts_of(copied / "sweep")
    file = copied / "sweep" / "parts" / name
    file.write_bytes(damaged(before[name], kind, 5000 if "0001" in name else 900))
    table = "models" if "models" in name else "metrics"
    with pytest.raises(RequestError, match="damaged"):
        open_sweep(copied / "sweep").partial(table)
    outcome = again(copied)
    assert [path.name for path in outcome.damaged] == [name]
    assert f"{name}: made again" in outcome.text()
    assert parts_of(copied / "sweep") == before
    assert open_sweep(copied / "sweep").complete


def test_a_missing_part_names_its_first_run(copied: Path) -> None:
    (copied / "sweep" / "parts" / "000001.parquet").unlink()
    sweep = open_sweep(copied / "sweep")
    for read in (sweep.metrics, lambda: sweep.array("utilization")):
        with pytest.raises(RequestError, match="missing: scenario_id 32, replication_id 0"):
            read()
    assert len(sweep.partial()) == 300 - 64 * 2
    before = open_sweep(copied / "sweep").partial()
    assert again(copied).made == 64
    assert len(before) < len(open_sweep(copied / "sweep").metrics())


def test_a_part_of_another_sweep_is_refused_and_replaced(copied: Path) -> None:
    other = copied / "other"
    other.mkdir()
    run_sweep(plan_of(other, seed=2), other / "sweep", workers=0)
    before = parts_of(copied / "sweep")
    file = copied / "sweep" / "parts" / "000000.parquet"
    file.write_bytes((other / "sweep" / "parts" / "000000.parquet").read_bytes())
    with pytest.raises(RequestError, match="another sweep"):
        open_sweep(copied / "sweep").metrics()
    assert again(copied).made == 64
    assert parts_of(copied / "sweep") == before


def test_a_damaged_design_is_refused_and_made_again(copied: Path) -> None:
    file = copied / "sweep" / "design.parquet"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(RequestError, match="the design is damaged"):
        _ = open_sweep(copied / "sweep").design
    again(copied)
    assert file.read_bytes() == content


def test_a_run_that_is_not_finite_is_named(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*given: Any, **options: Any) -> Any:
        block = run_block(*given, **options)
        block.record.metrics["utilization"][3, 1] = np.nan
        return block

    (copied / "sweep" / "parts" / "000002.parquet").unlink()
    monkeypatch.setattr(ensemble, "run_block", spoilt)
    again(copied)
    sweep = open_sweep(copied / "sweep")
    with pytest.raises(RequestError, match="not finite: scenario_id 65, replication_id 1"):
        sweep.array("utilization")
    with pytest.raises(RequestError, match="not finite: scenario_id 65, replication_id 1"):
        sweep.metrics()
    assert np.isfinite(sweep.array("capex_usd")).all()


# ---- failures and interruptions ------------------------------------------------------------------


def failing(*bad: float) -> Callable[..., Any]:
    """Runs that break a law of the model where the replication lag is one of these."""

    def run(scenario: Any, seed: int, replications: Any, **options: Any) -> Any:
        lag = options["design"]["labs.replication_lag"]
        broken = np.flatnonzero(np.isin(lag, bad))
        if len(broken):
            raise InvariantError("2025-02", "all cash", 7.0, "USD", int(broken[-1]))
        return run_block(scenario, seed, replications, **options)

    return run


def test_failed_runs_are_named_and_the_others_kept(
    ask: Ask, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lags = open_sweep(made / "sweep").design["labs.replication_lag"]
    monkeypatch.setattr(ensemble, "run_block", failing(lags[3], lags[40], lags[41]))
    file = file_of(tmp_path, tables='["models", "payments"]')
    words = ("sweep", str(file), "--out", "sweep", "--workers", "0")
    answer = ask(*words)
    assert answer.code == 3
    assert "a run failed: scenario_id 3, replication_id 0: 2025-02" in answer.err
    assert "(and 5 more)" in answer.err
    sweep = open_sweep(tmp_path / "sweep")
    failed = [(failure.scenario_id, failure.replication_id) for failure in sweep.failed]
    assert failed == [(s, r) for s in (3, 40, 41) for r in (0, 1)]
    assert not sweep.complete
    with pytest.raises(RequestError, match=r"a run failed \(2025-02.*: scenario_id 3, repl"):
        sweep.array("utilization")
    whole = open_sweep(made / "sweep").metrics()
    rest = whole[~whole["scenario_id"].isin([3, 40, 41])].reset_index(drop=True)
    assert sweep.partial().equals(rest)
    assert ask(*words, "--resume").code == 3
    assert "nothing was left to do" in ask(*words, "--resume").out


def test_a_block_in_which_every_run_fails_is_done_and_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(tmp_path, samples=5, tables='["models"]')
    monkeypatch.setattr(ensemble, "run_block", failing(*plan.values[:, 0]))
    outcome = run_sweep(plan, tmp_path / "sweep", workers=0)
    assert (outcome.done, len(outcome.failed)) == (10, 10)
    assert open_sweep(tmp_path / "sweep").partial().empty
    assert open_sweep(tmp_path / "sweep").partial("models").empty


def test_an_interruption_keeps_whole_parts_and_is_resumed(
    ask: Ask, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def interrupted(*given: Any, **options: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return run_block(*given, **options)

    monkeypatch.setattr(ensemble, "run_block", interrupted)
    file = file_of(tmp_path, tables='["models", "payments"]')
    answer = ask("sweep", str(file), "--out", "sweep", "--workers", "0")
    assert answer.code == 130
    assert answer.err == "drawbridge: interrupted; 128 of 150 runs are kept, --resume continues\n"
    assert len(open_sweep(tmp_path / "sweep").partial()) == 256
    monkeypatch.undo()
    assert execute(["sweep", str(file), "--out", str(tmp_path / "sweep"), "--resume"]) == 0
    assert parts_of(tmp_path / "sweep") == parts_of(made / "sweep")


def test_a_full_disk_ends_with_4_and_keeps_whole_parts(
    ask: Ask, made: Path, tmp_path: Path
) -> None:
    """The limit lets small tables of the first block pass, and not the largest."""
    file = file_of(tmp_path, tables='["models", "payments"]')
    words = ("sweep", str(file), "--out", "sweep", "--workers", "0")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(map(len, parts_of(made / "sweep").values()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest - 1, before[1]))
    try:
        answer = ask(*words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert answer.code == 4
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "sweep" / "parts").exists()
    assert ask(*words, "--resume").code == 0
    assert parts_of(tmp_path / "sweep") == parts_of(made / "sweep")


def test_a_killed_writer_leaves_nothing_that_counts(copied: Path) -> None:
    (copied / "sweep" / "parts" / ".000001.parquet.77.part").write_bytes(b"half")
    before = parts_of(copied / "sweep")
    again(copied)
    assert set(before) - set(parts_of(copied / "sweep")) == {".000001.parquet.77.part"}


def test_partial_results_can_be_read_while_it_runs(tmp_path: Path) -> None:
    seen = []

    def look(done: int) -> None:
        seen.append((done, len(open_sweep(tmp_path / "sweep").partial())))

    run_sweep(plan_of(tmp_path), tmp_path / "sweep", workers=0, progress=look)
    assert seen == [(0, 0), (64, 128), (128, 256), (150, 300)]


def test_in_process_is_lazy(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert next(in_process(plan.job(), plan.tasks())).note.block == 0


def test_a_sweep_that_was_killed_after_its_last_part_is_finished(copied: Path) -> None:
    """Nothing is left to run, and the manifest is told so."""
    folder = copied / "sweep"
    known = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_bytes(manifest.encoded(known | NOTHING))
    (folder / ro_crate.FILE).unlink()
    assert not open_sweep(folder).complete
    outcome = again(copied)
    assert (outcome.made, outcome.done) == (0, 150)
    told = json.loads((folder / "manifest.json").read_text())
    for key in ("complete", "done", "failed", "residuals"):
        assert told[key] == known[key]
    assert ro_crate.changed(folder) == []
