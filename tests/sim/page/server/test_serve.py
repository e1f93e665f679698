from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim.base.errors import RequestError
from sim.page.server import serve
from sim.page.server.gate import BODY_MAX
from tests.serving import ROOT, Served, ask, serving, socket_of

# Says of every address that the process looks up or connects to, before it serves.
WITNESS = """
import sys
sys.addaudithook(
    lambda event, given: event in ("socket.connect", "socket.getaddrinfo")
    and print("REACHED OUT", event, given, file=sys.stderr)
)
"""
SERVE = """
from sim.page.server.serve import DefaultRun, serve
serve(DefaultRun(), port=0, pages=3, cull="1s", ready=lambda address: print(address, flush=True))
"""
FOREIGN = {
    "HOST": "0.0.0.0",
    "PORT": "1",
    "SOLARA_HOST": "0.0.0.0",
    "SOLARA_ROOT_PATH": "//elsewhere.example",
    "SOLARA_ASSETS_PROXY": "false",
    "SOLARA_ASSETS_CDN": "https://elsewhere.example/",
    "SOLARA_ASSETS_PROXY_CACHE_DIR": "/nowhere",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "true",
    "SOLARA_MODE": "development",
    "solara_theme_title": "Elsewhere",
    "VSCODE_PID": "1",
    "FORWARDED_ALLOW_IPS": "*",
}
ELSEWHERE = "http://elsewhere.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that was started in a hostile environment, in an empty folder and home."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("folder")
    words = ("-c", WITNESS + SERVE)
    with serving(words, FOREIGN | {"HOME": str(home)}, folder) as made:
        yield made
        assert not list(folder.iterdir())
        assert not (home / ".solara").exists()
        assert "REACHED OUT" not in made.complaints


def own(served: Served, name: str = "127.0.0.1") -> str:
    return f"{name}:{served.host.rpartition(':')[2]}"


# -- where it listens --------------------------------------------------------------------------


def test_it_listens_on_loopback_only(served: Served) -> None:
    """127.0.0.2 is this machine too, and answers for a server that listens everywhere."""
    port = int(served.host.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port)):
        pass


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(RequestError, match=f"listens on this port: --port = {port}"):
            serve.serve(serve.DefaultRun(), port=port)


def test_an_address_of_another_machine_is_said_so() -> None:
    with pytest.raises(RequestError, match=r"not an address of this machine: --host"):
        serve.serve(serve.DefaultRun(), host="192.0.2.1", port=0)


# -- who may ask -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
def test_names_of_this_machine_are_answered(served: Served, name: str) -> None:
    reply = ask(served, headers={"Host": own(served, name)})
    assert reply.status == 200
    assert "[" not in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1", "127.0.0.1.nip.io:8765", ""])
def test_other_names_are_refused(served: Served, host: str) -> None:
    """A page elsewhere may have its name lead here after it was loaded."""
    reply = ask(served, headers={"Host": host})
    assert reply.status == 421 and "ask for it by that name" in reply.text
    with socket_of(served, headers={"Host": host}) as refused:
        assert refused.status == 421


@pytest.mark.parametrize(
    "origin", [ELSEWHERE, "null", "http://localhost:1", "https://127.0.0.1:{port}", ""]
)
def test_sockets_and_posts_of_other_pages_are_refused(served: Served, origin: str) -> None:
    given = {"Origin": origin.format(port=served.host.rpartition(":")[2])}
    with socket_of(served, headers=given) as refused:
        assert refused.status == 403 and "own page" in refused.text
    sent = {name: value for name, value in given.items() if value}
    reply = ask(served, "/_solara/api/close/one?session_id=page", sent, "POST")
    assert reply.status == 403


def test_own_sockets_and_posts_are_answered(served: Served) -> None:
    for name in ("127.0.0.1", "localhost"):
        given = {"Host": own(served, name), "Origin": f"http://{own(served, name)}"}
        with socket_of(served, "own", given) as opened:
            assert opened.status == 101
        closing = ask(served, "/_solara/api/close/own?session_id=page", given, "POST")
        assert closing.status == 200


@pytest.mark.parametrize(
    ("site", "destination", "status"),
    [
        ("cross-site", "document", 200),
        ("cross-site", "iframe", 403),
        ("same-site", "script", 403),
        ("cross-site", "empty", 403),
        ("same-origin", "script", 200),
        ("none", "document", 200),
    ],
)
def test_other_pages_may_link_and_not_read(
    served: Served, site: str, destination: str, status: int
) -> None:
    given = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": destination}
    assert ask(served, headers=given).status == status


def test_no_visitor_decides_where_the_page_lives(served: Served) -> None:
    forged = {
        "X-Script-Name": "//elsewhere.example",
        "Script-Name": "//elsewhere.example",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=elsewhere.example",
    }
    for given in (forged, {}):
        assert "elsewhere" not in ask(served, headers=given).text


# -- what is answered --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/resourcez", "/static/assets/favicon.svg", "/_solara/cdn/nothing"]
)
def test_every_answer_tells_the_browser_what_a_page_may_do(served: Served, path: str) -> None:
    headers = ask(served, path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["connect-src"] == f"'self' ws://{served.host}"
    assert policy["frame-ancestors"] == "'none'"
    assert not re.search(r"https?:|\*", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/resourcez",
        "/resourcez?verbose=1",
        "/readyz",
        "/_solara/api/evict/one",
        "/jupyter/api/kernels/one",
        "/_solara/cdn/nothing@1.0.0/nothing.js",
        "/_solara/cdn/echarts@5.4.0",
        "/_solara/cdn/../../../../pyvenv.cfg",
        "/_solara/cdn/%2e%2e/%2e%2e/%2e%2e/pyvenv.cfg",
        "/static/%2e%2e/%2e%2e/settings.py",
    ],
)
def test_the_rest_is_closed(served: Served, path: str) -> None:
    began = time.monotonic()
    given = {"Origin": served.address.rstrip("/")}
    assert {ask(served, path, given, method).status for method in ("GET", "POST")} <= {404, 405}
    assert time.monotonic() - began < 2


def test_large_bodies_and_those_without_a_length_are_refused(served: Served) -> None:
    given = {"Origin": served.address.rstrip("/")}
    path = "/_solara/api/close/nobody?session_id=page"
    assert ask(served, path, given, "POST", b"x" * BODY_MAX).status == 200
    assert ask(served, path, given, "POST", b"x" * (BODY_MAX + 1)).status == 413
    assert ask(served, path, given, "POST", iter([b"x"])).status == 411


def test_everything_that_the_page_loads_is_here(served: Served) -> None:
    page = ask(served).text
    assert "<title>Drawbridge</title>" in page
    needed = re.findall(r'(?:src|href)="([^"]+)"', page)
    fonts = next(path for path in needed if path.endswith("fonts.css"))
    inside = re.findall(r"url\(['\"]?([^'\")]+)", ask(served, fonts).text)
    needed += [f"{fonts.rpartition('/')[0]}/{path}" for path in inside[:4]]
    needed += ["/_solara/cdn/echarts@5.4.0/dist/echarts.js"]
    assert any("requirejs" in path for path in needed)
    assert len(needed) >= 10
    for path in needed:
        assert path.startswith("/"), path
        assert ask(served, path).status == 200, path


def test_the_page_says_its_language_and_may_be_enlarged(served: Served) -> None:
    page = ask(served).text
    assert "lang = 'en'" in page
    assert page.index("width=device-width, initial-scale=1'") > page.index("user-scalable=no")


# -- how many ----------------------------------------------------------------------------------


def test_pages_beyond_the_limit_are_refused_until_one_is_gone() -> None:
    """Three may be open; one that was cut off counts until its runs are given up, after 1 s."""
    with serving(("-c", SERVE)) as served, ExitStack() as held:
        for kernel in ("a", "b"):
            assert held.enter_context(socket_of(served, kernel)).status == 101
        with socket_of(served, "c") as last:
            assert last.status == 101
            with socket_of(served, "d") as refused:
                assert refused.status == 503 and "3 pages are open" in refused.text
            assert ask(served).status == 503
        with socket_of(served, "c") as back:
            assert back.status == 101
        deadline = time.monotonic() + 10
        while ask(served).status == 503:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with socket_of(served, "d") as another:
            assert another.status == 101


# -- what is decided before it serves ----------------------------------------------------------


def _says(program: str, **environment: str) -> str:
    words = [sys.executable, "-c", program]
    around = {"PYTHONPATH": str(ROOT), "PATH": "", **environment}
    return subprocess.run(words, capture_output=True, text=True, check=True, env=around).stdout


def test_solara_reports_to_nobody_whatever_the_environment_says(tmp_path: Path) -> None:
    asked = """
from sim.page.server.serve import _settings
made = _settings("127.0.0.1", 8765, "10m")
import solara.settings
print(made.telemetry.mixpanel_enable, made.telemetry.server_user_id, made.main.mode, made.main.host)
print(solara.settings.assets.proxy, solara.settings.assets.cdn, made.main.base_url)
print(made.theme.title, made.theme.show_banner, made.kernel.cull_timeout, repr(made.main.root_path))
"""
    assert _says(asked, **FOREIGN, HOME=str(tmp_path)).splitlines() == [
        "False none production 127.0.0.1",
        "True /_solara/cdn/ http://127.0.0.1:8765/",
        "Drawbridge False 10m ''",
    ]


def test_the_simulator_does_without_the_page() -> None:
    asked = """
import sys, sim, sim.model, experiments.cli
print([name for name in ("solara", "uvicorn", "starlette") if name in sys.modules])
"""
    assert _says(asked) == "[]\n"


def test_what_a_page_opens_with_is_the_baseline_unless_told() -> None:
    assert serve.default_run() == serve.DefaultRun("baseline", 1)
