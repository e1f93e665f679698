"""Classes that answer a rule alike, so that the rows of both can be asked in one call."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from inspect import getattr_static
from types import CodeType, FunctionType
from typing import Any

_MISSING = object()


@cache
def answer_alike(rule: str, one: Any, other: Any) -> bool:
    """Whether a rule is the same in two classes, and everything that it reads or calls is too.

    Followed are all names that the code of the rule mentions, through methods, properties and
    functions, so that a class which overrides only what a rule calls is told apart.
    """
    pending, seen = [rule], set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        found = getattr_static(one, name, _MISSING)
        if found is not getattr_static(other, name, _MISSING):
            return False
        pending += _mentioned(found)
    return True


def _mentioned(found: Any) -> Iterator[str]:
    """The names in the code of a function or property, and of the functions it calls."""
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    pending, seen = [found], list[Any]()
    while pending:
        function = pending.pop()
        if isinstance(function, FunctionType) and function not in seen:
            seen.append(function)
            for name in _names(function.__code__):
                yield name
                pending.append(function.__globals__.get(name))


def _names(code: CodeType) -> Iterator[str]:
    """All names in a piece of code, those of functions within it included."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
