"""The page's server for tests in a browser: it says what it holds, and opens what it is told.

On its standard input, "held" asks for what `held` says, as JSON; "open FILE" has pages open with
the scenario of a file, as `drawbridge watch FILE` does, and "open NAME" with a shipped one.
"""

from __future__ import annotations

import gc
import json
import sys
import traceback
import weakref
from threading import Thread
from typing import Any

from sim.config.scenario.loader import load_scenario
from sim.model import EconomyModel
from sim.page.server import serve
from tests.sim.page.browser.reader import CULL_SECONDS

# gc.get_objects() would hand out tuples that another thread is still filling: CPython then stops
# that thread with a SystemError.
MODELS: weakref.WeakSet[EconomyModel] = weakref.WeakSet()
DESKS: weakref.WeakSet[Any] = weakref.WeakSet()


def note(kind: type, instances: weakref.WeakSet[Any]) -> None:
    """Note every instance of a class from now on."""
    begin = kind.__init__

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        instances.add(self)

    kind.__init__ = noted


def held() -> dict[str, int]:
    """How many models there are, how many threads play or compute a band, and the last frame of any
    page that is open."""
    gc.collect()
    stacks = [traceback.extract_stack(frame) for frame in sys._current_frames().values()]
    busy = sum(
        any(at.name in ("_run", "_ensemble") and "controller" in at.filename for at in stack)
        for stack in stacks
    )
    frames = [desk.frame.peek() for desk in list(DESKS) if not desk._closed]
    return {"models": len(MODELS), "busy": busy, "frame": max(frames, default=0)}


def listen() -> None:
    """Answer the tests."""
    for line in sys.stdin:
        word, _, name = line.strip().partition(" ")
        if word == "open":
            serve._default_run = serve.DefaultRun(load_scenario(name))
        print(json.dumps(held()), flush=True)


def ready(address: str) -> None:
    """Begin to note, before the first page; the server has set up what Solara reads when it is
    imported."""
    from sim.page.ui.controller import Desk

    note(EconomyModel, MODELS)
    note(Desk, DESKS)
    Thread(target=listen, daemon=True).start()
    print(address, flush=True)


if __name__ == "__main__":
    serve.serve(serve.DefaultRun(), port=0, cull=f"{CULL_SECONDS}s", ready=ready)
