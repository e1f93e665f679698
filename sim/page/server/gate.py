"""The gate of the page's server: an ASGI application before Solara's, which would let all in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.page.server.messages import Heard, spoken_by_a_page

BODY_MAX = 64 * 1024
"""Largest body of a request in bytes; all that the page sends this way is a note that it closes."""
ASSETS = "/_solara/cdn/"
CLOSE = "/_solara/api/close/"
SOCKETS = "/jupyter/api/kernels/"
STATIC = ("/static/", "/jupyter/nbextensions/", ASSETS)
FORGED = {
    b"forwarded",
    b"script-name",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-script-name",
}
"""Headers by which a visitor could tell Solara that the page lives somewhere else."""
POLICY = {
    "default-src": "'self'",
    # Vue compiles templates in the browser, and Solara's page holds its own scripts.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Gate:
    """Lets in what a page of ours asks for, from this host, within limits; says no in words.

    hosts: the values of the header Host that are ours. assets: where the files lie that the page
    would otherwise fetch from a host outside. most: pages at a time. kernels: the pages that Solara
    keeps, among them those closed a short while ago. heard: kernel, part and event -> whether the
    page has a part of that id, and, for an event that is not "", whether it listens to it.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        assets: Path,
        most: int,
        kernels: Callable[[], Collection[str]],
        heard: Callable[[str, str, str], bool],
    ) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.origins = frozenset(f"http://{host}" for host in hosts)
        self.assets = assets.resolve()
        self.most = most
        self.kernels = kernels
        self.heard = heard
        self.open: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on to Solara."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        refused = self._refused(scope)
        if refused is not None:
            status, words = refused
            answer = PlainTextResponse(f"{words}\n", status)
            await answer(scope, receive, _guarded(send, host))
            return
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in FORGED]}
        if scope["type"] == "websocket":
            kernel = _kernel(scope)
            with self._opened(kernel):
                await self.app(scope, _sifted(receive, partial(self.heard, kernel)), send)
        else:
            await self.app(scope, receive, _guarded(send, host))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Status and words of a refusal, None for a request that may pass."""
        headers = Headers(scope=scope)
        names = headers.getlist("host")
        if len(names) != 1 or names[0].lower() not in self.hosts:
            return 421, f"This is Drawbridge at {min(self.hosts)}; ask for it by that name."
        if scope["type"] == "websocket":
            if not self._from_here(headers):
                return 403, "Only Drawbridge's own page may connect."
            if not scope["path"].startswith(SOCKETS):
                return 404, "There is nothing here."
            return self._crowded(_kernel(scope))
        return self._refused_http(scope, headers)

    def _refused_http(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        reads = scope["method"] in {"GET", "HEAD"}
        if not reads and not self._from_here(headers):
            return 403, "Only Drawbridge's own page may send."
        navigates = reads and headers.get("sec-fetch-dest") == "document"
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not navigates:
            return 403, "Other pages may link to Drawbridge, and not read from it."
        if "transfer-encoding" in headers:
            return 411, "Send the length of the body."
        # The server has refused lengths that are no numbers.
        if int(headers.get("content-length", "0")) > BODY_MAX:
            return 413, f"A body may have {BODY_MAX:,} bytes."
        path: str = scope["path"]
        if path == "/":
            return self._crowded("")
        if path.startswith(ASSETS):
            # Solara would fetch what it has not from outside.
            file = (self.assets / path.removeprefix(ASSETS)).resolve()
            held = file.is_relative_to(self.assets) and file.is_file()
            return None if held else (404, "This file is not installed.")
        closes = path.startswith(CLOSE) and scope["method"] == "POST"
        return None if closes or path.startswith(STATIC) else (404, "There is nothing here.")

    def _from_here(self, headers: Headers) -> bool:
        origins = headers.getlist("origin")
        return len(origins) == 1 and origins[0].lower() in self.origins

    def _crowded(self, kernel: str) -> tuple[int, str] | None:
        pages = {*self.kernels(), *self.open}
        # A page that comes back may be here before it is noticed that it had gone.
        if len(self.open) < 2 * self.most and (kernel in pages or len(pages) < self.most):
            return None
        return 503, (
            f"{self.most} pages are open, the most that this server holds. "
            "Close one and try again; a page that lost its connection counts for some minutes."
        )

    @contextmanager
    def _opened(self, kernel: str) -> Iterator[None]:
        self.open.append(kernel)
        try:
            yield
        finally:
            self.open.remove(kernel)


def _kernel(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(SOCKETS).partition("/")[0]


def _sifted(receive: Receive, heard: Heard) -> Receive:
    """The same, without messages that no page of ours sends."""

    async def sifted() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            if spoken_by_a_page(message.get("text"), heard):
                return message

    return sifted


def _guarded(send: Send, host: str) -> Send:
    """The same, with the headers that tell a browser what a page of ours may do."""

    async def guarded(message: Message) -> None:
        if message["type"].endswith("response.start"):
            headers = MutableHeaders(scope=message)
            # A policy cannot spell an IPv6 address; current browsers count sockets to "self".
            sockets = "" if host.startswith("[") else f" ws://{host}"
            policy = POLICY | {"connect-src": f"'self'{sockets}"}
            headers["Content-Security-Policy"] = "; ".join(
                f"{name} {value}" for name, value in policy.items()
            )
            headers.update(HEADERS)
        await send(message)

    return guarded
