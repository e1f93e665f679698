"""Fuzzed configuration files: whatever stands in them, they load or are refused in one line.

Files are shipped ones with mutations, and raw garbage. File number n is the same in every run, so a
failure is repeated by `fuzz([n], folder)`.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.registry import load_registry
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.schema import scenario_schema
from sim.config.world.reader import load_world

SECONDS_MAX = 1.0

EVERY_FEATURE = """\
title = "Every feature"
base = "hormuz_closure"
months = 48
about = "compute_stock_h100e"
expect = "down"
against = "baseline"
window = "2025-06/2025-12"
why = "A test."
[set]
"labs.runway_months" = 12
"fleets.hyperscaler.capex_share" = 0.5
"fabs.nvidia.backlog_price_gain" = 0.05
[[event]]
name = "closure"
start = "2026-03"
months = 6
set = { "inputs.helium.helium_gulf_loss" = 0.5 }
scale = { "fleets.site_cost" = 1.2, "regions.us.gas_price_flexibility" = 0.5 }
[[event]]
name = "second"
start = "2025-06"
months = 12
scale = { "fleets.microsoft_us.site_cost" = 1.5 }
[class]
"labs.frontier" = "my_labs:Cautious"
fabs = "my.fabs:Careful"
"""

# fmt: off
VALUES = (
    "nan", "-inf", "1e999", "-0.0", "true", "0", "-1", "0.5", "1e308", "0x7fffffffffffffffffff",
    "1979-05-27", "07:32:00", "[]", "{}", "[[]]", '""', '"x"', '"""a\nb"""', "'''x'''",
    "[1,2,[3]]", "{a=1}", "{a.b.c={}}", "1_000_000_000_000", '"2026-13"', '"2025-1"', '"2025-12"',
    '"nowhere"', '"baseline"', '"world_2025"', '"fuzz.toml"', '"../fuzz.toml"', '"/dev/zero"',
    '"\\u0000"', '"\\ud800"', '"a:b"', '"labs"', '"nvidia"', '"fabs"',
)
SIGNS = (
    "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", '"', "'", '"""', "'''", "\\", "\n", "\r",
    "\t", "\0", "ÿ", "é", "\u2028", "-",
)
# fmt: on
LINES = (
    "[set]",
    "[[event]]",
    "[class]",
    "[a.b.c.d]",
    "[[edges]]",
    "[labs]",
    "[labs.new]",
    "[history]",
    'base = "fuzz.toml"',
    "title = 'again'",
    '"" = ""',
    '"\\n" = 1',
    "a.b.c = 1",
    "x = 1" + "0" * 400,
    "x = 1" + "0" * 5000,
    "x = 0x" + "f" * 5000,
    "x = " + "[" * 2000,
    "x = " + "{y = " * 2000,
    "x = [" + "1, " * 20_000 + "]",
    "a." * 20_000 + "a = 1",
    "[" + "a." * 20_000 + "a]",
    "x = '" + "'" * 999,
    'x = """' + '"\\' * 9_999,
    "#" + "é" * 9_999,
)


def lines_changed(rng: random.Random, text: str) -> str:
    """Some line is deleted, doubled, moved, cut or taken from what breaks parsers."""
    lines = text.split("\n")
    here, there = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[here]
        case 1:
            lines.insert(there, lines[here])
        case 2:
            lines[here], lines[there] = lines[there], lines[here]
        case 3:
            lines[here] = lines[here][: rng.randrange(len(lines[here]) + 1)]
        case 4:
            lines.insert(here, rng.choice(LINES))
        case _:
            lines = lines[: here + 1]
    return "\n".join(lines)


def value_changed(rng: random.Random, text: str) -> str:
    """Some number, text or word becomes another value."""
    found = list(re.finditer(r'[0-9][0-9_.e]*|"[^"\n]*"|true|false', text))
    if not found:
        return text
    spot = rng.choice(found)
    return text[: spot.start()] + rng.choice(VALUES) + text[spot.end() :]


def number_changed(rng: random.Random, text: str) -> str:
    """Some number becomes a little larger or smaller, which is often allowed."""
    found = list(re.finditer(r"(?<=[ =])[0-9][0-9_]*(?:\.[0-9]+)?(?=[ ,\n])", text))
    if not found:
        return text
    spot = rng.choice(found)
    changed = float(spot[0]) * rng.uniform(0.9, 1.1)
    return text[: spot.start()] + str(changed) + text[spot.end() :]


def word_changed(rng: random.Random, text: str) -> str:
    """Some word loses or doubles a letter, or becomes another word of the file."""
    found = list(re.finditer(r"[a-z_]{2,}", text))
    if not found:
        return text
    spot = rng.choice(found)
    cut = rng.randrange(len(spot[0]))
    word = rng.choice((
        spot[0][:cut] + spot[0][cut + 1 :],
        spot[0][:cut] + 2 * spot[0][cut:],
        rng.choice(found)[0],
    ))  # fmt: skip
    return text[: spot.start()] + word + text[spot.end() :]


def sign_added(rng: random.Random, text: str) -> str:
    """Somewhere stands a sign that means something to a parser, or nothing to anyone."""
    spot = rng.randrange(len(text) + 1)
    return text[:spot] + rng.choice(SIGNS) + text[spot:]


MUTATIONS: tuple[Callable[[random.Random, str], str], ...] = (
    lines_changed,
    value_changed,
    number_changed,
    number_changed,
    word_changed,
    sign_added,
)


def garbage(rng: random.Random) -> bytes:
    """Bytes, signs or statements without sense."""
    match rng.randrange(4):
        case 0:
            return rng.randbytes(rng.randrange(2_000))
        case 1:
            return "".join(rng.choices(SIGNS, k=rng.randrange(500))).encode()
        case 2:
            keys = rng.choices(("base", "title", "set", "event", "labs", "x"), k=9)
            return "\n".join(f"{key} = {rng.choice(VALUES)}" for key in keys).encode()
        case _:
            return "\n".join(rng.choices(LINES, k=rng.randrange(5))).encode("utf-16")


def load_and_use_scenario(file: Path) -> None:
    scenario = load_scenario(file)
    json.dumps([scenario.to_dict(), scenario.digest], allow_nan=False)


def load_and_use_world(file: Path) -> None:
    assert load_world(file).rows


def load_and_use_registry(file: Path) -> None:
    registry = load_registry(file)
    for path, entry in registry.parameters.items():
        assert registry.check(path, entry.value) == entry.value


def fuzz(numbers: Iterable[int], folder: Path) -> dict[str, int]:
    """Make and load the files of these numbers; counts what was loaded and what refused."""
    scenarios = [file.read_text() for file in sorted((shipped.FOLDER / "scenarios").glob("*"))]
    seeds = [
        *((load_and_use_scenario, text) for text in (*scenarios, *[EVERY_FEATURE] * 10)),
        *[(load_and_use_world, shipped.path("world", "world_2025").read_text())] * 5,
        *[(load_and_use_world, shipped.path("world", "synthetic_small").read_text())] * 2,
        *[(load_and_use_registry, (shipped.FOLDER / "parameters.toml").read_text())] * 3,
    ]
    file = folder / "fuzz.toml"
    counts = {"loaded": 0, "refused": 0}
    for number in numbers:
        rng = random.Random(number)
        load, text = rng.choice(seeds)
        if rng.random() < 0.15:
            content = garbage(rng)
        else:
            for _ in range(rng.randrange(1, 4)):
                text = rng.choice(MUTATIONS)(rng, text)
            content = text.encode(errors="surrogatepass")
        file.write_bytes(content)
        begun = time.process_time()
        try:
            load(file)
            counts["loaded"] += 1
        except RequestError as error:
            counts["refused"] += 1
            assert str(error).isprintable(), number
            assert error.file is not None, number
        except Exception as error:
            raise AssertionError(f"file {number} raises {type(error).__name__}") from error
        assert time.process_time() - begun < SECONDS_MAX, number
    return counts


def test_a_file_with_every_feature_loads(tmp_path: Path) -> None:
    file = tmp_path / "every.toml"
    file.write_text(EVERY_FEATURE)
    load_and_use_scenario(file)
    assert scenario_schema()["properties"].keys() >= {"title", "base", "set", "event", "class"}


def test_300_files_load_or_are_refused(tmp_path: Path) -> None:
    counts = fuzz(range(300), tmp_path)
    assert min(counts.values()) > 20, counts


@pytest.mark.campaign
def test_10_000_files_load_or_are_refused(tmp_path: Path) -> None:
    counts = fuzz(range(1_000, 11_000), tmp_path)
    assert min(counts.values()) > 500, counts
