from __future__ import annotations

import socket

from tests import serving as visitors
from tests.serving import serving, socket_of


def test_it_says_where_the_page_is_and_stops_at_ctrl_c_while_a_page_is_open() -> None:
    words = ("-W", "error", "-m", "experiments", "watch", "taiwan_outage", "--port", "0")
    with serving(words) as served:
        assert served.address.startswith("http://127.0.0.1:")
        assert visitors.ask(served).status == 200
        opened = socket_of(served)
        assert opened.__enter__().status == 101
    assert served.process.returncode == 0
    opened.__exit__(None, None, None)


def test_a_file_of_ones_own_may_be_watched_by_others_who_are_warned_of(tmp_path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"\nbase = "baseline"\n')
    words = ("-m", "experiments", "watch", str(file), "--host", "0.0.0.0", "--port", "0")
    with serving(words) as served:
        assert served.address.startswith("http://127.0.0.1:")
        assert visitors.ask(served).status == 200
        assert "no password" in served.complaints


def test_what_is_wrong_is_said_before_anything_is_served(ask) -> None:
    answer = ask("watch", "basline")
    assert answer.code == 2 and 'unknown scenario: "basline"' in answer.err
    assert "did you mean baseline" in answer.err
    assert ask("watch", "--port", "65536").code == 2
    assert ask("watch", "--seed", "-1").code == 2


def test_a_port_that_is_taken_is_a_wrong_request(ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        answer = ask("watch", "--port", str(other.getsockname()[1]))
    assert answer.code == 2 and "listens on this port" in answer.err
