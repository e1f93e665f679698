"""Speed: `python -m experiments.maintenance.benchmark [PART...]`, or `make bench`; all parts by
default.

core        the market core as objects, arrays, C++ and on this engine
baseline    runs side by side and singly, and where an ensemble's time goes
start       imports, the first run and later ones, short answers
work        what a month calls and holds, counted
growth      how cost grows with the world
large       a year of 20,000 firms and a million cohorts of customers, in a process of its own

--out DIR   also writes what is printed to DIR/speed.md
--large     the part `large` alone, in this process
--page      how long a month takes until a browser shows it

Ends with 1 if a target is missed.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.base.errors import DrawbridgeError, RequestError, one_of
from sim.base.files import Staging
from sim.results.files.manifest import LIBRARIES


def main(words: Sequence[str]) -> int:
    """Measure, print and write; the exit code."""
    try:
        return _main(list(words))
    except DrawbridgeError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return error.exit_code


def _main(words: list[str]) -> int:
    if words == ["--large"]:
        from experiments.maintenance.benchmark.growth import large

        section = large()
        print(section.text())
        return int(section.missed)
    if words == ["--page"]:
        from experiments.maintenance.benchmark.page import section as page

        section = page()
        print(section.text())
        return int(section.missed)
    named, folder = _asked(words)
    texts, missed = [f"{machine()}\n"], False
    print(texts[0], flush=True)
    for name in named or PARTS:
        for text, failed in PARTS[name]():
            print(text, flush=True)
            texts.append(text)
            missed |= failed
    if folder is not None:
        with Staging(folder) as staging, staging.file(SPEED) as file:
            file.write("\n".join(texts).encode())
    return int(missed)


def _asked(words: Sequence[str]) -> tuple[list[str], Path | None]:
    """Parts, and where to write. Raises RequestError for what is neither."""
    named, folder, rest = [], None, list(words)
    while rest:
        word = rest.pop(0)
        if word == "--out" and rest:
            folder = Path(rest.pop(0))
        elif word in PARTS:
            named.append(word)
        else:
            allowed = f"{one_of(PARTS)}; --out DIR; --large or --page alone"
            raise RequestError("unknown part or option", value=word, allowed=allowed)
    return named, folder


def machine() -> str:
    """Processor, Python, libraries and compiler."""
    from experiments.maintenance.benchmark.market.cpp import compiled_by

    told = ((name, _version(name)) for name in (*LIBRARIES, "agentpy"))
    libraries = ", ".join(f"{name} {number}" for name, number in told if number)
    return (
        f"{_processor()}, {os.cpu_count()} processors, {platform.system()}, Python "
        f"{platform.python_version()}, {libraries}; C++ by {compiled_by() or 'nobody'}."
    )


def _processor() -> str:
    cpu = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpu.read_text("utf-8")) if cpu.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _part(module: str) -> Callable[[], Iterator[tuple[str, bool]]]:
    """Texts of a module's sections, and whether a target is missed in each."""

    def told() -> Iterator[tuple[str, bool]]:
        from importlib import import_module

        for section in import_module(f"experiments.maintenance.benchmark.{module}").sections():
            yield section.text(), section.missed

    return told


def _large() -> Iterator[tuple[str, bool]]:
    code = [sys.executable, "-m", "experiments.maintenance.benchmark", "--large"]
    done = subprocess.run(code, stdout=subprocess.PIPE, text=True, check=False)
    yield done.stdout.rstrip("\n") + "\n", done.returncode != 0


PARTS: dict[str, Callable[[], Iterator[tuple[str, bool]]]] = {
    "core": _part("market.market"),
    "baseline": _part("baseline"),
    "start": _part("start"),
    "work": _part("work"),
    "growth": _part("growth"),
    "large": _large,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))


SPEED = "speed.md"
