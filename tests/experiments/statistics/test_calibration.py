"""Calibration files, and a calibration of the model itself."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.statistics.calibration import calibrate
from experiments.statistics.calibration_file import BAND, load_calibration
from sim.base.errors import RequestError
from sim.config import shipped

HEAD = """\
title = "A test"
base = "baseline"
months = 3
samples = 12
waves = 2
keep = 50
[vary]
"regions.rent_start" = [1.9, 2.6]
"fleets.site_cost" = "registry"
"""
RENT = """
[[target]]
outcome = "rental_price_usd_per_h100e_hour@2025-03"
value = 2.2
source = "assumption: a test"
error = 0.01
discrepancy = 0.0
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        file = tmp_path / "case.toml"
        file.write_text(text)
        return file

    return written


def test_a_target_is_read_in_the_metrics_unit(write: Write) -> None:
    plan = load_calibration(write(HEAD + RENT))
    (aim,) = plan.aims
    assert (aim.target.value, aim.target.measurement) == (2.2, pytest.approx(0.022))
    assert plan.paths == ("regions.rent_start", "fleets.site_cost")
    assert (plan.waves, plan.samples, plan.replications, plan.threshold) == (2, 12, 1, 3.0)


def test_a_publishers_range_is_a_measurement_error(write: Write) -> None:
    text = RENT.replace("value = 2.2", "value = 2.2\nlow = 2.0\nhigh = 2.5")
    text = text.replace("error = 0.01\n", "")
    (aim,) = load_calibration(write(HEAD + text + "scale = 10.0\n")).aims
    assert aim.target.value == pytest.approx(22.0)
    assert aim.target.measurement == pytest.approx(5.0 / BAND)
    (aim,) = load_calibration(write(HEAD + text + "log = true\n")).aims
    assert aim.target.measurement == pytest.approx(math.log(1.25) / BAND)


def test_an_observation_is_looked_up(write: Write) -> None:
    text = RENT.replace("value = 2.2\nsource = ", "observation = ")
    text = text.replace("assumption: a test", "obs:h100_rental_price/market/2024-03-31")
    (aim,) = load_calibration(write(HEAD + text)).aims
    assert (aim.target.value, aim.source) == (2.85, "obs:h100_rental_price/market/2024-03-31")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("outcome = ", "outcom = ", "unknown key: target[1].outcom; allowed"),
        ("@2025-03", "@2026-03", "outside the run"),
        ("rental_price", "rentl_price", "unknown metric"),
        ("value = 2.2", 'observation = "obs:h100_price/H10/2024-03-31"', "beside an observation"),
        ("error = 0.01\n", "", "missing key: target[1].error"),
        ("error = 0.01", "error = 0.0", "leaves no room"),
        ("discrepancy = 0.0\n", "", "missing key: target[1].discrepancy"),
        ("value = 2.2", "value = -2.2\nlog = true", "no logarithm"),
        ("assumption: a test", "Me!", "not a source"),
        ("[[target]]", "[[targets]]", "unknown key: targets"),
        ('"registry"', "[18e9, 9e9]", "an empty range"),
        ("samples = 12", "samples = 3", "out of range: samples"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(write: Write, old: str, new: str, message: str) -> None:
    file = write((HEAD + RENT).replace(old, new))
    with pytest.raises(RequestError) as caught:
        load_calibration(file)
    assert message in str(caught.value)
    assert f"{file}, line " in str(caught.value)


def test_an_unknown_observation_has_a_nearest(write: Write) -> None:
    text = RENT.replace("value = 2.2\nsource = ", "observation = ")
    text = text.replace("assumption: a test", "obs:h100_rental_price/market/2024-03-30")
    with pytest.raises(RequestError, match="did you mean obs:h100_rental_price"):
        load_calibration(write(HEAD + text))


@pytest.mark.parametrize("name", shipped.names("calibration"))
def test_shipped_calibrations_load(name: str) -> None:
    assert load_calibration(name).aims


def test_the_file_of_the_documentation_loads(write: Write) -> None:
    text = (Path(__file__).parents[3] / "docs" / "guide" / "statistics.md").read_text()
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (aim,) = load_calibration(write(block)).aims
    assert aim.source == "obs:world_chip_stock/world/2025-12-31"


def test_the_space_that_is_left_runs_as_a_sweep(write: Write, tmp_path: Path, ask: Any) -> None:
    """The rent of the third month says where the rent began, and nothing of what sites cost."""
    file = write(HEAD + RENT)
    folder = tmp_path / "found"
    found = calibrate(load_calibration(file), folder, workers=0)
    rent, site = (r for r in found.ranges())
    assert rent.path == "regions.rent_start"
    assert rent.narrowed > 0.5 > site.narrowed
    assert found.match.volume < 0.5
    points = pd.read_parquet(folder / "not_ruled_out.parquet")
    assert list(points.columns) == ["regions.rent_start", "fleets.site_cost"]
    assert len(points) == 50
    facts = json.loads((folder / "calibration.json").read_text())
    assert facts["volume"] == found.match.volume
    assert "regions.rent_start" in found.text()

    again = calibrate(load_calibration(file), folder, workers=0)  # reads the waves it finds
    assert np.array_equal(again.values, found.values)

    answer = ask("sweep", str(folder / "not_ruled_out.toml"), "--workers", "0", "--out", "runs")
    assert answer.code == 0, answer.err
    assert "50 scenarios x 1 replication" in answer.out


def test_the_command_says_what_it_found(write: Write, ask: Any) -> None:
    file = write(HEAD.replace("waves = 2", "waves = 1") + RENT)
    answer = ask("calibrate", str(file), "--out", "found", "--workers", "0", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["targets"][0]["source"] == "assumption: a test"
    answer = ask("calibrate", str(file), "--out", "found", "--workers", "0", "--seed", "2")
    assert answer.code == 2
    assert "the folder holds other results" in answer.err
    answer = ask("calibrate", "yaer_2025")
    assert (answer.code, "did you mean year_2025?" in answer.err) == (2, True)
