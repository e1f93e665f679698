"""Errors, one class per exit code; every message is one line that a user can act on."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import ClassVar

LINE_MAX = 240
"""Longest problem or hint in a message, in characters."""
VALUE_MAX = 60
"""Longest value or key in a message, in characters."""


class Unset(Enum):
    """A value that was not given; None is a value that a caller can give."""

    UNSET = "unset"


UNSET = Unset.UNSET


class DrawbridgeError(Exception):
    """Base of every error that is meant for a user; the command line ends with its `exit_code`."""

    exit_code: ClassVar[int]


class RequestError(DrawbridgeError):
    """The request is wrong: a file, a key, a value or a name that cannot be accepted.

    problem: what is wrong, in a few words that repeat none of the other fields.
    file, line, key, value: where it stands and what was given there.
    allowed: what would be accepted. nearest: the known name that was perhaps meant.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        file: Path | None = None,
        line: int | None = None,
        key: str | None = None,
        value: object = UNSET,
        allowed: str | None = None,
        nearest: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file
        self.line = line
        self.key = key
        self.value = value
        self.allowed = allowed
        self.nearest = nearest

    def located(self, key: str, file: Path | None = None, line: int | None = None) -> RequestError:
        """The same error with its place, where the check that raised it did not know one."""
        if self.key is None:
            self.key = key
        if self.file is None:
            self.file, self.line = file, line
        return self

    def __str__(self) -> str:
        place = [] if self.file is None else [one_line(str(self.file), 4 * LINE_MAX)]
        if self.line is not None:
            place.append(f"line {self.line}")
        given = [] if self.key is None else [one_line(self.key, 2 * VALUE_MAX)]
        if self.value is not UNSET:
            given.append(spelt(self.value))
        parts = [", ".join(place), one_line(self.problem), " = ".join(given)]
        text = ": ".join(part for part in parts if part)
        if self.allowed is not None:
            text += f"; allowed: {one_line(self.allowed, 2 * LINE_MAX)}"
        if self.nearest is not None:
            text += f"; did you mean {one_line(self.nearest, 2 * VALUE_MAX)}?"
        return text


class ForeignModuleError(DrawbridgeError, ImportError):
    """Python would import another package or folder in the place of one of Drawbridge's packages.

    name: of the package. path: the file or folder that would be imported.
    """

    exit_code = 2

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path, name=name, path=path)

    def __str__(self) -> str:
        text = (
            f"{self.path} would be imported as Drawbridge's package '{self.name}'; give Drawbridge "
            "an environment without that package, or take its folder off Python's path"
        )
        return one_line(text, 4 * LINE_MAX)


class InvariantError(DrawbridgeError):
    """A run broke a law of the model: what it says happened cannot have happened.

    month: "YYYY-MM". account: what is out of balance, by `amount` in `unit`. run: its number.
    """

    exit_code = 3

    def __init__(
        self, month: str, account: str, amount: float, unit: str, run: int, detail: str = ""
    ) -> None:
        super().__init__(month, account, amount, unit, run, detail)
        self.month = month
        self.account = account
        self.amount = amount
        self.unit = unit
        self.run = run
        self.detail = detail

    def __str__(self) -> str:
        text = (
            f"{self.month}, run {self.run}: {self.account} is out by {self.amount:.6g} {self.unit}"
        )
        return one_line(f"{text} ({self.detail})" if self.detail else text)


class MachineError(DrawbridgeError):
    """The machine failed, not the request or the model: a full disk, no workers."""

    exit_code = 4

    def __str__(self) -> str:
        return one_line(super().__str__())


class Interrupted(DrawbridgeError):
    """The user stopped a command that had something to keep."""

    exit_code = 130


def one_line(text: str, limit: int = LINE_MAX) -> str:
    """`text` cut to `limit` characters, with everything that does not print in one line escaped."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def spelt(value: object) -> str:
    """A value as a configuration file spells it, short enough for a message."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > 4 * VALUE_MAX:
            # Python refuses to print integers of more than 4,300 digits.
            return f"an integer of {int(value.bit_length() * 0.30103) + 1} digits"
        case float():
            return float.__repr__(value)
        case str():
            return f'"{one_line(value, VALUE_MAX)}"'
        case dict():
            return "a table"
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return one_line(str(value), VALUE_MAX)


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None if none is; what to suggest after a misspelling."""
    found = get_close_matches(word[: 2 * VALUE_MAX], names, n=1, cutoff=0.6)
    return found[0] if found else None


def one_of(names: Iterable[str], limit: int = 12) -> str:
    """Names as a list to choose from, shortened beyond `limit` of them; "none" for no names."""
    known = list(names) or ["none"]
    more = f", … ({len(known)} in all)" if len(known) > limit else ""
    return ", ".join(known[:limit]) + more
