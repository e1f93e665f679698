"""What a page may say: what ours says passes, and everything else does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.page.server.messages import spoken_by_a_page

HEADER = {
    "msg_id": "1",
    "msg_type": "comm_msg",
    "session": "s",
    "username": "",
    "version": "5.2",
    "date": "2026-01-01",
}
RUN = {
    "method": "run",
    "args": {
        "path": "/?seed=3",
        "dark": False,
        "themes": {"light": {}, "dark": {}},
        "appName": None,
    },
}


def heard(part: str, event: str) -> bool:
    return part == "bar" and event in {"", "event_step"}


def passes(content: Any, kind: str = "comm_msg", **more: Any) -> bool:
    message = {
        "buffers": [],
        "channel": "shell",
        "content": content,
        "header": {**HEADER, "msg_type": kind},
        "metadata": {},
        "parent_header": {},
    }
    return spoken_by_a_page(json.dumps(message | more), heard)


def tells(data: Any, part: str = "bar") -> bool:
    return passes({"comm_id": part, "data": data})


def custom(**content: Any) -> bool:
    return tells({"method": "custom", "content": content})


def test_what_our_page_says_passes() -> None:
    assert passes({}, "kernel_info_request")
    assert passes({"comm_id": "x", "target_name": "solara.control", "data": {}}, "comm_open")
    assert tells(RUN, "control")
    assert tells({"method": "app-status"}, "control")
    assert tells({"method": "request_states"}, "control")
    assert tells({"method": "update", "state": {"dark_effective": True}, "buffer_paths": []})
    assert custom(event="event_step", data={"any": ["thing"]})


def test_code_by_name_does_not_pass() -> None:
    assert not custom(create_widget=["subprocess", "Popen"], props={}, id="x")
    assert not custom(update_ref="/etc/passwd", id="bar", prop="template_file")
    assert not custom(event="event_step", data=1, update_ref={"functionRef": "close"})
    assert not tells({"method": "update", "state": {"told": "{}"}})
    assert not tells({"method": "update", "state": {"dark_effective": "IPY_MODEL_x"}})
    opened = {"comm_id": "x", "target_name": "jupyter.widget", "data": {"state": {}}}
    assert not passes(opened, "comm_open")


@pytest.mark.parametrize("event", ["event_start", "step", "__init__", "", None, [], "e" * 999])
def test_events_that_nobody_listens_to_do_not_pass(event: Any) -> None:
    assert not custom(event=event, data=1)


def test_parts_are_not_closed_or_started_from_outside() -> None:
    assert not passes({"comm_id": "bar", "data": {}}, "comm_close")
    assert not passes({}, "shutdown_request")
    assert not passes({}, "execute_request")
    assert not tells(RUN)
    assert not tells({"method": "evict"}, "control")
    assert not tells({"method": "reload"}, "control")


@pytest.mark.parametrize(
    "text", [None, b"{}", "", "{", "[]", "1", "[" * 100_000, '{"a": NaN}', "9" * 9999]
)
def test_what_is_no_message_does_not_pass(text: Any) -> None:
    assert not spoken_by_a_page(text, heard)


@pytest.mark.parametrize(
    "more",
    [{"buffers": [1]}, {"channel": "iopub"}, {"header": {}}, {"metadata": 1}, {"x": 1}],
)
def test_what_is_wrapped_otherwise_does_not_pass(more: dict[str, Any]) -> None:
    if "metadata" not in more:
        assert not passes({"comm_id": "bar", "data": {"method": "request_state"}}, **more)
