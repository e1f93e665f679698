"""The page itself: which parts it has, and what each is told. All text reaches the browser as data
that Vue or a canvas writes; nothing of a user's is ever markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import solara

from sim.base.errors import DrawbridgeError, RequestError
from sim.figures import Figure
from sim.page.charts import panels
from sim.page.charts.difference import difference
from sim.page.charts.metric_words import digits
from sim.page.charts.view import Panel
from sim.page.network import circulation, supply_graph
from sim.page.network.agent_sheet import find, series, sheet
from sim.page.server.serve import default_run
from sim.page.session import levers, shocks
from sim.page.session.starts import UNDISTURBED
from sim.page.sharing import catalogue
from sim.page.sharing.link import link, why_no_link
from sim.page.ui import vue_parts
from sim.page.ui.controller import Desk
from sim.page.ui.vue_parts import Handler

if TYPE_CHECKING:
    import pandas as pd

    from sim.model import EconomyModel

STYLE = Path(__file__).with_name("page.css")
ROWS_MAX = 400
"""Rows of a table that the page shows; its CSV has all."""
WORDS_MAX = 200
"""Longest search in characters."""
_NO_FIGURE: Figure | None = None


@solara.component
def Card(
    desk: Desk,
    name: str,
    title: str,
    draw: Callable[[], Figure],
    *,
    about: str = "",
    height: int = 300,
    click: Handler | None = None,
    children: Sequence[Any] = (),
) -> None:
    """A chart with its tools. It is drawn while it is on the screen, and keeps its last picture."""
    seen, see = solara.use_state(False)
    wanted, want = solara.use_state(False)
    saved, save = solara.use_state(dict[str, Any]())
    last = solara.use_ref(_NO_FIGURE)
    if seen:
        _ = desk.frame.value, desk.choice.value
        # What another run has not keeps its last picture until its card goes.
        with desk.session.lock, suppress(RequestError):
            last.current = draw()
    figure = last.current

    def save_csv(_: Any) -> None:
        try:
            with desk.session.lock:
                text = draw().csv()
        except RequestError as error:
            desk.say(str(error), "bad")
            return
        save({"serial": saved.get("serial", 0) + 1, "name": f"{name}.csv", "text": text})

    with desk.session.lock:
        source = f"{desk.session.scenario.title}, seed {desk.session.seed}"
    vue_parts.Chart(
        name=name,
        title=title,
        about=about,
        sample=figure.sample if figure else "",
        note=figure.note if figure else "",
        source=source,
        option=_json(figure.option if figure else {}),
        height=height,
        table=_json(_table(figure.table) if figure and wanted else {}),
        saved=saved,
        children=[*children],
        event_seen=lambda is_seen: see(is_seen is True),
        event_table=lambda is_wanted: want(is_wanted is True),
        event_csv=save_csv,
        event_click=click or _nothing,
    )


def _json(data: Any) -> str:
    """Data for the browser as one text, which Solara need not look through for widgets."""
    return json.dumps(data, allow_nan=False, separators=(",", ":"))


def _nothing(_: Any) -> None:
    """A click that has nothing to do."""


def _table(frame: pd.DataFrame) -> dict[str, Any]:
    """The last rows of a table as text."""
    rows = [
        [value if isinstance(value, str) else digits(value) for value in row]
        for row in frame.tail(ROWS_MAX).itertuples(index=False)
    ]
    cut = f"the last {ROWS_MAX} of {len(frame):,} rows; all are in the CSV"
    return {
        "columns": [str(c) for c in frame.columns],
        "rows": rows,
        "cut": cut if len(frame) > ROWS_MAX else "",
    }


@solara.component
def RunBar(desk: Desk) -> None:
    """Play, step, start again, what holds, and what to take away."""
    _ = desk.frame.value, desk.turn.value
    session = desk.session
    with session.lock:
        model, scenario = session.models[0], session.scenario
        money, rest = (
            float(abs(model.record.metrics[name][0, : model.record.months]).max(initial=0.0))
            for name in ("ledger_residual", "compute_residual")
        )
        label = scenario.calendar.label(session.month - 1) if session.month else "at the start"
        state = {
            "world": scenario.world.name,
            "worlds": catalogue.worlds(scenario),
            "scenario": scenario.name,
            "scenarios": catalogue.scenarios(scenario),
            "seed": session.seed,
            "months": session.months,
            "month": session.month,
            "label": f"{label} · {session.month}/{session.months}",
            "playing": desk.playing,
            "over": session.over,
            "speed": desk.speed,
            "light": _light(money, rest, session.month),
            "changes": [{"month": c.month, "words": c.words} for c in session.changes],
            "link": link(session),
            "no_link": why_no_link(session),
        }
    vue_parts.RunBar(
        told=_json(state),
        message={"text": desk.message.text, "kind": desk.message.kind},
        saved=desk.saved,
        event_play=desk.play,
        event_step=desk.step,
        event_restart=desk.restart,
        event_replay=desk.replay,
        event_start=desk.start,
        event_speed=desk.set_speed,
        event_take=desk.take,
        event_upload=desk.upload,
        event_hush=desk.hush,
    )


def _light(money: float, rest: float, month: int) -> dict[str, Any]:
    """The conservation light. A run that breaks a law stops, so what is lit is what was checked."""
    words = f"largest gap so far: money {money:g} USD; chips, hours, energy and tokens {rest:.2g}"
    short = f"balanced: {money:g} USD, {rest:.0e}" if month else "no month checked yet"
    return {"ok": money == 0.0 and rest <= 1e-9, "words": f"{words} of turnover", "short": short}


@solara.component
def Side(desk: Desk) -> None:
    """Shocks and levers."""
    _ = desk.levers.value
    with desk.session.lock:
        buttons, rows = (
            shocks.buttons(desk.session.scenario, desk.session.over),
            levers.levers(desk.session),
        )
    vue_parts.Levers(
        levers_told=_json(rows),
        shocks_told=_json(buttons),
        event_set=desk.set_lever,
        event_reset=desk.reset_lever,
        event_shock=desk.shock,
    )


@solara.component
def Comparing(desk: Desk) -> None:
    """Scenarios beside the live one, and the band of many runs."""
    _ = desk.frame.value, desk.turn.value
    session, choice = desk.session, desk.choice.value
    running = session.scenario
    others = [o for o in catalogue.scenarios(running) if o["world"] == running.world.name]
    live = {"name": UNDISTURBED, "title": "this run without my changes"}
    state = {
        "compared": list(session.compared),
        "others": [live, *(o for o in others if o["name"] != running.name)],
        "metric": choice.metric,
        "metrics": [{"name": n, "words": w} for n, w in panels.METRIC_CHOICES.items()],
        "band": {"on": desk.band_on, "words": desk.band_words},
    }
    vue_parts.Compare(
        told=_json(state),
        event_compare=desk.compare,
        event_metric=lambda metric: desk.choose(metric=metric),
        event_band=desk.toggle_band,
    )


@solara.component
def SupplyGraph(desk: Desk) -> None:
    """The supply graph of this month."""
    choice = desk.choice.value
    choices = [
        {"name": name, "words": words, "value": value, "options": _options(options)}
        for name, words, value, options in (
            ("flow", "Edges", choice.flow, supply_graph.FLOWS),
            ("size", "Size", choice.size, supply_graph.SIZES),
        )
    ]

    def choose(told: Any) -> None:
        if isinstance(told, dict) and told.get("name") in ("flow", "size"):
            desk.choose(**{told["name"]: told.get("value")})

    select = vue_parts.Choices(
        words="Flow and size of the graph",
        told=_json(choices),
        event_choose=choose,
    )
    Card(
        desk,
        "graph",
        "The supply graph",
        lambda: supply_graph.graph(desk.session.models[0], choice.flow, choice.size),
        about="Left to right: suppliers to buyers; investors below. Click an agent for its books.",
        height=640,
        click=lambda agent: desk.choose(agent=agent, column=""),
        children=[select],
    )


def _options(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "words": text} for name, text in words.items()]


@solara.component
def AgentSheet(desk: Desk) -> None:
    """One agent's books, what it saw and decided, its neighbours, and a series."""
    choice, _ = desk.choice.value, desk.frame.value
    found, set_found = solara.use_state(list[dict[str, Any]]())
    shown: dict[str, Any] = {}
    model = desk.session.models[0]
    if choice.agent:
        try:
            with desk.session.lock:
                shown = sheet(model, choice.agent)
        except DrawbridgeError:
            shown = {}

    def search(words: Any) -> None:
        with desk.session.lock:
            agents = find(desk.session.models[0], str(words)[:WORDS_MAX])
        # Drawing takes the lock, so nothing is set while it is held.
        set_found(agents)

    children = []
    if shown and choice.column:
        children = [
            Card(
                desk,
                "series",
                f"{shown['title']}: {choice.column.replace('_', ' ')}",
                lambda: series(
                    desk.session.models[0], choice.agent, choice.column, desk.shown().changes
                ),
                height=220,
            ).key(f"{choice.agent}.{choice.column}")
        ]
    vue_parts.Sheet(
        told=_json(shown),
        found_told=_json(found),
        children=children,
        event_open=lambda agent: desk.choose(agent=str(agent), column=""),
        event_find=search,
        event_series=lambda column: desk.choose(column=str(column)),
    )


@solara.component
def Charts(desk: Desk) -> None:
    """All panels, the month's money and hours, and the difference of what is compared."""
    _ = desk.levers.value
    with solara.Div(classes=["db-panels"]):
        if desk.session.compared:
            Card(
                desk,
                "difference",
                "Difference",
                lambda: difference(desk.shown(), desk.choice.value.metric),
                about="The live run less each of the others, with the same draws.",
            )
        for panel in panels.PANELS:
            _panel(desk, panel)
        for name, title, draw in (
            ("money", "Payments between sectors", circulation.money),
            ("hours", "Use of compute", circulation.hours),
        ):
            _flow(desk, name, title, draw)


def _flow(desk: Desk, name: str, title: str, draw: Callable[[EconomyModel], Figure]) -> None:
    Card(desk, name, title, lambda: draw(desk.session.models[0]), height=460).key(name)


def _panel(desk: Desk, panel: Panel) -> None:
    Card(
        desk,
        panel.name,
        panel.title,
        lambda: panel.draw(desk.shown()),
        about=panel.about,
        height=panel.height,
    ).key(panel.name)


@solara.component
def Pulse(desk: Desk) -> None:
    """The last to be told of a frame: it says when everything before it is on the screen."""
    vue_parts.Pulse(frame=desk.frame.value, event_drawn=desk.drawn)


@solara.component
def Page() -> None:
    """One visitor's page, with runs of its own that end with it."""
    router = solara.use_router()
    desk = solara.use_memo(
        lambda: Desk(default_run().scenario, default_run().seed, router.search), []
    )
    solara.use_effect(lambda: desk.close, [])
    with solara.Div(classes=["db"]):
        solara.Title("Drawbridge")
        solara.Style(STYLE)
        RunBar(desk)
        with solara.v.Html(tag="main", class_="db-body"):
            Side(desk)
            with solara.Div(classes=["db-main-part"]):
                with solara.Div(classes=["db-top"]):
                    SupplyGraph(desk)
                    AgentSheet(desk)
                Comparing(desk)
                Charts(desk)
        Pulse(desk)


@solara.component
def Layout(children: Sequence[Any] = ()) -> Any:
    """Nothing around the page."""
    return solara.Div(children=[*children])
