"""The page's server: Solara behind a gate, on this machine only unless told otherwise."""

from __future__ import annotations

import errno
import os
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import MachineError, RequestError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from sim.config.scenario.scenario import Scenario

PAGES = 64
"""Pages that can be open at a time."""
CULL = "10m"
"""Time for which the runs of a disconnected page are kept, in case it comes back."""
MESSAGE_MAX = 8 * 1024 * 1024
"""Largest message of a page in bytes: a file of 1 MB, spelt as JSON."""
STOP_SECONDS = 1
LOOPBACK = ("127.0.0.1", "localhost", "::1")
APP = "sim.page.ui.app:Page"


@dataclass(frozen=True)
class DefaultRun:
    """The scenario and seed that a page opens with when its link says nothing."""

    scenario: Scenario | str = "baseline"
    seed: int = 1


_default_run = DefaultRun()


def default_run() -> DefaultRun:
    """The default_run that `serve` was given; no visitor can change it."""
    return _default_run


def serve(
    page: DefaultRun,
    host: str = "127.0.0.1",
    port: int = 8765,
    *,
    ready: Callable[[str], None] | None = None,
    pages: int = PAGES,
    cull: str = CULL,
) -> None:
    """Serve the page until Ctrl-C.

    host, port: where it listens; port 0 is any that is free. ready: called with the address once
    it answers. pages: how many may be open. cull: how long one that was cut off is kept.

    Raises RequestError for a host or a port that cannot be had, before anything slow is imported.
    """
    global _default_run  # noqa: PLW0603
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    _default_run = page
    with listener:
        app = _application(host, port, pages, cull)

        import uvicorn

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if ready is not None:
                    ready(f"http://{_visited(host)}:{port}/")

        config = uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            ws_max_size=MESSAGE_MAX,
            # The way is short: compressing would take longer than sending.
            ws_per_message_deflate=False,
        )
        try:
            Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            return


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                problem, key, value = "something else listens on this port", "--port", port
            case errno.EACCES:
                problem, key, value = "this port is not open to this user", "--port", port
            case _:
                raise RequestError(
                    "not an address of this machine", key="--host", value=host
                ) from error
        raise RequestError(
            problem, key=key, value=value, allowed="another port; 0 takes any that is free"
        ) from error


def _application(host: str, port: int, pages: int, cull: str) -> ASGIApp:
    """Solara's application with our page in it, behind the gate."""
    settings = _settings(host, port, cull)

    from solara.server import app, kernel_context, server, starlette

    # What else is installed for this user's Jupyter is no part of the page.
    server.nbextensions_directories[:] = [Path(sys.prefix, "share", "jupyter", "nbextensions")]
    script = app.AppScript(APP)
    # Solara looks for templates beside the folder that it takes the module to be in.
    script.directory = Path(__file__).parents[1] / "ui" / "templates"
    app.apps["__default__"] = script
    app.ensure_apps_initialized()

    from sim.page.server.gate import Gate

    assets: Path = settings.assets.proxy_cache_dir
    if not any(assets.glob("echarts@*")):
        raise MachineError(f"the page's files are not in {assets}; install solara-assets")
    names = {*LOOPBACK, host.lower()}
    hosts = {f"{_bracketed(name)}:{port}" for name in names}
    if port == 80:
        hosts |= {_bracketed(name) for name in names}

    _keep_pages_apart()

    def heard(kernel: str, part: str, event: str) -> bool:
        page = kernel_context.contexts.get(kernel)
        found = None if page is None else page.widgets.get(part)
        return found is not None and (not event or hasattr(found, f"vue_{event}"))

    return Gate(starlette.app, hosts, assets, pages, lambda: tuple(kernel_context.contexts), heard)


def _keep_pages_apart() -> None:
    """Answer a page that comes back on its own channel.

    The widgets keep one channel for all pages: of two that come back at a time, after a laptop
    slept, one would get what the other shows.
    """
    from ipywidgets import Widget

    turn = threading.Lock()

    def opened(channel: Any, _: Any) -> None:
        def asked(message: Any) -> None:
            with turn:
                Widget._control_comm = channel
                try:
                    Widget._handle_control_comm_msg(message)
                finally:
                    Widget._control_comm = None

        channel.on_msg(asked)

    Widget.handle_control_comm_opened = staticmethod(opened)


def _settings(host: str, port: int, cull: str) -> Any:
    """Solara's settings, made here whatever the environment says.

    By default it reports to its makers, keeps an identity in the home folder, and fetches from
    outside what it does not find.
    """
    for name in [name for name in os.environ if name.upper().startswith("SOLARA_")]:
        del os.environ[name]
    # Read when Solara is imported: a home that exists is not made, and an identity that is given
    # is not written.
    os.environ["SOLARA_HOME"] = tempfile.gettempdir()
    os.environ["SOLARA_TELEMETRY_SERVER_USER_ID"] = "none"
    # Solara warns of cookies at every visit over plain HTTP.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none", append=False)
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="(solara|websockets).*")

    import solara.settings

    solara.settings.assets.proxy = True
    solara.settings.assets.cdn = "/_solara/cdn/"

    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.main.host = host
    # Else the first visitor would decide where the page lives.
    settings.main.root_path = ""
    settings.main.base_url = f"http://{_visited(host)}:{port}/"
    settings.session.http_only = True
    settings.kernel.cull_timeout = cull
    # "auto" leaves out the element that the page stands in; see templates/index.html.j2.
    settings.theme.variant = settings.ThemeVariant.light
    settings.theme.title = "Drawbridge"
    settings.theme.loader = "plain"
    settings.theme.show_banner = False
    settings.assets.fontawesome_enabled = False
    return settings


def _visited(host: str) -> str:
    """The name by which this machine's browser reaches the host."""
    return _bracketed({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
