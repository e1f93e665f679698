"""The controller of one page: its session, its play thread, and the reader's choices."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import solara

from sim.base import checks
from sim.base.errors import DrawbridgeError, RequestError
from sim.config.scenario.loader import load_scenario
from sim.page.charts.band import Ensemble
from sim.page.charts.panels import METRIC_CHOICES
from sim.page.charts.view import Band, Mark, ShownRuns
from sim.page.network import supply_graph
from sim.page.session.session import Session
from sim.page.sharing import export
from sim.page.sharing.link import restore
from sim.page.sharing.upload import SIZE_MAX, uploaded

if TYPE_CHECKING:
    from sim.config.scenario.scenario import Scenario

DRAW_SECONDS = 1.0
"""Longest wait of stepping for a browser to draw, which may be in the background."""
STEP_SECONDS = 0.1
"""Months of a long step that are run before they are drawn."""
SLICE_SECONDS = 0.05
"""Time that the band's runs take before others get their turn."""
SPEEDS = (0, 1, 2, 4, 8)
"""Months a second that can be chosen; 0 is as fast as the page draws."""


TAKEN = ("toml", "python", "csv")
SEEN = {"flow": supply_graph.FLOWS, "size": supply_graph.SIZES, "metric": METRIC_CHOICES}
"""Choices among what there is; an agent and its columns depend on the run."""


@dataclass(frozen=True)
class Choice:
    """The reader's choices."""

    flow: str = "money"
    size: str = "revenue"
    agent: str = ""
    column: str = ""
    metric: str = next(iter(METRIC_CHOICES))


@dataclass(frozen=True)
class Message:
    """A message of the page to its reader; kind: "good" or "bad"."""

    text: str = ""
    kind: str = "good"


class Desk:
    """One page. Handlers run in the page's own thread, play and the band in one of their own each.

    `frame` counts what changed in the economy, `turn` what changed about the page, and `levers`
    what changed about the levers; components that read them are drawn anew. Reactive values are
    never set while the session's lock is held, since drawing takes it.
    """

    def __init__(self, scenario: Scenario | str, seed: int, query: str | None) -> None:
        self.message = Message()
        try:
            self.session = restore(query) if query else Session(_loaded(scenario), seed)
        except DrawbridgeError as error:
            self.session = Session(_loaded(scenario), seed)
            self.message = Message(f"The link could not be followed: {error}", "bad")
        self.frame = solara.Reactive(0)
        self.turn = solara.Reactive(0)
        self.levers = solara.Reactive(0)
        self.choice = solara.Reactive(Choice())
        self.saved: dict[str, Any] = {}
        self.speed = 4
        self.playing = False
        self.band: Band | None = None
        self.band_on = False
        self.band_words = ""
        self._stop = threading.Event()
        self._band_stop = threading.Event()
        self._band_turn = threading.Lock()
        self._drawn = threading.Condition()
        self._drawn_frame = -1
        self._closed = False

    # -- drawing ---------------------------------------------------------------------------------

    def shown(self) -> ShownRuns:
        """The view that charts are drawn of; read and draw it under the session's lock."""
        acting = (change for change in self.session.changes if not change.waits)
        marks = tuple(Mark(change.month, change.words) for change in acting)
        return ShownRuns(self.session.models, self.session.names, marks, self.band)

    def drawn(self, frame: object) -> None:
        """The browser says which frame stands on its screen."""
        if not isinstance(frame, int):
            return
        with self._drawn:
            self._drawn_frame = max(self._drawn_frame, frame)
            self._drawn.notify_all()

    def publish(self) -> None:
        """Have everything drawn anew."""
        if not self._closed:
            self.frame.value += 1

    def say(self, text: str, kind: str = "good") -> None:
        """Show a message until it is closed."""
        self.message = Message(text, kind)
        self.turn.value += 1

    def hush(self, _: Any = None) -> None:
        """Close the message."""
        self.say("")

    # -- the run ---------------------------------------------------------------------------------

    def play(self, _: Any = None) -> None:
        """Play, or pause if it plays."""
        if self.playing:
            self.pause()
        else:
            self._start(self.session.months, paced=True)

    def pause(self) -> None:
        """Stop stepping after the month at hand."""
        self._stop.set()
        if self.playing:
            self.playing = False
            self.turn.value += 1

    def step(self, months: object) -> None:
        """Run so many months, drawn as fast as the page draws."""
        if not isinstance(months, int) or isinstance(months, bool) or months < 1:
            self.say("A step is a whole number of months, at least 1.", "bad")
            return
        self.pause()
        if months == 1:
            self._tried(lambda: self.session.step(1))
            self.publish()
            return
        self._start(self.session.month + months, paced=False)

    def restart(self, _: Any = None) -> None:
        """Back to the first month: levers stay where they are, shocks go."""
        self._changed(self.session.restart)

    def replay(self, _: Any = None) -> None:
        """Run again from the start to this month, with everything that was done."""
        self._changed(self.session.replay, "Run again from the start: every change in its month.")

    def start(self, change: object) -> None:
        """Begin another run: change holds any of scenario, seed and months."""
        known = {"scenario", "seed", "months"}
        asked = {key: value for key, value in _parts(change).items() if key in known}
        self._changed(lambda: self.session.choose(**asked))

    def set_speed(self, months: object) -> None:
        """Months a second; 0 as fast as the page draws."""
        if isinstance(months, int) and months in SPEEDS:
            self.speed = int(months)
        self.turn.value += 1

    def _start(self, until: int, *, paced: bool) -> None:
        if self.session.over or self._closed:
            return
        self._stop = stop = threading.Event()
        self.playing = True
        self.turn.value += 1
        threading.Thread(target=self._run, args=(until, paced, stop), daemon=True).start()

    def _run(self, until: int, paced: bool, stop: threading.Event) -> None:
        """Step, draw, and wait for the browser, in a thread of its own."""
        began = self.session.month
        try:
            while not stop.is_set() and self.session.month < until and not self.session.over:
                due = time.monotonic() + (1.0 / self.speed if paced and self.speed else 0.0)
                ready = time.monotonic() + (0.0 if paced else STEP_SECONDS)
                while True:
                    if not self._tried(lambda: self._stepped(stop)):
                        stop.set()
                    late = time.monotonic() >= ready or self.session.month >= until
                    if late or stop.is_set() or self.session.over:
                        break
                self.publish()
                self._await(self.frame.peek(), stop)
                stop.wait(max(0.0, due - time.monotonic()))
        finally:
            if self._stop is stop:
                self.playing = False
        if self._closed:
            return
        if began == 0:
            self.levers.value += 1
        self.turn.value += 1

    def _stepped(self, stop: threading.Event) -> None:
        """A month, unless play was stopped while it waited for its turn: what came before it may
        have been another run."""
        with self.session.lock:
            if not stop.is_set():
                self.session.step(1)

    def _await(self, frame: int, stop: threading.Event) -> None:
        """Wait until the browser has drawn a frame, has not answered for long, or is stopped."""
        last = time.monotonic() + DRAW_SECONDS
        with self._drawn:
            while self._drawn_frame < frame and not stop.is_set() and time.monotonic() < last:
                self._drawn.wait(0.05)

    # -- what the reader does --------------------------------------------------------------------

    def set_lever(self, asked: object) -> None:
        """Move a lever: path and value."""
        path, value = str(_parts(asked).get("path")), _parts(asked).get("value")
        self._changed(
            lambda: self.session.set_lever(path, checks.number(value)),
            begin=False,
        )

    def reset_lever(self, path: object) -> None:
        """Put a lever back to what its scenario says."""
        self._changed(lambda: self.session.reset_lever(str(path)), begin=False)

    def shock(self, name: object) -> None:
        """Have one of the shocks begin next month."""
        self._changed(lambda: self.session.shock(str(name)), begin=False)

    def compare(self, names: object) -> None:
        """Run other scenarios beside the live one."""
        asked = [str(name) for name in names] if isinstance(names, list) else [str(names)]
        self._changed(lambda: self.session.compare(asked), begin=False)

    def upload(self, given: object) -> None:
        """Start with the scenario of a file from the reader's disk."""
        file = _parts(given)

        def begin() -> None:
            size = file.get("size")
            if isinstance(size, int) and size > SIZE_MAX:
                uploaded(str(file.get("name")), b" " * (SIZE_MAX + 1))
            try:
                content = base64.b64decode(str(file.get("text", "")), validate=True)
            except ValueError:
                raise RequestError("not a file", value=str(file.get("name"))) from None
            self.session.choose(scenario=uploaded(str(file.get("name")), content))

        self._changed(begin, "The scenario was opened.")

    def take(self, what: object) -> None:
        """Save the scenario, the run or its metrics on the reader's disk."""

        if what not in TAKEN:
            return

        def written() -> None:
            with self.session.lock:
                name = self.session.scenario.name
                if what == "toml":
                    file = f"{name}.toml", export.as_toml(self.session)
                elif what == "python":
                    file = f"{name}.py", export.as_python(self.session)
                else:
                    table = self.session.models[0].metrics()
                    file = f"{name}.csv", table.to_csv(index=False, date_format="%Y-%m")
            self.saved = {
                "name": file[0],
                "text": file[1],
                "serial": self.saved.get("serial", 0) + 1,
            }

        if self._tried(written):
            self.turn.value += 1

    def choose(self, **chosen: object) -> None:
        """Choose what to see: flow, size, agent, column or metric, of what there is."""
        told = {key: str(value) for key, value in chosen.items()}
        if all(key not in SEEN or value in SEEN[key] for key, value in told.items()):
            self.choice.value = replace(self.choice.peek(), **told)

    # -- the band --------------------------------------------------------------------------------

    def toggle_band(self, _: Any = None) -> None:
        """Compute many runs of the live scenario behind its line, or drop them."""
        self.band_on = not self.band_on
        self._band()
        self.publish()

    def _band(self) -> None:
        """Compute the band of the scenario as it is now, if one is wanted."""
        with self.session.lock:
            self._band_stop.set()
            self.band, self.band_words = None, ""
            self._band_stop = stop = threading.Event()
            asked = self.session.scenario, self.session.seed
        if self.band_on and not self._closed:
            threading.Thread(target=self._ensemble, args=(*asked, stop), daemon=True).start()

    def _ensemble(self, scenario: Scenario, seed: int, stop: threading.Event) -> None:
        """Run the ensemble in slices, so that the page goes on answering.

        One that is stopped lets go of its runs before the next opens its own.
        """
        with self._band_turn:
            try:
                ensemble = Ensemble(scenario, seed)
                told = 0.0
                done, months = 0, scenario.months
                while done < months and not stop.is_set():
                    done, months = ensemble.advance(SLICE_SECONDS)
                    if time.monotonic() - told > 0.5 or done == months:
                        told = time.monotonic()
                        if self._tell_band(ensemble.band(), stop):
                            self.publish()
                    time.sleep(0.005)
            except DrawbridgeError as error:
                if not stop.is_set():
                    self.band_on = False
                    self.say(str(error), "bad")

    def _tell_band(self, band: Band, stop: threading.Event) -> bool:
        """Show a band, unless what it stands on has changed."""
        with self.session.lock:
            if stop.is_set():
                return False
            self.band = band
            self.band_words = f"n = {band.n} runs, {band.months} of {self.session.months} months"
            return True

    # -- ends ------------------------------------------------------------------------------------

    def close(self) -> None:
        """The page is closed: stop both threads and let go of the models."""
        self._closed = True
        self._stop.set()
        self._band_stop.set()

    def _tried(self, act: Callable[[], object]) -> bool:
        """Do something that may be refused, and say so on the page."""
        try:
            act()
        except DrawbridgeError as error:
            self.say(str(error), "bad")
            return False
        return True

    def _changed(self, act: Callable[[], object], words: str = "", *, begin: bool = True) -> None:
        """Do something that changes the run; begin: it starts anew, so play stops."""
        if begin:
            self.pause()
        done = self._tried(act)
        if done and (words or self.message.text):
            self.message = Message(words)
        if done and self.band_on:
            self._band()
        self.levers.value += 1
        self.publish()


def _loaded(scenario: Scenario | str) -> Scenario:
    return load_scenario(scenario) if isinstance(scenario, str) else scenario


def _parts(told: object) -> dict[str, Any]:
    """The named values that a browser sends; nothing if it sends something else."""
    return told if isinstance(told, dict) else {}
