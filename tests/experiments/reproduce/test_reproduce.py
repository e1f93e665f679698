"""Results made again from their manifest: what counts as the same, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.drivers.sample import sample_plan
from experiments.reproduce import remake
from experiments.reproduce.reproduce import reproduce
from experiments.runs.distributions import Law
from experiments.runs.sweep import run_sweep
from experiments.runs.sweep_file import load_sweep
from sim import ensemble
from sim.base.errors import InvariantError, RequestError
from sim.base.frozen import FrozenDict
from sim.config.registry import load_registry
from sim.config.scenario import loader, scenario
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block
from sim.results.files import manifest, ro_crate
from sim.results.runs import Runs
from tests.experiments.sweeps import plan_of
from tests.experiments.tampering import say, shift

Ask = Callable[..., Any]


@pytest.fixture(autouse=True, scope="module")
def checkout() -> Iterator[None]:
    """One commit for all tests, whatever happens to the checkout meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "commit", lambda: "c0ffee")
        yield


@pytest.fixture(scope="module")
def made(checkout: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of two months with two tables."""
    chosen = load_scenario("hormuz_closure", months=2, set={"fleets.wacc": 0.11})
    block = run_block(chosen, 5, range(2), tables=("metrics", "payments"))
    results = Runs.from_blocks(chosen, 5, [block])
    return results.write(tmp_path_factory.mktemp("made") / "results")


@pytest.fixture(scope="module")
def swept(checkout: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy runs of a month in two blocks."""
    folder = tmp_path_factory.mktemp("swept")
    plan = plan_of(folder, samples=35, months=1, tables='["models"]')
    run_sweep(plan, folder / "results", workers=0)
    return folder / "results"


@pytest.fixture
def held(made: Path, tmp_path: Path) -> Path:
    """A copy of the runs that may be changed."""
    return Path(shutil.copytree(made, tmp_path / "held"))


@pytest.fixture
def held_sweep(swept: Path, tmp_path: Path) -> Path:
    """A copy of the sweep that may be changed."""
    return Path(shutil.copytree(swept, tmp_path / "held"))


# ---- what is the same ----------------------------------------------------------------------------


def test_runs_are_made_again_byte_by_byte(ask: Ask, made: Path, tmp_path: Path) -> None:
    answer = ask("reproduce", str(made))
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.count("the same bytes") == 3  # what is wanted, and two tables
    assert "Differs" not in answer.out
    assert list(tmp_path.iterdir()) == []


def test_they_may_stay(ask: Ask, made: Path, tmp_path: Path) -> None:
    answer = ask("reproduce", str(made), "--out", "again", "--json")
    told = json.loads(answer.out)
    assert (told["same"], told["runs"], told["changes"], told["tolerance"]) == (True, 2, [], 0.0)
    files = [file["file"] for file in told["files"]]
    assert files == ["metrics.parquet", "payments.parquet", "manifest.json"]
    for name in files[:2]:
        assert (tmp_path / "again" / name).read_bytes() == (made / name).read_bytes()


def test_a_sweep_is_made_again_byte_by_byte(swept: Path, tmp_path: Path) -> None:
    found = reproduce(swept, tmp_path / "again", workers=0)
    assert found.same
    assert [file.file for file in found.files] == [
        "design.parquet",
        "parts/000000.parquet",
        "parts/models-000000.parquet",
        "parts/000001.parquet",
        "parts/models-000001.parquet",
        "manifest.json",
    ]
    assert "70 runs, made again" in found.text()


@pytest.mark.parametrize("design", ["grid", "points"])
def test_a_design_that_is_not_drawn_is_made_again_too(tmp_path: Path, design: str) -> None:
    points = pa.table({"scenario_id": [0, 1], "labs.replication_lag": [3.0, 6.0]})
    pq.write_table(points, tmp_path / "points.parquet")
    rest = {
        "grid": '[vary]\n"labs.replication_lag" = [3, 6]',
        "points": 'points = "points.parquet"',
    }
    file = tmp_path / "small.toml"
    file.write_text(f'base = "baseline"\nmonths = 1\ndesign = "{design}"\n{rest[design]}\n')
    run_sweep(load_sweep(file), tmp_path / "made", workers=0)
    (tmp_path / "points.parquet").unlink()
    assert reproduce(tmp_path / "made", workers=0).same


def test_runs_with_draws_of_their_own_are_made_again_too(tmp_path: Path) -> None:
    laws = {"labs.replication_lag": Law("uniform", 3.0, 6.0)}
    plan = sample_plan(load_scenario("baseline", months=1), laws, 2, 1)
    run_sweep(plan, tmp_path / "made", workers=0)
    found = reproduce(tmp_path / "made", workers=0)
    assert (found.same, found.runs) == (True, 4)


def test_of_interrupted_runs_those_that_were_done_are_made_again(ask: Ask, tmp_path: Path) -> None:
    chosen = load_scenario("baseline", months=1)
    Runs.from_blocks(chosen, 1, [run_block(chosen, 1, (0,))], asked=3).write(tmp_path / "part")
    answer = ask("reproduce", "part")
    assert answer.code == 0
    assert "1 run of 3, as far as they were done" in answer.out


def test_of_an_unfinished_sweep_the_blocks_there_are(swept: Path, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, samples=35, months=1, tables='["models"]')
    run_sweep(plan, tmp_path / "some", workers=0, blocks=[1])
    found = reproduce(tmp_path / "some", workers=0)
    assert (found.same, found.runs, found.asked) == (True, 6, 70)
    assert [file.file for file in found.files][1:3] == [
        "parts/000001.parquet",
        "parts/models-000001.parquet",
    ]
    shutil.rmtree(tmp_path / "some" / "parts")
    with pytest.raises(RequestError, match="no runs are done"):
        reproduce(tmp_path / "some", workers=0)


def test_runs_that_failed_must_fail_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(tmp_path, samples=3, replications=1, months=1)
    broken = plan.values[1, 0]

    def failing(*given: Any, **options: Any) -> Any:
        if (options["design"][plan.paths[0]] == broken).any():
            raise InvariantError("2025-01", "all cash", 7.0, "USD", 0)
        return run_block(*given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(ensemble, "run_block", failing)
        run_sweep(plan, tmp_path / "made", workers=0)
        assert reproduce(tmp_path / "made", workers=0).same
    different = [file for file in reproduce(tmp_path / "made", workers=0).files if not file.same]
    assert [file.file for file in different] == ["parts/000000.parquet", "manifest.json"]
    assert different[0].words == "has 2 rows in place of 3"


# ---- what is not ---------------------------------------------------------------------------------


def test_a_value_that_was_changed_is_named(ask: Ask, held: Path) -> None:
    shift(held / "metrics.parquet", "capex_usd", 3, 0.75)
    answer = ask("reproduce", str(held))
    assert answer.code == 3
    assert answer.err == f"drawbridge: {held}: not reproduced: metrics.parquet differ\n"
    (line,) = [line for line in answer.out.splitlines() if line.startswith("Differs")]
    assert "by 0.250 in capex_usd (run 1, month 2025-02); was changed after" in line


def test_a_bit_that_was_changed_is_found_where_no_value_is(made: Path, held: Path) -> None:
    shift(held / "payments.parquet", "usd", 0, 1.0)
    (held / ro_crate.FILE).unlink()
    (other,) = [file for file in reproduce(held).files if not file.same]
    assert (other.file, other.words) == ("payments.parquet", "other bytes; no value differs")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda file: file.unlink(), "is not there"),
        (lambda file: file.write_bytes(file.read_bytes()[:-9]), "cannot be read"),
        (lambda file: file.write_text("mine"), "cannot be read"),
        (lambda f: pq.write_table(pq.read_table(f).slice(0, 2), f), "has 2 rows in place of 4"),
        (lambda f: pq.write_table(pq.read_table(f).drop(["capex_usd"]), f), "has other columns"),
    ],
)
def test_a_table_that_is_none_differs(
    held: Path, break_it: Callable[[Path], Any], words: str
) -> None:
    break_it(held / "metrics.parquet")
    (other,) = [file for file in reproduce(held).files if not file.same]
    assert other.words.startswith(words)


@pytest.mark.parametrize("described", [True, False])
def test_a_manifest_with_another_seed_does_not_give_these_numbers(
    held: Path, described: bool
) -> None:
    text = (held / ro_crate.FILE).read_text()
    say(held, "seed", 6)
    if described:
        (held / ro_crate.FILE).write_text(text)
    found = reproduce(held)
    different = [file.file for file in found.files if not file.same]
    assert different == ["metrics.parquet", "payments.parquet", "manifest.json"]
    assert ("changed after" in found.text()) is described
    assert ("no ro-crate-metadata.json says" in found.text()) is not described


@pytest.mark.parametrize(
    "key", ["releases", "leaders.leader.first", "world", "registry.fleets.wacc"]
)
def test_what_a_manifest_says_of_its_runs_is_held_against_them(held: Path, key: str) -> None:
    say(held, key, 7)
    (other,) = [file for file in reproduce(held).files if not file.same]
    assert other.words.startswith(f"says {key} = 7, not ")


def test_a_damaged_part_and_a_missing_one_are_named(ask: Ask, held_sweep: Path) -> None:
    part = held_sweep / "parts" / "000001.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    (held_sweep / "parts" / "000000.parquet").unlink()
    answer = ask("reproduce", str(held_sweep), "--workers", "0")
    assert answer.code == 3
    lines = [line.split() for line in answer.out.splitlines() if line.startswith("Differs")]
    assert [line[1] for line in lines] == ["parts/000000.parquet", "parts/000001.parquet"]
    assert "and 1 more differ" in answer.err


# ---- elsewhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "change"),
    [
        ("version", "0.0.9", "version: 0.0.9, here"),
        ("libraries.numpy", "2.0.0", "numpy: 2.0.0, here"),
        ("platform.vectors", ["NEON"], "vectors: NEON, here"),
        ("package.commit", None, "commit: unknown, here c0ffee"),
    ],
)
@pytest.mark.parametrize(("factor", "code"), [(1.0 + 1e-12, 0), (1.0 + 1e-7, 3)])
def test_elsewhere_values_may_differ_by_a_billionth(
    ask: Ask, held: Path, key: str, value: object, change: str, factor: float, code: int
) -> None:
    if key == "version":
        say(held, "package.version", value)
    say(held, key, value)
    shift(held / "metrics.parquet", "capex_usd", 0, factor)
    answer = ask("reproduce", str(held))
    assert answer.code == code
    assert "Wanted    values within 1e-09" in answer.out
    assert change in answer.out
    assert "in capex_usd (run 0, month 2025-01)" in answer.out


# ---- what cannot be made again -------------------------------------------------------------------


@pytest.fixture
def no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be run."""
    monkeypatch.setattr(remake, "simulate", None)
    monkeypatch.setattr(remake, "run_sweep", None)


def test_a_registry_that_has_changed_is_told_by_path(
    ask: Ask, no_runs: None, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = load_registry()
    entry = registry.parameters["labs.replication_lag"]
    other = FrozenDict({**registry.parameters, entry.path: replace(entry, value=entry.value + 1)})
    for module in (manifest, loader, scenario):
        monkeypatch.setattr(module, "load_registry", lambda: replace(registry, parameters=other))
    answer = ask("reproduce", str(made))
    assert answer.code == 2
    since = f"the registry has changed since version {manifest.package_version()}"
    assert since in answer.err
    assert f"registry.{entry.path} = {entry.value}; allowed: {entry.value + 1}" in answer.err


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("scenario.set", {"fleets.wacc": 0.12}, "not the one that its digest describes"),
        ("scenario.months", 3, "not the one that its digest describes"),
        ("scenario.event", [], "not the one that its digest describes"),
        ("digest", "0" * 64, "not the one that its digest describes"),
        ("scenario.base", "mine", "not one that ships"),
        ("scenario.event", 7, "the manifest is damaged"),
        ("scenario", {}, "the manifest is damaged"),
        ("replications", None, "the manifest is damaged"),
        ("replications", {"first": 4, "count": 2}, "replications.first = 4; allowed"),
        ("replications", {"first": 0, "count": -2}, "replications.count = -2; allowed"),
        ("seed", "one", "seed"),
        ("tables", {"../metrics": {}}, "not one of the choices"),
        ("platform", 7, "the manifest is damaged"),
        ("package", {}, "the manifest is damaged"),
        ("kind", "other", "unknown kind of results"),
        ("schema", 2, "another layout"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(
    ask: Ask, no_runs: None, held: Path, key: str, value: object, said: str
) -> None:
    say(held, key, value)
    answer = ask("reproduce", str(held))
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert said in answer.err


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("sweep.samples", 36, "design_hash"),
        (
            "sweep.vary",
            {"labs.replication_lag": {"law": "uniform", "low": 1, "high": 2}},
            "design_hash",
        ),
        ("sweep.vary", {"labs.replication_lag": {}}, "the manifest is damaged"),
        ("sweep.vary", 7, "the manifest is damaged"),
        ("sweep.design", "guess", "sweep.design"),
        ("sweep.samples", 10**9, "sweep.samples"),
        ("replications", 5, "replications"),
        ("design_hash", "0" * 64, "design_hash"),
    ],
)
def test_a_sweep_with_another_plan_is_refused(
    ask: Ask, no_runs: None, held_sweep: Path, key: str, value: object, said: str
) -> None:
    say(held_sweep, key, value)
    answer = ask("reproduce", str(held_sweep), "--workers", "0")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert said in answer.err


@pytest.mark.parametrize("out", ["held", "held/inside"])
def test_results_are_not_made_again_over_themselves(
    ask: Ask, no_runs: None, held: Path, out: str
) -> None:
    before = sorted(held.iterdir())
    answer = ask("reproduce", "held", "--out", out)
    assert answer.code == 2
    assert "allowed: another folder" in answer.err
    assert sorted(held.iterdir()) == before


def test_an_interruption_compares_nothing(
    ask: Ask, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(remake, "simulate", interrupted)
    assert ask("reproduce", str(made)).code == 130
    assert list(tmp_path.iterdir()) == []
