"""What every other test of the page rests on: it loads whole, and from this machine alone."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext as Context
    from playwright.sync_api import Page

    from tests.sim.page.browser.conftest import Complaints, Visit


def test_the_page_loads_without_an_error_and_asks_no_other_host(page: Page) -> None:
    page.wait_for_selector("canvas")
    assert page.title() == "Drawbridge"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_what_reaches_out_is_noticed(page: Page, complaints: Complaints) -> None:
    page.wait_for_selector("canvas")
    for reaching in (
        "fetch('http://elsewhere.example/').catch(() => null)",
        "new Image().src = 'http://elsewhere.example/picture'",
    ):
        with page.expect_console_message():
            page.evaluate(reaching)
    # The policy stops them before they are a request.
    assert not complaints.reached_out
    refused = [text for text in complaints.errors if "Content Security Policy" in text]
    assert len(refused) >= 2
    complaints.errors.clear()


def test_light_or_dark_follows_the_browser(visit: Visit) -> None:
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme)
        page.wait_for_selector("canvas")
        assert f"theme--{scheme}" in (page.get_attribute("#app", "class") or "")


CONNECT = """
address => new Promise(done => {
    const socket = new WebSocket(address);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})
"""


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another origin, with ours in a frame."""

    framed = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<iframe src='{self.framed}'></iframe>".encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_page_elsewhere_can_neither_connect_to_ours_nor_show_it(
    browser: Context, page_server: Served
) -> None:
    Elsewhere.framed = page_server.address
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        with browser.new_page() as page:
            page.goto(f"http://127.0.0.1:{other.server_port}/")
            socket = f"ws://{page_server.host}/jupyter/api/kernels/one/channels?session_id=page"
            assert page.evaluate(CONNECT, socket) == "refused"
            framed = page.frames[1]
            assert "Drawbridge" not in framed.title()
            assert framed.query_selector("canvas") is None
        other.shutdown()
