"""Exports of a page: the scenario as a file, and the run as a script."""

from __future__ import annotations

from pprint import pformat
from textwrap import indent
from typing import TYPE_CHECKING, Any

from sim.base.errors import one_line
from sim.config.scenario.scenario import Scenario
from sim.config.toml.writer import lines_of
from sim.page.session.origin import Origin, event_keys, is_shipped, origin_of

if TYPE_CHECKING:
    from sim.page.session.session import Session

_SCRIPT = """\
# {title}: {months} of {all_months} months with seed {seed}, as run on the live page of Drawbridge.
# model.run() goes on to the end.
{head}

scenario = load_scenario({scenario})
model = EconomyModel(scenario, rng={seed})
{body}print(model.metrics())
"""
_STEP = "while model.month < {month}:\n    model.step()\n"
_FILE = """
SCENARIO = {text!r}
file = Path(mkdtemp()) / {name!r}
file.write_text(SCENARIO, encoding="utf-8")"""


def as_toml(session: Session) -> str:
    """The live scenario with levers and shocks as a scenario file, to be loaded anywhere.

    It stands on the shipped scenario that the page ran, or else on the world, and claims nothing.
    """
    with session.lock:
        said = [f"{change.month} {change.words}" for change in session.changes]
        head = [f"Run on the live page of Drawbridge with seed {session.seed}.", *said]
        notes = "".join(f"# {one_line(line)}\n" for line in head)
        return f"{notes}\n{text_of(session.scenario)}"


def as_python(session: Session) -> str:
    """A script that runs the live scenario again to this month, with every change in its month."""
    with session.lock:
        base, running = session.base, session.scenario
        head, name, own = "from sim import EconomyModel, load_scenario", base.name, session.laid
        if is_shipped(base):
            own = dict(origin_of(running).set)
        elif base.classes or not origin_of(base).name:
            name = f"{base.name}.toml"  # to be run beside it: what it names does not ship
        else:
            head = f"from pathlib import Path\nfrom tempfile import mkdtemp\n\n{head}\n"
            head += _FILE.format(text=text_of(base), name=f"{base.name}.toml")
            name = ""
        body, month = "", 0
        for event in sorted(running.events, key=lambda e: (e.start, e.name)):
            if event not in base.events:
                body += _until(month, event.start) + _applied(event_keys(running, event))
                month = event.start
        return _SCRIPT.format(
            title=one_line(running.title),
            months=session.month,
            all_months=base.months,
            seed=session.seed,
            head=head,
            scenario=_arguments(repr(name) if name else "file", set=own, months=base.months),
            body=body + _until(month, session.month),
        )


def text_of(scenario: Scenario) -> str:
    """A scenario as a file: what it has over what ships."""
    origin = origin_of(scenario)
    base = origin.name or scenario.world.file.name
    heading = {"title": scenario.title, "base": base, "months": scenario.months}
    return lines_of(heading) + _tables(scenario, origin)


def _tables(scenario: Scenario, origin: Origin) -> str:
    written = ""
    if origin.set:
        written += f"\n[set]\n{lines_of(origin.set)}"
    if scenario.classes and not is_shipped(scenario):
        written += f"\n[class]\n{lines_of(scenario.classes)}"
    for event in origin.events:
        written += f"\n[[event]]\n{lines_of(event_keys(scenario, event))}"
    return written


def _applied(event: dict[str, Any]) -> str:
    """An event as a call of the running model."""
    overlays = {key: event[key] for key in ("set", "scale") if key in event}
    return f"model.apply({_arguments(repr(event['name']), **overlays, months=event['months'])})\n"


def _until(month: int, later: int) -> str:
    """The steps from one month to another, if there are any."""
    return _STEP.format(month=later) if later > month else ""


def _arguments(first: str, **given: Any) -> str:
    """The arguments of a call, a line each: the first, then by name those that are not empty."""
    said = {key: pformat(v, width=88, sort_dicts=False) for key, v in given.items() if v != {}}
    lines = [first, *(f"{key}={text}" for key, text in said.items())]
    return "\n" + "".join(f"{indent(line, '    ')},\n" for line in lines)
