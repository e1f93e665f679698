from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.base.errors import MachineError, RequestError
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.ensemble import run_block
from sim.results.files import manifest, ro_crate
from sim.results.metrics.all_metrics import NAMES
from sim.results.open import open_results
from sim.results.results import Results
from sim.results.runs import Runs
from sim.results.table_columns import MODELS, TABLES

MONTHS, RUNS = 4, 3


def results_in(
    scenario: Scenario, blocks: Sequence[Sequence[int]], tables: Sequence[str] = TABLES
) -> Results:
    """Results of the given replications, block by block."""
    return Runs.from_blocks(
        scenario, 1, [run_block(scenario, 1, runs, tables=tables) for runs in blocks]
    )


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("baseline", months=MONTHS)


@pytest.fixture(scope="module")
def results(scenario: Scenario) -> Results:
    return results_in(scenario, [(0, 1), (2,)])


@pytest.fixture(scope="module")
def folder(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return results.write(tmp_path_factory.mktemp("results") / "made" / "here")


@pytest.fixture(params=["memory", "folder"])
def either(request: pytest.FixtureRequest, results: Results, folder: Path) -> Results:
    return results if request.param == "memory" else open_results(folder)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# -- the face, in memory and on a folder -------------------------------------------------------


def test_metrics_is_a_row_per_run_and_month(either: Results) -> None:
    frame = either.metrics()
    assert list(frame.columns) == ["run", "month", *NAMES]
    assert list(frame["run"]) == [0] * MONTHS + [1] * MONTHS + [2] * MONTHS
    assert list(frame["month"][:MONTHS]) == list(pd.date_range("2025-01-01", periods=4, freq="MS"))
    assert frame["run"].dtype == np.int64
    assert frame["month"].dtype.kind == "M"
    assert set(frame.dtypes[2:]) == {np.dtype(np.float64)}


def test_array_is_runs_by_months(either: Results) -> None:
    stock = either.array("compute_stock_h100e")
    assert stock.shape == (RUNS, MONTHS)
    assert np.array_equal(stock.ravel(), either.metrics()["compute_stock_h100e"].to_numpy())


def test_agents_are_long(either: Results, results: Results) -> None:
    frame = either.agents(kind="fleets", quantity="installed")
    assert list(frame.columns) == ["run", "month", "kind", "name", "quantity", "value"]
    block = run_block(results.scenario, 1, [2], tables=TABLES)
    kept = block.record.agents["fleets", "installed"][0]
    of_run = frame[frame["run"] == 2].pivot(index="month", columns="name", values="value")
    assert np.array_equal(of_run[list(block.names["fleets"])].to_numpy(), kept)


def test_the_whole_agents_table_is_its_parts(either: Results) -> None:
    whole = either.agents()
    assert len(whole) == sum(len(either.agents(kind=kind)) for kind in whole["kind"].unique())
    assert whole["value"].notna().all()


def test_flows_are_long(either: Results, results: Results) -> None:
    frame = either.flows(relation="chips")
    columns = ["run", "month", "relation", "source", "target", "units", "usd"]
    assert list(frame.columns) == columns
    shipped = frame.groupby(["run", "month"])["units"].sum().to_numpy().reshape(RUNS, MONTHS)
    assert shipped == pytest.approx(results.array("chips_shipped_h100e"), rel=1e-12)


def test_flows_of_goods_alone_have_no_money(either: Results) -> None:
    frame = either.flows()
    assert frame.loc[frame["relation"] == "relocation", "usd"].isna().all()
    assert frame.loc[frame["relation"] == "lab_funding", "units"].isna().all()
    assert frame.loc[frame["relation"] == "chips", ["units", "usd"]].notna().all(axis=None)


def test_models_are_a_row_per_release(either: Results) -> None:
    frame, labs = either.models(), either.agents(kind="labs", quantity="released")
    assert list(frame.columns) == ["run", *(c.name for c in MODELS)]
    released = labs[labs["value"] > 0.0].rename(columns={"month": "released", "name": "lab"})
    keys = ["run", "released", "lab"]
    assert frame[keys].astype(str).to_numpy().tolist() == (
        released[keys].astype(str).to_numpy().tolist()
    )
    assert len(frame) == either.releases > 0
    assert set(either.models(lab="openai")["lab"]) <= {"openai"}


def test_a_model_holds_what_its_flagship_did(scenario: Scenario) -> None:
    longer = load_scenario("baseline", months=14)
    results = results_in(longer, [(0, 1)])
    agents = results.agents(kind="models")
    slots = agents[agents["name"].astype(str).str.endswith("_flagship")]
    held = slots.assign(lab=slots["name"].astype(str).str.removesuffix("_flagship"))
    held = held.pivot(index=["run", "lab", "month"], columns="quantity", values="value")
    models = results.models()
    for model in models.itertuples():
        later = models[
            (models["run"] == model.run)
            & (models["lab"] == model.lab)
            & (models["released"] > model.released)
        ]
        assert model.current == later.empty
        of_lab = held.loc[model.run, model.lab]
        sold = of_lab[of_lab.index >= model.released]
        if not later.empty:
            sold = sold[sold.index < later["released"].min()]
        assert model.tenure_months == len(sold) == sold["age"].iloc[-1]
        for column in ("training_flop", "capability", "flop_per_token", "price"):
            assert getattr(model, column) == sold[column].iloc[0]
        assert model.gross_profit_usd == sold["gross_profit"].iloc[-1]
        assert model.rnd_before_usd == sold["rnd_before"].iloc[0]
        assert model.recoup_ratio == model.gross_profit_usd / model.rnd_before_usd
    assert models.groupby(["run", "lab"], observed=True)["current"].sum().eq(1).all()


def test_runs_without_releases_leave_an_empty_table(tmp_path: Path) -> None:
    never = load_scenario(
        "baseline", months=2, set={"labs.run_target_growth": 100.0, "labs.run_max_months": 60}
    )
    results = results_in(never, [(0,)], ("metrics", "models"))
    assert results.releases == 0
    assert results.models().empty
    stored = open_results(results.write(tmp_path)).models()
    assert list(stored.columns) == list(results.models().columns)
    assert stored.empty


def test_nothing_kept_changes_a_number(scenario: Scenario) -> None:
    lean, full = (run_block(scenario, 1, [0], tables=t).record for t in (("metrics",), TABLES))
    for name in NAMES:
        assert np.array_equal(lean.metrics[name], full.metrics[name]), name


def test_an_unknown_table_is_refused(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match="unknown table: model"):
        run_block(scenario, 1, [0], tables=("metrics", "model"))


def test_an_unknown_metric_is_refused_with_the_nearest(either: Results) -> None:
    with pytest.raises(RequestError, match="did you mean utilization"):
        either.array("utilisation")


def test_a_table_not_kept_is_refused(scenario: Scenario) -> None:
    lean = results_in(scenario, [(0,)], ("metrics",))
    assert lean.tables == ("metrics",)
    with pytest.raises(RequestError, match="not kept"):
        lean.agents()


def test_both_faces_say_the_same(results: Results, folder: Path) -> None:
    stored = open_results(folder)
    assert (stored.seed, stored.runs, stored.complete) == (1, RUNS, True)
    assert stored.tables == results.tables
    assert stored.scenario.digest == results.scenario.digest
    assert {k: v for k, v in stored.manifest.items() if k != "tables"} == results.manifest
    pd.testing.assert_frame_equal(stored.metrics(), results.metrics())
    pd.testing.assert_frame_equal(stored.agents(), results.agents())
    pd.testing.assert_frame_equal(stored.flows(), results.flows())
    pd.testing.assert_frame_equal(stored.models(), results.models())
    pd.testing.assert_frame_equal(stored.payments(), results.payments())
    assert (stored.leaders, stored.releases) == (results.leaders, results.releases)


def test_opening_reads_no_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pq, "ParquetFile", None)
    monkeypatch.setattr(pq, "read_table", None)
    assert open_results(folder).runs == RUNS


# -- the files ---------------------------------------------------------------------------------


def test_the_manifest_says_where_the_numbers_come_from(results: Results, folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text())
    assert told["scenario"] == json.loads(json.dumps(results.scenario.to_dict()))
    assert told["digest"] == results.scenario.digest
    assert (told["seed"], told["runs"], told["complete"]) == (1, RUNS, True)
    assert told["replications"] == {"first": 0, "count": RUNS}
    assert told["residuals"]["ledger_residual"] == 0.0
    assert told["residuals"]["compute_residual"] <= 1e-9
    assert told["libraries"]["numpy"] == np.__version__
    assert told["platform"]["python"] == ".".join(map(str, sys.version_info[:3]))
    for table, said in told["tables"].items():
        content = (folder / f"{table}.parquet").read_bytes()
        assert said["bytes"] == len(content)
        assert said["sha256"] == hashlib.sha256(content).hexdigest()


def test_parquet_is_compact_and_free_of_the_process(folder: Path) -> None:
    with pq.ParquetFile(folder / "metrics.parquet") as parquet:
        assert b"pandas" not in (parquet.schema_arrow.metadata or {})
        column = parquet.metadata.row_group(0).column(2)
        assert column.compression == "ZSTD"
        assert "BYTE_STREAM_SPLIT" in column.encodings
        assert not column.has_dictionary_page


def test_no_byte_depends_on_the_size_of_a_block(scenario: Scenario, tmp_path: Path) -> None:
    one = results_in(scenario, [(0, 1, 2)]).write(tmp_path / "one")
    three = results_in(scenario, [(0,), (1,), (2,)]).write(tmp_path / "three")
    assert snapshot(one) == snapshot(three)


def test_a_rerun_in_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from sim import load_scenario, run_ensemble; "
        "scenario = load_scenario('baseline', months=2); "
        "tables = ('metrics', 'agents', 'flows', 'models', 'payments'); "
        "run_ensemble(scenario, 2, tables=tables).write(sys.argv[1])"
    )
    written = []
    for hash_seed in ("1", "4242"):
        folder = tmp_path / hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, check=True)
        written.append(snapshot(folder))
    assert sorted(written[0]) == [
        "agents.parquet",
        "flows.parquet",
        "manifest.json",
        "metrics.parquet",
        "models.parquet",
        "payments.parquet",
        "ro-crate-metadata.json",
    ]
    assert written[0] == written[1]


def test_stored_results_can_be_written_again(folder: Path, tmp_path: Path) -> None:
    assert snapshot(open_results(folder).write(tmp_path)) == snapshot(folder)
    assert snapshot(open_results(tmp_path).write(tmp_path)) == snapshot(folder)


# -- what a folder may hold --------------------------------------------------------------------


def test_the_same_results_are_written_over(results: Results, folder: Path) -> None:
    before = snapshot(folder)
    results.write(folder)
    assert snapshot(folder) == before


def test_a_table_no_longer_kept_goes(scenario: Scenario, tmp_path: Path) -> None:
    results_in(scenario, [(0,)]).write(tmp_path)
    results_in(scenario, [(0,)], ("metrics",)).write(tmp_path)
    assert sorted(snapshot(tmp_path)) == ["manifest.json", "metrics.parquet", ro_crate.FILE]


@pytest.mark.parametrize(
    ("overlay", "seed", "runs", "named"),
    [
        ({}, 2, 1, r"seed = 1; allowed: 2"),
        ({}, 1, 2, r"runs = 1; allowed: 2"),
        ({"fleets.wacc": 0.11}, 1, 1, r"scenario\.set\.\S*fleets\.wacc.*allowed: 0\.11"),
    ],
)
def test_other_results_are_refused_by_name(
    scenario: Scenario,
    tmp_path: Path,
    overlay: dict[str, float],
    seed: int,
    runs: int,
    named: str,
) -> None:
    results_in(scenario, [(0,)], ("metrics",)).write(tmp_path)
    before = snapshot(tmp_path)
    other = load_scenario("baseline", months=MONTHS, set=overlay)
    block = run_block(other, seed, range(runs))
    with pytest.raises(RequestError, match=named):
        Runs.from_blocks(other, seed, [block]).write(tmp_path)
    assert snapshot(tmp_path) == before


def test_another_version_is_refused(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**told, "version": "0.0.1"}))
    with pytest.raises(RequestError, match=r'version = "0\.0\.1"'):
        results.write(tmp_path)


def test_a_table_of_unknown_origin_is_not_written_over(results: Results, tmp_path: Path) -> None:
    (tmp_path / "metrics.parquet").write_text("mine")
    with pytest.raises(RequestError, match="no manifest"):
        results.write(tmp_path)
    assert snapshot(tmp_path) == {"metrics.parquet": b"mine"}


def test_interrupted_results_say_so_and_give_way(scenario: Scenario, tmp_path: Path) -> None:
    block = run_block(scenario, 1, (0, 1))
    partial = Runs.from_blocks(scenario, 1, [block], asked=3)
    partial.write(tmp_path)
    stored = open_results(tmp_path)
    assert (stored.runs, stored.complete, stored.manifest["runs"]) == (2, False, 3)
    results_in(scenario, [(0, 1, 2)], ("metrics",)).write(tmp_path)
    whole = snapshot(tmp_path)
    partial.write(tmp_path)
    assert snapshot(tmp_path) == whole


def test_a_full_disk_leaves_what_was_there(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.write(tmp_path / "held")
    before = snapshot(tmp_path / "held")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for place in ("held", "new"):
        with pytest.raises(MachineError, match="No space left"):
            results.write(tmp_path / place)
    assert snapshot(tmp_path / "held") == before
    assert not (tmp_path / "new").exists()


def test_a_disk_that_stops_at_any_byte_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource\n"
        "from sim import load_scenario, run_ensemble\n"
        "from sim.base.errors import MachineError\n"
        "results = run_ensemble(load_scenario('baseline', months=2), 2)\n"
        "for size in (0, 1, 100, 1_000):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))\n"
        "    try:\n        results.write('out')\n"
        "    except MachineError as error:\n        print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "out/metrics.parquet: File too large\n" * 4
    assert list(tmp_path.iterdir()) == []


# -- folders that are no results ---------------------------------------------------------------


def test_what_is_no_results_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for place, said in (("none", "no such"), ("file", "not a results"), ("empty", "manifest.json")):
        with pytest.raises(RequestError, match=said):
            open_results(tmp_path / place)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "{}", '{"schema": 1}', '{"schema": 99}', "[" * 10**5]
)
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RequestError, match="manifest"):
        open_results(tmp_path)


def test_a_file_that_was_changed_is_refused(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path)
    file = tmp_path / "metrics.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    stored = open_results(tmp_path)
    with pytest.raises(RequestError, match="not the one its manifest describes"):
        stored.metrics()
    assert len(stored.flows()) > 0
    (tmp_path / "flows.parquet").unlink()
    with pytest.raises(RequestError, match="does not exist"):
        open_results(tmp_path).flows()


# -- differences between manifests -------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "wanted", "found"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": 1}, {"a": 2}, ("x.a", 1, 2)),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ("x.a.b[2]", 2, 3)),
        ({"a": 1}, {}, ("x.a", 1, "nothing")),
        ({}, {"a": 1}, ("x.a", "nothing", 1)),
        ([1], [1, 2], ("x", [1], [1, 2])),
    ],
)
def test_the_first_difference_is_named(held: object, wanted: object, found: object) -> None:
    assert manifest.first_difference(held, wanted, "x") == found


def test_the_commit_is_that_of_the_checkout() -> None:
    found = manifest.commit()
    assert found is None or len(found.removesuffix("-dirty")) == 40
