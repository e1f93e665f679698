"""Checks of single values: each returns the value or raises RequestError.

None of them knows where the value stands; `sim.config.toml.table` adds key, file and line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date
from numbers import Integral, Real

from sim.base.errors import RequestError, nearest, one_of
from sim.base.limits import SEED_MAX

NAME = re.compile(r"[a-z0-9_]+")
SOURCE_FORM = (
    "an evidence id, obs:series/entity/date, assumptions:path, initial:kind/name/quantity "
    '(several separated by "; ") or assumption: reason'
)
_REFERENCE = (
    r"(?:[a-z0-9]+(?:-[a-z0-9]+)*"
    r"|obs:[^/;]+/[^/;]+/[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|assumptions:[a-z0-9_.]+"
    r"|initial:[^/;]+/[^/;]+/[^;]+)"
)
_SOURCE = re.compile(rf"assumption: .+|{_REFERENCE}(?:; {_REFERENCE})*(?:; assumption: .+)?")


def number(value: object, low: float = -math.inf, high: float = math.inf, unit: str = "") -> float:
    """A finite number within [low, high] as a float; an integer will do, true and text will not."""
    allowed = _span("a number", low, high) + (f" ({unit})" if unit else "")
    if isinstance(value, bool) or not isinstance(value, Real):
        raise RequestError("not a number", value=value, allowed=allowed)
    try:
        given = float(value)
    except OverflowError:
        given = math.inf
    if not math.isfinite(given):
        raise RequestError("not a finite number", value=value, allowed=allowed)
    if not low <= given <= high:
        raise RequestError("out of range", value=value, allowed=allowed)
    return given + 0.0  # no negative zero: it would make two digests of one scenario


def integer(value: object, low: int, high: int) -> int:
    """A whole number within [low, high]; 6.0 and true are not."""
    allowed = _span("a whole number", low, high)
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise RequestError("not a whole number", value=value, allowed=allowed)
    given = int(value)
    if not low <= given <= high:
        raise RequestError("out of range", value=given, allowed=allowed)
    return given


def argument(name: str, value: object, low: int = 0, high: int = SEED_MAX) -> int:
    """A whole number that a caller of this package gave as the argument `name`."""
    try:
        return integer(value, low, high)
    except RequestError as error:
        raise error.located(name) from None


def flag(value: object) -> bool:
    """true or false, and nothing that merely counts as such."""
    if not isinstance(value, bool):
        raise RequestError("not a switch", value=value, allowed="true or false")
    return value


def text(value: object) -> str:
    """Text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise RequestError("not a text", value=value, allowed="text in quotes, not empty")
    return value


def line(value: object) -> str:
    """Text that is not empty and has no line breaks or control characters."""
    found = text(value)
    if not found.isprintable():
        raise RequestError("not one line", value=value, allowed="text without line breaks")
    return found


def name(value: object) -> str:
    """A name that paths can contain: lower-case letters, digits and underscores."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        allowed = "lower-case letters, digits and underscores, in quotes"
        raise RequestError("not a name", value=value, allowed=allowed)
    return value


def source(value: object) -> str:
    """The source of a figure, in one of the forms that can be looked up."""
    if not isinstance(value, str) or not _SOURCE.fullmatch(value):
        raise RequestError("not a source", value=value, allowed=SOURCE_FORM)
    return value


def day(value: object) -> date:
    """A day, as text."""
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise RequestError("not a date", value=value, allowed="YYYY-MM-DD") from None


def choice(value: object, allowed: Collection[str]) -> str:
    """One of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        near = nearest(value, allowed) if isinstance(value, str) else None
        raise RequestError(
            "not one of the choices", value=value, allowed=one_of(allowed), nearest=near
        )
    return value


def _span(kind: str, low: float, high: float) -> str:
    """The words for what is allowed: "a number from 0 to 1"."""
    if math.isinf(low) and math.isinf(high):
        return f"{kind}, finite"
    if math.isinf(high):
        return f"{kind} of at least {low:.12g}"
    if math.isinf(low):
        return f"{kind} of at most {high:.12g}"
    return f"{kind} from {low:.12g} to {high:.12g}"
