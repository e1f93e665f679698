"""How long a month takes to reach the screen: `python -m experiments.maintenance.benchmark --page`.

A browser presses Step and waits until the month is drawn: the month is run, the charts on the
screen are made, sent and painted. The reference world and one of a thousand agents, each at the top
of the page (the supply graph) and over the charts below it.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.maintenance.benchmark.measured import BenchmarkSection, Measured

if TYPE_CHECKING:
    from playwright.sync_api import Page

REFERENCE_MAX, THOUSAND_MAX = 150.0, 400.0
"""Longest median time from the press to the drawn month, ms."""
MONTHS = 20
WARM = 3
"""Months before the first that is timed."""
PLACES = {"supply graph": 0, "charts": 1000}
"""What is on the screen, and how far the page is scrolled, pixels."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
WORLD = """title = "A thousand agents"
start = "2025-01"
months = 72
[generate]
labs = 60
fabs = 20
data_centers = 300
customers = 560
degree = 4
seed = 1
"""
SCENARIO = """title = "A thousand agents"
base = "thousand.toml"
about = "compute_stock_h100e"
expect = "up"
why = "they build"
"""
STEP = """() => new Promise((resolve) => {
    const began = performance.now();
    window.addEventListener('drawbridge-drawn', () => resolve(performance.now() - began),
        { once: true });
    document.querySelector('#db-step').click();
})"""


def section() -> BenchmarkSection:
    """The times against their targets; without a browser it says so."""
    title, words = "A month on the page", f"Time on the clock, the median of {MONTHS} months."
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return BenchmarkSection(
            title, f"No browser here: none of {', '.join(BROWSERS)} is on the path."
        )
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "thousand.toml").write_text(WORLD)
        large = Path(folder, "large.toml")
        large.write_text(SCENARIO)
        worlds = (("reference", "baseline", REFERENCE_MAX), ("1,000", str(large), THOUSAND_MAX))
        for name, scenario, most in worlds:
            with _page(browser, scenario) as page:
                for place, pixels in PLACES.items():
                    page.evaluate(f"window.scrollTo(0, {pixels})")
                    page.wait_for_timeout(1000)
                    took = [float(page.evaluate(STEP)) for _ in range(WARM + MONTHS)][WARM:]
                    measured.append(
                        Measured(f"{name}, {place}", statistics.median(took), " ms", most=most)
                    )
    return BenchmarkSection(title, words, measured)


@contextmanager
def _page(browser: str, scenario: str) -> Iterator[Page]:
    """A page of a scenario in a browser of 1280 x 800, served by a process of its own."""
    from playwright.sync_api import sync_playwright

    words = [sys.executable, "-m", "experiments", "watch", scenario, "--port", "0"]
    with (
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+/", server.stdout.readline())
            if found is None:
                raise RuntimeError("the page was not served")
            started = playwright.chromium.launch(executable_path=browser, args=[*FLAGS])
            page = started.new_page(viewport={"width": 1280, "height": 800})
            page.goto(found[0])
            page.wait_for_selector("[data-chart=graph] canvas")
            page.wait_for_timeout(1000)
            yield page
            started.close()
        finally:
            server.terminate()
