"""A TOML file with its text, so that an error can name the line of a key.

The standard parser tells no lines for keys it accepts. They are found afterwards, and only when an
error needs one, by cutting the text into statements: a header, or a key with its value.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from sim.base.errors import RequestError, nearest

BYTES_MAX = 1_000_000
"""Largest configuration file."""
KEY_PARTS_MAX = 16
"""Most parts of a dotted key; the parser's time grows with their square."""

KEPT = 8
"""Documents, and worlds, that are kept in case they are asked for again: many scenarios stand on
few worlds, and reading a world takes longer than all else that a scenario needs."""

Keys = tuple[str | int, ...]
"""The position of a value: names of tables and keys, positions in arrays of tables."""

_KEY_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_KEY_PART}[ \t]*+\.[ \t]*+){{{KEY_PARTS_MAX}}}")
_DECODER = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)
_DIGITS = re.compile(r"(?<![0-9_])[0-9_]{4000,}+")
_TOKEN = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'"
    r"|\#[^\n]*+"
    r"|[\[\]{}=\n]"
    r"|[^\[\]{}=\n\"'\#]++",
    re.DOTALL,
)


@dataclass(frozen=True, eq=False)
class Document:
    """One TOML file, read and parsed; `text` has Unix line ends. Nobody changes `data`.

    alone: it came without its folder, as over a network: it names no files and no code.
    """

    file: Path
    text: str
    data: dict[str, Any]
    alone: bool = False

    def line(self, keys: Keys) -> int | None:
        """Line of the statement that holds `keys`, or the nearest table around it; from 1."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self._lines:
                return self._lines[keys[:length]]
        return None

    @cached_property
    def _lines(self) -> dict[Keys, int]:
        lines: dict[Keys, int] = {}
        positions: dict[Keys, int] = {}
        table: Keys = ()
        for statement, line in _statements(self.text):
            names, many = _names(statement)
            if statement.startswith("["):
                *outer, last = names
                table = (*_resolved(outer, positions), last)
                if many:
                    positions[table] = positions.get(table, -1) + 1
                    table = (*table, positions[table])
                found = table
            else:
                found = (*table, *names)
            for length in range(1, len(found) + 1):
                lines.setdefault(found[:length], line)
        return lines


def read_document(file: Path) -> Document:
    """Read and parse a TOML file.

    Raises RequestError for what is no readable file of at most BYTES_MAX, no UTF-8 or no TOML.
    """
    return parsed(file, _bytes(file))


@lru_cache(maxsize=KEPT)
def parsed(file: Path, content: bytes, *, alone: bool = False) -> Document:
    """The document that the bytes of a file are: the same one for the same bytes, of late.

    Raises RequestError for no UTF-8 or no TOML.
    """
    try:
        # utf-8-sig: some editors begin a file with a mark that TOML does not know.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise RequestError("not UTF-8 text", file=file, line=line) from None
    long_key = _LONG_KEY.search(text)
    if long_key:
        line = text.count("\n", 0, long_key.start()) + 1
        allowed = f"keys of at most {KEY_PARTS_MAX} parts"
        raise RequestError("key of too many parts", file=file, line=line, allowed=allowed)
    try:
        return Document(file, text, tomllib.loads(text), alone)
    except RecursionError:
        raise RequestError("nested too deeply", file=file, line=_deepest_line(text)) from None
    except ValueError as error:  # broken TOML, or an integer of thousands of digits
        raise _broken(file, text, str(error)) from None


def _bytes(file: Path) -> bytes:
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise RequestError("a directory, not a file", file=file)
        if not stat.S_ISREG(status.st_mode):  # a pipe would never end
            raise RequestError("not an ordinary file", file=file)
        with file.open("rb") as stream:
            content = stream.read(BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):
        beside = nearest(file.name, toml_files(file.parent))
        raise RequestError("no such file", file=file, nearest=beside) from None
    except OSError as error:
        raise RequestError(f"cannot be read, {error.strerror}", file=file) from None
    except ValueError:  # a null character
        raise RequestError("not a file name", file=file) from None
    if len(content) > BYTES_MAX:
        allowed = f"at most {BYTES_MAX:,} bytes"
        raise RequestError("file too large", file=file, allowed=allowed)
    return content


def toml_files(folder: Path) -> list[str]:
    """Names of the TOML files in a folder, in alphabetical order; none if it cannot be read."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    except (OSError, ValueError):
        return []


def _broken(file: Path, text: str, message: str) -> RequestError:
    """The parser's complaint, with its line and what stands there."""
    found = _DECODER.fullmatch(message)
    if found is None:  # Python's own complaint about an integer, which knows no line
        digits = _DIGITS.search(text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else None
        return RequestError("number of too many digits", file=file, line=line)
    complaint, number = found.groups()
    lines = text.rstrip("\n").split("\n")
    line = min(int(number), len(lines)) if number else len(lines)
    if complaint.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate")):
        problem = "key or table given twice"
    else:
        problem = f"broken TOML, {complaint[0].lower()}{complaint[1:]}"
    return RequestError(problem, file=file, line=line, key=lines[line - 1].strip())


def _deepest_line(text: str) -> int:
    """The line where the most brackets are open."""
    depths = list(accumulate((c in "[{") - (c in "]}") for c in text))
    return text.count("\n", 0, depths.index(max(depths))) + 1


def _statements(text: str) -> Iterator[tuple[str, int]]:
    """Headers, and keys without their values, of valid TOML, each with its line."""
    start, stop, depth, line, first = -1, -1, 0, 1, 1
    for token in _TOKEN.finditer(text + "\n"):
        part = token[0]
        if start < 0 and part.strip() and not part.startswith("#"):
            start, first = token.start(), line
        if part == "\n" and depth == 0:
            if start >= 0:
                yield text[start : token.start() if stop < 0 else stop], first
            start, stop = -1, -1
        elif part == "=" and depth == 0 and stop < 0:
            stop = token.start()
        depth += (part in ("[", "{")) - (part in ("]", "}"))
        line += part.count("\n")


def _names(statement: str) -> tuple[list[str], bool]:
    """The names that a header or key consists of, and whether it opens one of an array of tables.

    The parser itself takes quotes and dots apart: `a."b.c"` gives ["a", "b.c"].
    """
    inner = tomllib.loads(statement if statement.startswith("[") else f"{statement}= {{}}")
    names, many = [], False
    while inner:
        ((name, inner),) = inner.items()
        names.append(name)
        many = isinstance(inner, list)
        inner = inner[0] if many else inner
    return names, many


def _resolved(names: list[str], positions: dict[Keys, int]) -> Keys:
    """Names of a header's outer tables, with the current position in each array of tables."""
    keys: Keys = ()
    for name in names:
        keys = (*keys, name)
        if keys in positions:
            keys = (*keys, positions[keys])
    return keys
