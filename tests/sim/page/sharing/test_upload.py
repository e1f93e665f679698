"""Uploaded scenario files: what is read, and what is refused without a server's path."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sim.base.errors import RequestError
from sim.config.scenario.loader import load_scenario
from sim.page.session.session import Session
from sim.page.sharing.upload import SIZE_MAX, safe_name, uploaded

GOOD = """\
title = "Mine <b>&amp;"
base = "taiwan_outage"
months = 6
[set]
"labs.replication_lag" = 9
"""


def test_a_good_file_is_the_scenario_that_it_says(tmp_path: Path) -> None:
    made = uploaded("my_scenario.toml", GOOD.encode())
    (tmp_path / "my_scenario.toml").write_text(GOOD)
    assert made.digest == load_scenario(tmp_path / "my_scenario.toml").digest
    assert (made.name, made.file, made.title) == ("my_scenario", None, "Mine <b>&amp;")
    session = Session(made)
    assert session.step(2) == 2


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('title = "x"\nbase = "other.toml"', 2, "unknown base"),
        ('title = "x"\nbase = "../worlds/world_2025.toml"', 2, "unknown base"),
        ('title = "x"\nbase = "/etc/passwd"', 2, "unknown base"),
        ('title = "x"\nbase = "basline"', 2, "did you mean baseline"),
        ('title = "x"', None, "missing key: base"),
        ('title = "x"\nbase = "baseline"\n[class]\n"labs.openai" = "os:system"', 3, "classes"),
        ('title = "x"\nbase = "baseline"\nclass = 3', 3, "classes"),
        ('title = "x"\nbase = "baseline"\n\n[set]\n"labs.lag" = 1', 5, "unknown parameter"),
        (
            'title = "x"\nbase = "baseline"\nagainst = "mine.toml"\nabout = "capex_usd"\n'
            'expect = "up"',
            3,
            "unknown scenario",
        ),
        ('title = "x"\nbase = ', 2, "broken TOML"),
        ("\n\ufeff", 2, "broken TOML"),
    ],
)
def test_errors_name_the_file_and_line_and_no_path(
    text: str, line: int | None, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for beside in ("other.toml", "mine.toml"):
        (tmp_path / beside).write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError) as refused:
        uploaded("../../var/My file.toml", text.encode())
    said = str(refused.value)
    assert said.startswith("My_file.toml" if line is None else f"My_file.toml, line {line}: ")
    assert problem in said
    assert os.sep not in said.replace("/etc/passwd", "").replace("../worlds/", "")


def test_classes_of_a_base_are_refused_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sim.config import shipped

    shelf = tmp_path / "shelf"
    (shelf / "scenarios").mkdir(parents=True)
    (shelf / "worlds").symlink_to(shipped.FOLDER / "worlds")
    text = 'title = "x"\nbase = "world_2025"\nclass = { labs = "os:path" }'
    (shelf / "scenarios" / "mindful.toml").write_text(text)
    monkeypatch.setattr(shipped, "FOLDER", shelf)
    with pytest.raises(RequestError, match=r"a\.toml, line 2: names classes: base"):
        uploaded("a.toml", b'title = "x"\nbase = "mindful"')


def test_a_file_named_like_its_base_is_no_cycle() -> None:
    assert uploaded("baseline.toml", b'title = "x"\nbase = "baseline"').name == "baseline"


def test_what_is_no_text_or_too_large_is_refused_before_parsing() -> None:
    with pytest.raises(RequestError, match=r"a\.toml, line 2: not UTF-8"):
        uploaded("a.toml", b"\n\xff")
    began = time.process_time()
    with pytest.raises(RequestError, match=r"a\.toml: file too large"):
        uploaded("a.toml", b"[" * (SIZE_MAX + 1))
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 900_000,
        "a = [\n" * 100_000,
        "[" + "a." * 400_000 + "a]",
        'a = "' + "\\" * 900_000,
        "a = 1" + "0" * 900_000,
        "#" * 900_000,
        'title = "x"\nbase = "baseline"\n[set]\n' + "x = 1\n" * 100_000,
    ],
)
def test_no_file_takes_long(text: str) -> None:
    began = time.process_time()
    with pytest.raises(RequestError):
        uploaded("a.toml", text.encode())
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("C:\\users\\me\\a b.toml", "a_b.toml"),
        ("../..//x.toml", "x.toml"),
        ("<img src=x onerror=alert(1)>.toml", "img_src_x_onerror_alert_1.toml"),
        ("", "scenario.toml"),
        ("..", "scenario.toml"),
        ("\x00é\n", "scenario.toml"),
        ("a" * 500, "a" * 60 + ".toml"),
    ],
)
def test_names_are_made_safe(given: str, safe: str) -> None:
    assert safe_name(given) == safe
