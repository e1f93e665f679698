"""A table of a configuration that knows where it stands, so that every refusal can say so."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sim.base import checks
from sim.base.errors import UNSET, RequestError, nearest, one_of
from sim.config.toml.document import Document, Keys

T = TypeVar("T")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Table:
    """Values by key, from a file or, without a document, from Python or the command line.

    Every reading method returns a checked value or raises RequestError with file, line and key. A
    `default` is what a missing key means; without one the key is required.
    """

    values: Mapping[str, Any]
    document: Document | None = None
    keys: Keys = ()

    @classmethod
    def of(cls, document: Document) -> Table:
        """The whole of a file."""
        return cls(document.data, document)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def only(self, allowed: Collection[str]) -> None:
        """Refuse keys that are not among the allowed ones."""
        for key in self.values:
            if key not in allowed:
                near = nearest(str(key), allowed)
                raise self.refusal("unknown key", key, allowed=one_of(allowed, 20), nearest=near)

    def value(self, key: str, allowed: str | None = None) -> Any:
        """The value of a required key, unchecked."""
        if key not in self.values:
            raise self.refusal("missing key", key, allowed=allowed)
        return self.values[key]

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not empty."""
        return self._checked(key, checks.text, default)

    def line(self, key: str, default: str | None = None) -> str:
        """Text in one line, for a title."""
        return self._checked(key, checks.line, default)

    def name(self, key: str, default: str | None = None) -> str:
        """A name that paths can contain."""
        return self._checked(key, checks.name, default)

    def source(self, key: str) -> str:
        """The source of a figure: evidence, an observation or an assumption."""
        return self._checked(key, checks.source)

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of the allowed words."""
        return self._checked(key, lambda value: checks.choice(value, allowed), default)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        return self._checked(key, checks.flag, default)

    def integer(self, key: str, low: int, high: int) -> int:
        """A whole number within [low, high]."""
        return self._checked(key, lambda value: checks.integer(value, low, high))

    def number(
        self, key: str, low: float = -math.inf, high: float = math.inf, unit: str = ""
    ) -> float:
        """A finite number within [low, high]."""
        return self._checked(key, lambda value: checks.number(value, low, high, unit))

    def numbers(
        self, key: str, length: int, low: float, high: float, unit: str = ""
    ) -> tuple[float, ...]:
        """A list of so many finite numbers within [low, high]."""
        values = self.value(key)
        if not isinstance(values, list) or len(values) != length:
            allowed = f"a list of {length} numbers"
            raise self.refusal("not such a list", key, value=values, allowed=allowed)
        with self.at(key):
            return tuple(checks.number(v, low, high, unit) for v in values)

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts; none if the key is missing."""
        value = self.values.get(key, [])
        with self.at(key):
            return tuple(checks.text(v) for v in (value if isinstance(value, list) else [value]))

    def table(self, key: str, *, optional: bool = False, hint: str = "a table") -> Table:
        """The table under a key; an empty one if it is optional and missing."""
        value = self.values.get(key, {}) if optional else self.value(key, hint)
        if not isinstance(value, Mapping):
            raise self.refusal("not a table", key, value=value, allowed=hint)
        return Table(value, self.document, (*self.keys, key))

    def tables(self, key: str) -> list[Table]:
        """The array of tables under a key, `[[key]]` in a file; none if it is missing."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.refusal("not a list of tables", key, value=value, allowed=f"[[{key}]]")
        return [Table(v, self.document, (*self.keys, key, i)) for i, v in enumerate(value)]

    def refusal(self, problem: str, key: str | None = None, **fields: Any) -> RequestError:
        """A RequestError about a key of this table, or about the table itself."""
        return self.placed(RequestError(problem, **fields), key)

    @contextmanager
    def at(self, key: str | None = None) -> Iterator[None]:
        """Name the key, with file and line, in a RequestError raised inside."""
        try:
            yield
        except RequestError as error:
            raise self.placed(error, key) from None

    def placed(self, error: RequestError, key: str | None) -> RequestError:
        """The error with the key, file and line it lacks."""
        if self.document is None:
            return error.located(self.label(key))
        keys = self.keys if key is None else (*self.keys, key)
        return error.located(self.label(key), self.document.file, self.document.line(keys))

    def label(self, key: str | None = None) -> str:
        """A key of this table in full, as TOML spells it; positions count from 1."""
        written = ""
        for part in self.keys if key is None else (*self.keys, key):
            if isinstance(part, int):
                written += f"[{part + 1}]"
            else:
                quoted = part if _BARE.fullmatch(part) else f'"{part}"'
                written += f".{quoted}" if written else quoted
        return written

    def _checked(self, key: str, check: Callable[[Any], T], default: T | None = None) -> T:
        if key not in self.values and default is not None:
            return default
        with self.at(key):
            try:
                return check(self.values.get(key, UNSET))
            except RequestError as error:
                if key in self.values:
                    raise
                raise RequestError("missing key", allowed=error.allowed) from None
