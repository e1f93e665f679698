"""A link that restores a page: its scenario, seed, levers, shocks and month, in readable words.

    scenario=baseline&seed=7&month=14&set=labs.replication_lag:9&compare=taiwan_outage
    &event={"month":"2025-06","shock":"hormuz"}

`set` is a lever as it stood at the start; `event` what was done in a month: a shock, a lever moved
("lever" and "value"), or one put back (null). A scenario that does not ship stands in the link as
what it has over its world: `title`, `own` (path:value) and `own_event` (the keys of a file).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, quote, urlencode

from sim.base import checks
from sim.base.errors import InvariantError, RequestError, nearest, one_line, one_of
from sim.base.limits import SEED_MAX
from sim.config import shipped
from sim.config.registry import load_registry
from sim.config.scenario.builder import EVENTS_MAX
from sim.config.scenario.loader import read_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.toml.document import Document
from sim.page.session import shocks
from sim.page.session.origin import event_keys, is_shipped, origin_of, shipped_scenario
from sim.page.session.session import Session
from sim.page.session.starts import beside, cut

if TYPE_CHECKING:
    from sim.page.session.change import Change

LENGTH_MAX = 16_384
"""Longest link, in characters after the question mark."""
ONCE = ("scenario", "title", "seed", "months", "month")
OFTEN = ("own", "own_event", "set", "event", "compare")


@dataclass(frozen=True)
class Deed:
    """One thing that was done: months done before it, and a shock, or a lever with its value."""

    made: int
    shock: str = ""
    lever: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Asked:
    """The request in a link, checked."""

    scenario: Scenario
    seed: int
    month: int
    levers: Mapping[str, float]
    deeds: tuple[Deed, ...]
    compared: tuple[str, ...]


def link(session: Session) -> str:
    """The query that restores a page, "" where none can (`why_no_link`)."""
    try:
        return _query(session)
    except RequestError:
        return ""


def why_no_link(session: Session) -> str:
    """Why a page has no link, in words; "" where it has one."""
    try:
        _query(session)
    except RequestError as error:
        return str(error)
    return ""


def restore(query: str) -> Session:
    """The session that a link describes, run to its month.

    Raises RequestError for a link that is wrong anywhere, and for one whose run stops.
    """
    asked = read(query)
    session = Session(asked.scenario, asked.seed, levers=asked.levers)
    try:
        session.compare(asked.compared)
        for deed in asked.deeds:
            session.step(deed.made - session.month)
            if deed.shock:
                session.shock(deed.shock)
            elif deed.value is None:
                session.reset_lever(deed.lever)
            else:
                session.set_lever(deed.lever, deed.value)
        session.step(asked.month - session.month)
    except InvariantError as error:
        raise RequestError(f"the run of this link stops: {error}", key="link") from error
    return session


def read(query: str) -> Asked:
    """The request in a link, every part checked as in a file; nothing is run."""
    given = _parts(query)
    once = {key: values[0] for key, values in given.items() if key in ONCE and values}
    months = _whole("months", once["months"], 1) if "months" in once else None
    scenario = cut(_scenario(once, given), months)
    month = _whole("month", once.get("month", "0"), 0, scenario.months)
    levers = {p: v for p, v in map(_pair, given["set"])}
    registry = load_registry()
    deeds = tuple(_deed(scenario, text) for text in given["event"])
    for path, value in [*levers.items(), *((d.lever, d.value) for d in deeds if d.lever)]:
        registry.find(path, scenario.rows)
        if value is not None:
            registry.check(path, value, scenario.rows)
    made = [deed.made for deed in deeds]
    if made != sorted(made) or any(m > month for m in made):
        _refuse("not in order", "event", allowed="months in order, none after the link's own")
    return Asked(
        scenario=scenario,
        seed=_whole("seed", once.get("seed", "1"), 0),
        month=month,
        levers=levers,
        deeds=deeds,
        compared=beside(scenario, given["compare"]),
    )


def _query(session: Session) -> str:
    with session.lock:
        base = session.base
        origin = origin_of(base)
        if not origin.name:
            _refuse("its world does not ship", "link", allowed="worlds that ship")
        if base.classes:
            _refuse("its classes are code", "link", allowed="scenarios without classes")
        parts: list[tuple[str, object]] = [("scenario", origin.name)]
        if origin.set or origin.events or not is_shipped(base):
            parts.append(("title", one_line(base.title)))
        parts += [("seed", session.seed), ("months", base.months), ("month", session.month)]
        parts += [("own", f"{path}:{value!r}") for path, value in origin.set.items()]
        parts += [("own_event", _json(event_keys(base, event))) for event in origin.events]
        parts += [("set", f"{path}:{value!r}") for path, value in session.laid.items()]
        later = [c for c in session.changes if c.made or c.kind == "shock"]
        parts += [("event", _json(_done(session, change))) for change in later]
        parts += [("compare", name) for name in session.compared]
    _check_events(len(origin.events) + len(later))
    query = urlencode(parts, quote_via=quote, safe=":,.{}[]")
    if len(query) > LENGTH_MAX:
        _refuse("link too long", "link", allowed=f"at most {LENGTH_MAX:,} characters")
    return query


def _done(session: Session, change: Change) -> dict[str, Any]:
    month = session.base.calendar.label(change.made)
    if change.kind == "shock":
        return {"month": month, "shock": change.name}
    return {"month": month, "lever": change.path, "value": change.value}


def _parts(query: str) -> dict[str, list[str]]:
    """The values of a query by key."""
    if len(query) > LENGTH_MAX:
        _refuse("no link", "link", allowed=f"text of at most {LENGTH_MAX:,} characters")
    try:
        pairs = parse_qsl(
            query.removeprefix("?"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=LENGTH_MAX,
        )
    except ValueError:
        _refuse("not a query", "link", allowed="key=value, separated by &")
    found: dict[str, list[str]] = {key: [] for key in (*ONCE, *OFTEN)}
    for key, value in pairs:
        if key not in found:
            _refuse("unknown key", key, allowed=one_of(found), nearest=nearest(key, found))
        if key in ONCE and found[key]:
            _refuse("given twice", key)
        found[key].append(value)
    _check_events(len(found["own_event"]) + len(found["event"]))
    return found


def _scenario(once: Mapping[str, str], given: Mapping[str, Sequence[str]]) -> Scenario:
    """The scenario of a link: a shipped one, or one that is spelled out over what ships."""
    name = once.get("scenario", "baseline")
    if not any(given[key] for key in ("title", "own", "own_event")):
        return shipped_scenario(name)
    data: dict[str, Any] = {
        "title": once.get("title", name),
        "base": name,
        "set": dict(map(_pair, given["own"])),
        "event": [_object("own_event", text) for text in given["own_event"]],
    }
    if "months" in once:
        data["months"] = _whole("months", once["months"], 1)
    elif name in shipped.names("scenario"):
        data["months"] = shipped_scenario(name).months
    return read_scenario(Document(Path("link"), "", data, alone=True))


def _deed(scenario: Scenario, text: str) -> Deed:
    """One thing that was done; RequestError for what could not have been."""
    given = _object("event", text)
    keys = {"month", "shock"} if "shock" in given else {"month", "lever", "value"}
    if set(given) != keys:
        allowed = "month and shock, or month, lever and value"
        _refuse("not an event", "event", value=text, allowed=allowed)
    made = scenario.calendar.index(given["month"])
    if not 0 <= made <= scenario.months:
        _refuse("outside the run", "event", value=given["month"])
    if "shock" in given:
        shock = shocks.find(given["shock"])
        if reason := shocks.why_nowhere(scenario, shock):
            _refuse(reason, "event", value=shock.name)
        return Deed(made, shock=shock.name)
    path, value = given["lever"], given["value"]
    if value is not None:
        value = checks.number(value)
    load_registry().find(path, scenario.rows)
    return Deed(made, lever=path, value=value)


def _pair(text: str) -> tuple[str, float]:
    """`path:value`."""
    path, _, number = text.rpartition(":")
    try:
        return path, float(number)
    except ValueError:
        _refuse("not path:value", "set", value=text, allowed="labs.replication_lag:6")


def _object(key: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        _refuse("not an object in JSON", key, value=text, allowed='{"month":"2026-03", ...}')
    return found


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _whole(key: str, text: str, low: int, high: int = SEED_MAX) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII):
        _refuse("not a whole number", key, value=text)
    return checks.argument(key, int(text), low, high)


def _check_events(count: int) -> None:
    if count > EVENTS_MAX:
        _refuse("too many events", "event", value=count, allowed=f"at most {EVENTS_MAX}")


def _refuse(problem: str, key: str, **fields: Any) -> NoReturn:
    raise RequestError(problem, key=key, **fields)
