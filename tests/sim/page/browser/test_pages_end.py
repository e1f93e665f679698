"""A page that is gone lets go of its runs, and what it computed stops."""

from __future__ import annotations

from contextlib import suppress

from tests.sim.page.browser.reader import CULL_SECONDS, Reader, held, until_gone
from tests.sim.page.browser.test_safety import say

SMALL = {"width": 800, "height": 500}


def test_five_pages_hold_five_models_and_closed_ones_none(reader: Reader) -> None:
    server = reader.served
    assert held(server)[:2] == (0, 0)
    reader.open(viewport=SMALL)
    pages = [reader.page, *(reader.page.context.new_page() for _ in range(4))]
    for page in pages[1:]:
        page.goto(server.address)
    for page in pages[1:]:
        page.wait_for_selector("[data-chart=graph] canvas")
    assert held(server)[:2] == (5, 0)
    say(reader, ".db-compare", "band", {})
    say(reader, ".db-bar", "play", {})
    reader.until_month(2, at_least=True)
    assert held(server).busy == 2
    for page in pages:
        page.close(run_before_unload=False)
    assert until_gone(server, 5 + CULL_SECONDS)[:2] == (0, 0)


def test_a_page_that_is_cut_off_is_kept_for_a_while_and_goes(reader: Reader) -> None:
    server = reader.served
    reader.open()
    say(reader, ".db-compare", "band", {})
    say(reader, ".db-bar", "play", {})
    reader.until_month(2, at_least=True)
    # A tab that crashes says no goodbye.
    from playwright.sync_api import Error

    with suppress(Error):
        reader.page.goto("chrome://crash", timeout=2000)
    assert held(server).models == 1
    assert until_gone(server, 6 + CULL_SECONDS)[:2] == (0, 0)
