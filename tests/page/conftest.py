"""A real browser before a real server; whatever either of them complains of fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.page.reader import Reader
from tests.serving import ROOT, Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # continuous integration runs as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PICTURES = ROOT / "results" / "page"
"""Where screenshots are kept, to be looked at."""
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium, once for all tests; without one they are skipped.

    It is gone before other tests begin, since an event loop runs in this thread as long as it is.
    """
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(CHROMIUM)} is on the path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="package")
def page_server() -> Iterator[Served]:
    """The page as `drawbridge watch` serves it, on a port that is free."""
    with serving() as served:
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
def visit(browser: Browser, page_server: Served, complaints: Complaints) -> Iterator[Visit]:
    """Open the page as a visitor of one's own: `visit(query="", **options of a context)`.

    Requests to other hosts are blocked, and noted as errors of the page and of its console are.
    """
    with ExitStack() as opened:

        def visited(query: str = "", served: Served = page_server, **options: Any) -> Page:
            context = browser.new_context(
                **{"viewport": WIDE, "reduced_motion": "reduce"} | options
            )
            opened.callback(context.close)
            context.route("**/*", lambda route: _pass(route, served, complaints))
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.errors.append(str(error)))
            page.on("console", lambda said: _note(said.type, said.text, complaints))
            page.on("websocket", lambda found: _follow(found.url, served, complaints))
            page.goto(f"{served.address}{query}")
            return page

        yield visited


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page, opened without a link's wishes."""
    return visit()


def _pass(route: Route, served: Served, complaints: Complaints) -> None:
    url = route.request.url
    if url.startswith((served.address, "data:", "blob:")):
        route.continue_()
    else:
        complaints.reached_out.append(url)
        route.abort()


def _follow(url: str, served: Served, complaints: Complaints) -> None:
    if not url.startswith(f"ws://{served.host}/"):
        complaints.reached_out.append(url)


def _note(kind: str, text: str, complaints: Complaints) -> None:
    if kind == "error":
        complaints.errors.append(text)


@pytest.fixture
def reader(visit: Visit, page_server: Served) -> Reader:
    """Somebody before a page that is not open yet."""
    return Reader(visit, page_server, PICTURES)
