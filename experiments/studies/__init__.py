"""The questions that the model is asked, one file each; the name of the file names the study."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sim.errors import RequestError, nearest, one_of

if TYPE_CHECKING:
    from experiments.studies.study import Study

NAMES = (
    "distillation_refused",
    "gulf_stop",
)
"""All studies, in the order of their questions."""


def load_study(name: str) -> Study:
    """A study by its name. Raises RequestError with the nearest name for an unknown one."""
    if name not in NAMES:
        raise RequestError(
            "unknown study", value=name, allowed=one_of(NAMES), nearest=nearest(name, NAMES)
        )
    study: Study = import_module(f"experiments.studies.{name}").STUDY
    return study
