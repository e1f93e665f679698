"""What `drawbridge drivers` finds and leaves, from few and short runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from experiments.drivers import one_at_a_time, report, turning_points
from experiments.drivers.drivers import Drivers, DriversSize, drivers_size, find_drivers
from experiments.drivers.headlines import SHOWN
from experiments.drivers.sample import HEADLINES
from experiments.drivers.turning_points import TurningPoint, TurningPoints
from experiments.studies import NAMES
from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.ensemble import run_ensemble
from tests.experiments.conftest import Ask

SHORT = DriversSize(100, 2, (), turning_points.TurningPointsSize(2, 2))


def told() -> TurningPoints:
    one = TurningPoint(
        path="labs.openness",
        unit="1",
        value=-4.0,
        low=-6.0,
        high=-2.0,
        least=-50.0,
        most=50.0,
        clear=True,
        at_low=0.08,
        at_high=-0.09,
        below=None,
        above=-1.5,
    )
    other = TurningPoint(
        path="gulf.share_to_labs",
        unit="fraction",
        value=0.45,
        low=0.3,
        high=0.6,
        least=0.0,
        most=1.0,
        clear=False,
        at_low=None,
        at_high=0.01,
        below=None,
        above=None,
    )
    return TurningPoints(
        name="gulf_stop",
        number=5,
        question="?",
        statistic="change of capex",
        unit="fraction",
        expected="less",
        estimate=-0.2,
        agrees=True,
        held=0.75,
        draws=256,
        numberless=0,
        pairs=6,
        points=(one, other),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drivers")


@pytest.fixture(scope="module")
def found(folder: Path) -> Drivers:
    made = find_drivers(load_scenario("baseline", months=3), SHORT, 1, folder, workers=0)
    made = Drivers(**{**vars(made), "turning_points": (told(),)})
    report.write(made, folder)
    return made


def test_every_headline_has_its_shares_its_tornado_and_its_table(
    found: Drivers, folder: Path
) -> None:
    facts = json.loads((folder / "drivers.json").read_text())
    assert [metric["metric"] for metric in facts["metrics"]] == list(HEADLINES)
    for metric in facts["metrics"]:
        shares = metric["shares"]
        parts = [shares[key] for key in ("alone", "pairs", "rest")]
        parts += [shares[key]["value"] for key in ("small", "draws")]
        assert sum(parts) == pytest.approx(1.0)
        assert len(metric["drivers"]) == SHOWN
        named = f"tornado-{metric['metric'].replace('_', '-')}.svg"
        picture = ElementTree.parse(folder / named).getroot()
        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        assert named in (folder / "drivers.md").read_text()
    rows = list(csv.DictReader((folder / "drivers.csv").read_text().splitlines()))
    assert len(rows) == SHOWN * len(HEADLINES)
    assert facts["window"] == "2025-01/2025-03"


def test_what_is_there_is_not_run_again(found: Drivers, folder: Path) -> None:
    parts = sorted(folder.glob("runs-*/*/parts/*.parquet"))
    before = [file.stat().st_mtime_ns for file in parts]
    again = find_drivers(load_scenario("baseline", months=3), SHORT, 1, folder, workers=0)
    assert [file.stat().st_mtime_ns for file in parts] == before
    assert [h.facts() for h in again.headlines] == [h.facts() for h in found.headlines]


def test_other_results_are_left_alone(tmp_path: Path) -> None:
    run_ensemble(load_scenario("baseline", months=1)).write(tmp_path)
    with pytest.raises(RequestError, match="other results"):
        find_drivers(load_scenario("baseline", months=3), SHORT, 1, tmp_path, workers=0)


def test_a_conclusion_is_told_with_what_turns_it_over(found: Drivers) -> None:
    document = report.document(found)
    row, other = document.strip().splitlines()[-2:]
    assert "| 5 `gulf_stop` | -20.0 % | less: yes | 75 % | `labs.openness` | -4.00 |" in row
    assert row.endswith("| +8.00 % | -9.00 % | -1.50 |")
    assert other.endswith("| (no number) | (+1.00 %) | not within 0–1.00 |")
    assert "labs.openness, -4.00: -1.50" in report.screen(found)


def test_the_documentation_counts_as_the_code_does() -> None:
    page = Path(__file__).parents[3] / "docs" / "guide" / "statistics.md"
    told = " ".join(page.read_text().split())
    full = drivers_size(False, None, None)
    words = {6: "six", 8: "eight", 12: "twelve", 16: "sixteen", 2: "two"}
    assert f"{full.turning_points.draws} draws cannot" in told
    assert f"the {turning_points.LOOKED_AT} best, and" in told
    assert f"with {words[turning_points.GLANCE]} pairs of runs" in told
    assert (
        f"the best {words[turning_points.CANDIDATES]} of these with "
        f"{words[full.turning_points.pairs]}" in told
    )
    assert f"The {words[SHOWN]} that matter most" in told
    assert f"cut into {words[one_at_a_time.SECTIONS**one_at_a_time.ROUNDS]}" in told


def test_quick_takes_a_sample_of_the_studies() -> None:
    assert drivers_size(True, None, None).studies == NAMES[::9]
    assert drivers_size(False, None, None).studies == NAMES
    assert drivers_size(True, 150, ("gulf_stop",)).points == 150
    with pytest.raises(RequestError, match="gulf_stop"):
        drivers_size(True, None, ("gulf_stopp",))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--runs", "99"), "--runs"),
        (("--seed", "-1"), "--seed"),
        (("--workers", "-1"), "--workers"),
        (("--study", "gulf_stopp"), "gulf_stop"),
        (("--out", "file"), "file"),
    ],
)
def test_a_wrong_request_is_told_before_anything_is_run(
    ask: Ask, tmp_path: Path, words: tuple[str, ...], named: str
) -> None:
    (tmp_path / "file").touch()
    answer = ask("drivers", *words)
    assert answer.code == 2
    assert named in answer.err
    assert "Traceback" not in answer.err
