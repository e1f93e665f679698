"""The configuration that comes with the package: its folder, and its files by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import configs
from sim.base.errors import RequestError, nearest, one_of
from sim.config.toml.document import read_document
from sim.config.toml.table import Table

FOLDER = Path(configs.__file__).parent
"""The folder of parameters.toml, worlds/, scenarios/, vintages/, sweeps/ and calibrations/."""

Kind = Literal["world", "scenario", "vintage", "sweep", "calibration"]
KINDS: tuple[Kind, ...] = ("world", "scenario")
"""Kinds of file that a scenario may take as its base."""


def names(kind: Kind) -> list[str]:
    """Names of the shipped files of a kind, in alphabetical order."""
    return sorted(file.stem for file in (FOLDER / f"{kind}s").glob("*.toml"))


def titles(kind: Kind) -> list[tuple[str, str]]:
    """Name and title of every shipped file of a kind."""
    return [(name, _title(path(kind, name))) for name in names(kind)]


def path(kind: Kind, name: str) -> Path:
    """The path of a shipped file by its name."""
    return FOLDER / f"{kind}s" / f"{name}.toml"


def locate(kind: Kind, wanted: str | os.PathLike[str]) -> Path:
    """The file meant by a shipped name, or by a path that ends in .toml.

    Raises RequestError with the nearest name for an unknown one.
    """
    text = os.fspath(wanted)
    if text.endswith(".toml"):
        return Path(text)
    known = names(kind)
    if text in known:
        return path(kind, text)
    if os.path.isdir(text):
        raise RequestError("a directory, not a file", file=Path(text))
    allowed = f"{one_of(known)}, or the path of a .toml file"
    raise RequestError(f"unknown {kind}", value=text, allowed=allowed, nearest=nearest(text, known))


def _title(file: Path) -> str:
    return Table.of(read_document(file)).line("title")
