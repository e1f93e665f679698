"""A real browser before a real server; whatever either of them complains of fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving import ROOT, Served, serving
from tests.sim.page.browser.reader import Reader, until_gone

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext as Context
    from playwright.sync_api import Page, Playwright, Request

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = [
    "--no-sandbox",  # continuous integration runs as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PICTURES = ROOT / "results" / "page"
"""Where screenshots are kept, to be looked at."""
VISITOR: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "reduced_motion": "reduce",
    "color_scheme": "light",
}


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives Debian's chromium; without one the tests are skipped.

    It is gone before other tests begin, since an event loop runs in this thread as long as it is.
    """
    from playwright.sync_api import sync_playwright

    if not CHROMIUM:
        pytest.skip("no browser here: none of chromium, google-chrome is on the path")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One browser for all tests, which keeps the scripts that it has compiled."""
    with playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"), executable_path=CHROMIUM, args=QUIET, **VISITOR
    ) as context:
        yield context


@pytest.fixture(scope="package")
def page_server() -> Iterator[Served]:
    """One server for all tests, on a port that is free; see `server.py`."""
    with serving(("-m", "tests.sim.page.browser.server")) as served:
        yield served
        assert "Traceback" not in served.complaints, served.complaints


@dataclass
class Complaints:
    """What a page did that it must not do."""

    reached_out: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


Visit = Callable[..., "Page"]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Empty at the end of a test, unless the test takes out what it meant to provoke."""
    made = Complaints()
    yield made
    assert made == Complaints()


@pytest.fixture
def visit(browser: Context, page_server: Served, complaints: Complaints) -> Iterator[Visit]:
    """Open the page as another visitor, `visit(query="")`, with another viewport or color_scheme if
    given. When the test is over the server lets go of all pages.

    No other host can be reached. Requests to one are noted, as errors of the page and of its
    console are.
    """
    with ExitStack() as opened:

        def visited(query: str = "", **looks: Any) -> Page:
            browser.clear_cookies()
            page = browser.new_page()
            opened.callback(_leave, page)
            page.set_viewport_size(looks.get("viewport", VISITOR["viewport"]))
            page.emulate_media(color_scheme=looks.get("color_scheme", VISITOR["color_scheme"]))
            page.on("requestfinished", lambda made: _follow(made.url, page_server, complaints))
            page.on("requestfailed", lambda made: _failed(made, page_server, complaints))
            page.on("websocket", lambda made: _follow(made.url, page_server, complaints))
            page.on("pageerror", lambda error: complaints.errors.append(str(error)))
            page.on("console", lambda said: _note(said.type, said.text, complaints))
            page.goto(f"{page_server.address}{query}")
            return page

        yield visited
    assert until_gone(page_server)[:2] == (0, 0)


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page, opened without a link's wishes."""
    return visit()


def _leave(page: Page) -> None:
    """Close a page, and take away what it keeps in the profile."""
    from playwright.sync_api import Error

    with suppress(Error):  # closed, or crashed, by its test
        page.evaluate("localStorage.clear()")
    page.close()


def _follow(url: str, served: Served, complaints: Complaints) -> None:
    ours = (served.address, f"ws://{served.host}/", "data:", "blob:", "chrome:")
    if not url.startswith(ours):
        complaints.reached_out.append(url)


def _failed(made: Request, served: Served, complaints: Complaints) -> None:
    if made.failure != "csp":  # stopped by the page's own policy before it was sent
        _follow(made.url, served, complaints)


def _note(kind: str, text: str, complaints: Complaints) -> None:
    if kind == "error":
        complaints.errors.append(text)


@pytest.fixture
def reader(visit: Visit, page_server: Served) -> Reader:
    """Somebody before a page that is not open yet."""
    return Reader(visit, page_server, PICTURES)
