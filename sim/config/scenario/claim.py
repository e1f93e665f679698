"""The claim of a scenario: the metric, its direction, the reference, the months and the reason, and
the finding of runs where they disagree.

A claim decides no number of a run; `drawbridge compare` holds it against runs.
"""

from __future__ import annotations

from sim.base.calendar import Calendar
from sim.base.errors import RequestError, nearest, one_of
from sim.config.metric_names import METRIC_NAMES
from sim.config.toml.table import Table

CLAIM_KEYS = ("about", "expect", "against", "window", "why", "found")
EXPECTATIONS = ("up", "down", "none")
NEEDS = {
    "about": ["expect"],
    "expect": ["about"],
    "against": ["about", "expect"],
    "window": ["about", "expect"],
    "found": ["about", "expect"],
}
"""Keys of a claim, and the keys that each of them needs."""


def read_claim(file: Table) -> dict[str, str]:
    """The claim of a scenario file by key, "" for what it does not say.

    Raises RequestError for a metric that there is not, and for half a claim. What `against` names,
    and whether `window` lies in the run, is for whoever knows the files and the calendar.
    """
    for key, needed in NEEDS.items():
        for missing in needed:
            if key in file and missing not in file:
                allowed = "about and expect, or neither"
                raise file.refusal("missing key", missing, allowed=allowed)
    return {
        "about": _metric(file),
        "expect": file.choice("expect", EXPECTATIONS, ""),
        "against": file.line("against", ""),
        "window": file.line("window", ""),
        "why": file.text("why", ""),
        "found": file.text("found", ""),
    }


def check_window(file: Table, calendar: Calendar) -> None:
    """Refuse a window that is not two months of the run, the first not after the last."""
    if "window" in file:
        with file.at("window"):
            calendar.period(file.values["window"])


def _metric(file: Table) -> str:
    name = file.name("about", "")
    if "about" in file and name not in METRIC_NAMES:
        with file.at("about"):
            raise RequestError(
                "unknown metric",
                value=name,
                allowed=one_of(METRIC_NAMES),
                nearest=nearest(name, METRIC_NAMES),
            )
    return name
