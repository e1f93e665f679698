"""Somebody who reads the page: opens it, presses keys, saves files and looks at what is there."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.serving import Served
    from tests.sim.page.browser.conftest import Visit

CULL_SECONDS = 2
"""How long the server keeps a page that was cut off."""
PATIENCE = 60.0
"""Seconds after which a page counts as hung."""
MONTH = "Number(document.querySelector('#db-month').dataset.month)"
DRAWN = "frame => Number(document.querySelector('.db-pulse').dataset.frame) >= frame"
PAINTED = """(name) => {
    const chart = window.drawbridge.charts[name];
    if (!chart?.getOption()?.series?.length) return false;
    const canvas = document.querySelector(`[data-chart='${name}'] canvas`);
    const pen = canvas.getContext('2d');
    const seen = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let i = 0; i < seen.length; i += 4)
        if (seen[i + 3]) colours.add((seen[i] << 16) | (seen[i + 1] << 8) | seen[i + 2]);
    return colours.size > 2;
}"""


class Held(NamedTuple):
    """What the server holds: models, threads that play or compute a band, and the last frame of a
    page that is open."""

    models: int
    busy: int
    frame: int


def held(served: Served) -> Held:
    return Held(**json.loads(served.told("held")))


def until_gone(served: Served, seconds: float = CULL_SECONDS + 5.0) -> Held:
    """What the server still holds: nothing, as soon as it has let go of every page."""
    last = time.monotonic() + seconds
    while (now := held(served))[:2] != (0, 0) and time.monotonic() < last:
        time.sleep(0.02)
    return now


class Reader:
    """One page of a browser, opened with `open` or `goto`."""

    def __init__(self, visit: Visit, served: Served, pictures: Path) -> None:
        self.visit, self.served, self.pictures = visit, served, pictures
        self.page: Page

    def another(self) -> Reader:
        """Another reader, with a page of its own."""
        return Reader(self.visit, self.served, self.pictures)

    def open(self, query: str = "", **options: Any) -> None:
        """Open a page of one's own and wait until it is drawn."""
        self.page = self.visit(query, **options)
        self._ready()

    def goto(self, url: str) -> None:
        """Follow an address of the page."""
        self.page.goto(url)
        self._ready()

    def _ready(self) -> None:
        self.page.wait_for_selector("[data-chart=graph] canvas", timeout=1e3 * PATIENCE)
        self.page.wait_for_selector(".db-pulse", state="attached")

    # -- the run ---------------------------------------------------------------------------------

    def month(self) -> int:
        return int(self.page.evaluate(MONTH))

    def until_month(self, month: int, *, at_least: bool = False) -> None:
        compare = ">=" if at_least else "==="
        self.page.wait_for_function(f"{MONTH} {compare} {month}", timeout=1e3 * PATIENCE)

    def press(self, key: str, *, until: int) -> None:
        """Press a key and wait for the month it leads to."""
        self.page.evaluate("document.activeElement.blur()")
        self.page.keyboard.press(key)
        self.until_month(until)

    def settled(self) -> int:
        """The month, once nothing plays and the page shows the last frame."""
        last = time.monotonic() + PATIENCE
        while (now := held(self.served)).busy:
            assert time.monotonic() < last
            self.page.wait_for_timeout(20)
        self.page.wait_for_function(DRAWN, arg=now.frame)
        return self.month()

    def pause_ms(self) -> float:
        """Milliseconds from the click on pause to the button's answer."""
        return float(
            self.page.evaluate(
                """() => new Promise((resolve) => {
                    const button = document.querySelector('#db-play');
                    const began = performance.now();
                    new MutationObserver((_, me) => {
                        if (!button.textContent.includes('Play')) return;
                        me.disconnect();
                        resolve(performance.now() - began);
                    }).observe(button, { childList: true, characterData: true, subtree: true });
                    button.click();
                })"""
            )
        )

    def frame_ms(self) -> float:
        """Milliseconds from the press of a key to the drawn month."""
        return float(
            self.page.evaluate(
                """() => new Promise((resolve) => {
                    const began = performance.now();
                    const drawn = () => {
                        window.removeEventListener('drawbridge-drawn', drawn);
                        resolve(performance.now() - began);
                    };
                    window.addEventListener('drawbridge-drawn', drawn);
                    document.querySelector('#db-step').click();
                })"""
            )
        )

    def lever(self, path: str, key: str) -> None:
        """Move a lever with the keyboard."""
        self.page.fill("#db-lever-search", path)
        slider = self.page.locator(f"[data-lever='{path}'] input[type=range]")
        slider.focus()
        self.page.keyboard.press(key)
        self.page.wait_for_function(
            "p => !document.querySelector(`[data-lever='${p}'] button`).disabled", arg=path
        )
        self.page.fill("#db-lever-search", "")

    # -- charts ----------------------------------------------------------------------------------

    def scroll_to(self, chart: str) -> None:
        """Have a chart on the screen; it is drawn there, with more than one colour."""
        self.page.locator(f"[data-chart='{chart}']").scroll_into_view_if_needed()
        self.page.wait_for_function(PAINTED, arg=chart)

    def charts(self) -> list[str]:
        """Names of all charts, from top to bottom."""
        return list(
            self.page.eval_on_selector_all("[data-chart]", "all => all.map(c => c.dataset.chart)")
        )

    def click_node(self, agent: str) -> None:
        """Click on an agent of the supply graph, where it is drawn."""
        self.scroll_to("graph")
        at = self.page.evaluate(
            """(agent) => {
                const box = document.querySelector('[data-chart=graph] .db-canvas');
                const found = window.drawbridge.charts.graph;
                const data = found.getModel().getSeriesByIndex(0).getData();
                const point = data.getItemLayout(data.indexOfName(agent));
                const rect = box.getBoundingClientRect();
                return [rect.left + point[0], rect.top + point[1]];
            }""",
            agent,
        )
        self.page.mouse.click(*at)

    def png(self, chart: str) -> bytes:
        self.scroll_to(chart)
        return self._saved(lambda: self.page.click(f"[data-chart='{chart}'] >> text=PNG"))

    def csv(self, chart: str) -> pd.DataFrame:
        self.scroll_to(chart)
        saved = self._saved(lambda: self.page.click(f"[data-chart='{chart}'] >> text=CSV"))
        return pd.read_csv(io.BytesIO(saved))

    # -- files -----------------------------------------------------------------------------------

    def take(self, what: str) -> str:
        """Save one of the files of the menu."""

        def click() -> None:
            if not self.page.locator(".db-menu[open]").count():
                self.page.click("#db-take")
            self.page.click(f".db-menu-body >> text={what}")

        return self._saved(click).decode()

    def metrics(self) -> pd.DataFrame:
        """All metrics so far, as the page saves them."""
        return pd.read_csv(io.StringIO(self.take("All metrics (CSV)")))

    def upload(self, name: str, content: bytes) -> None:
        file = {"name": name, "mimeType": "text/plain", "buffer": content}
        if self.page.locator("#db-message").count():
            self.page.click("#db-message button")
            self.page.wait_for_selector("#db-message", state="detached")
        if not self.page.locator(".db-menu[open]").count():
            self.page.click("#db-take")
        self.page.set_input_files("#db-upload", files=[file])
        self.page.wait_for_selector("#db-message")

    def message(self) -> str:
        self.page.wait_for_selector("#db-message")
        return self.page.inner_text("#db-message")

    def _saved(self, act: Callable[[], None]) -> bytes:
        with self.page.expect_download() as waiting:
            act()
        path = waiting.value.path()
        return Path(path).read_bytes()

    # -- looks -----------------------------------------------------------------------------------

    def theme(self) -> str:
        dark = self.page.locator(".theme--dark .db").count() > 0
        return "dark" if dark else "light"

    def photograph(self, name: str) -> None:
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))
        # What is off the screen is not drawn, so the whole page is put on one.
        before = self.page.viewport_size
        assert before is not None
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({**before, "height": height})
        for chart in self.charts():
            self.page.wait_for_function(PAINTED, arg=chart)
        self.page.screenshot(path=str(self.pictures / f"{name}-whole.png"))
        self.page.set_viewport_size(before)

    def axe(self) -> list[dict[str, Any]]:
        """What axe finds at fault."""
        from axe_playwright_python.sync_playwright import Axe

        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return found
