"""A scenario file that a user gives to the page."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from sim.base.errors import RequestError
from sim.config.scenario.loader import read_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.toml.document import BYTES_MAX, parsed

SIZE_MAX = BYTES_MAX
"""Bytes of the largest file that is read."""
NAME_MAX = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def uploaded(name: str, content: bytes) -> Scenario:
    """The scenario that an uploaded file describes, checked in full.

    It may stand on shipped scenarios and worlds only, and may name no classes: those would be code.
    Raises RequestError with the file's own name, line and key.
    """
    file = Path(safe_name(name))
    if len(content) > SIZE_MAX:
        raise RequestError(
            "file too large",
            file=file,
            value=len(content),
            allowed=f"at most {SIZE_MAX:,} bytes",
        )
    return read_scenario(parsed(file, content, alone=True))


def safe_name(name: str) -> str:
    """A file's name without folders and signs: letters, digits, - and _, then .toml."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = _UNSAFE.sub("_", last.removesuffix(".toml")).strip("_")
    return f"{stem[:NAME_MAX] or 'scenario'}.toml"
