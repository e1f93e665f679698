"""The parts of the page that are written for the browser: a Vue file each, and what it is told.

Arguments reach Vue as properties, `event_*` are called from there. Whatever is large goes as one
JSON text, which Solara need not look through for widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Handler = Callable[[Any], None]


@solara.component_vue("chart.vue")
def Chart(
    name: str,
    title: str,
    about: str,
    sample: str,
    note: str,
    source: str,
    option: str,
    height: int,
    table: str,
    saved: dict[str, Any],
    children: list[Any],
    event_seen: Handler,
    event_table: Handler,
    event_csv: Handler,
    event_click: Handler,
) -> None: ...


@solara.component_vue("run_bar.vue")
def RunBar(
    told: str,
    message: dict[str, str],
    saved: dict[str, Any],
    event_play: Handler,
    event_step: Handler,
    event_restart: Handler,
    event_replay: Handler,
    event_start: Handler,
    event_speed: Handler,
    event_take: Handler,
    event_upload: Handler,
    event_hush: Handler,
) -> None: ...


@solara.component_vue("levers.vue")
def Levers(
    levers_told: str,
    shocks_told: str,
    event_set: Handler,
    event_reset: Handler,
    event_shock: Handler,
) -> None: ...


@solara.component_vue("compare.vue")
def Compare(
    told: str, event_compare: Handler, event_metric: Handler, event_band: Handler
) -> None: ...


@solara.component_vue("choices.vue")
def Choices(words: str, told: str, event_choose: Handler) -> None: ...


@solara.component_vue("sheet.vue")
def Sheet(
    told: str,
    found_told: str,
    children: list[Any],
    event_open: Handler,
    event_find: Handler,
    event_series: Handler,
) -> None: ...


@solara.component_vue("pulse.vue")
def Pulse(frame: int, event_drawn: Handler) -> None: ...
