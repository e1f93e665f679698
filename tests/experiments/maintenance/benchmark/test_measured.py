"""Figures, their targets and the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.maintenance.benchmark import __main__ as command
from experiments.maintenance.benchmark.measured import (
    BenchmarkSection,
    Measured,
    cpu_seconds,
    cpu_times,
)


def test_jobs_are_timed_in_turn() -> None:
    order: list[str] = []
    times = cpu_seconds(lambda: order.append("a"), lambda: order.append("b"), rounds=3)
    assert order == ["a", "b"] * 3
    assert all(0.0 <= seconds < 0.1 for seconds in times)


def test_a_slow_job_may_have_fewer_rounds() -> None:
    order: list[str] = []
    jobs = ((lambda: order.append("a"), 1), (lambda: order.append("b"), 3))
    assert [len(taken) for taken in cpu_times(jobs)] == [1, 3]
    assert order == ["a", "b", "b", "b"]


@pytest.mark.parametrize(
    ("one", "row"),
    [
        (Measured("a", 2.0, " s"), ("a", "2.00 s", "", "")),
        (Measured("a", 2.0, most=2.0), ("a", "2.00", "≤ 2.00", "ok")),
        (Measured("a", 2.1, most=2.0), ("a", "2.10", "≤ 2.00", "missed")),
        (Measured("a", 79.0, least=80.0), ("a", "79.0", "≥ 80.0", "missed")),
        (Measured("a", 81.0, least=80.0), ("a", "81.0", "≥ 80.0", "ok")),
        (Measured("a", 0.0, most=0.0), ("a", "0", "≤ 0", "ok")),
        (Measured("a", None, most=2.0), ("a", "not measured", "≤ 2.00", "")),
    ],
)
def test_a_figure_stands_beside_its_target(one: Measured, row: tuple[str, ...]) -> None:
    assert one.row() == row
    assert one.missed is (row[-1] == "missed")


def test_the_report_is_printed_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def part(*measured: Measured) -> Iterator[tuple[str, bool]]:
        section = BenchmarkSection("Of it", "Words.", measured)
        yield section.text(), section.missed

    parts = {"good": lambda: part(Measured("a", 1.0, most=2.0)), "none": part}
    monkeypatch.setattr(command, "PARTS", parts)
    assert command.main(["--out", str(tmp_path)]) == 0
    kept = (tmp_path / "speed.md").read_text()
    assert capsys.readouterr().out.strip() == kept.strip()
    assert "Python" in kept.splitlines()[0]
    assert "## Of it\n\nWords.\n\n| measured |" in kept
    assert kept.count("## Of it") == 2
    parts["bad"] = lambda: part(Measured("a", 3.0, most=2.0))
    assert command.main(["bad"]) == 1
    assert "| a | 3.00 | ≤ 2.00 | missed |" in capsys.readouterr().out


def test_what_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["nothing"], ["core", "--large"], ["--out"]):
        assert command.main(words) == 2
        assert "unknown part or option" in capsys.readouterr().err
