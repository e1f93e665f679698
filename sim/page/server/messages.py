"""Messages of a page to the server: only those that our page sends are accepted.

Solara's widgets do more than ours ask of them. A message can have them import a module and call
what is in it, set any attribute of theirs, or make widgets of any kind that is installed: whoever
reaches the socket could read files and run code. So every message is checked before Solara has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

Heard = Callable[[str, str], bool]
"""Callable that says if a page has a part of this id that listens to an event of this name."""
HEADER = ("msg_id", "msg_type", "session", "username", "version", "date")
KEYS = {"buffers", "channel", "content", "header", "metadata", "parent_header"}
TARGETS = {"solara.control": {}, "jupyter.widget.control": {"version": "1.0.0"}}
"""Channels that a page may open, and the data that it must send with each."""
EVENT = re.compile(r"(?:event_)?[a-z]{1,20}")
TEXT_MAX = 200
"""Longest id or name in a message, in characters."""
PATH_MAX = 65_536


def spoken_by_a_page(text: object, heard: Heard) -> bool:
    """True if a message is one that our page sends; nothing in it is acted on."""
    if not isinstance(text, str):
        return False
    try:
        message = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return False
    if not isinstance(message, dict) or set(message) != KEYS or message["buffers"] != []:
        return False
    header, content = message["header"], message["content"]
    if not (_texts(header, HEADER) and message["channel"] == "shell"):
        return False
    if message["parent_header"] != {} or not isinstance(content, dict):
        return False
    said = {**content, "metadata": message["metadata"]}
    match header["msg_type"]:
        case "kernel_info_request":
            return content == {}
        case "comm_info_request":
            return content in ({}, {"target_name": "jupyter.widget"})
        case "comm_open":
            return _opens(said)
        case "comm_close":
            return set(content) == {"comm_id", "data"} and not heard(str(content["comm_id"]), "")
        case "comm_msg":
            return _tells(content, heard)
    return False


def _opens(said: Mapping[str, Any]) -> bool:
    target, comm = said.get("target_name"), said.get("comm_id")
    return (
        isinstance(target, str)
        and target in TARGETS
        and _short(comm)
        and said.get("data") == {}
        and said["metadata"] == TARGETS[target]
    )


def _tells(content: Mapping[str, Any], heard: Heard) -> bool:
    """A word to an open channel: the channel that starts the page, or one of the page's parts."""
    comm, data = content.get("comm_id"), content.get("data")
    if set(content) != {"comm_id", "data"} or not _short(comm) or not isinstance(data, dict):
        return False
    part = heard(str(comm), "")
    match data.get("method"):
        case "app-status" | "request_states":
            return len(data) == 1 and not part
        case "run":
            return not part and _runs(data.get("args"))
        case "request_state":
            return len(data) == 1
        case "update":
            state = data.get("state")
            return isinstance(state, dict) and _is(state, {"dark_effective": bool})
        case "custom":
            said = data.get("content")
            return (
                isinstance(said, dict)
                and set(said) == {"event", "data"}
                and _short(said["event"])
                and EVENT.fullmatch(said["event"]) is not None
                and heard(str(comm), said["event"])
            )
    return False


def _runs(asked: object) -> bool:
    return (
        isinstance(asked, dict)
        and _is(asked, {"path": str, "dark": bool, "themes": dict, "appName": type(None)})
        and len(asked["path"]) <= PATH_MAX
        and asked["themes"] == {"light": {}, "dark": {}}
    )


def _is(given: Mapping[str, object], kinds: Mapping[str, type]) -> bool:
    """True if these are the keys, with a value of its kind each."""
    return set(given) == set(kinds) and all(isinstance(given[k], v) for k, v in kinds.items())


def _texts(given: object, keys: tuple[str, ...]) -> bool:
    return isinstance(given, dict) and set(given) == {*keys} and all(map(_short, given.values()))


def _short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= TEXT_MAX


def _no_number(text: str) -> NoReturn:
    """JSON as Python reads it has numbers that are none."""
    raise ValueError(text)
