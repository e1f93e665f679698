"""`drawbridge sensitivity` and `discover` on sweeps of the model."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.main import execute

SWEEP = """\
base = "baseline"
months = 3
design = "{design}"
samples = {samples}
replications = 2
[vary]
"regions.rent_start" = [1.9, 2.6]
"fleets.site_cost" = "registry"
"""
RENT = "rental_price_usd_per_h100e_hour"


@pytest.fixture(scope="module")
def sobol(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep of 16 x (2 + 2) points and two replications, 128 runs in two blocks."""
    folder = tmp_path_factory.mktemp("sobol")
    (folder / "case.toml").write_text(SWEEP.format(design="sobol", samples=16))
    out = str(folder / "out")
    assert execute(["sweep", str(folder / "case.toml"), "--workers", "0", "--out", out]) == 0
    return folder / "out"


def test_rents_depend_on_where_they_began(sobol: Path, ask: Any) -> None:
    answer = ask("sensitivity", str(sobol), "--outcome", f"{RENT}@2025-03", "--out", "table.csv")
    assert answer.code == 0, answer.err
    assert f"{RENT}@2025-03, USD/H100e-hour: Sobol, 64 points x 2 replications" in answer.out
    rows = list(csv.DictReader(Path("table.csv").read_text().splitlines()))
    totals = {row["path"]: float(row["value"]) for row in rows if row["statistic"] == "total"}
    assert totals["regions.rent_start"] > 0.8
    assert totals["fleets.site_cost"] < 0.2


def test_several_outcomes_as_json(sobol: Path, ask: Any) -> None:
    words = ("--outcome", RENT, "--outcome", f"max({RENT})", "--json")
    found = json.loads(ask("sensitivity", str(sobol), *words).out)
    assert [one["outcome"] for one in found] == [RENT, f"max({RENT})"]
    assert found[0]["luck"]["noise"] < 0.5


def test_a_file_is_run_once_and_found_again(ask: Any) -> None:
    Path("screen.toml").write_text(SWEEP.format(design="morris", samples=4))
    words = ("sensitivity", "screen.toml", "--workers", "0", "--outcome", RENT)
    first = ask(*words)
    assert first.code == 0, first.err
    assert "Morris, 12 points x 2 replications" in first.out
    parts = sorted(Path("results").rglob("parts/*.parquet"))
    written = [part.stat().st_mtime_ns for part in parts]
    assert ask(*words).out == first.out
    assert [part.stat().st_mtime_ns for part in parts] == written


def test_high_rents_are_found_where_they_began_high(sobol: Path, ask: Any) -> None:
    answer = ask("discover", str(sobol), "--where", f"{RENT} > 2.3", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    (limit,) = found["boxes"][0]["limits"]
    assert (limit["path"], limit["high"]) == ("regions.rent_start", None)
    assert found["together"]["density"] > 0.9
    assert "regions.rent_start above" in ask("discover", str(sobol), "--where", f"{RENT}>2.3").out


def test_a_sweep_with_a_run_missing_is_refused_by_its_name(
    sobol: Path, tmp_path: Path, ask: Any
) -> None:
    gap = shutil.copytree(sobol, tmp_path / "gap")
    sorted((gap / "parts").glob("*.parquet"))[-1].unlink()
    commands: list[tuple[str, ...]] = [("sensitivity",), ("discover", "--where", f"{RENT} > 2.3")]
    for name, *options in commands:
        answer = ask(name, str(gap), *options)
        assert answer.code == 2
        assert "scenario_id 32, replication_id 0" in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sensitivity", "SOBOL", "--outcome", "rent"), "--outcome"),
        (("sensitivity", "SOBOL", "--outcome", f"{RENT}@2026-01"), "outside the run"),
        (("sensitivity", "SOBOL", "--resamples", "1"), "--resamples"),
        (("sensitivity", "SOBOL", "--out", "table.txt"), "FILE.csv"),
        (("sensitivity", "lag_sobl"), "did you mean lag_sobol?"),
        (("discover", "SOBOL", "--where", f"{RENT} >"), "--where"),
        (("discover", "SOBOL", "--where", f"{RENT} > 1e9"), "in no run"),
        (("discover", "SOBOL", "--where", f"{RENT} > 2", "--density", "2"), "--density"),
        (("discover", "SOBOL"), "--where"),
    ],
)
def test_wrong_requests_are_refused(
    sobol: Path, ask: Any, words: tuple[str, ...], message: str
) -> None:
    answer = ask(*(str(sobol) if word == "SOBOL" else word for word in words))
    assert (answer.code, message in answer.err) == (2, True), answer.err
    assert answer.err.count("\n") == 1
