"""The metadata file of results folders, held against the specification of RO-Crates."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from experiments.runs.sweep import run_sweep
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_block
from sim.results.files import manifest, ro_crate
from sim.results.runs import Runs
from tests.crates import entities_of
from tests.experiments.sweeps import plan_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs of a month."""
    chosen = load_scenario("baseline", months=1)
    block = run_block(chosen, 3, range(2), tables=("metrics", "payments"))
    return Runs.from_blocks(chosen, 3, [block]).write(tmp_path / "made")


def test_a_run_is_described(folder: Path) -> None:
    found, known = entities_of(folder), manifest.read(folder)
    files = {key for key, entity in found.items() if entity["@type"] == "File"}
    assert files == {"manifest.json", "metrics.parquet", "payments.parquet"}
    assert found["./"]["name"] == "Baseline: 2 runs with seed 3"
    assert found["#scenario"]["identifier"] == f"sha256:{known['digest']}"
    assert found["#world"]["identifier"] == f"sha256:{known['world']}"
    assert found["#seed"]["value"] == 3
    assert found["#drawbridge"]["version"] == known["version"]
    assert f"numpy {known['libraries']['numpy']}" in found["#drawbridge"]["softwareRequirements"]
    assert found["#simulation"]["actionStatus"]["@id"].endswith("/CompletedActionStatus")
    assert found["#epoch-ai"]["license"] == found["./"]["license"]


def test_a_sweep_is_described_part_by_part(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, samples=35, months=1)
    run_sweep(plan, tmp_path / "made", workers=0, blocks=[1])
    found = entities_of(tmp_path / "made")
    assert found["parts/"]["hasPart"] == [{"@id": "parts/000001.parquet"}]
    assert found["design.parquet"]["sha256"]
    assert found["#simulation"]["actionStatus"]["@id"].endswith("/FailedActionStatus")
    assert found["#simulation"]["error"] == "not all runs were done"
    run_sweep(plan, tmp_path / "made", workers=0, resume=True)
    found = entities_of(tmp_path / "made")
    assert len(found["parts/"]["hasPart"]) == 2
    assert "error" not in found["#simulation"]


def test_modules_of_ones_own_are_among_what_the_runs_were_made_of(
    tmp_path: Path,
) -> None:
    code = "from agents import FrontierLab\n\n\nclass Mine(FrontierLab):\n    pass\n"
    (tmp_path / "my_mine.py").write_text(code)
    file = tmp_path / "mine.toml"
    file.write_text(
        'title = "Mine"\nbase = "baseline"\nclass = { "labs.openai" = "my_mine:Mine" }\n'
    )
    chosen = load_scenario(file, months=1)
    block = run_block(chosen, 1, (0,))
    found = entities_of(Runs.from_blocks(chosen, 1, [block]).write(tmp_path / "made"))
    module = found["#module-my_mine"]
    assert module["@type"] == "SoftwareSourceCode"
    assert module["identifier"] == f"sha256:{sha256(code.encode()).hexdigest()}"
    assert {"@id": "#module-my_mine"} in found["#simulation"]["object"]


def test_what_was_changed_is_found(folder: Path) -> None:
    assert ro_crate.changed(folder) == []
    metrics = folder / "metrics.parquet"
    metrics.write_bytes(metrics.read_bytes() + b"\0")
    (folder / "payments.parquet").unlink()
    assert ro_crate.changed(folder) == ["metrics.parquet", "payments.parquet"]
    (folder / ro_crate.FILE).unlink()
    assert ro_crate.changed(folder) is None


BROKEN: list[Callable[[str], str]] = [
    lambda text: "",
    lambda text: "7",
    lambda text: "[]",
    lambda text: '{"@graph": 7}',
    lambda text: '{"@graph": [{}]}',
    lambda text: '{"@graph": [{"@type": "File", "@id": "manifest.json"}]}',
    lambda text: "[" * 10**5,
]


@pytest.mark.parametrize("change", BROKEN)
def test_a_description_that_cannot_be_read_is_itself_changed(
    folder: Path, change: Callable[[str], str]
) -> None:
    (folder / ro_crate.FILE).write_text(change((folder / ro_crate.FILE).read_text()))
    assert ro_crate.changed(folder) == [ro_crate.FILE]


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a/../../outside"])
def test_files_outside_the_folder_are_not_read(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "outside").write_text("mine")
    text = (folder / ro_crate.FILE).read_text().replace('"metrics.parquet"', f'"{name}"')
    (folder / ro_crate.FILE).write_text(text)
    stored = ro_crate._stored

    def inside(file: Path) -> ro_crate.Stored:
        assert folder in file.resolve().parents
        return stored(file)

    monkeypatch.setattr(ro_crate, "_stored", inside)
    assert ro_crate.changed(folder) == [name]
