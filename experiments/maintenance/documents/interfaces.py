"""What users touch, as pages: the commands with their options, and the names of the Python face."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from experiments.reporting.markdown import code, paragraphs, plain, table

_QUOTED = re.compile(r"(: |-> )'([^']*)'")
"""An annotation as a signature writes it where annotations are not evaluated."""


def pages() -> dict[str, str]:
    """Generated fragments by their path below the folder of generated files."""
    return {"fragments/commands.md": commands(), "fragments/python.md": python()}


def commands() -> str:
    """Every command with its arguments and options, as the command line tells them."""
    import typer.main

    from experiments.cli.app import app

    group = typer.main.get_command(app)
    listed = getattr(group, "commands", {})
    return paragraphs(*(part for name in sorted(listed) for part in _command(listed[name])))


def _command(command: Any) -> Iterator[str]:
    yield f"## {command.name}"
    yield plain(command.help or "")
    rows = [
        (", ".join(map(code, _names(parameter))), plain(parameter.help or ""))
        for parameter in command.params
        if parameter.name != "help"
    ]
    if rows:
        yield table(("argument or option", "meaning"), rows)


def _names(parameter: Any) -> list[str]:
    """How a parameter is written; arguments by the name that help shows."""
    if parameter.param_type_name == "argument":
        return [parameter.make_metavar(None) if parameter.metavar is None else parameter.metavar]
    value = f" {parameter.metavar}" if parameter.metavar else ""
    return [f"{name}{value}" for name in (*parameter.opts, *parameter.secondary_opts)]


def python() -> str:
    """What `sim` offers, and the classes that come back from it."""
    import sim
    from sim.results.results import Results
    from sim.results.runs import Runs
    from sim.results.sweep import Sweep

    offered = [(name, getattr(sim, name)) for name in sim.__all__]
    found = [item for name, item in offered if not inspect.isclass(item)]
    classes = [item for name, item in offered if inspect.isclass(item)]
    parts = [_function(item) for item in found]
    for item in (*classes, Results, Runs, Sweep):
        parts += _class(item)
    return paragraphs(*parts)


def _function(item: Any) -> str:
    return f"`{item.__name__}{_signature(item)}`\n: {_said(item)}"


def _class(item: type) -> Iterator[str]:
    yield f"## {item.__name__}"
    yield _said(item)
    for name, member in vars(item).items():
        if name.startswith("_"):
            continue
        inner = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        if isinstance(member, property) and member.__doc__:
            yield f"`{name}`\n: {_said(member)}"
        elif inspect.isfunction(inner) and inner.__doc__:
            yield f"`{name}{_signature(inner)}`\n: {_said(inner)}"


def _signature(item: Any) -> str:
    """The signature without `self` and without modules' names."""
    taken = inspect.signature(item)
    kept = [p for name, p in taken.parameters.items() if name not in {"self", "cls"}]
    return _QUOTED.sub(r"\1\2", str(taken.replace(parameters=kept)))


def _said(item: Any) -> str:
    """The docstring up to its first example."""
    return plain((inspect.getdoc(item) or "").partition(">>>")[0])
